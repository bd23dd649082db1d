"""Values that the settings allow, or might: what random text would not hit in a lifetime.

They are found by key, so that an option that is added later gets values of its name's kind or of its type.
"""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

from kf_airflow.configuration import LOG_LEVELS
from kf_airflow.instance_classes import FAMILIES
from kf_airflow.node_types import SIZES as NODE_SIZES
from kf_airflow.options.broker import VERSIONS
from kf_airflow.options.database import LOG_EXPORTS, MAJOR_VERSIONS, MONITORING_INTERVALS
from kf_airflow.options.database_storage import STORAGE_TYPES
from kf_airflow.options.fargate import ARCHITECTURES
from kf_airflow.options.logs import LOG_RETENTION_DAYS
from kf_airflow.options.network import ENDPOINTS, FLOW_LOG_TRAFFIC, NAT_CHOICES
from kf_airflow.options.tls_policies import TLS_POLICIES

_ACCOUNT = "111122223333"
UUID = "00000000-1111-2222-3333-444444444444"
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
_VARIABLES = (
    *("COLOUR", "HTTPS_PROXY", "http_proxy", "AIRFLOW_VAR_BUCKET", "AIRFLOW_CONN_HTTP"),
    *("AIRFLOW__EMAIL__FROM_EMAIL", "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL"),
)
# What the library keeps for itself, or Airflow does not know.
_REFUSED = ("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__WEBSERVER__BASE_URL", "KF_AIRFLOW_BROKER_PASSWORD")
POOLS = ("gpu", "gatk", "high-memory", "a", "storage", "key", "from-network")
SERVICES = ("airflow", "worker", "flower", *POOLS)


