"""How the parts are made when nobody brings them: one frozen, self-checking dataclass each.

`config/<env>.toml` is read straight into them, so an option, its default and its check exist once.
"""

from kf_airflow.options.access_logs import AccessLogOptions
from kf_airflow.options.broker import BrokerOptions
from kf_airflow.options.dags import DagOptions
from kf_airflow.options.database import DatabaseOptions
from kf_airflow.options.extras import Extras
from kf_airflow.options.fargate import FargateOptions
from kf_airflow.options.ingress import IngressOptions
from kf_airflow.options.key import KeyOptions
from kf_airflow.options.logs import LogOptions
from kf_airflow.options.network import NetworkOptions
from kf_airflow.options.network_lookup import NetworkLookup
from kf_airflow.options.observability import ObservabilityOptions
from kf_airflow.options.oidc import OidcOptions
from kf_airflow.options.permission import Permission
from kf_airflow.options.scaling import QueueScaling, Schedule, UtilizationScaling
from kf_airflow.options.service import ServiceOptions
from kf_airflow.options.storage import StorageOptions

__all__ = [
    "AccessLogOptions",
    "BrokerOptions",
    "DagOptions",
    "DatabaseOptions",
    "Extras",
    "FargateOptions",
    "IngressOptions",
    "KeyOptions",
    "LogOptions",
    "NetworkLookup",
    "NetworkOptions",
    "ObservabilityOptions",
    "OidcOptions",
    "Permission",
    "QueueScaling",
    "Schedule",
    "ServiceOptions",
    "StorageOptions",
    "UtilizationScaling",
]
