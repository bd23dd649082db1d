"""Which versions of the DAGs something in Airflow's database refers to."""

from collections.abc import Sequence
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dag_version import DagVersion
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from sqlalchemy import select

COLUMNS = (DagRun.bundle_version, DagVersion.bundle_version, DagModel.bundle_version, DagBundleModel.version)


def referred_versions(session: Any, versions: Sequence[str]) -> set[str]:
    """Those of some versions that a run, a version of a DAG, a DAG or a bundle refers to.

    Args:
        session: Of SQLAlchemy.
        versions: Those asked for.
    """
    return {
        found
        for column in COLUMNS
        for found in session.scalars(select(column).where(column.in_(versions)).distinct())
    }
