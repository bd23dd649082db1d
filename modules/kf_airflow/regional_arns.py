"""ARNs of what a load balancer uses, which has to be in its region."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kf_airflow.options import IngressOptions

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html
CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[A-Za-z0-9-]+")
# Those of CloudFront are `global`.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
WEB_ACL = re.compile(r"arn:aws[a-z-]*:wafv2:([a-z0-9-]+):\d{12}:regional/webacl/[\w-]+/[A-Za-z0-9-]+")


def check_certificate(key: str, value: str) -> None:
    """Refuses what is neither the ARN of a certificate in ACM nor has a reference of Terraform's in it."""
    if not CERTIFICATE.fullmatch(value) and "${" not in value:
        raise ValueError(
            f"{key} is {value!r}: allowed are ARNs of ACM's certificates, such as "
            "arn:aws:acm:us-east-1:111122223333:certificate/<id>"
        )


def check_web_acl(key: str, value: str) -> None:
    """Refuses what is neither the ARN of a regional web ACL nor has a reference of Terraform's in it."""
    if not WEB_ACL.fullmatch(value) and "${" not in value:
        raise ValueError(
            f"{key} is {value!r}: allowed are ARNs of regional web ACLs of WAF, such as "
            "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/<name>/<id>"
        )


def check_region(ingress: IngressOptions, region: str) -> None:
    """Refuses certificates and web ACLs of another region, which no load balancer of this one can use.

    Raises:
        ValueError: if there is one.
    """
    certificates = [("certificate_arn", ingress.certificate_arn)]
    certificates += [("extra_certificate_arns", arn) for arn in ingress.extra_certificate_arns]
    for key, value, pattern in [
        *((key, arn, CERTIFICATE) for key, arn in certificates),
        ("web_acl_arn", ingress.web_acl_arn, WEB_ACL),
    ]:
        match = pattern.fullmatch(value) if value else None
        if match is not None and match[1] != region:
            raise ValueError(f"ingress.{key} is {value!r}: allowed is one of {region}, which is aws.region")
