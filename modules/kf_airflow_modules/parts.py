"""The parts there is a module of: what each may be told, how it is placed, what others get of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kf_airflow import (
    Airflow,
    Broker,
    BrokerOptions,
    Cluster,
    Database,
    DatabaseOptions,
    Ingress,
    IngressOptions,
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
from kf_airflow_modules.docstrings import summary_of
from kf_airflow_modules.inputs import Input, Values, options
from kf_airflow_modules.option_tries import options_of
from kf_airflow_modules.part_inputs import (
    admitted,
    argument,
    host,
    image,
    in_network,
    key,
    named,
    of_every_service,
    recovery,
    service_inputs,
)
from kf_airflow_modules.placing import (
    place_airflow,
    place_background_service,
    place_broker,
    place_cluster,
    place_database,
    place_ingress,
    place_network,
    place_service,
    place_storage,
)

# isort: split
from cdktf import TerraformStack


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


def parts() -> tuple[Part, ...]:
    """Returns the parts, in the order in which they build on each other."""
    return (
        Part(
            name="network",
            title="Networking",
            about=summary_of(Network),
            inputs=(named(Network), *options_of(NetworkOptions), key()),
            place=place_network,
        ),
        Part(
            name="database",
            title="RDS PostgreSQL",
            about=summary_of(Database),
            inputs=(
                named(Database),
                *in_network(),
                argument(Database, "database_name", "string", default="airflow"),
                *options_of(DatabaseOptions),
                key(),
            ),
            place=place_database,
        ),
        Part(
            name="broker",
            title="ElastiCache",
            about=summary_of(Broker),
            inputs=(
                named(Broker),
                *in_network(),
                *options_of(BrokerOptions),
                recovery(Broker, "recovery_window_days"),
                key(),
            ),
            place=place_broker,
        ),
        Part(
            name="storage",
            title="S3",
            about=summary_of(Storage),
            inputs=(named(Storage), *options_of(StorageOptions), key()),
            place=place_storage,
        ),
        Part(
            name="cluster",
            title="ECS cluster",
            about=summary_of(Cluster),
            inputs=(
                named(Cluster),
                *options(NetworkRef, only={"vpc_id"}),
                *options_of(LogOptions, "log_"),
                argument(Cluster, "container_insights", "bool", default=True),
                key(),
            ),
            place=place_cluster,
        ),
        Part(
            name="ingress",
            title="Load balancer",
            about=summary_of(Ingress),
            inputs=(
                named(Ingress),
                *in_network("public_subnet_ids"),
                admitted(),
                *options_of(IngressOptions),
            ),
            place=place_ingress,
        ),
        Part(
            name="service",
            title="ECS service behind a load balancer",
            about=summary_of(Service),
            inputs=(
                *of_every_service(),
                Input(
                    name="port",
                    type="number",
                    description="The port it listens on, to which the load balancer forwards.",
                    required=True,
                    check=lambda value: checks.between("port", value, 1, checks.HIGHEST_PORT),
                ),
                argument(TargetSpec, "health_check_path", "string", required=True),
                *options(LoadBalancerRef, prefix="load_balancer_"),
                host(),
            ),
            place=place_service,
        ),
        Part(
            name="background-service",
            title="ECS service that nobody connects to",
            about=summary_of(Service),
            inputs=of_every_service(),
            place=place_background_service,
        ),
        Part(
            name="airflow",
            title="Airflow",
            about=summary_of(Airflow),
            inputs=(
                named(Airflow),
                image(Airflow),
                *options_of(NetworkOptions, "network_"),
                *options_of(DatabaseOptions, "database_"),
                *options_of(BrokerOptions, "broker_"),
                *options_of(StorageOptions, "bucket_"),
                *options_of(IngressOptions, "ingress_"),
                *options_of(LogOptions, "log_"),
                *service_inputs("airflow", ServiceOptions),
                *service_inputs("worker", WorkerPool),
                *service_inputs("flower", ServiceOptions),
                argument(Airflow, "base_url", "string", nullable=True),
                argument(Airflow, "admin_username", "string", default="admin"),
                recovery(Airflow, "secret_recovery_window_days"),
                argument(Airflow, "wait_for_steady_state", "bool", default=False),
            ),
            place=place_airflow,
        ),
    )
