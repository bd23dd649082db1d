"""CDKTF constructs that run Apache Airflow on AWS ECS Fargate with the Celery executor.

Names load when they are first used: settings and other plain modules are there in milliseconds, the
constructs bring CDKTF with them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kf_airflow import bindings, deprecations

bindings.load_on_demand()

if TYPE_CHECKING:
    from kf_airflow.access_logs import AccessLogs
    from kf_airflow.airflow import Airflow
    from kf_airflow.broker import Broker
    from kf_airflow.cluster import Cluster
    from kf_airflow.configuration import AirflowConfiguration
    from kf_airflow.containers import Container, HealthCheck, TargetSpec
    from kf_airflow.credentials import Credentials
    from kf_airflow.database import Database
    from kf_airflow.database_login import DatabaseLogin
    from kf_airflow.database_proxy import DatabaseProxy
    from kf_airflow.existing_network import ExistingNetwork
    from kf_airflow.ingress import Ingress
    from kf_airflow.key import Key
    from kf_airflow.metric import Metric
    from kf_airflow.network import Network
    from kf_airflow.observability import Observability
    from kf_airflow.observed import Observed
    from kf_airflow.options import (
        AccessLogOptions,
        BrokerOptions,
        DagOptions,
        DatabaseOptions,
        Extras,
        IngressOptions,
        KeyOptions,
        LogOptions,
        NetworkLookup,
        NetworkOptions,
        ObservabilityOptions,
        OidcOptions,
        Permission,
        QueueScaling,
        Schedule,
        ServiceOptions,
        StorageOptions,
        UtilizationScaling,
    )
    from kf_airflow.pools import WorkerPool
    from kf_airflow.refs import (
        BrokerRef,
        BucketRef,
        ClusterRef,
        CredentialsRef,
        DatabaseRef,
        KeyRef,
        LoadBalancerRef,
        NetworkRef,
        SecretKey,
        ServiceRef,
        TopicRef,
    )
    from kf_airflow.scaling import Scaling
    from kf_airflow.service import Service
    from kf_airflow.settings import Settings, SettingsError, load_settings
    from kf_airflow.stack import AirflowStack
    from kf_airflow.storage import Storage

__all__ = [
    "AccessLogOptions",
    "AccessLogs",
    "Airflow",
    "AirflowConfiguration",
    "AirflowStack",
    "Broker",
    "BrokerOptions",
    "BrokerRef",
    "BucketRef",
    "Cluster",
    "ClusterRef",
    "Container",
    "Credentials",
    "CredentialsRef",
    "DagOptions",
    "Database",
    "DatabaseLogin",
    "DatabaseOptions",
    "DatabaseProxy",
    "DatabaseRef",
    "ExistingNetwork",
    "Extras",
    "HealthCheck",
    "Ingress",
    "IngressOptions",
    "Key",
    "KeyOptions",
    "KeyRef",
    "LoadBalancerRef",
    "LogOptions",
    "Metric",
    "Network",
    "NetworkLookup",
    "NetworkOptions",
    "NetworkRef",
    "Observability",
    "ObservabilityOptions",
    "Observed",
    "OidcOptions",
    "Permission",
    "QueueScaling",
    "Scaling",
    "Schedule",
    "SecretKey",
    "Service",
    "ServiceOptions",
    "ServiceRef",
    "Settings",
    "SettingsError",
    "Storage",
    "StorageOptions",
    "TargetSpec",
    "TopicRef",
    "UtilizationScaling",
    "WorkerPool",
    "load_settings",
]

_MODULES = {
    "AccessLogs": "access_logs",
    "Airflow": "airflow",
    "AirflowConfiguration": "configuration",
    "AirflowStack": "stack",
    "Broker": "broker",
    "Cluster": "cluster",
    "Container": "containers",
    "Credentials": "credentials",
    "Database": "database",
    "DatabaseLogin": "database_login",
    "DatabaseProxy": "database_proxy",
    "ExistingNetwork": "existing_network",
    "Extras": "options",
    "HealthCheck": "containers",
    "Ingress": "ingress",
    "Key": "key",
    "Metric": "metric",
    "Network": "network",
    "NetworkLookup": "options",
    "Observability": "observability",
    "Observed": "observed",
    "Permission": "options",
    "QueueScaling": "options",
    "Scaling": "scaling",
    "Schedule": "options",
    "SecretKey": "refs",
    "Service": "service",
    "Settings": "settings",
    "SettingsError": "settings",
    "Storage": "storage",
    "TargetSpec": "containers",
    "UtilizationScaling": "options",
    "WorkerPool": "pools",
    "load_settings": "settings",
}
_MODULES_BY_ENDING = {"Options": "options", "Ref": "refs"}


def __getattr__(name: str) -> object:
    if name in deprecations.NAMES:
        return _deprecated(deprecations.NAMES[name])
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES.get(name) or next(
        module for ending, module in _MODULES_BY_ENDING.items() if name.endswith(ending)
    )
    return getattr(import_module(f"{__name__}.{module}"), name)


def _deprecated(name: deprecations.Deprecation) -> object:
    library = deprecations.installed()
    if name.is_gone(library):
        raise AttributeError(f"{name.name} is gone since {name.gone_in}: use {name.instead}")
    name.check(library)
    return __getattr__(name.instead)


def __dir__() -> list[str]:
    return __all__
