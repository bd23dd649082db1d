"""What tables of settings may begin with: keys that need each other, which are hardly drawn together."""

from collections.abc import Mapping, Sequence
from typing import Any

from good_values import HOSTS, SECRET_ARNS, UUID, arn

from kf_airflow.containers import Container
from kf_airflow.options import BrokerOptions, DatabaseOptions, IngressOptions, ServiceOptions
from kf_airflow.options.broker import VERSIONS
from kf_airflow.pools import WorkerPool
from kf_airflow.refs import NetworkRef
from kf_airflow.settings import StateSettings
from kf_airflow.sizing import FARGATE_MEMORY_MIB

_SIZES = [{"cpu": cpu, "memory_mib": mib} for cpu, sizes in FARGATE_MEMORY_MIB.items() for mib in sizes]
# Mostly those in which there is room for all containers, and that need few connections.
_USUAL_SIZES = [size for size in _SIZES if 1024 <= size["cpu"] <= 2048 and size["memory_mib"] <= 8192]
_SCALED = [{**size, "count": 1, "max_count": 2} for size in _USUAL_SIZES]
_CERTIFIED = {"certificate_arn": arn("acm", f"certificate/{UUID}")}
_OIDC = {
    **dict.fromkeys(("issuer", "authorization_endpoint", "token_endpoint"), "https://login.example.org"),
    "user_info_endpoint": "https://login.example.org/me",
    "client_id": "airflow",
    "client_secret_arn": SECRET_ARNS[0],
}
# What a table begins with: keys that need each other.
_BEGINNINGS: Mapping[type, Sequence[Mapping[str, Any]]] = {
    ServiceOptions: [*_SIZES, *5 * _USUAL_SIZES, *5 * _SCALED],
    # A worker needs 512 MiB, and a task 256.
    WorkerPool: [*_SIZES[1:], *5 * _USUAL_SIZES, *5 * _SCALED],
    StateSettings: [{"account": "example-dev"}, {"path": "state"}, {"organization": "kf", "workspace": "a"}],
    BrokerOptions: [
        {},
        {"tls": False, "auth": False},
        {"replicas": 1, "automatic_failover": True},
        *({"engine": engine, "engine_version": one} for engine, known in VERSIONS.items() for one in known),
    ],
    DatabaseOptions: [
        {},
        {"instance_class": "db.r7g.4xlarge"},
        {"storage_type": "io2", "allocated_storage_gib": 100, "storage_iops": 3000, "proxy": True},
        {"allocated_storage_gib": 400, "max_allocated_storage_gib": 0, "storage_iops": 12000},
    ],
    IngressOptions: [
        {},
        _CERTIFIED,
        {"internal": False, "allowed_cidrs": ["0.0.0.0/0"], **_CERTIFIED},
        {**_CERTIFIED, "host": HOSTS[0], "flower_host": HOSTS[1], "zone_id": "Z1", "oidc": _OIDC},
    ],
    NetworkRef: [
        {"private_subnet_ids": ["subnet-1", "subnet-2"], "cidr_block": "10.0.0.0/16"},
        {"private_subnet_ids": ["subnet-1", "subnet-2"], "public_subnet_ids": ["subnet-3", "subnet-4"]},
    ],
    Container: [{"memory_mib": 64}, {"memory_mib": 256, "memory_reservation_mib": 128}],
}


def beginnings(table: type) -> Sequence[Mapping[str, Any]]:
    """Returns what a table may begin with: keys that need each other."""
    return _BEGINNINGS.get(table, [{}])
