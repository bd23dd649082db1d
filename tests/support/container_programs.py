"""Programs that are run in containers, beside what they are there for."""

from collections.abc import Mapping

from docker.models.containers import Container


def exec_in(
    container: Container, *command: str, user: str = "", environment: Mapping[str, str] | None = None
) -> tuple[int | None, bytes]:
    """Runs a program in a container; returns with which code it ended, and what it printed.

    Args:
        container: The container.
        *command: The program and its arguments.
        user: Who runs it. The container's user if left out.
        environment: Variables besides the container's. None if left out.
    """
    code, output = container.exec_run(list(command), user=user, environment=dict(environment or {}))
    assert isinstance(output, bytes)  # else it would be a stream, which was not asked for
    return code, output


def run_in(
    container: Container, *command: str, user: str = "", environment: Mapping[str, str] | None = None
) -> str:
    """Runs a program in a container, to its success, and returns what it printed."""
    code, output = exec_in(container, *command, user=user, environment=environment)
    text = output.decode(errors="replace")
    assert code == 0, f"{' '.join(command)} in {container.name} ended with {code}: {text}"
    return text
