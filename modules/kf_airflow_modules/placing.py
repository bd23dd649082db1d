"""How each part is placed, and what others get of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
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
)
from kf_airflow_modules.inputs import Values, group

# isort: split
from cdktf import TerraformStack


def _key_of(values: Values) -> KeyRef | None:
    return KeyRef(arn=values["key_arn"]) if values["key_arn"] else None


def _ref(ref: Any) -> dict[str, Any]:
    found = {field.name: getattr(ref, field.name) for field in dataclasses.fields(ref)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value is not None
    }


def place_network(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a network."""
    made = Network(
        stack,
        "network",
        name=values["name"],
        options=group(NetworkOptions, values),
        key=_key_of(values),
    )
    return _ref(made.ref)


def place_database(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a database."""
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


def place_broker(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a broker."""
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


def place_storage(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a bucket."""
    made = Storage(
        stack,
        "storage",
        name=values["name"],
        options=group(StorageOptions, values),
        key=_key_of(values),
    )
    return {name: value for name, value in _ref(made.ref).items() if name != "key_arn"}


def place_cluster(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a cluster."""
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


def place_service(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a service and its rule at a load balancer."""
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


def place_background_service(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a service that nobody connects to."""
    return _told(_service(stack, values, None))


def _told(made: Service) -> dict[str, Any]:
    return {
        "service_name": made.service_name,
        "security_group_id": made.security_group_id,
        "task_role_name": made.task_role_name,
    }


def place_ingress(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places a load balancer."""
    made = Ingress(
        stack,
        "ingress",
        name=values["name"],
        network=group(NetworkRef, values),
        options=group(IngressOptions, values),
    )
    return {**_ref(made.ref), "url": made.url}


def place_airflow(stack: TerraformStack, values: Values) -> Mapping[str, Any]:
    """Places Airflow with all it needs."""
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
