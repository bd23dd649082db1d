"""Records that lead host names to a load balancer."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from kf_airflow.findings import accept_finding
from kf_airflow.options import IngressOptions
from kf_airflow.refs import LoadBalancerRef


def place_records(
    scope: Construct, *, options: IngressOptions, load_balancer: LoadBalancerRef, made_here: bool
) -> None:
    """Places a record for each host name, if a zone is given. Of IPv4 alone, as load balancers are here.

    Args:
        scope: Where they are placed.
        options: The host names and the zone.
        load_balancer: Where they lead.
        made_here: Whether it is made in the same stack.
    """
    if options.zone_id is None or load_balancer.zone_id is None:
        return
    hosts = {"record-host": options.host, "record-flower-host": options.flower_host}
    for id_, host in hosts.items():
        if host is None:
            continue
        record = Route53Record(
            scope,
            id_,
            zone_id=options.zone_id,
            name=host,
            type="A",
            alias=Route53RecordAlias(
                name=load_balancer.dns_name,
                zone_id=load_balancer.zone_id,
                # There is no other record to answer with.
                evaluate_target_health=False,
            ),
        )
        if not made_here:
            accept_finding(record, "CKV2_AWS_23", "The load balancer it leads to belongs to somebody else")
