from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from kf_airflow.overrides import Override, merged, overrides
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class Inner(Table):
    size: int = 1
    colours: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


class Model(BaseModel):
    text: str = ""
    inner: Inner | None = None
    inners: dict[str, Inner] = {}
    variables: dict[str, str] = {}
    parameters: dict[str, str] = {}


@pytest.fixture
def found(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[Override]:
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    found, problems = overrides(model=Model, prefix="X_")
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("found", "document"),
    [
        ({}, {}),
        ({"X_TEXT": "a"}, {"text": "a"}),
        ({"x_text": "a"}, {"text": "a"}),
        ({"X_INNER__SIZE": "2"}, {"inner": {"size": "2"}}),
        ({"X_INNER__COLOURS": '["red"]'}, {"inner": {"colours": ["red"]}}),
        ({"X_INNER": '{"size": 2}', "X_INNER__COLOURS": "[]"}, {"inner": {"size": 2, "colours": []}}),
        ({"X_INNER": "null"}, {"inner": None}),
        ({"X_INNER": "null", "X_INNER__SIZE": "2"}, {"inner": {"size": "2"}}),
        ({"X_INNERS__GPU__SIZE": "2"}, {"inners": {"gpu": {"size": "2"}}}),
        ({"X_PARAMETERS__WORK_MEM": "2"}, {"parameters": {"work_mem": "2"}}),
        ({"X_VARIABLES__AIRFLOW__EMAIL__FROM": "a"}, {"variables": {"AIRFLOW__EMAIL__FROM": "a"}}),
        ({"X_VARIABLES__http_proxy": "a"}, {"variables": {"http_proxy": "a"}}),
        ({"X_INNERS__GPU__ENVIRONMENT__A_B": "1"}, {"inners": {"gpu": {"environment": {"A_B": "1"}}}}),
    ],
    indirect=["found"],
)
def test_what_variables_say_is_a_document(found: list[Override], document: dict[str, object]) -> None:
    assert merged(found) == document


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        (
            "X_TEXTS",
            "a",
            "is not a setting; allowed are X_ and one of INNER, INNERS, PARAMETERS, TEXT, VARIABLES, "
            "with two underscores before what is in its table.",
        ),
        ("X_TEXT__A", "a", "is not a setting; allowed is X_TEXT, which is no table."),
        ("X_TEXT__", "a", "is not a setting; allowed is X_TEXT, which is no table."),
        ("X_INNER__SIZE__A", "a", "is not a setting; allowed is X_INNER__SIZE, which is no table."),
        ("X_INNER__COLOURS__0", "a", "is not a setting; allowed is X_INNER__COLOURS, a list as JSON."),
        (
            "X_INNER__HUE",
            "a",
            "is not a setting; allowed are X_INNER__ and one of COLOURS, ENVIRONMENT, SIZE.",
        ),
        (
            "X_INNERS__GPU__HUE",
            "a",
            "is not a setting; allowed are X_INNERS__GPU__ and one of COLOURS, ENVIRONMENT, SIZE.",
        ),
        ("X_INNER__COLOURS", "red", "is no JSON: allowed is a list as JSON."),
        ("X_INNER", "", "is no JSON: allowed is a table as JSON."),
        ("X_INNER", "[" * 100_000, "is no JSON: allowed is a table as JSON."),
    ],
)
def test_what_says_nothing_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(name, value)

    assert overrides(model=Model, prefix="X_") == ([], [f"The environment: {name} {problem}"])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (("inner", "colours", "0"), True),
        (("inner", "size"), True),
        (("inner", "colours", "1"), False),
        (("inner", "environment"), False),
        (("text",), False),
        ((), False),
    ],
)
def test_it_is_known_what_a_variable_says(path: tuple[str, ...], says: bool) -> None:
    override = Override("X_INNER", ("inner",), {"size": 1, "colours": ["red"]})

    assert override.says(path) is says
