"""What is asked of moto's records of load balancers."""

from types import SimpleNamespace

import pytest

from localstack_dataplane.moto_state.elbv2_records import is_as_asked

PRESENT = SimpleNamespace(
    type="application", scheme="internal", subnets=[SimpleNamespace(id="a"), SimpleNamespace(id="b")]
)


@pytest.mark.parametrize(
    ("request_", "same"),
    [
        ({"Scheme": "internal", "Subnets": ["b", "a"]}, True),
        ({"Scheme": "internal", "SubnetMappings": [{"SubnetId": "a"}, {"SubnetId": "b"}]}, True),
        ({"Scheme": "internal", "Subnets": ["b", "a"], "Type": "network"}, False),
        ({"Subnets": ["b", "a"]}, False),
        ({"Scheme": "internal", "Subnets": ["a"]}, False),
    ],
)
def test_the_same_load_balancer_asked_for_again_is_recognized(request_, same):
    assert is_as_asked(PRESENT, request_) is same


def test_a_scheme_that_was_left_out_is_internet_facing():
    present = SimpleNamespace(type="application", scheme=None, subnets=[])
    assert is_as_asked(present, {"Scheme": "internet-facing"})
