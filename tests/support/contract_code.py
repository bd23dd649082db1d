"""Code that tasks of the contract suite run against a store, from inside the network."""

from typing import ClassVar

from contract import Cloud, wait_for


class Reached:
    """A base of stores: what runs in tasks begins with what connects to them.

    Attributes:
        cloud: Where the store is.
        connect: The code that the other begins with.
    """

    cloud: Cloud
    connect: ClassVar[str]

    def environment(self, password: str | None = None) -> list[dict[str, str]]:
        """Returns what such code needs to connect, as ECS takes it."""
        return [{"name": name, "value": value} for name, value in self.variables(password).items()]

    def variables(self, password: str | None = None) -> dict[str, str]:
        """Returns the same by name.

        Args:
            password: With which to connect. The right one if left out.
        """
        raise NotImplementedError

    def run(self, code: str, password: str | None = None) -> list[str]:
        """Runs code inside the network; returns what it printed.

        Args:
            code: What comes after `connect`.
            password: With which to connect. The right one if left out.
        """
        status, lines = self.cloud.run_code(self.connect + code, environment=self.environment(password))
        assert status == 0, lines
        return lines

    def start(self, code: str) -> str:
        """Starts such code as a task; returns when it has printed `connected`."""
        container = self.cloud.container("main", "run", self.connect + code, environment=self.environment())
        task = self.cloud.run_task(self.cloud.task_definition(container))
        wait_for(
            f"task {task} has connected",
            lambda: self.cloud.log(task),
            lambda lines: "connected" in lines,
            timeout_seconds=300,
            interval_seconds=0.2,
        )
        return task

    def finish(self, task: str) -> list[str]:
        """Returns what such a task has printed when it has ended."""
        self.cloud.wait_for_task(task, "STOPPED", timeout_seconds=900)
        return self.cloud.log(task)
