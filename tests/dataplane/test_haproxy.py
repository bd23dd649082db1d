import pytest

from localstack_dataplane.elbv2.conditions import acls, pattern, quoted
from localstack_dataplane.elbv2.haproxy import backend_name, render
from localstack_dataplane.elbv2.model import (
    Condition,
    Field,
    FixedResponse,
    Forward,
    Listener,
    ListenerCertificate,
    LoadBalancer,
    Redirect,
    Rule,
    Target,
    TargetGroup,
)
from localstack_dataplane.elbv2.tls import path_of, versions

WEB = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/0a"
API = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/api/0b"
DEFAULT = Rule(arn="default", action=Forward(((WEB, 1),)))


def rendered(
    *rules: Rule,
    protocol: str = "HTTP",
    groups: tuple[TargetGroup, ...] = (TargetGroup(arn=WEB, name="web"),),
    targets: tuple[Target, ...] = (Target("10.0.0.1", 8080),),
    idle_timeout: int = 60,
    certificates: tuple[ListenerCertificate, ...] = (),
    forwarded_for: str = "append",
) -> list[str]:
    balancer = LoadBalancer(
        arn="lb",
        name="lb",
        dns_name="lb.example",
        idle_timeout=idle_timeout,
        forwarded_for=forwarded_for,
        listeners=(
            Listener(arn="l", port=80, protocol=protocol, certificates=certificates, rules=(*rules, DEFAULT)),
        ),
    )
    text = render(balancer, {group.arn: group for group in groups}, {WEB: targets})
    return [line.strip() for line in text.splitlines()]


def test_a_target_group_is_a_backend_with_its_targets() -> None:
    lines = rendered()
    start = lines.index(f"backend {backend_name(WEB)}")
    assert "server 10.0.0.1-8080 10.0.0.1:8080" in lines[start:]


def test_a_target_group_without_targets_answers_503_itself() -> None:
    lines = rendered(targets=())
    start = lines.index(f"backend {backend_name(WEB)}")
    assert lines[start + 1] == ""


def test_a_rule_that_names_a_missing_target_group_still_renders() -> None:
    assert f"backend {backend_name(WEB)}" in rendered(groups=())


def test_target_groups_of_one_name_have_different_backends() -> None:
    assert backend_name(WEB) != backend_name(WEB + "1")


def test_an_instance_has_no_container_and_so_no_server() -> None:
    assert not [line for line in rendered(targets=(Target("i-0a", 80),)) if line.startswith("server ")]


def test_https_targets_are_reached_by_tls_without_verification() -> None:
    lines = rendered(groups=(TargetGroup(arn=WEB, name="web", protocol="HTTPS"),))
    assert "server 10.0.0.1-8080 10.0.0.1:8080 ssl verify none" in lines


def test_the_first_rule_that_holds_takes_the_request() -> None:
    path = Condition(field=Field.PATH, values=("/a",))
    lines = rendered(Rule(arn="1", action=FixedResponse(status=200), conditions=(path,)))
    assert lines.count('http-request set-var(txn.rule) int(0) if { path -m reg "^/a\\x24" }') == 1
    assert lines.count("http-request set-var(txn.rule) int(1) if !{ var(txn.rule) -m found }") == 1


def test_all_conditions_of_a_rule_have_to_hold() -> None:
    conditions = (
        Condition(field=Field.HOST, values=("*.example.org",)),
        Condition(field=Field.METHOD, values=("GET", "HEAD")),
    )
    lines = rendered(Rule(arn="1", action=FixedResponse(status=200), conditions=conditions))
    assert (
        "http-request set-var(txn.rule) int(0) if { req.hdr(host),host_only -m reg -i "
        '"^.*\\x5c.example\\x5c.org\\x24" } { method -m str "GET" "HEAD" }'
    ) in lines


def test_a_fixed_response_has_status_type_and_body() -> None:
    action = FixedResponse(status=403, content_type="text/plain", body='say "no"')
    lines = rendered(Rule(arn="1", action=action, conditions=(Condition(field=Field.PATH, values=("/",)),)))
    assert (
        'http-request return status 403 content-type "text/plain" string "say \\x22no\\x22" '
        "hdr Server awselb/2.0 if { var(txn.rule) -m int 0 }"
    ) in lines


def test_a_redirect_keeps_what_it_does_not_change() -> None:
    action = Redirect(status=301, protocol="HTTPS", port="443")
    lines = rendered(Rule(arn="1", action=action, conditions=(Condition(field=Field.PATH, values=("/",)),)))
    assert (
        'http-request redirect code 301 location "https://%[req.hdr(host),host_only]:443/%[path,regsub(^/,)]'
        '%[var(txn.mark)]%[query]" if { var(txn.rule) -m int 0 }'
    ) in lines


