from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from kf_airflow.problems import expressions, sentences
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class Inner(Table):
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Needy(Table):
    size: int


@dataclass(frozen=True, kw_only=True)
class Outer(Table):
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    texts: tuple[str, ...] = ()
    needy: Needy | None = None
    needies: tuple[Needy, ...] = ()


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outer: Outer = Outer()
    by_name: dict[str, Outer] = {}
    text: str = ""
    path: Path = Path()
    numbers: tuple[int, ...] = ()


def _problem(document: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        Model.model_validate(document)
    (problem,) = sentences(refused.value, model=Model, file="a.toml", prefix="X_")
    return problem


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"outer": {"inner": {"colour": 1}}}, "outer.inner.colour"),
        ({"outer": {"inners": [{}, {"colour": 1}]}}, "outer.inners.1.colour"),
        ({"by_name": {"a": {"inner": {"colour": 1}}}}, "by_name.a.inner.colour"),
    ],
)
def test_an_unknown_key_gets_those_of_its_table_wherever_that_stands(
    document: dict[str, Any], key: str
) -> None:
    assert _problem(document) == f"a.toml: {key} is not a setting; allowed here are size."


def test_a_key_that_needs_quotes_has_them() -> None:
    assert _problem({"by_name": {"a b": {"": 1}}}) == (
        "a.toml: by_name.'a b'.'' is not a setting; allowed here are inner, inners, needies, needy, texts."
    )


@pytest.mark.parametrize("key", ["outer", "by_name"])
def test_what_is_no_table_is_told_so(key: str) -> None:
    assert _problem({key: 3}) == f"a.toml: {key} is 3: allowed is a table."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (date(2026, 1, 2), "2026-01-02"),
        (None, "null"),
        ({"password": "x"}, "a table"),
        (["x"], "a list"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_as_in_toml(value: object, shown: str) -> None:
    assert _problem({"text": value}) == f"a.toml: text is {shown}: allowed is a valid string."


def test_what_is_no_path_is_told_so() -> None:
    assert _problem({"path": 3}) == "a.toml: path is 3: allowed is a path."


def test_what_is_missing_can_be_set_in_the_environment() -> None:
    assert _problem({"outer": {"needy": {}}}) == (
        "a.toml: outer.needy.size is not set; set it there or as X_OUTER__NEEDY__SIZE."
    )


def test_what_is_missing_in_a_list_can_not() -> None:
    assert _problem({"outer": {"needies": [{}]}}) == (
        "a.toml: outer.needies.0.size is not set; set it there."
    )


@pytest.mark.parametrize(
    ("name", "value", "document", "problem"),
    [
        ("X_TEXTS", "a", {"text": 1}, "a.toml: text is 1: allowed is a valid string."),
        ("X_TEXT", "a", {"text": 1}, "X_TEXT: text is 1: allowed is a valid string."),
        (
            "X_OUTER",
            '{"inner": {"colour": 1}}',
            {"outer": {"inner": {"colour": 1}}},
            "X_OUTER: outer.inner.colour is not a setting; allowed here are size.",
        ),
        (
            "X_OUTER__INNER__SIZE",
            "1",
            {"outer": {"inner": {"size": 1, "colour": 1}}},
            "a.toml: outer.inner.colour is not a setting; allowed here are size.",
        ),
        (
            "X_OUTER",
            '{"needy": {}}',
            {"outer": {"needy": {}}},
            "X_OUTER: outer.needy.size is not set; set it there or as X_OUTER__NEEDY__SIZE.",
        ),
    ],
)
def test_a_mistake_is_told_of_the_variable_that_makes_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, document: dict[str, Any], problem: str
) -> None:
    monkeypatch.setenv(name, value)

    assert _problem(document) == problem


@pytest.mark.parametrize(
    ("document", "key", "found"),
    [
        ({"text": "a${b}"}, "text", "${"),
        ({"text": "%{ if a }"}, "text", "%{"),
        ({"text": "$${a} ${b}"}, "text", "${"),
        ({"path": "${path.root}/a"}, "path", "${"),
        ({"by_name": {"a": {"texts": ["b", "${c}"]}}}, "by_name.a.texts.1", "${"),
        ({"by_name": {"${a}": {}}}, "by_name.'${a}'", "${"),
    ],
)
def test_what_terraform_would_take_for_an_expression_is_a_sentence(
    document: dict[str, Any], key: str, found: str
) -> None:
    (problem,) = expressions(Model.model_validate(document), file="a.toml", prefix="X_")

    assert problem.startswith(f"a.toml: {key} has '{found}': allowed is text without it")
    assert problem.endswith(f"; {found[0]}{found} stands for the characters themselves.")


@pytest.mark.parametrize("text", ["$${a}", "%%{ if a }", "$a", "{a}", "$ {a}", "100%"])
def test_what_it_would_leave_as_it_is_is_none(text: str) -> None:
    assert expressions(Model(text=text), file="a.toml", prefix="X_") == []


def test_an_expression_is_told_of_the_variable_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TEXT", "${a}")
    (problem,) = expressions(Model(text="${a}"), file="a.toml", prefix="X_")

    assert problem.startswith("X_TEXT: text has '${': allowed is")
