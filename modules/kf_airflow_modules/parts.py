"""The parts there is a module of: what each may be told, how it is placed, what others get of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kf_airflow import (
    Airflow,
    Broker,
    BrokerOptions,
    Cluster,
    ClusterRef,
    Container,
    Database,
    DatabaseOptions,
    Ingress,
    IngressOptions,
    KeyRef,
    LoadBalancerRef,
    LogOptions,
    Network,
    NetworkOptions,
    NetworkRef,
    Service,
    ServiceOptions,
    Storage,
    StorageOptions,
    TargetSpec,
    WorkerPool,
    checks,
)
from kf_airflow.image_reference import parse_image
from kf_airflow.instance_classes import FAMILIES
from kf_airflow.naming import _NAME, checked_name, checked_service_name
from kf_airflow.options.broker import FAMILIES as NODE_FAMILIES
from kf_airflow.options.database import MAJOR_VERSIONS
from kf_airflow.options.windows import _DAILY, _WEEKLY
from kf_airflow.refs.cluster import _TEXTS
from kf_airflow_modules.docstrings import arguments_of, summary_of
from kf_airflow_modules.inputs import Input, Values, group, options

# isort: split
from cdktf import TerraformStack

# Airflow's containers are labelled with the tag, so a module's image has one.
_TAGGED = r"[a-z0-9][A-Za-z0-9._:/-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@sha256:[0-9a-f]{64})?"
_CPUS = (256, 512, 1024, 2048, 4096, 8192, 16384)
_MEMORIES = (512, 1024, 2048, 4096, 8192, 16384, 32768)
_ANY_SIZE: tuple[Values, ...] = (
    *({"cpu": cpu} for cpu in _CPUS),
    *({"memory_mib": memory} for memory in _MEMORIES),
)
_SIZE_TRIES = {"cpu": (256, 512, 1024), "memory_mib": (2048, 3072, 4096, 8192)}
_SIZE_ALONGSIDE: Mapping[str, Values] = {"cpu": {"memory_mib": 2048}, "memory_mib": {"cpu": 1024}}
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
    BrokerOptions: {**_WINDOWS, "node_type": rf"cache\.(?:{'|'.join(NODE_FAMILIES)})\.[a-z0-9]+"},
}
_SIZES = {"airflow": (1024, 4096), "worker": (1024, 4096), "flower": (256, 512)}
_NETWORK = {"vpc_id", "private_subnet_ids"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """A construct that there is a module of.

    Args:
        name: What its module is called.
        title: What it is, for people.
        about: What the construct's docstring says first.
        inputs: What it may be told.
        place: Puts it into a stack, and returns what others get of it.
    """

    name: str
    title: str
    about: str
    inputs: tuple[Input, ...]
    place: Callable[[TerraformStack, Values], Mapping[str, Any]]


def _named(kind: type, check: Callable[[str], str] = checked_name) -> Input:
    return _argument(kind, "name", "string", check=check, pattern=_NAME.pattern, required=True)


def _argument(kind: type, name: str, type_: str, **more: Any) -> Input:
    return Input(name=name, type=type_, description=arguments_of(kind)[name], **more)


def _key() -> Input:
    key = next(options(KeyRef, only={"arn"}))
    return dataclasses.replace(key, name="key_arn", required=False, nullable=True)


def _admitted() -> Input:
    """Returns the network's block, which an internal load balancer admits."""
    block = next(options(NetworkRef, only={"cidr_block"}))
    return dataclasses.replace(block, required=True, nullable=False)


def _options(kind: type, prefix: str = "", **more: Any) -> tuple[Input, ...]:
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


def _network(*more: str) -> tuple[Input, ...]:
    return tuple(options(NetworkRef, only={*_NETWORK, *more}))


def _key_of(values: Values) -> KeyRef | None:
    return KeyRef(arn=values["key_arn"]) if values["key_arn"] else None


def _ref(ref: Any) -> dict[str, Any]:
    found = {field.name: getattr(ref, field.name) for field in dataclasses.fields(ref)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value is not None
    }