def arn(service: str, resource: str, *, region: str = "us-east-1", account: str = _ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


_KEY_ARNS = (arn("kms", f"key/{UUID}"),)
SECRET_ARNS = tuple(arn("secretsmanager", f"secret:{name}-AbCdEf") for name in ("one", "two", "kf/three"))
_BUCKET_ARNS = ("arn:aws:s3:::logs-of-somebody", "arn:aws-us-gov:s3:::logs")
_GROUPS = ("sg-0123456789abcdef0", "sg-1", "sg-2", "sg-3")
_SUBNETS = ("subnet-1", "subnet-2", "subnet-3", "subnet-0123456789abcdef0")
HOSTS = ("airflow.example.org", "flower.example.org", "a.b-c.d2.org")
_CIDRS = ("10.0.0.0/8", "192.0.2.0/24", "198.51.100.7/32", "0.0.0.0/0", "10.0.0.0/16")
_DAILY = ("03:00-04:00", "23:30-00:30", "05:15-05:45")
_WEEKLY = ("sun:05:00-sun:06:00", "mon:23:30-tue:00:30", "wed:03:10-wed:05:00")
_TAGS = ("*apps*dev*private*1a", "*apps*dev*private*1b", "one", "two")

# What may stand at a key, by its class and itself, `*` standing for anything; the first that fits counts.
_VALUES: Sequence[tuple[str, Sequence[object]]] = (
    (
        "*.image",
        ("registry.example.org/kf-airflow:1", f"{_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/kf:1", "kf"),
    ),
    ("Settings.owner", ("somebody", "kf platform + others")),
    ("Settings.project", ("kf-airflow", "etl", "a", "kf-airflow-for-people")),
    ("Settings.base_url", ("https://airflow.example.org", "http://localhost:8080")),
    ("Settings.admin_username", ("admin", "root_of_all")),
    ("Settings.ca_certificate_file", ("ca.pem", "ca.pem", "missing.pem")),
    ("Settings.secret_recovery_window_days", (0, 7, 30)),
    ("Settings.accepted_risks", ("database.multi_az", "broker.replicas", "airflow.count")),
    ("*.endpoint_url", ("http://localhost:4566",)),
    ("StateSettings.path", ("build/terraform.tfstate", "/tmp/terraform.tfstate")),
    ("*.vpc_id", ("vpc-0123456789abcdef0",)),
    ("*.*subnet_ids", _SUBNETS),
    ("*.*subnet_names", _TAGS),
    ("*.security_group_id", _GROUPS),
    ("*.cidr_block", ("10.0.0.0/16", "10.20.0.0/18", "172.16.0.0/23")),
    ("*.allowed_cidrs", _CIDRS),
    ("NetworkOptions.zones", (2, 3, 4)),
    ("NetworkLookup.zones", ("a", "b", "c", "f")),
    ("*.nat", NAT_CHOICES),
    ("*.endpoints", (*ENDPOINTS, "kms", "batch", "ecr-api", "sagemaker.runtime")),
    ("*.flow_log_traffic", FLOW_LOG_TRAFFIC),
    ("*.region", ("us-east-1", "eu-central-1", "us-gov-west-1")),
    ("*.account_id", (_ACCOUNT,)),
    ("*.namespace_id", ("ns-0123456789abcdef",)),
    ("*.namespace_name", ("tools.internal",)),
    ("*.log_group_prefix", ("apps-dev/tools", "/ecs")),
    ("*.instance_class", [f"db.{family}.large" for family in FAMILIES]),
    ("DatabaseOptions.engine_version", (*MAJOR_VERSIONS, "17.4")),
    ("BrokerOptions.engine_version", [version for versions in VERSIONS.values() for version in versions]),
    ("*.engine", tuple(VERSIONS)),
    ("*.node_type", [f"cache.{family}.{sizes[0]}" for family, sizes in NODE_SIZES.items()]),
    ("*.storage_type", tuple(STORAGE_TYPES)),
    ("*.storage_iops", (3000, 12000, 64000)),
    ("*.allocated_storage_gib", (20, 100, 400, 65536)),
    ("*.max_allocated_storage_gib", (0, 22, 440, 1000, 65536)),
    ("*.monitoring_interval_seconds", MONITORING_INTERVALS),
    ("*.log_exports", LOG_EXPORTS),
    ("DatabaseOptions.maintenance_window", _WEEKLY),
    ("BrokerOptions.maintenance_window", _WEEKLY),
    ("*.*_window", _DAILY),
    ("*.replicas", (0, 1, 5)),
    ("*.deletion_window_days", (7, 30)),
    ("*.tls_policy", TLS_POLICIES),
    ("*.*host", HOSTS),
    ("*.dns_name", ("tools-123.us-east-1.elb.amazonaws.com",)),
    ("*.*address", ("store.example.org", "10.0.0.1")),
    ("*.zone_id", ("Z0123456789ABCDEFGHIJ",)),
    ("*.issuer", ("https://login.example.org",)),
    ("OidcOptions.*_endpoint", ("https://login.example.org/oauth2/token",)),
    ("*.scope", ("openid", "openid email")),
    ("*.exempt_paths", ("/api/v2/version", "/health*", "*")),
    ("*.web_acl_arn", (arn("wafv2", f"regional/webacl/etl/{UUID}"),)),
    ("*.*certificate_arn", tuple(arn("acm", f"certificate/{UUID[:-1]}{digit}") for digit in "123")),
    ("*.extra_certificate_arns", tuple(arn("acm", f"certificate/{UUID[:-1]}{digit}") for digit in "123")),
    (
        "*.listener_arn",
        (arn("elasticloadbalancing", "listener/app/tools/0123456789abcdef/0123456789abcdef"),),
    ),
    ("*.*secret_arn", SECRET_ARNS),
    ("*.*key_arn", _KEY_ARNS),
    ("BucketRef.arn", _BUCKET_ARNS),
    ("ClusterRef.arn", (arn("ecs", "cluster/tools"),)),
    ("KeyRef.arn", _KEY_ARNS),
    ("LoadBalancerRef.arn", (arn("elasticloadbalancing", "loadbalancer/app/tools/0123456789abcdef"),)),
    ("*.first_priority", (1, 100, 49951)),
    ("*.port", (5432, 6379, 1, 65535)),
    ("*.max_connections", (100, 1000, 5000)),
    ("*.bucket_name", ("logs-of-somebody", "logs.example.org")),
    ("*.access_log_bucket", ("access-logs-of-somebody",)),
    ("BucketRef.prefix", ("logs", "a/b")),
    ("*.architecture", ARCHITECTURES),
    ("*.count", (0, 1, 2, 3)),
    ("Schedule.schedule", ("cron(0 20 ? * MON-FRI *)", "cron(0 6 1 * ? *)", "at(2030-01-31T20:00:00)")),
    ("Schedule.m*_count", (0, 1, 2)),
    ("*.min_count", (0, 1, 2)),
    ("*.max_count", (1, 2, 3, 10)),
    ("*.timezone", ("America/New_York", "UTC")),
    ("*.*_cooldown_seconds", (0, 60, 3600)),
    ("*.scale_in_minutes", (1, 5, 1440)),
    ("*.requests_per_minute", (1, 1000)),
    ("*.on_demand_base", (0, 1, 2)),
    ("*.minimum_healthy_percent", (0, 50, 100)),
    ("*.maximum_percent", (100, 101, 150, 200, 400)),
    ("*.*_percent", (0, 1, 50, 100)),
    ("FargateOptions.storage_gib", (20, 21, 200)),
    ("*.concurrency", (1, 2, 8, 64)),
    ("*.queues", ("default", "gpu", "a.b_c")),
    ("*.default_queue", ("default", "gpu")),
    ("*.default_timezone", ("America/New_York", "UTC")),
    ("*.log_level", LOG_LEVELS),
    ("*.visibility_timeout_seconds", (3600, 604800)),
    ("AirflowConfiguration.*_timeout_seconds", (60, 600, 86400)),
    ("HealthCheck.retries", (1, 10)),
    ("HealthCheck.*_seconds", (5, 10, 60)),
    ("Container.name", ("statsd", "agent", "proxy_1")),
    ("*.depends_on", ("HEALTHY", "START")),
    ("*.ports", (8125, 9000, 65535)),
    ("*.writable_paths", ("/tmp", "/var/run", "/data/a-b")),
    ("*.restart_after_seconds", (60, 1800)),
    ("*.stop_timeout_seconds", (0, 30, 120)),
    ("*.open_files", (1024, 1048576)),
    ("*.user", ("1000", "root:root")),
    ("Container.*_mib", (6, 64, 256, 512)),
    ("Container.cpu", (0, 32, 256)),
    ("*.actions", ("batch:SubmitJob", "s3:Get*")),
    ("*.resources", ("*", "arn:aws:s3:::references/*")),
    ("*.endpoint_policies", (_POLICY,)),
    ("*.*retention_days", LOG_RETENTION_DAYS),
    ("*.emails", ("on-call@example.org", "team@example.org")),
    ("*.urls", ("https://pager.example.org/hook",)),
    ("*.queue_age_minutes", (1, 5, 9)),
    ("*.protection_minutes", (1, 1440, 2820)),
    ("*.cache_cluster_ids", ("tools-001", "tools-002")),
    ("TopicRef.arn", (arn("sns", "on-call"),)),
    ("Settings.variables", ("1", "two words", 20_000 * "x")),
)
_NAMES: Sequence[tuple[str, Sequence[str]]] = (
    ("Settings.worker_pools", POOLS),
    ("Settings.extras", SERVICES),
    ("*.depends_on", ("worker", "webserver", "statsd")),
    ("*.schedules", ("night", "morning")),
    ("Container.environment", _VARIABLES),
    ("*.endpoint_policies", ("s3", *ENDPOINTS)),
    ("DatabaseOptions.parameters", ("log_min_duration_statement", "max_connections", "rds.force_ssl")),
    ("BrokerOptions.parameters", ("maxmemory-policy", "timeout", "cluster-enabled")),
)
_OF_TYPE: Mapping[type, Sequence[object]] = {
    str: ("a", "example", "two words", "UPPER_case"),
    Path: ("a", "a/b.txt"),
    int: (1, 2, 5, 10, 30, 60, 100, 300, 365),
    bool: (True, False),
}


def values(owner: type, key: str, type_: Any) -> Sequence[object]:
    """Returns values of a key, or of what stands in the list or mapping there."""
    return _found(_VALUES, owner, key) or get_args(type_) or _OF_TYPE[type_]


def names(owner: type, key: str) -> Sequence[str]:
    """Returns what the user might call what stands in the mapping at a key."""
    return _found(_NAMES, owner, key) or (*5 * _VARIABLES, *_REFUSED)


def _found(known: Sequence[tuple[str, Sequence[Any]]], owner: type, key: str) -> Sequence[Any]:
    classes = {"*", *(one.__name__ for one in owner.__mro__)}
    for pattern, found in known:
        class_, _, name = pattern.partition(".")
        if class_ in classes and fnmatchcase(key, name):
            return found
    return ()
