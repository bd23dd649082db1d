"""What a load balancer cannot be asked for, depending on who makes it."""

from __future__ import annotations

from dataclasses import fields

from kf_airflow.options import IngressOptions
from kf_airflow.refs import BucketRef, LoadBalancerRef

# What is said of rules and records, whoever owns the load balancer.
_OF_RULES = ("host", "flower_host", "zone_id", "oidc")


def check_made(options: IngressOptions, access_logs: BucketRef | None) -> None:
    """Refuses what cannot work on a load balancer that is made.

    Raises:
        ValueError: if something cannot.
    """
    if options.oidc is not None and options.certificate_arn is None:
        raise ValueError("oidc is set: allowed with a certificate_arn, which is not set")
    if access_logs is not None and access_logs.key_arn is not None:
        raise ValueError(
            f"access_logs has the key {access_logs.key_arn!r}: allowed is a bucket without one, "
            "for load balancers write with the keys of S3 alone"
        )


def check_brought(options: IngressOptions, load_balancer: LoadBalancerRef) -> None:
    """Refuses what cannot work on a load balancer that somebody else owns.

    Raises:
        ValueError: if something cannot, or is the owner's to decide.
    """
    for option in fields(options):
        value = getattr(options, option.name)
        if option.name not in _OF_RULES and value != option.default:
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            raise ValueError(
                f"{option.name} is {shown}: allowed is to leave it out, "
                "for the owner of a load balancer that is brought decides it"
            )
    if options.oidc is not None and not load_balancer.https:
        raise ValueError("oidc is set: allowed with HTTPS, and https of the load balancer is false")
    if options.zone_id is not None and load_balancer.zone_id is None:
        raise ValueError(
            f"zone_id is {options.zone_id!r}: allowed with the zone_id of the load balancer, which is not set"
        )
