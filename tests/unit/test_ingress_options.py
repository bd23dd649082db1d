import re
from typing import Any

import pytest

from kf_airflow import IngressOptions, LoadBalancerRef
from kf_airflow.options.tls_policies import TLS_POLICIES

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"
WITH_CERTIFICATE: dict[str, Any] = {"certificate_arn": CERTIFICATE}
BLOCKS = tuple(f"10.0.{number}.0/24" for number in range(70))


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
    "values", [{"allowed_cidrs": BLOCKS[:59]}, {"allowed_cidrs": BLOCKS[:29], **WITH_CERTIFICATE}]
)
def test_as_many_blocks_may_connect_as_a_security_group_has_rules_for(values: dict[str, Any]) -> None:
    assert IngressOptions(**values).allowed_cidrs == values["allowed_cidrs"]


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
        (
            {"allowed_cidrs": BLOCKS},
            "allowed_cidrs has 70 blocks: allowed are 59, as 70 x 1 for the listeners + 1 for the workers' "
            "logs = 71 rules, and a security group has 60; join some",
        ),
        (
            {"allowed_cidrs": BLOCKS[:30], **WITH_CERTIFICATE},
            "allowed_cidrs has 30 blocks: allowed are 29, as 30 x 2 for the listeners + 1 for the workers' "
            "logs = 61 rules, and a security group has 60; join some",
        ),
        ({"certificate_arn": ""}, "certificate_arn is '': allowed are ARNs of"),
        ({"web_acl_arn": "acl"}, "web_acl_arn is 'acl': allowed are ARNs of"),
        (
            {"extra_certificate_arns": ("other",), **WITH_CERTIFICATE},
            "extra_certificate_arns is 'other': allowed are ARNs of",
        ),
        (
            {"extra_certificate_arns": (CERTIFICATE, CERTIFICATE), **WITH_CERTIFICATE},
            f"extra_certificate_arns has {CERTIFICATE!r} twice: allowed is each once",
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
            {"extra_certificate_arns": (CERTIFICATE,)},
            f"extra_certificate_arns is [{CERTIFICATE!r}]: allowed with a certificate_arn, which is not set",
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
