"""HAProxy's configuration for an Application Load Balancer, as a function of what the API recorded."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address

from localstack_dataplane.elbv2.conditions import acls, quoted
from localstack_dataplane.elbv2.model import (
    FixedResponse,
    Forward,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    Target,
    TargetGroup,
)
from localstack_dataplane.elbv2.tls import bind_options

_CONNECT_TIMEOUT = 10
"""Seconds an ALB waits for a connection to a target.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html"""

_ERRORS = {
    400: "400 Bad Request",
    405: "405 Method Not Allowed",
    408: "408 Request Time-out",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}


def render(
    load_balancer: LoadBalancer,
    groups: Mapping[str, TargetGroup],
    routable: Mapping[str, Sequence[Target]],
) -> str:
    """Write the configuration.

    Args:
        load_balancer: What to serve.
        groups: Target groups by ARN; a rule that names another one answers 503.
        routable: Target group ARN -> targets that get requests; none is 503, as on AWS.
    """
    lines = [*_global(), *_defaults(load_balancer)]
    for listener in sorted(load_balancer.listeners, key=lambda item: item.port):
        lines += ["", *_frontend(listener, load_balancer.forwarded_for)]
    for arn in sorted(load_balancer.target_group_arns):
        lines += ["", *_backend(arn, groups.get(arn), routable.get(arn, ()))]
    # A load balancer may have no listener yet, and HAProxy does not start without one.
    lines += ["", "backend no-target", "", "frontend always", "    bind unix@/run/haproxy/always.sock"]
    return "\n".join(lines) + "\n"


def backend_name(target_group_arn: str) -> str:
    """Name of the backend of a target group: readable, and different for groups that were named alike."""
    name = target_group_arn.split(":targetgroup/")[-1].split("/")[0]
    return f"{name}-{hashlib.sha256(target_group_arn.encode()).hexdigest()[:8]}"


def _global() -> list[str]:
    return [
        "global",
        "    log stdout format raw daemon notice",
        "    maxconn 4096",
        "    stats socket /run/haproxy/statistics.sock mode 600 level user",
        "    user haproxy",
        "    group haproxy",
        # An ALB takes 16 KB in one header and 60 KB in all of them.
        "    tune.bufsize 65536",
        # After a reload the old process ends when its requests did, at the latest after this.
        "    hard-stop-after 1h",
    ]


def _defaults(load_balancer: LoadBalancer) -> list[str]:
    idle = load_balancer.idle_timeout
    return [
        "",
        "defaults",
        "    mode http",
        "    log global",
        "    option httplog",
        "    option dontlog-normal",
        "    option dontlognull",
        "    option http-keep-alive",
        # Without it a reload closes a connection on which the client's next request may be under way already.
        "    option idle-close-on-response",
        # An ALB hands a request to one target once: a target that refuses it is a 502.
        "    retries 0",
        f"    timeout connect {_CONNECT_TIMEOUT}s",
        f"    timeout client {idle}s",
        f"    timeout server {idle}s",
        f"    timeout tunnel {idle}s",
        f"    timeout http-keep-alive {idle}s",
        *(_error(status, status) for status in _ERRORS),
    ]


def _error(status: int, page: int) -> str:
    body = quoted(_page(page))
    return f"    http-error status {status} content-type text/html string {body} hdr Server awselb/2.0"


def _page(status: int) -> str:
    text = _ERRORS[status]
    return (
        f"<html>\r\n<head><title>{text}</title></head>\r\n<body>\r\n"
        f"<center><h1>{text}</h1></center>\r\n</body>\r\n</html>\r\n"
    )


def _frontend(listener: Listener, forwarded_for: str) -> Iterator[str]:
    yield f"frontend listener-{listener.port}"
    yield f"    bind :{listener.port}{bind_options(listener)}"
    yield "    unique-id-format 1-%{+X}Ts-%[uuid(),regsub(-,,g),bytes(0,24)]"
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
    refused = f"content-type text/html string {quoted(_page(405))} hdr Server awselb/2.0"
    yield f"    http-request return status 405 {refused} if METH_TRACE"
    # One variable says which rule took the request, for HAProxy would run all answers before any forward.
    for number, rule in enumerate(listener.rules):
        unset = " !{ var(txn.rule) -m found }" if number else ""
        holds = "".join(f" {test}" for condition in rule.conditions for test in acls(condition))
        guard = f" if{unset}{holds}" if unset or holds else ""
        yield f"    http-request set-var(txn.rule) int({number}){guard}"
    for number, rule in enumerate(listener.rules):
        yield from _answer(rule, f"{{ var(txn.rule) -m int {number} }}", listener)
    yield from _forwarded_for(forwarded_for)
    yield f"    http-request set-header X-Forwarded-Proto {listener.protocol.lower()}"
    yield f"    http-request set-header X-Forwarded-Port {listener.port}"
    yield from _TRACE
    for number, rule in enumerate(listener.rules):
        if isinstance(rule.action, Forward):
            yield from _forward(rule.action, f"{{ var(txn.rule) -m int {number} }}")
    yield "    default_backend no-target"


_TRACE = (
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
    "    http-request set-var(txn.trace) req.fhdr(x-amzn-trace-id),regsub(Self=[^;]*;?,)",
    "    http-request set-header X-Amzn-Trace-Id Root=%[unique-id] unless { var(txn.trace) -m found }",
    "    http-request set-header X-Amzn-Trace-Id Self=%[unique-id];%[var(txn.trace)]"
    " if { var(txn.trace) -m sub Root= }",
    "    http-request set-header X-Amzn-Trace-Id Root=%[unique-id];%[var(txn.trace)]"
    " if { var(txn.trace) -m found } !{ var(txn.trace) -m sub Root= }",
)


def _forwarded_for(mode: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html."""
    if mode == "remove":
        yield "    http-request del-header X-Forwarded-For"
    elif mode == "append":
        header, earlier = "http-request set-header X-Forwarded-For", "{ req.fhdr(x-forwarded-for) -m found }"
        yield f"    {header} %[req.fhdr(x-forwarded-for)],\\ %[src] if {earlier}"
        yield f"    {header} %[src] if !{earlier}"


