"""Elastic Load Balancing: what load balancers and listeners could not be told then."""

from kf_airflow_local.adapter.document import Document, drop, resources

UNKNOWN = (
    "connection_logs",
    "desync_mitigation_mode",
    "preserve_host_header",
    "xff_header_processing_mode",
)


def adapt_load_balancers(document: Document) -> None:
    """Leave out how headers are passed on, logs of connections, and the tags of listeners and rules.

    A target group without a deregistration delay gets the shortest one: the old provider takes 0 for none
    given, and leaves AWS's 300 s.
    """
    for block in resources(document, "aws_lb").values():
        drop(block, *UNKNOWN)
    for kind in ("aws_lb_listener", "aws_lb_listener_rule"):
        for block in resources(document, kind).values():
            drop(block, "tags", "tags_all")
    for block in resources(document, "aws_lb_target_group").values():
        if str(block.get("deregistration_delay")) == "0":
            block["deregistration_delay"] = "1"
