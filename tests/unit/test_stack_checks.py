"""What looks for mistakes in a stack finds them."""

import json
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack_limits import unfit
from stack_references import dangling_references, expressions
from synthesis import Synthesized
from task_limits import unfit_tasks
from toml_text import toml_text

Document = dict[str, Any]

_NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
_VALUES = st.recursive(
    st.text() | st.booleans() | _NUMBERS | st.just(date(2026, 1, 2)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _VALUES, max_size=4))
def test_toml_is_read_as_it_was_written(document: Document) -> None:
    assert tomllib.loads(toml_text(document)) == document


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain $ and {braces}", []),
        ("a ${b.c} d %{ if e }", ["b.c", " if e "]),
        ('${jsonencode({"a" = "}", b = "${c.d}"})}', ['jsonencode({"a" = "}", b = "${c.d}"})', "c.d"]),
        ("$${not} %%{this}", []),
        ("${open", ["open"]),
    ],
)
def test_expressions_of_terraform_are_found(text: str, found: list[str]) -> None:
    assert list(expressions(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "${aws_vpc.it.id}",
        "${data.aws_region.here.id}",
        "${element(data.aws_region.here.names, 0)}",
        '${formatdate("YYYY", timestamp())}',
        '${jsonencode({"a" = ephemeral.aws_secret.it.value, b = aws_vpc.it.id})}',
    ],
)
def test_what_is_there_can_be_referred_to(text: str) -> None:
    assert dangling_references(_with(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        *("${aws_vpc.other.id}", "${data.aws_vpc.it.id}", "${var.a}", "%{ if true }", "${x}"),
        '"${aws_vpc.b.c}"',
    ],
)
def test_what_is_not_there_is_found(text: str) -> None:
    assert len(dangling_references(_with(text))) == 1


def test_what_is_waited_for_is_looked_for_too() -> None:
    stack = _with("", depends_on=["aws_vpc.it", "aws_vpc.other"])

    assert dangling_references(stack) == ["stack.resource.aws_subnet.it.depends_on: aws_vpc.other"]


def _with(text: str, **arguments: Any) -> Synthesized:
    document = {
        "data": {"aws_region": {"here": {}}},
        "ephemeral": {"aws_secret": {"it": {}}},
        "resource": {"aws_vpc": {"it": {}}, "aws_subnet": {"it": {"text": text, **arguments}}},
    }
    return Synthesized(json.dumps(document))


def _after(container: str, condition: str) -> list[Document]:
    return [{"containerName": container, "condition": condition}]


def _changed(stack: Synthesized, type_: str, change: Callable[[Document], object]) -> Synthesized:
    document = json.loads(stack.text)
    change(next(iter(document["resource"][type_].values())))
    return Synthesized(json.dumps(document))


def test_a_good_stack_has_no_mistakes(prd: Synthesized) -> None:
    assert [*dangling_references(prd), *unfit(prd), *unfit_tasks(prd)] == []


@pytest.mark.parametrize(
    ("type_", "arguments", "problem"),
    [
        ("aws_lb", {"name": "a" * 33}, f"name is '{33 * 'a'}'"),
        ("aws_iam_role", {"name_prefix": "a" * 39}, f"name_prefix is '{39 * 'a'}'"),
        ("aws_lb_target_group", {"name": "kf-airflow-prd-worker"}, "'kf-airflow-prd-worker' 2 times"),
        ("aws_cloudwatch_log_group", {"retention_in_days": 2}, "retention_in_days is 2"),
        ("aws_vpc", {"tags": {"Name": "a#b"}}, "tag Name is 'a#b'"),
        ("aws_db_instance", {"kms_key_id": " "}, "kms_key_id is ' '"),
        ("aws_ecs_service", {"deployment_circuit_breaker": {"enable": True}}, "no circuit breaker"),
        ("aws_ecs_service", {"desired_count": 5001}, "desired_count is 5001"),
        ("aws_ecs_service", {"load_balancer": [{"container_name": "x"}]}, "no container x"),
        ("aws_lb_listener_rule", {"priority": 0}, "priority 0"),
        ("aws_lb_listener", {"port": 443}, "twice"),
        ("aws_vpc_security_group_ingress_rule", {"from_port": 0}, "ports (0, "),
    ],
)
def test_what_aws_would_refuse_is_found(
    prd: Synthesized, type_: str, arguments: Document, problem: str
) -> None:
    found = unfit(_changed(prd, type_, lambda resource: resource.update(arguments)))

    assert [one for one in found if problem in one] != []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": "a b"}, "a container is called 'a b'"),
        ({"name": "webserver"}, "'webserver' 2 times"),
        ({"image": " "}, "no image"),
        ({"logConfiguration": {}}, "no log"),
        ({"cpu": 2049}, "cpu "),
        ({"memory": 8193}, " to 8193 MiB"),
        ({"memoryReservation": 5}, ": 5 to "),
        ({"environment": [{"name": "A", "value": ""}, {"name": "A", "value": ""}]}, "variable 'A' 2 times"),
        ({"portMappings": [{"containerPort": 8080}]}, "port 8080 2 times"),
        ({"dependsOn": _after("x", "START")}, "starts after 'x'"),
        ({"dependsOn": _after("webserver", "START")}, "each starts after the other"),
        ({"dependsOn": _after("webserver", "SUCCESS")}, "to end, and with it the task"),
        ({"mountPoints": [{"containerPath": "/a", "sourceVolume": "x"}]}, "mounts"),
        ({"command": [65536 * "x"]}, " bytes"),
    ],
)
def test_what_ecs_would_refuse_of_a_task_is_found(
    prd: Synthesized, arguments: Document, problem: str
) -> None:
    document = json.loads(prd.text)
    tasks = document["resource"]["aws_ecs_task_definition"].values()
    (task,) = (task for task in tasks if '"migrate"' in task["container_definitions"])
    containers = json.loads(task["container_definitions"])
    (migrate,) = (container for container in containers if container["name"] == "migrate")
    migrate.update(arguments)
    task["container_definitions"] = json.dumps(containers)

    assert [one for one in unfit_tasks(Synthesized(json.dumps(document))) if problem in one] != []
