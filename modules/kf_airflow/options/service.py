"""How an ECS service on Fargate is made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.options.fargate import FargateOptions
from kf_airflow.options.scaling import UtilizationScaling


@dataclass(frozen=True, kw_only=True)
class ServiceOptions(FargateOptions):
    """How an ECS service is made: the size of its tasks, how many run and where, and how they are replaced.

    Args:
        scaling: By what an autoscaler of Airflow's services goes; `max_count` has to be given. The CPU they
            use if left out.

    Raises:
        ValueError: if Fargate has no such size, or the values contradict each other.
    """

    scaling: UtilizationScaling | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._refuse_without_range("scaling", self.scaling)