def _place_network(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Network(
        stack,
        "network",
        name=values["name"],
        options=group(NetworkOptions, values),
        key=_key_of(values),
    )
    return _ref(made.ref)


def _place_database(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Database(
        stack,
        "database",
        name=values["name"],
        network=group(NetworkRef, values),
        database_name=values["database_name"],
        options=group(DatabaseOptions, values),
        key=_key_of(values),
    )
    found = _ref(made.ref)
    # They follow from the class, which may be another when the module is used.
    return {name: value for name, value in found.items() if name not in {"max_connections", "key_arn"}}


def _place_broker(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Broker(
        stack,
        "broker",
        name=values["name"],
        network=group(NetworkRef, values),
        options=group(BrokerOptions, values),
        recovery_window_days=values["recovery_window_days"],
        key=_key_of(values),
    )
    found = _ref(made.ref)
    # There are as many nodes as the module is told.
    return {name: value for name, value in found.items() if name not in {"cache_cluster_ids", "key_arn"}}


def _place_storage(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Storage(
        stack,
        "storage",
        name=values["name"],
        options=group(StorageOptions, values),
        key=_key_of(values),
    )
    return {name: value for name, value in _ref(made.ref).items() if name != "key_arn"}


def _place_cluster(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Cluster(
        stack,
        "cluster",
        name=values["name"],
        network=NetworkRef(vpc_id=values["vpc_id"], private_subnet_ids=("unused-1", "unused-2")),
        logs=group(LogOptions, values, prefix="log_"),
        container_insights=values["container_insights"],
        key=_key_of(values),
    )
    return {name: value for name, value in _ref(made.ref).items() if name != "log_key_arn"}


def _service(stack: TerraformStack, values: Values, target: TargetSpec | None) -> Service:
    container = Container(
        name="main",
        image=values["image"],
        command=tuple(values["command"]),
        environment=values["environment"],
        ports=(target.port,) if target else (),
    )
    return Service(
        stack,
        "service",
        name=values["name"],
        network=group(NetworkRef, values),
        cluster=group(ClusterRef, values, prefix="cluster_"),
        containers=[container],
        options=group(ServiceOptions, values, prefix="service_"),
        target=target,
        wait_for_steady_state=values["wait_for_steady_state"],
    )


def _place_service(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    target = TargetSpec(container="main", port=values["port"], health_check_path=values["health_check_path"])
    made = _service(stack, values, target)
    # ECS takes no service whose target group has no load balancer yet, so the rule belongs here.
    balancer = group(LoadBalancerRef, values, prefix="load_balancer_")
    network = group(NetworkRef, values)
    options = IngressOptions(host=values["host"])
    Ingress(
        stack,
        "ingress",
        name=values["name"][:24].rstrip("-"),
        network=network,
        options=options,
        load_balancer=balancer,
    ).forward(made)
    return {**_told(made), "target_group_arn": made.target_group_arn}


def _place_background_service(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    return _told(_service(stack, values, None))


def _told(made: Service) -> dict[str, Any]:
    return {
        "service_name": made.service_name,
        "security_group_id": made.security_group_id,
        "task_role_name": made.task_role_name,
    }


def _place_ingress(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Ingress(
        stack,
        "ingress",
        name=values["name"],
        network=group(NetworkRef, values),
        options=group(IngressOptions, values),
    )
    return {**_ref(made.ref), "url": made.url}


def _place_airflow(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    made = Airflow(
        stack,
        "airflow",
        name=values["name"],
        image=values["image"],
        network=group(NetworkOptions, values, prefix="network_"),
        database=group(DatabaseOptions, values, prefix="database_"),
        broker=group(BrokerOptions, values, prefix="broker_"),
        bucket=group(StorageOptions, values, prefix="bucket_"),
        ingress=group(IngressOptions, values, prefix="ingress_"),
        logs=group(LogOptions, values, prefix="log_"),
        airflow=group(ServiceOptions, values, prefix="airflow_"),
        worker=group(WorkerPool, values, prefix="worker_"),
        flower=group(ServiceOptions, values, prefix="flower_"),
        base_url=values["base_url"],
        admin_username=values["admin_username"],
        secret_recovery_window_days=values["secret_recovery_window_days"],
        wait_for_steady_state=values["wait_for_steady_state"],
    )
    return {
        "url": made.base_url,
        "flower_url": made.flower_url,
        "admin_secret_arn": made.credentials.admin_secret_arn,
        "bucket_name": made.bucket.name,
        "cluster_name": made.cluster.name,
        "database_address": made.database.address,
        "vpc_id": made.network.vpc_id,
    }


def _service_inputs(prefix: str, kind: type) -> tuple[Input, ...]:
    cpu, memory = _SIZES[prefix]
    return _options(kind, f"{prefix}_", base={"cpu": cpu, "memory_mib": memory})


def _host() -> Input:
    """Returns the host name a service has at a load balancer, where others have theirs."""
    return Input(
        name="host",
        type="string",
        description="The host name under which the load balancer forwards to it.",
        required=True,
        check=lambda value: IngressOptions(host=value),
        probes=("kfza.example.org", "kfzb.example.org"),
    )


def _of_every_service() -> tuple[Input, ...]:
    return (
        _named(Service, check=checked_service_name),
        *_network(),
        *_options(ClusterRef, "cluster_"),
        _image(Container),
        _argument(Container, "command", "list(string)", default=[]),
        _argument(Container, "environment", "map(string)", default={}),
        # Not `count` alone, which Terraform keeps for itself.
        *_options(ServiceOptions, "service_", base={"cpu": 256, "memory_mib": 512}),
        _argument(Service, "wait_for_steady_state", "bool", default=False),
    )


def _image(kind: type) -> Input:
    return _argument(
        kind,
        "image",
        "string",
        required=True,
        check=lambda value: parse_image("image", value),
        pattern=_TAGGED,
        probes=(
            "registry.example.org/team/app:1",
            f"registry.example.org:5000/app:2.0@sha256:{'0' * 64}",
            f"app:three@sha256:{'1' * 64}",
        ),
    )


def _recovery(kind: type, name: str) -> Input:
    return _argument(
        kind, name, "number", default=30, check=lambda value: checks.recovery_window(name, value)
    )


def parts() -> tuple[Part, ...]:
    """Returns the parts, in the order in which they build on each other."""
    return (
        Part(
            name="network",
            title="Networking",
            about=summary_of(Network),
            inputs=(_named(Network), *_options(NetworkOptions), _key()),
            place=_place_network,
        ),
        Part(
            name="database",
            title="RDS PostgreSQL",
            about=summary_of(Database),
            inputs=(
                _named(Database),
                *_network(),
                _argument(Database, "database_name", "string", default="airflow"),
                *_options(DatabaseOptions),
                _key(),
            ),
            place=_place_database,
        ),
        Part(
            name="broker",
            title="ElastiCache",
            about=summary_of(Broker),
            inputs=(
                _named(Broker),
                *_network(),
                *_options(BrokerOptions),
                _recovery(Broker, "recovery_window_days"),
                _key(),
            ),
            place=_place_broker,
        ),
        Part(
            name="storage",
            title="S3",
            about=summary_of(Storage),
            inputs=(_named(Storage), *_options(StorageOptions), _key()),
            place=_place_storage,
        ),
        Part(
            name="cluster",
            title="ECS cluster",
            about=summary_of(Cluster),
            inputs=(
                _named(Cluster),
                *options(NetworkRef, only={"vpc_id"}),
                *_options(LogOptions, "log_"),
                _argument(Cluster, "container_insights", "bool", default=True),
                _key(),
            ),
            place=_place_cluster,
        ),
        Part(
            name="ingress",
            title="Load balancer",
            about=summary_of(Ingress),
            inputs=(
                _named(Ingress),
                *_network("public_subnet_ids"),
                _admitted(),
                *_options(IngressOptions),
            ),
            place=_place_ingress,
        ),
        Part(
            name="service",
            title="ECS service behind a load balancer",
            about=summary_of(Service),
            inputs=(
                *_of_every_service(),
                Input(
                    name="port",
                    type="number",
                    description="The port it listens on, to which the load balancer forwards.",
                    required=True,
                    check=lambda value: checks.between("port", value, 1, checks.HIGHEST_PORT),
                ),
                _argument(TargetSpec, "health_check_path", "string", required=True),
                *options(LoadBalancerRef, prefix="load_balancer_"),
                _host(),
            ),
            place=_place_service,
        ),
        Part(
            name="background-service",
            title="ECS service that nobody connects to",
            about=summary_of(Service),
            inputs=_of_every_service(),
            place=_place_background_service,
        ),
        Part(
            name="airflow",
            title="Airflow",
            about=summary_of(Airflow),
            inputs=(
                _named(Airflow),
                _image(Airflow),
                *_options(NetworkOptions, "network_"),
                *_options(DatabaseOptions, "database_"),
                *_options(BrokerOptions, "broker_"),
                *_options(StorageOptions, "bucket_"),
                *_options(IngressOptions, "ingress_"),
                *_options(LogOptions, "log_"),
                *_service_inputs("airflow", ServiceOptions),
                *_service_inputs("worker", WorkerPool),
                *_service_inputs("flower", ServiceOptions),
                _argument(Airflow, "base_url", "string", nullable=True),
                _argument(Airflow, "admin_username", "string", default="admin"),
                _recovery(Airflow, "secret_recovery_window_days"),
                _argument(Airflow, "wait_for_steady_state", "bool", default=False),
            ),
            place=_place_airflow,
        ),
    )
