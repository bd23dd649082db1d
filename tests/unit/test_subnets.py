import ipaddress
from itertools import combinations

import pytest

from kf_airflow.subnets import plan_subnets


def test_two_zones_get_two_subnets_of_each_kind() -> None:
    plan = plan_subnets("10.20.0.0/16", zones=2)

    assert plan.private == ("10.20.0.0/19", "10.20.32.0/19")
    assert plan.public == ("10.20.128.0/21", "10.20.160.0/21")


def test_another_zone_moves_no_subnet() -> None:
    two, four = (plan_subnets("10.20.0.0/16", zones=zones) for zones in (2, 4))

    assert (four.private[:2], four.public[:2]) == (two.private, two.public)


@pytest.mark.parametrize("prefix", range(16, 24))
def test_no_two_subnets_overlap(prefix: int) -> None:
    plan = plan_subnets(f"10.20.0.0/{prefix}", zones=4)
    blocks = [ipaddress.IPv4Network(block) for block in (*plan.private, *plan.public)]

    overlapping = [pair for pair in combinations(blocks, 2) if pair[0].overlaps(pair[1])]

    assert overlapping == []


def test_the_narrowest_vpc_has_subnets_aws_accepts() -> None:
    plan = plan_subnets("10.20.0.0/23", zones=4)

    assert {ipaddress.ip_network(block).prefixlen for block in (*plan.private, *plan.public)} == {26, 28}


@pytest.mark.parametrize(
    ("cidr_block", "zones", "message"),
    [
        ("10.20.0.0/16", 1, "zones is 1: allowed are 2 to 4"),
        ("10.20.0.0/24", 2, "cidr_block is '10.20.0.0/24': allowed are IPv4 blocks from /16 to /23"),
        ("fd00::/16", 2, "cidr_block is 'fd00::/16': allowed are IPv4 blocks from /16 to /23"),
        ("10.20.0.1/16", 2, "cidr_block is '10.20.0.1/16', which is not a CIDR block: .*host bits"),
    ],
)
def test_what_does_not_fit_is_refused(cidr_block: str, zones: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_subnets(cidr_block, zones=zones)
