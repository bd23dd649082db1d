"""What a load balancer does with a request, as the actions of listeners and of their rules."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.lb_listener import (
    LbListenerDefaultAction,
    LbListenerDefaultActionAuthenticateOidc,
    LbListenerDefaultActionFixedResponse,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRuleAction,
    LbListenerRuleActionAuthenticateOidc,
    LbListenerRuleActionFixedResponse,
    LbListenerRuleActionRedirect,
)

from kf_airflow.login import Login


def nothing_here() -> list[LbListenerDefaultAction]:
    """Answers 404, as long as nothing is served."""
    return [
        LbListenerDefaultAction(
            type="fixed-response",
            fixed_response=LbListenerDefaultActionFixedResponse(
                status_code="404", content_type="text/plain", message_body="Nothing is served here."
            ),
        )
    ]


def over_https() -> list[LbListenerDefaultAction]:
    """Sends the browser to the same address over HTTPS."""
    return [
        LbListenerDefaultAction(
            type="redirect",
            redirect=LbListenerDefaultActionRedirect(port="443", protocol="HTTPS", status_code="HTTP_301"),
        )
    ]


def everything_to(target_group_arn: str, login: Login | None = None) -> list[LbListenerDefaultAction]:
    """Forwards what no rule is for, to those who have logged in, if there is a login."""
    if login is None:
        return [LbListenerDefaultAction(type="forward", target_group_arn=target_group_arn)]
    return [
        LbListenerDefaultAction(
            type="authenticate-oidc",
            order=1,
            authenticate_oidc=LbListenerDefaultActionAuthenticateOidc(**login.arguments),
        ),
        LbListenerDefaultAction(type="forward", order=2, target_group_arn=target_group_arn),
    ]


def to(target_group_arn: str, login: Login | None = None) -> list[LbListenerRuleAction]:
    """Forwards, to those who have logged in, if there is a login."""
    if login is None:
        return [LbListenerRuleAction(type="forward", target_group_arn=target_group_arn)]
    return [
        LbListenerRuleAction(
            type="authenticate-oidc",
            order=1,
            authenticate_oidc=LbListenerRuleActionAuthenticateOidc(**login.arguments),
        ),
        LbListenerRuleAction(type="forward", order=2, target_group_arn=target_group_arn),
    ]


def refused() -> list[LbListenerRuleAction]:
    """Answers 403."""
    return [
        LbListenerRuleAction(
            type="fixed-response",
            fixed_response=LbListenerRuleActionFixedResponse(
                status_code="403", content_type="text/plain", message_body="Not for the outside."
            ),
        )
    ]


def at_path(path: str) -> list[LbListenerRuleAction]:
    """Sends the browser to another path of the same host."""
    return [
        LbListenerRuleAction(
            type="redirect",
            # Not 301: browsers would keep that, whatever stands there later.
            redirect=LbListenerRuleActionRedirect(path=path, status_code="HTTP_302"),
        )
    ]
