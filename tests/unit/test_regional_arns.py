import re
from dataclasses import replace
from typing import Any

import pytest

from kf_airflow import IngressOptions
from kf_airflow.regional_arns import check_certificate, check_region, check_web_acl

CERTIFICATE = "arn:aws:acm:us-west-2:111122223333:certificate/1"
WEB_ACL = "arn:aws:wafv2:us-west-2:111122223333:regional/webacl/kf/1"
OPTIONS = IngressOptions(
    certificate_arn=CERTIFICATE, extra_certificate_arns=(f"{CERTIFICATE}2",), web_acl_arn=WEB_ACL
)


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000",
        "arn:aws-us-gov:acm:us-gov-west-1:111122223333:certificate/1",
        "${aws_acm_certificate.own.arn}",
    ],
)
def test_a_certificate_of_acm_is_good(value: str) -> None:
    check_certificate("certificate_arn", value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "arn:aws:iam::111122223333:server-certificate/own",
        "arn:aws:acm:us-east-1:1234:certificate/1",
        "arn:aws:acm:us-east-1:111122223333:certificate/<id>",
        "arn:aws:acm::111122223333:certificate/1",
    ],
)
def test_another_certificate_is_refused(value: str) -> None:
    message = (
        f"certificate_arn is {value!r}: allowed are ARNs of ACM's certificates, such as arn:aws:acm:us-east"
    )

    with pytest.raises(ValueError, match=re.escape(message)):
        check_certificate("certificate_arn", value)


@pytest.mark.parametrize("value", [WEB_ACL, "${aws_wafv2_web_acl.own.arn}"])
def test_a_regional_web_acl_is_good(value: str) -> None:
    check_web_acl("web_acl_arn", value)


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:wafv2:us-east-1:111122223333:global/webacl/kf/1",
        "arn:aws:wafv2:us-east-1:111122223333:regional/rulegroup/kf/1",
        "arn:aws:waf-regional:us-east-1:111122223333:webacl/1",
    ],
)
def test_another_web_acl_is_refused(value: str) -> None:
    message = (
        f"web_acl_arn is {value!r}: allowed are ARNs of regional web ACLs of WAF, such as arn:aws:wafv2:us"
    )

    with pytest.raises(ValueError, match=re.escape(message)):
        check_web_acl("web_acl_arn", value)


@pytest.mark.parametrize("options", [OPTIONS, IngressOptions(), IngressOptions(web_acl_arn="${acl.own.arn}")])
def test_what_is_of_the_same_region_is_good(options: IngressOptions) -> None:
    check_region(options, "us-west-2")


@pytest.mark.parametrize(
    ("key", "value"),
    [("certificate_arn", CERTIFICATE), ("web_acl_arn", WEB_ACL), ("extra_certificate_arns", CERTIFICATE)],
)
def test_what_is_of_another_region_is_refused(key: str, value: str) -> None:
    elsewhere = value.replace("west-2", "east-1")
    change: dict[str, Any] = {key: (elsewhere,) if key.endswith("s") else elsewhere}
    options = replace(OPTIONS, **change)
    message = f"ingress.{key} is {elsewhere!r}: allowed is one of us-west-2, which is aws.region"

    with pytest.raises(ValueError, match=re.escape(message)):
        check_region(options, "us-west-2")