def _answer(rule: Rule, chosen: str, listener: Listener) -> Iterator[str]:
    action = rule.action
    if isinstance(action, FixedResponse):
        content = (
            f" content-type {quoted(action.content_type)} string {quoted(action.body)}" if action.body else ""
        )
        yield f"    http-request return status {action.status}{content} hdr Server awselb/2.0 if {chosen}"
    elif isinstance(action, Redirect):
        location = _location(action, listener)
        yield f"    http-request set-var(txn.mark) str(?) if {chosen} !{{ query -m len 0 }}"
        yield f"    http-request redirect code {action.status} location {location} if {chosen}"
    elif len(action.weights) > 1:
        yield f"    http-request set-var(txn.draw) rand({max(1, _total(action))}) if {chosen}"


def _location(action: Redirect, listener: Listener) -> str:
    """Log-format text of the address to redirect to."""
    parts = {
        "#{protocol}": listener.protocol.lower(),
        "#{host}": "%[req.hdr(host),host_only]",
        "#{port}": str(listener.port),
        "#{path}": "%[path,regsub(^/,)]",
        "#{query}": "%[query]",
    }

    def filled(text: str) -> str:
        text = text.replace("%", "%%")
        for name, value in parts.items():
            text = text.replace(name, value)
        return text

    query = (
        f"%[var(txn.mark)]{filled(action.query)}"
        if action.query == "#{query}"
        else f"?{filled(action.query)}"
    )
    address = (
        f"{filled(action.protocol).lower()}://{filled(action.host)}:{filled(action.port)}{filled(action.path)}"
        f"{query if action.query else ''}"
    )
    return quoted(address)


def _forward(action: Forward, chosen: str) -> Iterator[str]:
    if len(action.weights) == 1:
        yield f"    use_backend {backend_name(action.weights[0][0])} if {chosen}"
        return
    bound = 0
    for arn, weight in action.weights:
        bound += weight
        if weight:
            yield f"    use_backend {backend_name(arn)} if {chosen} {{ var(txn.draw) -m int lt {bound} }}"


def _total(action: Forward) -> int:
    return sum(weight for _, weight in action.weights)


def _backend(arn: str, group: TargetGroup | None, targets: Sequence[Target]) -> Iterator[str]:
    yield f"backend {backend_name(arn)}"
    if group is None or not targets:
        return
    yield "    balance roundrobin"
    # HAProxy answers 503 whenever it has no connection; an ALB 504 when the target was silent, else 502.
    yield _error(503, 502)
    for state, status, reason in (("sC", 504, "Gateway Time-out"), ("SC", 502, "Bad Gateway")):
        ended = f"{{ txn.sess_term_state -m beg {state} }}"
        yield f'    http-after-response set-status {status} reason "{reason}" if {ended}'
    secure = " ssl verify none" if group.protocol == "HTTPS" else ""
    for target in filter(_is_address, targets):
        yield f"    server {target.id.replace(':', '-')}-{target.port} {target.id}:{target.port}{secure}"


def _is_address(target: Target) -> bool:
    """Whether there is anything to connect to: no container stands behind the id of an instance."""
    try:
        ip_address(target.id)
    except ValueError:
        return False
    return True
