"""What a worker imports once, before the processes are forked that run tasks."""

import gc
from collections.abc import Sequence
from importlib import import_module

MODULES = (
    "airflow.dag_processing.bundles.local",
    "airflow.dag_processing.dagbag",
    "airflow.sdk.definitions.asset.metadata",
    "airflow.sdk.definitions.decorators",
    "kf_airflow_runtime.dag_bundle",
    "kf_airflow_runtime.plugin",
)
"""Each task would import these again: its process is forked from one that has not needed them."""


def preload(modules: Sequence[str] = MODULES) -> None:
    """Imports modules, for all processes that are forked from this one.

    Args:
        modules: Their names. Those that Airflow leaves to the task if left out.
    """
    for module in modules:
        import_module(module)
    # A forked process's collector would else copy all of it, by looking at it. Airflow has done so just
    # before, and undoes it when the worker is ready.
    gc.freeze()
