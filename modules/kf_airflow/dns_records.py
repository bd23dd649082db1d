"""Records that lead host names to a load balancer."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct


def place_alias(
    scope: Construct, id_: str, *, host: str, zone_id: str, to: str, in_zone_id: str
) -> Route53Record:
    """Places the record that leads a host name to a load balancer. Of IPv4 alone, as load balancers are here.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        host: The host name.
        zone_id: The zone it belongs to.
        to: The load balancer's own host name.
        in_zone_id: The zone AWS gave the load balancer.
    """
    return Route53Record(
        scope,
        id_,
        zone_id=zone_id,
        name=host,
        type="A",
        alias=Route53RecordAlias(
            name=to,
            zone_id=in_zone_id,
            # There is no other record to answer with.
            evaluate_target_health=False,
        ),
    )
