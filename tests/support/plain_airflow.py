"""Airflow in plain containers of the image, with the library's own environment: no LocalStack, no AWS."""

import base64
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from airflow_api import AirflowApi
from docker.models.containers import Container
from plain_containers import PlainContainers, address
from plain_stores import DATABASE, MASTER, PASSWORD, PlainStores
from waiting import wait_for

from kf_airflow.configuration import AirflowConfiguration
from kf_airflow.environment import Surroundings, environment_of
from kf_airflow.refs import BrokerRef, BucketRef, DatabaseRef

NAMESPACE = "limits.internal"
CONCURRENCY = 8
_SECRETS = {
    "KF_AIRFLOW_MASTER_USERNAME": MASTER,
    "KF_AIRFLOW_DATABASE_USERNAME": "airflow",
    "KF_AIRFLOW_RESULTS_USERNAME": "results",
    "KF_AIRFLOW_ADMIN_USERNAME": "admin",
    **{f"KF_AIRFLOW_{of}_PASSWORD": PASSWORD for of in ("MASTER", "DATABASE", "RESULTS", "ADMIN", "BROKER")},
    "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(b"f" * 32).decode(),
    "AIRFLOW__API__SECRET_KEY": "s" * 64,
    "AIRFLOW__API_AUTH__JWT_SECRET": "j" * 64,
}
_HERE: Mapping[str, str | None] = {
    # Not what is tested here, and there is no S3.
    "AIRFLOW__LOGGING__REMOTE_LOGGING": "False",
    "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": None,
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "100",
    "WITNESS": f"host=postgres dbname={DATABASE} user=witness password={PASSWORD} sslmode=require",
}

_PROGRAM = """
import os, sys
from dataclasses import replace
from kf_airflow_runtime import entrypoint
component = entrypoint.COMMANDS[sys.argv[1]]
entrypoint.COMMANDS[sys.argv[1]] = replace(component, argv=("python", "-c", os.environ.pop("PROGRAM")))
entrypoint.main()
"""


def library_environment(component: str, ca_certificates: str | None = None) -> dict[str, str]:
    """The plain variables of a component's container, as the library sets them."""
    return environment_of(
        component,
        Surroundings(
            base_url="http://localhost:8080",
            namespace=NAMESPACE,
            region="us-east-1",
            cluster_name="limits",
            airflow_service="limits-airflow",
            worker_pools={},
            bucket=BucketRef(name="none", arn="arn:aws:s3:::none"),
            database=DatabaseRef(address="postgres", name=DATABASE, secret_arn="arn:none"),
            broker=BrokerRef(address="redis", secret_arn="arn:none"),
            parallelism=32,
            configuration=AirflowConfiguration(),
            ca_certificates=ca_certificates,
        ),
        concurrency=CONCURRENCY if component == "worker" else None,
    )


