"""Where the values of options go in a stack, found by comparing stacks."""

import json
from typing import Any

import pytest

from kf_airflow_modules.template import Edit, Probe, StructuralError, applied, conflict, edits, replaced


def stack(**attributes: Any) -> dict[str, Any]:
    return {"resource": {"aws_x": {"one": attributes}}}


def found(*tried: tuple[Any, dict[str, Any]]) -> dict[str, str]:
    """Returns the expressions for `it` by the attribute they stand at."""
    return {
        str(edit.path[3]): edit.expression
        for edit in edits("it", [Probe(value, made) for value, made in tried])
    }


def test_a_value_that_stands_there_is_the_variable() -> None:
    assert found((1, stack(size=1, kind="a")), (7, stack(size=7, kind="a"))) == {"size": "var.it"}


def test_a_number_may_stand_there_as_text() -> None:
    assert found((1, stack(size="1")), (7, stack(size="7"))) == {"size": "var.it"}


def test_nothing_where_nothing_is_given_is_null() -> None:
    assert found((None, stack()), ("x", stack(kind="x")), ("y", stack(kind="y"))) == {"kind": "var.it"}


def test_a_list_is_the_variable_where_all_of_it_stands() -> None:
    assert found((["a", "b"], stack(ids=["a", "b"])), (["c"], stack(ids=["c"]))) == {"ids": "var.it"}


@pytest.mark.parametrize(
    ("yes", "no", "expression"),
    [
        (True, False, "var.it"),
        (False, True, "var.it ? false : true"),
        ("ENABLED", "DISABLED", 'var.it ? "ENABLED" : "DISABLED"'),
        (7, None, "var.it ? 7 : null"),
        ("${aws_y.two.id}", "none", 'var.it ? aws_y.two.id : "none"'),
    ],
)
def test_a_truth_value_chooses_between_two(yes: object, no: object, expression: str) -> None:
    made = [stack(**({} if value is None else {"kind": value})) for value in (yes, no)]

    assert found((True, made[0]), (False, made[1])) == {"kind": expression}


@pytest.mark.parametrize(
    ("of", "expression"),
    [(lambda n: n * 60, "var.it * 60"), (lambda n: n + 1, "var.it + 1")],
)
def test_a_number_may_be_counted_with(of: Any, expression: str) -> None:
    tried = [(number, stack(size=of(number))) for number in (0, 1, 5, 30)]

    assert found(*tried) == {"size": expression}


def test_a_number_may_decide_whether_there_is_any() -> None:
    tried = [(number, stack(failover=number > 0)) for number in (0, 1, 5)]

    assert found(*tried) == {"failover": "var.it > 0 ? true : false"}


def test_a_part_of_a_block_of_addresses_is_counted() -> None:
    tried = [
        ("10.0.0.0/16", stack(block="10.0.32.0/19")),
        ("10.64.0.0/18", stack(block="10.64.8.0/21")),
    ]

    assert found(*tried) == {"block": "cidrsubnet(var.it, 3, 1)"}


def test_a_major_version_is_cut_off() -> None:
    assert found(("17", stack(family="postgres17")), ("16.4", stack(family="postgres16"))) == {
        "family": '"postgres${split(".", var.it)[0]}"'
    }


def test_what_is_given_or_something_else() -> None:
    tried = [(None, stack(kind="AES256")), ("a", stack(kind="aws:kms")), ("b", stack(kind="aws:kms"))]

    assert found(*tried) == {"kind": 'var.it == null ? "AES256" : "aws:kms"'}


def test_text_that_stands_out_needs_no_edit() -> None:
    assert found(("kfza", stack(name="kfza-logs")), ("kfzb", stack(name="kfzb-logs"))) == {}


def test_what_is_in_a_text_of_json_is_found_there() -> None:
    tried = [(value, stack(policy=json.dumps([{"port": value, "by": "${a.b}"}]))) for value in (80, 443)]
    found = edits("it", [Probe(value, made) for value, made in tried])

    made = applied(tried[0][1], found)
    assert made == stack(policy='[{"port": ${jsonencode(var.it)}, "by": "${a.b}"}]')


def test_two_options_may_be_in_one_text_of_json() -> None:
    base = stack(policy=json.dumps({"a": 1, "b": 2}))
    place = ("resource", "aws_x", "one", "policy")
    one = edits("one", [Probe(1, base), Probe(5, stack(policy=json.dumps({"a": 5, "b": 2})))])
    two = edits("two", [Probe(2, base), Probe(5, stack(policy=json.dumps({"a": 1, "b": 5})))])

    assert not conflict(one, two)
    assert applied(base, [*one, *two]) == stack(
        policy='{"a": ${jsonencode(var.one)}, "b": ${jsonencode(var.two)}}'
    )
    assert {edit.path[:4] for edit in (*one, *two)} == {place}


def test_two_options_in_one_place_are_in_each_other_s_way() -> None:
    assert conflict([Edit(("a", "b"), "var.x")], [Edit(("a", "b", "c"), "var.y")])


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ((1, 2, 3), [stack(), {"resource": {}}, stack()]),
        ((1, 2, 3), [stack(size=4), stack(size=9), stack(size=2)]),
        (("a", "b", "c"), [stack(name="xa"), stack(name="bx"), stack(name="c")]),
        ((True, False), [stack(rule=[{"a": 1}]), stack()]),
        ((1, 2, 3), [stack(lifecycle={"ignore_changes": [n]}) for n in "abc"]),
    ],
    ids=["a resource", "no rule", "no text", "a block", "a literal"],
)
def test_what_decides_anything_else_is_structural(values: Any, made: list[Any]) -> None:
    with pytest.raises(StructuralError):
        edits("it", [Probe(value, one) for value, one in zip(values, made, strict=True)])


def test_texts_are_replaced_wherever_they_stand() -> None:
    made = replaced(
        stack(name="kfza", tags={"Name": "x-kfza"}), lambda text: text.replace("kfza", "${var.n}")
    )

    assert made == stack(name="${var.n}", tags={"Name": "x-${var.n}"})
