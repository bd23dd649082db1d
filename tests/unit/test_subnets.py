from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kf_airflow.subnets import (
    MAXIMUM_ZONES,
    MINIMUM_ZONES,
    NARROWEST_PREFIX,
    WIDEST_PREFIX,
    SubnetPlan,
    plan_subnets,
)

ZONES = st.integers(MINIMUM_ZONES, MAXIMUM_ZONES)
VPCS = st.builds(
    lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(WIDEST_PREFIX, NARROWEST_PREFIX),
)


def _blocks(plan: SubnetPlan) -> list[IPv4Network]:
    return [IPv4Network(block) for block in (*plan.private, *plan.public)]


def test_two_zones_get_two_subnets_of_each_kind() -> None:
    plan = plan_subnets("10.20.0.0/16", zones=2)

    assert plan.private == ("10.20.0.0/19", "10.20.32.0/19")
    assert plan.public == ("10.20.128.0/21", "10.20.160.0/21")


def test_the_narrowest_vpc_has_subnets_aws_accepts() -> None:
    assert {block.prefixlen for block in _blocks(plan_subnets("10.20.0.0/23", zones=4))} == {26, 28}


@given(cidr_block=VPCS, zones=ZONES)
def test_every_zone_has_a_subnet_of_each_kind(cidr_block: str, zones: int) -> None:
    plan = plan_subnets(cidr_block, zones=zones)

    assert (len(plan.private), len(plan.public)) == (zones, zones)


@given(cidr_block=VPCS, zones=ZONES)
def test_no_two_subnets_overlap(cidr_block: str, zones: int) -> None:
    pairs = combinations(_blocks(plan_subnets(cidr_block, zones=zones)), 2)

    assert [(one, other) for one, other in pairs if one.overlaps(other)] == []


@given(cidr_block=VPCS, zones=ZONES)
def test_every_subnet_is_inside_the_vpc(cidr_block: str, zones: int) -> None:
    vpc = IPv4Network(cidr_block)

    assert all(block.subnet_of(vpc) for block in _blocks(plan_subnets(cidr_block, zones=zones)))


@given(cidr_block=VPCS, zones=ZONES)
def test_every_subnet_is_as_wide_as_aws_wants_it(cidr_block: str, zones: int) -> None:
    assert all(block.prefixlen <= 28 for block in _blocks(plan_subnets(cidr_block, zones=zones)))


@given(cidr_block=VPCS, zones=ZONES)
def test_another_zone_moves_no_subnet(cidr_block: str, zones: int) -> None:
    some, all_ = (plan_subnets(cidr_block, zones=number) for number in (zones, MAXIMUM_ZONES))

    assert (all_.private[:zones], all_.public[:zones]) == (some.private, some.public)


@pytest.mark.parametrize(
    ("cidr_block", "zones", "message"),
    [
        ("10.20.0.0/16", 1, "zones is 1: allowed are 2 to 4"),
        ("10.20.0.0/24", 2, "cidr_block is '10.20.0.0/24': allowed are IPv4 blocks from /16 to /23"),
        ("fd00::/16", 2, "cidr_block is 'fd00::/16': allowed are IPv4 blocks from /16 to /23"),
        ("10.20.0.1/16", 2, "cidr_block is '10.20.0.1/16', which is not a CIDR block: .*host bits"),
        ("10.20.0.0/255.255.0.0", 2, "allowed is 10.20.0.0/16, which is how AWS writes it"),
    ],
)
def test_what_does_not_fit_is_refused(cidr_block: str, zones: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_subnets(cidr_block, zones=zones)
