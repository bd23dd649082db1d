import re
from typing import Any

import pytest

from kf_airflow.options import NetworkLookup


def test_what_is_left_out_is_as_kids_first_has_it() -> None:
    names = NetworkLookup(environment="prd", region="us-east-1").names()

    assert (names.vpc, names.private_subnets, names.public_subnets) == (
        "kf-strides-apps-prd-us-east-1-vpc",
        ("*apps*prd*private*1a", "*apps*prd*private*1b"),
        (),
    )


def test_subnets_end_with_the_number_of_the_region_and_the_letter_of_the_zone() -> None:
    lookup = NetworkLookup(environment="dev", region="us-west-2", zones=("a", "c", "d"))

    assert lookup.names().private_subnets == (
        "*apps*dev*private*2a",
        "*apps*dev*private*2c",
        "*apps*dev*private*2d",
    )


def test_all_names_can_be_given() -> None:
    names = NetworkLookup(
        vpc_name="shared",
        private_subnet_names=("shared-private-1", "shared-private-2"),
        public_subnet_names=("shared-public-1", "shared-public-2"),
    ).names()

    assert (names.vpc, names.private_subnets, names.public_subnets) == (
        "shared",
        ("shared-private-1", "shared-private-2"),
        ("shared-public-1", "shared-public-2"),
    )


def test_a_deployment_says_what_is_left_out() -> None:
    lookup = NetworkLookup().resolved(environment="qa", region="us-east-1", organization="include")

    assert lookup.names().vpc == "include-apps-qa-us-east-1-vpc"


def test_what_is_said_stays_when_a_deployment_says_otherwise() -> None:
    said = NetworkLookup(environment="dev", region="us-west-2", organization="kf-strides")

    assert said.resolved(environment="qa", region="us-east-1", organization="include") == said


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"zones": ("a",)}, "zones is ['a']: RDS and load balancers need at least two"),
        ({"zones": ("a", "a")}, "zones is ['a', 'a']: RDS and load balancers need at least two"),
        ({"zones": ("us-east-1a", "b")}, "zones has 'us-east-1a': allowed are the letters of zones"),
        ({"region": "virginia"}, "region is 'virginia': allowed are regions such as us-east-1"),
        (
            {"private_subnet_names": ()},
            "private_subnet_names is []: RDS and load balancers need",
        ),
        ({"private_subnet_names": ("*", "")}, "private_subnet_names is ['*', '']: RDS and load balancers"),
        ({"public_subnet_names": ("*",)}, "public_subnet_names is ['*']: RDS and load balancers need"),
    ],
)
def test_a_lookup_that_cannot_find_a_network_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        NetworkLookup(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "environment is not set: vpc_name is made from it, so set one of them"),
        ({"environment": "dev"}, "region is not set: vpc_name is made from it, so set one of them"),
        ({"vpc_name": "shared"}, "environment is not set: private_subnet_names is made from it"),
    ],
)
def test_a_name_that_cannot_be_made_is_asked_for(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkLookup(**values).names()
