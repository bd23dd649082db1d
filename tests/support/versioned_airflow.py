"""Airflow in plain containers whose DAGs have versions: S3 and ECS are moto's."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from answering_server import answering
from docker.models.containers import Container
from moto.server import ThreadedMotoServer
from plain_airflow import PlainAirflow
from plain_containers import PlainContainers
from plain_stores import PlainStores
from project import ROOT

from kf_airflow.environment import of_dags
from kf_airflow.options import DagOptions
from kf_airflow.refs import BucketRef
from kf_airflow_local import engine, images

DAG, TASK = "versions", "say"
PLAIN = "plain"
BUCKET = BucketRef(name="archives", arn="arn:aws:s3:::archives")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class Versions:
    """An Airflow whose DAGs have archives.

    Args:
        airflow: The Airflow.
        s3: A client of its S3.
        ecs: A client of an ECS with two revisions of a task definition.
        gateway: The address at which its containers reach this machine.
    """

    def __init__(self, airflow: PlainAirflow, s3: Any, ecs: Any, gateway: str) -> None:
        self.airflow, self.s3, self._ecs, self._gateway = airflow, s3, ecs, gateway
        self._servers = ExitStack()

    def finished(self, run: str) -> tuple[str, str]:
        """Waits for the end of a run's one task; returns its state and what it said."""
        self.airflow.wait_for_states(DAG, run, "success", "failed", seconds=240)
        ((state, _),) = self.airflow.tasks(DAG, run).values()
        path = f"dags/{DAG}/dagRuns/{quote(run, safe='')}/taskInstances/{TASK}/xcomEntries/return_value"
        return state, str(self.airflow.api.get(path)["value"]) if state == "success" else ""

    def version_of(self, run: str) -> str:
        """The version of the DAGs that a run is of."""
        return str(self.airflow.api.run(DAG, run)["bundle_version"])

    def run_again(self, run: str) -> None:
        """Clears the task of a finished run, which stays of its version."""
        self.airflow.api.clear(DAG, run)

    def key(self, version: str) -> str:
        """Where an archive is."""
        return f"{BUCKET.archives.prefix}/{version}.tar.gz"

    def archived(self) -> set[str]:
        """All keys in the bucket."""
        found = self.s3.list_objects_v2(Bucket=BUCKET.name)
        return {item["Key"] for item in found["Contents"]}

    def log(self, run: str) -> str:
        """What the last try of the task of a run has in its log."""
        (task,) = self.airflow.api.task_instances(DAG, run)
        return self.airflow.api.log_text(task, try_number=task["try_number"])

    def deploy(self, revision: int) -> None:
        """Has ECS want tasks of a revision."""
        if self._ecs.describe_services(cluster=PLAIN, services=[PLAIN])["services"]:
            # An update leaves the deployment as it was, with moto.
            self._ecs.delete_service(cluster=PLAIN, service=PLAIN, force=True)
        self._ecs.create_service(
            cluster=PLAIN, serviceName=PLAIN, taskDefinition=f"{PLAIN}:{revision}", desiredCount=1
        )

    def new_dag_processor(self, revision: int, *, retention_days: int = 30) -> Container:
        """Starts the DAG processor of a task of that revision.

        Args:
            revision: The revision.
            retention_days: When it deletes archives. No setting of the library makes it 0.
        """
        (variable, bundles) = next(iter(of_dags(BUCKET, DagOptions()).items()))
        task = {
            "Cluster": PLAIN,
            "Family": PLAIN,
            "Revision": str(revision),
            "Containers": [{"CreatedAt": "2026-11-01T12:00:00Z"}],
        }
        metadata = answering(200, json.dumps(task).encode(), host=self._gateway)
        return self.airflow.new_dag_processor(
            {
                "ECS_CONTAINER_METADATA_URI_V4": self._servers.enter_context(metadata).url,
                "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "1",
                variable: bundles.replace('"retention_days":30', f'"retention_days":{retention_days}'),
            }
        )

    def close(self) -> None:
        """Ends what tells DAG processors who they are."""
        self._servers.close()

    def known(self) -> tuple[str, int]:
        """The newest version of the DAG: of which DAGs it is, and its number."""
        path = f"dags/{DAG}/dagVersions"
        (found, *_) = self.airflow.api.get(path, order_by="-version_number")["dag_versions"]
        return found["bundle_version"], found["version_number"]

    def watched(self, seconds: float) -> set[str]:
        """The versions that new runs would have, seen over and over for a while."""
        seen = set()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen.add(self.airflow.api.get(f"dags/{DAG}")["bundle_version"])
            time.sleep(0.2)
        return seen

    def new_worker(self) -> None:
        """A worker with nothing on its disk in the place of the one there is."""
        self.airflow.kill(self.airflow.worker)
        self.airflow.worker = self.airflow.new_worker()


@contextmanager
def versioned_airflow(dags: Path, authority: Path) -> Iterator[Versions]:
    """Runs an Airflow with archives of its DAGs.

    Args:
        dags: A folder with the DAG `versions`, whose one task is `say`.
        authority: A folder for the certificate authority.
    """
    client = engine.client()
    references = images.ensure(client, ROOT, print)
    containers = PlainContainers(client)
    server = ThreadedMotoServer(ip_address=containers.gateway, port=0, verbose=False)
    server.start()
    try:
        url = "http://{}:{}".format(*server.get_host_and_port())
        session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
        )
        s3 = session.client("s3", endpoint_url=url)
        ecs = session.client("ecs", endpoint_url=url)
        s3.create_bucket(Bucket=BUCKET.name)
        ecs.create_cluster(clusterName=PLAIN)
        for _ in range(2):
            ecs.register_task_definition(
                family=PLAIN, containerDefinitions=[{"name": PLAIN, "image": PLAIN, "memory": 64}]
            )
        stores = PlainStores(containers, references[images.BACKING], authority)
        changes = {**CREDENTIALS, "AWS_ENDPOINT_URL": url, **of_dags(BUCKET, DagOptions())}
        with (
            closing(
                PlainAirflow(containers, stores, references[images.AIRFLOW], dags, changes, awaited=[DAG])
            ) as airflow,
            closing(Versions(airflow, s3, ecs, containers.gateway)) as versions,
        ):
            yield versions
    except AssertionError as error:
        error.add_note(containers.last_words())
        raise
    finally:
        containers.close()
        server.stop()
        client.close()
