"""Airflow in plain containers that keeps its logs in an S3 which can be made to fail."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from plain_airflow import PlainAirflow
from plain_containers import PlainContainers
from plain_s3 import PlainS3
from plain_stores import PlainStores
from project import ROOT

from kf_airflow_local import engine, images

LOGGING_DAGS = ROOT / "tests" / "limits" / "dags" / "logs.py"
STOCK_LOGGING = {
    "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS": (
        "airflow.config_templates.airflow_local_settings.DEFAULT_LOGGING_CONFIG"
    )
}


@dataclass(frozen=True)
class PlainLogs:
    """What there is."""

    containers: PlainContainers
    airflow: PlainAirflow
    s3: PlainS3


@contextmanager
def logging_airflow(authority: Path, dags: Path, awaited: Sequence[str]) -> Iterator[PlainLogs]:
    """Runs it.

    Args:
        authority: A folder for the certificate authority of its stores.
        dags: The file of DAGs.
        awaited: The DAGs in it.
    """
    with closing(engine.client()) as client:
        references = images.ensure(client, ROOT, print)
        containers = PlainContainers(client)
        try:
            stores = PlainStores(containers, references[images.BACKING], authority)
            with closing(PlainS3(containers.network)) as s3:
                image, variables = references[images.AIRFLOW], {**s3.variables}
                with closing(
                    PlainAirflow(containers, stores, image, dags, variables, awaited=awaited)
                ) as airflow:
                    yield PlainLogs(containers, airflow, s3)
        except AssertionError as error:
            error.add_note(containers.last_words())
            raise
        finally:
            containers.close()
