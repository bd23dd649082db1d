"""What Airflow loads from this package by the entry point group `airflow.plugins`."""

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from kf_airflow_runtime.execution_guard import ExecutionGuard


class KfAirflowPlugin(AirflowPlugin):  # type: ignore[misc]
    """Puts the guard before everything the API server answers, the mounted execution API included."""

    name = "kf_airflow"
    fastapi_root_middlewares: ClassVar[list[dict[str, Any]]] = [
        {"name": "Execution API only for workers", "middleware": ExecutionGuard, "args": [], "kwargs": {}}
    ]
