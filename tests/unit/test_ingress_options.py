import re
from typing import Any

import pytest

from kf_airflow import IngressOptions, LoadBalancerRef
from kf_airflow.options.tls_policies import TLS_POLICIES

WITH_CERTIFICATE = {"certificate_arn": "arn:certificate"}


def test_no_policy_of_tls_knows_anything_older_than_1_2() -> None:
    known = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|FS-1-2|TLS-1-2)-.*\d{4}-\d{2}")

    assert [policy for policy in TLS_POLICIES if not known.fullmatch(policy)] == []
    assert len(set(TLS_POLICIES)) == len(TLS_POLICIES)


@pytest.mark.parametrize("policy", TLS_POLICIES)
def test_each_of_them_is_allowed(policy: str) -> None:
    assert IngressOptions(tls_policy=policy, **WITH_CERTIFICATE).tls_policy == policy


@pytest.mark.parametrize(
    ("values", "hosts"),
    [
        ({}, ()),
        ({"host": "airflow.example.org"}, ("airflow.example.org",)),
        ({"flower_host": "flower.example.org"}, ("flower.example.org",)),
        (
            {"host": "a.example.org", "flower_host": "f.example.org", "zone_id": "Z1"},
            ("a.example.org", "f.example.org"),
        ),
    ],
)
def test_it_is_called_by_the_host_names_it_has(values: dict[str, Any], hosts: tuple[str, ...]) -> None:
    assert IngressOptions(**values).hosts == hosts


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"allowed_cidrs": ("::/0",)}, "allowed_cidrs has '::/0': allowed are blocks of IPv4"),
        (
            {"allowed_cidrs": ("10.0.0.1",)},
            "allowed_cidrs has '10.0.0.1': allowed is 10.0.0.1/32, which is how AWS writes it",
        ),
        (
            {"allowed_cidrs": ("10.0.0.0/8", "10.0.0.0/8")},
            "allowed_cidrs has '10.0.0.0/8' twice: allowed is each once",
        ),
        ({"certificate_arn": ""}, "certificate_arn is '': allowed are ARNs"),
        ({"web_acl_arn": "acl"}, "web_acl_arn is 'acl': allowed are ARNs"),
        (
            {"extra_certificate_arns": ("other",), **WITH_CERTIFICATE},
            "extra_certificate_arns is 'other': allowed are ARNs",
        ),
        (
            {"extra_certificate_arns": ("arn:a", "arn:a"), **WITH_CERTIFICATE},
            "extra_certificate_arns has 'arn:a' twice: allowed is each once",
        ),
        (
            {"tls_policy": "ELBSecurityPolicy-2016-08", **WITH_CERTIFICATE},
            "tls_policy is 'ELBSecurityPolicy-2016-08': allowed are ELBSecurityPolicy-TLS13-1-2-Res-PQ",
        ),
        (
            {"tls_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
            "tls_policy is 'ELBSecurityPolicy-TLS13-1-3-2021-06': "
            "allowed with a certificate_arn, which is not set",
        ),
        (
            {"extra_certificate_arns": ("arn:other",)},
            "extra_certificate_arns is ['arn:other']: allowed with a certificate_arn, which is not set",
        ),
        ({"host": "airflow"}, "host is 'airflow': allowed is a host name in lower case"),
        ({"host": "Airflow.example.org"}, "host is 'Airflow.example.org': allowed is a host name"),
        ({"host": "*.example.org"}, "host is '*.example.org': allowed is a host name"),
        ({"host": "https://airflow.example.org"}, "host is 'https://airflow.example.org': allowed is"),
        ({"host": f"{32 * 'abc.'}org"}, "at most 128 characters"),
        ({"flower_host": "-f.example.org"}, "flower_host is '-f.example.org': allowed is a host name"),
        (
            {"host": "a.example.org", "flower_host": "a.example.org"},
            "flower_host is 'a.example.org': allowed is another name than host",
        ),
        ({"host": "a.example.org", "zone_id": ""}, "zone_id is '': allowed are ids of hosted zones"),
        ({"zone_id": "Z1"}, "zone_id is 'Z1': allowed with a host or a flower_host, and none is set"),
    ],
)
def test_what_cannot_work_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        IngressOptions(**values)


@pytest.mark.parametrize("priority", [0, 49_952])
def test_a_load_balancer_without_room_for_fifty_rules_is_refused(priority: int) -> None:
    with pytest.raises(ValueError, match=f"first_priority is {priority}: allowed are 1 to 49951"):
        LoadBalancerRef(
            arn="arn:lb",
            listener_arn="arn:listener",
            security_group_id="sg-lb",
            dns_name="shared.elb.amazonaws.com",
            first_priority=priority,
        )
