"""What is added to a service for the code of DAG authors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kf_airflow.containers import Container
from kf_airflow.options.permission import Permission
from kf_airflow.refs import SecretKey
from kf_airflow.tables import Table

# What the image's own variables begin with.
OWN_PREFIX = "KF_AIRFLOW_"


@dataclass(frozen=True, kw_only=True)
class Extras(Table):
    """What is added to a service for the code of DAG authors.

    Args:
        environment: Variables for Airflow's containers of the service. None if left out.
        secrets: Variables that ECS fills from Secrets Manager, for the same containers. None if left out.
        sidecars: Further containers of its tasks. None if left out.
        permissions: What its code may do in AWS besides reading and writing logs. Nothing if left out.

    Raises:
        ValueError: if a secret would take the place of the library's, two sidecars have the same name, or one
            does not say how much memory it has.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretKey] = field(default_factory=dict)
    sidecars: tuple[Container, ...] = ()
    permissions: tuple[Permission, ...] = ()

    def __post_init__(self) -> None:
        for name in self.secrets:
            if name.startswith(OWN_PREFIX):
                raise ValueError(
                    f"secrets has {name!r}: allowed are names that do not begin with {OWN_PREFIX}"
                )
        names = [sidecar.name for sidecar in self.sidecars]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"sidecars has {name!r} twice: allowed is each name once")
        for sidecar in self.sidecars:
            if not sidecar.claimed_mib:
                raise ValueError(
                    f"sidecars has {sidecar.name!r} without memory_mib: "
                    "allowed are sidecars that say it, for the rest is Airflow's"
                )


def variables_of(extras: Iterable[Extras]) -> list[str]:
    """Returns the names of all variables that are added, plain and secret."""
    return [name for added in extras for name in (*added.environment, *added.secrets)]
