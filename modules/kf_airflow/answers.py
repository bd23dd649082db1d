"""What a load balancer answers by itself."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.lb_listener import (
    LbListenerDefaultAction,
    LbListenerDefaultActionFixedResponse,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRuleAction,
    LbListenerRuleActionFixedResponse,
)


def nothing_here() -> LbListenerDefaultAction:
    """Answers 404, as long as nothing is served."""
    return LbListenerDefaultAction(
        type="fixed-response",
        fixed_response=LbListenerDefaultActionFixedResponse(
            status_code="404", content_type="text/plain", message_body="Nothing is served here."
        ),
    )


def over_https() -> LbListenerDefaultAction:
    """Sends the browser to the same address over HTTPS."""
    return LbListenerDefaultAction(
        type="redirect",
        redirect=LbListenerDefaultActionRedirect(port="443", protocol="HTTPS", status_code="HTTP_301"),
    )


def refused() -> LbListenerRuleAction:
    """Answers 403."""
    return LbListenerRuleAction(
        type="fixed-response",
        fixed_response=LbListenerRuleActionFixedResponse(
            status_code="403", content_type="text/plain", message_body="Not for the outside."
        ),
    )
