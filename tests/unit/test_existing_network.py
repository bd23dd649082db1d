from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import ExistingNetwork, NetworkLookup, NetworkRef

LOOKUP = NetworkLookup(environment="prd", region="us-east-1", public_subnet_names=("*1a", "*1b"))


def _filters(network: Synthesized, type_: str) -> list[list[dict[str, Any]]]:
    return [found["filter"] for found in network.document["data"][type_].values()]


@pytest.fixture(scope="module")
def found() -> Synthesized:
    return synthesize(lambda stack: ExistingNetwork(stack, "network", lookup=LOOKUP))


def test_it_makes_nothing(found: Synthesized) -> None:
    assert found.addresses == set()


def test_the_vpc_is_found_by_its_name(found: Synthesized) -> None:
    assert _filters(found, "aws_vpc") == [
        [{"name": "tag:Name", "values": ["kf-strides-apps-prd-us-east-1-vpc"]}]
    ]


def test_each_subnet_is_found_by_a_name_of_its_own(found: Synthesized) -> None:
    assert _filters(found, "aws_subnet") == [
        [{"name": "tag:Name", "values": [name]}]
        for name in ("*apps*prd*private*1a", "*apps*prd*private*1b", "*1a", "*1b")
    ]


def test_subnets_of_other_vpcs_are_not_found(found: Synthesized) -> None:
    (vpc,) = found.document["data"]["aws_vpc"]

    assert {subnet["vpc_id"] for subnet in found.document["data"]["aws_subnet"].values()} == {
        f"${{data.aws_vpc.{vpc}.id}}"
    }


def test_others_get_what_was_found() -> None:
    refs: list[NetworkRef] = []
    synthesize(lambda stack: refs.append(ExistingNetwork(stack, "network", lookup=LOOKUP).ref))
    (ref,) = refs

    assert (len(set(ref.private_subnet_ids)), len(set(ref.public_subnet_ids))) == (2, 2)
    assert ref.cidr_block is not None


def test_a_lookup_that_is_not_complete_is_refused() -> None:
    with pytest.raises(ValueError, match="environment is not set: vpc_name is made from it"):
        synthesize(lambda stack: ExistingNetwork(stack, "network", lookup=NetworkLookup()))
