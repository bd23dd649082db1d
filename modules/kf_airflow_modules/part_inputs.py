"""What the parts may be told beside their options."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from kf_airflow import (
    ClusterRef,
    Container,
    IngressOptions,
    KeyRef,
    NetworkRef,
    Service,
    ServiceOptions,
    checks,
)
from kf_airflow.image_reference import parse_image
from kf_airflow.naming import _NAME, checked_name, checked_service_name
from kf_airflow_modules.docstrings import arguments_of
from kf_airflow_modules.inputs import Input, options
from kf_airflow_modules.option_tries import options_of

# Airflow's containers are labelled with the tag, so a module's image has one.
_TAGGED = r"[a-z0-9][A-Za-z0-9._:/-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@sha256:[0-9a-f]{64})?"
_SIZES = {"airflow": (1024, 4096), "worker": (1024, 4096), "flower": (256, 512)}
_NETWORK = {"vpc_id", "private_subnet_ids"}


def named(kind: type, check: Callable[[str], str] = checked_name) -> Input:
    """Returns the name that its resources get."""
    return argument(kind, "name", "string", check=check, pattern=_NAME.pattern, required=True)


def argument(kind: type, name: str, type_: str, **more: Any) -> Input:
    """Returns an argument of a construct, described as the construct's docstring does."""
    return Input(name=name, type=type_, description=arguments_of(kind)[name], **more)


def key() -> Input:
    """Returns the key that everything is encrypted with."""
    key = next(options(KeyRef, only={"arn"}))
    return dataclasses.replace(key, name="key_arn", required=False, nullable=True)


def admitted() -> Input:
    """Returns the network's block, which an internal load balancer admits."""
    block = next(options(NetworkRef, only={"cidr_block"}))
    return dataclasses.replace(block, required=True, nullable=False)


def in_network(*more: str) -> tuple[Input, ...]:
    """Returns the network that it is placed in, and more of it where needed."""
    return tuple(options(NetworkRef, only={*_NETWORK, *more}))


def service_inputs(prefix: str, kind: type) -> tuple[Input, ...]:
    """Returns the options of one of Airflow's services, with its own size."""
    cpu, memory = _SIZES[prefix]
    return options_of(kind, f"{prefix}_", base={"cpu": cpu, "memory_mib": memory})


def host() -> Input:
    """Returns the host name a service has at a load balancer, where others have theirs."""
    return Input(
        name="host",
        type="string",
        description="The host name under which the load balancer forwards to it.",
        required=True,
        check=lambda value: IngressOptions(host=value),
        probes=("kfza.example.org", "kfzb.example.org"),
    )


def of_every_service() -> tuple[Input, ...]:
    """Returns what every service is told."""
    return (
        named(Service, check=checked_service_name),
        *in_network(),
        *options_of(ClusterRef, "cluster_"),
        image(Container),
        argument(Container, "command", "list(string)", default=[]),
        argument(Container, "environment", "map(string)", default={}),
        # Not `count` alone, which Terraform keeps for itself.
        *options_of(ServiceOptions, "service_", base={"cpu": 256, "memory_mib": 512}),
        argument(Service, "wait_for_steady_state", "bool", default=False),
    )


def image(kind: type) -> Input:
    """Returns the image that runs; it has to have a tag."""
    return argument(
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


def recovery(kind: type, name: str) -> Input:
    """Returns for how long deleted secrets can be had back."""
    return argument(kind, name, "number", default=30, check=lambda value: checks.recovery_window(name, value))