class PlainAirflow:
    """Webserver, scheduler, DAG processor and workers.

    Args:
        containers: Where they run.
        stores: Their PostgreSQL and Redis.
        image: The image.
        dags: The file of DAGs, or a folder of such.
        changes: Variables that differ from the library's; None takes one away, for Airflow's own default.
        awaited: The DAGs in there. Those of the limits if left out.
        cpus: Of how many processors each component may use the time. All there is for those left out.
    """

    def __init__(
        self,
        containers: PlainContainers,
        stores: PlainStores,
        image: str,
        dags: Path,
        changes: Mapping[str, str | None],
        *,
        awaited: Sequence[str] = ("one", "second_try", "nobody", "burst"),
        cpus: Mapping[str, float] | None = None,
    ) -> None:
        self._containers, self.stores, self._image, self._changes = containers, stores, image, changes
        self._cpus = dict(cpus or {})
        files = [dags] if dags.is_file() else sorted(dags.glob("*.py"))
        self._dags = {f"/opt/airflow/dags/{path.name}": path.read_bytes() for path in files}
        self._migrate()
        self.webserver = self._start("webserver", alias=f"webserver.{NAMESPACE}", port=8080)
        self.dag_processor = self.new_dag_processor()
        self.scheduler = self.new_scheduler()
        self.worker = self.new_worker()
        self.api = self._log_in(self.webserver)
        for dag in awaited:
            self._await_dag(dag)

    def new_scheduler(self, changes: Mapping[str, str | None] | None = None) -> Container:
        """Starts a scheduler, whose variables may differ from the others'."""
        # ECS restarts it as well. Docker does not once it has had any signal (`held_slots`), unless it has
        # been told which is the one that ends it.
        restarted: dict[str, Any] = {"restart_policy": {"Name": "always"}, "stop_signal": "SIGTERM"}
        return self._start("scheduler", port=8974, changes=changes, **restarted)

    def new_webserver(self, name: str, changes: Mapping[str, str | None]) -> tuple[Container, AirflowApi]:
        """Starts another webserver, whose variables differ from the first one's, and logs in to it."""
        webserver = self._start("webserver", alias=name, port=8080, changes=changes)
        return webserver, self._log_in(webserver)

    def new_worker(self, queue: str = "default", changes: Mapping[str, str] | None = None) -> Container:
        """Starts a worker of a queue, whose variables may differ from the others'."""
        return self._start("worker", "--queues", queue, alias=f"worker-{queue}", changes=changes)

    def new_metrics(self) -> Container:
        """Starts `metrics`, which finds neither ECS nor CloudWatch here."""
        return self._start("metrics")

    def new_dag_processor(self, changes: Mapping[str, str | None] | None = None) -> Container:
        """Starts a DAG processor, whose variables may differ from the others'."""
        return self._start("dag-processor", changes=changes)

    def change_dags(self, **replaced: str) -> None:
        """Replaces texts in all DAGs of containers that start from now on."""
        for old, new in replaced.items():
            self._dags = {
                path: content.replace(old.encode(), new.encode()) for path, content in self._dags.items()
            }

    def run_program(
        self, component: str, program: str, changes: Mapping[str, str] | None = None
    ) -> Container:
        """Starts a Python program of this folder in place of a component, with that one's environment."""
        text = (Path(__file__).parent / program).read_text()
        return self._start(
            component,
            alias=program.partition(".")[0],
            changes={**(changes or {}), "PROGRAM": text},
            entrypoint=["tini", "--", "python", "-c", _PROGRAM],
        )

    def close(self) -> None:
        """Ends what this machine holds of it; the containers are another's."""
        self.api.close()

    def kill(self, container: Container) -> None:
        """Ends a container by SIGKILL and removes it."""
        self._containers.remove(container)

    def cut_off(self, container: Container) -> None:
        """Takes a container off the network; its peers hear nothing of it."""
        self._containers.network.disconnect(container, force=True)

    def join_again(self, container: Container, name: str) -> None:
        """Puts a container back on the network."""
        self._containers.network.connect(container, aliases=[name])

    def restart_webserver(self) -> None:
        """Starts the webserver after it was stopped, and finds it where it is now."""
        self.webserver.start()
        self.api.url = f"http://{self._webserver_address}"
        wait_for("the webserver answers", lambda: self.api.get("version"), bool, timeout_seconds=120)

    def last_words(self) -> str:
        """What explains a failure."""
        return self._containers.last_words()

    def scheduler_health(self) -> int:
        """The HTTP status of the scheduler's own health check."""
        return requests.get(f"http://{address(self.scheduler, 8974)}/health", timeout=5).status_code

    def held_slots(self) -> str:
        """What the scheduler's executor says of the tasks that it holds a slot for."""
        since = time.time()
        self.scheduler.kill(signal="SIGUSR2")
        said = wait_for(
            "the executor tells its state",
            lambda: self.scheduler.logs(since=since).decode(errors="replace"),
            lambda lines: "executor.workloads (" in lines,
            timeout_seconds=30,
        )
        return said.partition("executor.running (")[2].partition("executor.event_buffer (")[0]

    def tasks(self, dag: str, run: str) -> dict[str, tuple[str, int]]:
        """State and try of each task of a run, as the database has them."""
        rows = self.stores.sql(
            "SELECT dag_id, run_id, task_id, coalesce(state, 'none'), try_number FROM task_instance", DATABASE
        )
        return {task: (state, int(tries)) for *of, task, state, tries in rows if of == [dag, run]}

    def ran(self, dag: str, run: str) -> list[tuple[str, str]]:
        """What the tasks of a run wrote down, as (task, `began` or `ended`), in the order of time."""
        rows = self.stores.sql("SELECT dag, run, task, what FROM witness ORDER BY at", DATABASE)
        return [(task, what) for *of, task, what in rows if of == [dag, run]]

    def wait_for_states(self, dag: str, run: str, *states: str, seconds: float) -> dict[str, tuple[str, int]]:
        """Waits until every task of a run is in one of the states."""
        return wait_for(
            f"all of {dag} is {' or '.join(states)}",
            lambda: self.tasks(dag, run),
            lambda tasks: tasks and all(state in states for state, _ in tasks.values()),
            timeout_seconds=seconds,
            interval_seconds=0.5,
        )

    @property
    def _webserver_address(self) -> str:
        return address(self.webserver, 8080)

    def _log_in(self, webserver: Container) -> AirflowApi:
        return wait_for(
            "the administrator can log in",
            lambda: AirflowApi(f"http://{address(webserver, 8080)}", username="admin", password=PASSWORD),
            bool,
            timeout_seconds=180,
        )

    def _migrate(self) -> None:
        migrate = self._start("migrate")
        code = migrate.wait(timeout=180)["StatusCode"]
        assert code == 0, f"migrate ended with {code}: {migrate.logs(tail=30).decode()}"
        self.stores.sql(f"CREATE ROLE witness LOGIN PASSWORD '{PASSWORD}'")
        self.stores.sql(
            "CREATE TABLE witness (dag text, run text, task text, try int, what text, at timestamptz);"
            "GRANT USAGE ON SCHEMA public TO witness; GRANT INSERT ON witness TO witness",
            DATABASE,
        )

    def _start(
        self,
        component: str,
        *arguments: str,
        alias: str | None = None,
        changes: Mapping[str, str | None] | None = None,
        **options: Any,
    ) -> Container:
        return self._containers.start(
            alias or component,
            self._image,
            (component, *arguments),
            environment=self._environment(component, changes or {}),
            files=self._dags if component in {"dag-processor", "worker"} else {},
            **self._options(component),
            **options,
        )

    def _options(self, component: str) -> dict[str, Any]:
        return {"nano_cpus": int(self._cpus[component] * 1e9)} if component in self._cpus else {}

    def _environment(self, component: str, changes: Mapping[str, str | None]) -> dict[str, str]:
        return environment(component, self.stores, {**self._changes, **changes})

    def _await_dag(self, dag: str) -> None:
        wait_for(
            f"the DAG {dag} is there",
            lambda: self.api.get(f"dags/{dag}")["dag_id"],
            lambda found: found == dag,
            timeout_seconds=120,
        )


def environment(component: str, stores: PlainStores, changes: Mapping[str, str | None]) -> dict[str, str]:
    """Returns what a component's container gets.

    Args:
        component: What runs in it.
        stores: What it works with.
        changes: Variables that differ from the library's; None takes one away, for Airflow's own default.
    """
    ours = library_environment(component, stores.ca_certificates)
    return {
        name: value for name, value in {**ours, **_SECRETS, **_HERE, **changes}.items() if value is not None
    }
