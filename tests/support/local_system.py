"""The deployed local system, seen from outside."""

from typing import Any

from airflow_api import AirflowApi
from docker.models.containers import Container
from local_cloud import LABEL
from local_services import LocalServices
from local_stores import LocalStores
from waiting import wait_for


class LocalSystem(LocalServices, LocalStores):
    """What `nox -s up` deployed."""

    def airflow(self) -> AirflowApi:
        """A client of Airflow's REST API, logged in as the administrator."""
        admin = self.secret("admin_secret_arn")
        return AirflowApi(
            self.outputs["webserver_url"], username=admin["username"], password=admin["password"]
        )

    def log_key(self, task: dict[str, Any]) -> str:
        """The key under which Airflow stores the log of a task instance's last try."""
        mapped = f"/map_index={task['map_index']}" if task["map_index"] >= 0 else ""
        return (
            f"{self.outputs['log_prefix']}/dag_id={task['dag_id']}/run_id={task['dag_run_id']}"
            f"/task_id={task['task_id']}{mapped}/attempt={task['try_number']}.log"
        )

    def container(self, name: str) -> Container:
        """The one running container with that name, once tasks that are being stopped are gone."""

        def running() -> list[Container]:
            found = self.containers(kind="ecs-container", container=name)
            return [container for container in found if container.status == "running"]

        return wait_for(
            f"one running container {name}",
            running,
            lambda containers: len(containers) == 1,
            timeout_seconds=180,
        )[0]

    def log(self, component: str, container: str, task: dict[str, Any]) -> str:
        """What a container of an ECS task has written until now."""
        (group,) = (
            found["logGroupName"]
            for found in self.aws("logs").describe_log_groups()["logGroups"]
            if found["logGroupName"].endswith(f"/{component}")
        )
        stream = f"{container}/{container}/{task['taskArn'].rpartition('/')[2]}"
        pages = self.aws("logs").get_paginator("filter_log_events")
        return "\n".join(
            event["message"]
            for page in pages.paginate(logGroupName=group, logStreamNames=[stream])
            for event in page["events"]
        )

    def kill(self, name: str, *, task: str | None = None) -> None:
        """Kills a running container of an ECS task as the kernel would, without a word.

        Args:
            name: The container.
            task: The ARN of its task. Whichever runs one if left out.
        """
        running = [
            found
            for found in self.containers(kind="ecs-container", container=name)
            if found.status == "running" and task in (None, found.labels[f"{LABEL}.resource"])
        ]
        assert running, f"no container {name} runs"
        running[0].kill("SIGKILL")