def test_a_percent_sign_in_a_redirect_is_no_format() -> None:
    action = Redirect(status=302, path="/a%20b", query="x=1")
    lines = rendered(Rule(arn="1", action=action, conditions=(Condition(field=Field.PATH, values=("/",)),)))
    assert any('/a%%20b?x=1"' in line for line in lines)


def test_weights_share_the_requests() -> None:
    action = Forward(((WEB, 1), (API, 3)))
    lines = rendered(Rule(arn="1", action=action, conditions=(Condition(field=Field.PATH, values=("/",)),)))
    chosen = "{ var(txn.rule) -m int 0 }"
    assert f"http-request set-var(txn.draw) rand(4) if {chosen}" in lines
    assert f"use_backend {backend_name(WEB)} if {chosen} {{ var(txn.draw) -m int lt 1 }}" in lines
    assert f"use_backend {backend_name(API)} if {chosen} {{ var(txn.draw) -m int lt 4 }}" in lines


def test_a_target_group_of_weight_0_gets_nothing() -> None:
    action = Forward(((WEB, 0), (API, 1)))
    lines = rendered(Rule(arn="1", action=action, conditions=(Condition(field=Field.PATH, values=("/",)),)))
    assert not [
        line for line in lines if line.startswith(f"use_backend {backend_name(WEB)} if") and "int 0" in line
    ]


def test_an_https_listener_has_the_certificate_and_says_so_to_targets() -> None:
    first, second = ListenerCertificate(arn="a"), ListenerCertificate(arn="b")
    lines = rendered(protocol="HTTPS", certificates=(first, second))
    certificates = f"crt {path_of(first)} crt {path_of(second)}"
    assert (f"bind :80 ssl {certificates} alpn h2,http/1.1 ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.2") in lines
    assert "http-request set-header X-Forwarded-Proto https" in lines


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("ELBSecurityPolicy-2016-08", ("TLSv1.2", "TLSv1.2")),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", ("TLSv1.2", "TLSv1.3")),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", ("TLSv1.3", "TLSv1.3")),
    ],
)
def test_the_security_policy_says_which_tls_is_spoken(policy: str, expected: tuple[str, str]) -> None:
    assert versions(policy) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("remove", ["http-request del-header X-Forwarded-For"]),
        ("preserve", []),
    ],
)
def test_the_header_of_the_client_address_can_be_left_alone(mode: str, expected: list[str]) -> None:
    assert [line for line in rendered(forwarded_for=mode) if "X-Forwarded-For" in line] == expected


def test_the_listener_port_is_told_to_targets() -> None:
    assert "http-request set-header X-Forwarded-Port 80" in rendered()


@pytest.mark.parametrize("side", ["client", "server", "tunnel"])
def test_the_idle_timeout_counts_on_both_sides(side: str) -> None:
    assert f"timeout {side} 17s" in rendered(idle_timeout=17)


def test_a_load_balancer_without_listener_can_start() -> None:
    text = render(LoadBalancer(arn="lb", name="lb", dns_name="lb.example"), {}, {})
    assert "bind unix@" in text


def test_wildcards_become_a_regular_expression() -> None:
    assert pattern("/a.b/*?") == r"/a\.b/.*."


def test_an_argument_is_safe_from_the_parser() -> None:
    assert quoted("a\"b\\$'#\né") == '"a\\x22b\\x5c\\x24\\x27\\x23\\x0a\\xc3\\xa9"'


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            Condition(field=Field.HEADER, header="X-Kind", values=("a?c",)),
            '{ req.fhdr(X-Kind) -m reg -i "^a.c\\x24" }',
        ),
        (
            Condition(field=Field.PATH, expressions=("^/v[0-9]+$",)),
            '{ path -m reg "^/v[0-9]+\\x24" }',
        ),
        (Condition(field=Field.SOURCE, values=("10.0.0.0/8",)), '{ src "10.0.0.0/8" }'),
        (
            Condition(field=Field.QUERY, values=("v=1*",)),
            '{ query -m reg -i "(^|[&])(v=1[^&]*)(\\x24|[&])" }',
        ),
        (
            Condition(field=Field.QUERY, values=("on",)),
            '{ query -m reg -i "(^|[&])(([^&=]*=)?on)(\\x24|[&])" }',
        ),
    ],
)
def test_each_kind_of_condition_has_its_test(condition: Condition, expected: str) -> None:
    assert list(acls(condition)) == [expected]
