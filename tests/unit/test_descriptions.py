"""What resources say they are for: of whose name they are, or what they are told; `Airflow` tells them."""

from collections.abc import Callable
from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import Airflow, Broker, Database, DatabaseProxy, DatabaseRef, Ingress, NetworkRef

DATABASE = DatabaseRef(
    address="kf.abc.us-east-1.rds.amazonaws.com", name="kf", secret_arn="arn:master", identifier="kf"
)
# A change of one of these makes the resource anew.
TYPES = ("aws_security_group", "aws_db_parameter_group", "aws_elasticache_parameter_group")

Place = Callable[..., Any]
PARTS: dict[str, Place] = {
    "Broker": Broker,
    "PostgreSQL": Database,
    "Load balancer": Ingress,
    "Connections to PostgreSQL": lambda *place, **rest: DatabaseProxy(
        *place, database=DATABASE, secret_arns=["arn:login"], **rest
    ),
}


def described(stack: Synthesized) -> set[str]:
    return {resource["description"] for type_ in TYPES for resource in stack.all(type_)}


@pytest.mark.parametrize("what", PARTS)
def test_a_part_is_described_by_its_name(what: str, network: NetworkRef) -> None:
    stack = synthesize(lambda stack: PARTS[what](stack, "part", name="kf", network=network))

    assert described(stack) == {f"{what} of kf"}


@pytest.mark.parametrize("what", PARTS)
def test_a_part_is_described_as_it_is_told(what: str, network: NetworkRef) -> None:
    stack = synthesize(
        lambda stack: PARTS[what](stack, "part", name="kf", network=network, description="Of studies")
    )

    assert described(stack) == {"Of studies"}


@pytest.mark.parametrize("what", PARTS)
@pytest.mark.parametrize("description", ["", " ", "what's this", "x" * 256])
def test_a_description_no_security_group_takes_is_refused(
    what: str, description: str, network: NetworkRef
) -> None:
    with pytest.raises(ValueError, match=r"description is .*: allowed "):
        synthesize(
            lambda stack: PARTS[what](stack, "part", name="kf", network=network, description=description)
        )


def test_those_of_airflow_are_what_they_were(network: NetworkRef) -> None:
    stack = synthesize(lambda stack: Airflow(stack, "airflow", name="kf", image="kf:1", network=network))

    assert {text for text in described(stack) if not text.startswith("Tasks of")} == {
        "Celery broker of Airflow",
        "PostgreSQL of Airflow",
        "Load balancer of Airflow",
    }
