"""How the options of each class are tried, where their own checks alone do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kf_airflow import (
    BrokerOptions,
    ClusterRef,
    DatabaseOptions,
    IngressOptions,
    ServiceOptions,
    WorkerPool,
)
from kf_airflow.instance_classes import FAMILIES
from kf_airflow.node_types import FAMILIES as NODE_FAMILIES
from kf_airflow.options.database import MAJOR_VERSIONS
from kf_airflow.options.windows import _DAILY, _WEEKLY
from kf_airflow.refs.cluster import _TEXTS
from kf_airflow.regional_arns import CERTIFICATE, WEB_ACL
from kf_airflow_modules.inputs import Input, Values, options

_CPUS = (256, 512, 1024, 2048, 4096, 8192, 16384)
_MEMORIES = (512, 1024, 2048, 4096, 8192, 16384, 32768)
_ANY_SIZE: tuple[Values, ...] = (
    *({"cpu": cpu} for cpu in _CPUS),
    *({"memory_mib": memory} for memory in _MEMORIES),
)
_SIZE_TRIES = {"cpu": (256, 512, 1024), "memory_mib": (2048, 3072, 4096, 8192)}
_SIZE_ALONGSIDE: Mapping[str, Values] = {"cpu": {"memory_mib": 2048}, "memory_mib": {"cpu": 1024}}
# What else may be set for a value to be allowed at all.
_LENIENT: Mapping[type, tuple[Values, ...]] = {
    DatabaseOptions: (
        {"max_allocated_storage_gib": None},
        {"max_allocated_storage_gib": None, "allocated_storage_gib": 400, "storage_iops": 2000},
    ),
    ServiceOptions: (*_ANY_SIZE, {"count": 5000}, {"max_count": 5000}, {"zone_rebalancing": False}),
    WorkerPool: (*_ANY_SIZE, {"count": 5000}, {"max_count": 5000}),
}
# What else is set while an option is tried that goes with others only.
_ALONGSIDE: Mapping[type, Mapping[str, Values]] = {
    ServiceOptions: _SIZE_ALONGSIDE,
    WorkerPool: _SIZE_ALONGSIDE,
    DatabaseOptions: {
        "allocated_storage_gib": {"max_allocated_storage_gib": None},
        "storage_type": {"allocated_storage_gib": 400, "max_allocated_storage_gib": None},
        "storage_iops": {
            "storage_type": "io1",
            "allocated_storage_gib": 400,
            "max_allocated_storage_gib": None,
            "storage_iops": 2000,
        },
    },
}
_TRIES: Mapping[type, Mapping[str, tuple[Any, ...]]] = {ServiceOptions: _SIZE_TRIES, WorkerPool: _SIZE_TRIES}
# What `sizes` says of two options together.
_RULED: Mapping[type, tuple[str, ...]] = {
    ServiceOptions: ("cpu", "memory_mib"),
    WorkerPool: ("cpu", "memory_mib"),
}
_WINDOWS = {
    "backup_window": _DAILY.pattern,
    "snapshot_window": _DAILY.pattern,
    "maintenance_window": _WEEKLY.pattern,
}
# What the checks say of text, where that is no list of words.
_PATTERNS: Mapping[type, Mapping[str, str]] = {
    DatabaseOptions: {
        **_WINDOWS,
        "engine_version": rf"(?:{'|'.join(MAJOR_VERSIONS)})(?:\.[0-9]+)?",
        "instance_class": rf"db\.(?:{'|'.join(FAMILIES)})\.[a-z0-9]+",
    },
    ClusterRef: {key: pattern.pattern for key, pattern, _ in _TEXTS},
    IngressOptions: {"certificate_arn": CERTIFICATE.pattern, "web_acl_arn": WEB_ACL.pattern},
    BrokerOptions: {**_WINDOWS, "node_type": rf"cache\.(?:{'|'.join(NODE_FAMILIES)})\.[a-z0-9]+"},
}


def options_of(kind: type, prefix: str = "", **more: Any) -> tuple[Input, ...]:
    """Returns the options of a class."""
    return tuple(
        options(
            kind,
            prefix=prefix,
            lenient=_LENIENT.get(kind, ()),
            patterns=_PATTERNS.get(kind),
            alongside=_ALONGSIDE.get(kind),
            tries=_TRIES.get(kind),
            ruled=_RULED.get(kind, ()),
            **more,
        )
    )
