"""Modules of parts that are made in a second, and of a part of the tests' own."""

import json
from pathlib import Path
from typing import Any

import pytest
from module_roots import by_name

from kf_airflow_modules import constraints
from kf_airflow_modules.__main__ import main
from kf_airflow_modules.generation import ModuleError, generate
from kf_airflow_modules.inputs import Input


def number(check: Any, **more: Any) -> Input:
    return Input(name="it", type="number", description="It.", check=check, **more)


def refuse_unless(allowed: bool) -> None:
    if not allowed:
        raise ValueError("it is bad: allowed is good")


@pytest.mark.parametrize(
    ("allowed", "runs"),
    [
        (lambda n: 0 <= n <= 35, [(0, 35)]),
        (lambda n: n == 0 or 7 <= n <= 30, [(0, 0), (7, 30)]),
        (lambda n: 20 <= n <= 65536, [(20, 65536)]),
        (lambda n: n >= 1, [(1, None)]),
        (lambda n: False, []),
    ],
)
def test_ranges_are_found_by_asking(allowed: Any, runs: list[Any]) -> None:
    assert constraints.accepted(number(lambda value: refuse_unless(allowed(value)))) == runs


def test_a_variable_that_may_be_left_out_may_be_null() -> None:
    given = number(lambda value: refuse_unless(value >= 1), nullable=True)
    constraint = constraints.constraint_of(given)

    assert constraint is not None
    assert constraint.validation(given)["condition"].startswith("${var.it == null ? true : (")


def test_a_pattern_that_is_not_what_the_check_says_is_refused() -> None:
    given = Input(
        name="it",
        type="string",
        description="It.",
        check=lambda value: refuse_unless(value == "a"),
        pattern="[ab]",
        probes=("a", "b"),
    )

    with pytest.raises(ValueError, match="the pattern of it and its check differ on 'b'"):
        constraints.constraint_of(given)


def test_what_is_chosen_is_the_default() -> None:
    module = generate(by_name()["storage"], {"expiration_days": 90})

    assert module.document["variable"]["expiration_days"]["default"] == 90


def test_what_is_chosen_may_be_the_structure() -> None:
    module = generate(by_name()["network"], {"zones": 3, "nat": "none"})

    assert len(module.document["resource"]["aws_subnet"]) == 6
    assert "aws_nat_gateway" not in module.document["resource"]


def test_what_is_there_by_choice_can_be_a_variable() -> None:
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    module = generate(by_name()["ingress"], {"certificate_arn": arn})

    variable = module.document["variable"]["certificate_arn"]
    assert (variable["default"], variable["nullable"]) == (arn, False)
    listeners = module.document["resource"]["aws_lb_listener"].values()
    assert "${var.certificate_arn}" in [listener.get("certificate_arn") for listener in listeners]


def test_a_module_says_no_provider_and_no_state() -> None:
    document = generate(by_name()["storage"]).document

    assert set(document["terraform"]) == {"required_version", "required_providers"}
    assert "provider" not in document


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"zonse": 3}, "network has no option zonse: it has cidr_block, endpoint_policies"),
        ({"zones": 9}, "network: zones is 9: allowed are 2 to 4"),
    ],
)
def test_what_cannot_be_chosen_is_refused(chosen: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ModuleError, match=sentence):
        generate(by_name()["network"], chosen)


def test_the_command_writes_what_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--only", "storage", "--set", "storage.expiration_days=90", "--output", str(tmp_path)])

    assert code == 0
    assert {path.name for path in (tmp_path / "storage").iterdir()} == {"main.tf.json", "README.md"}
    document = json.loads((tmp_path / "storage/main.tf.json").read_text())
    assert document["variable"]["expiration_days"]["default"] == 90
    assert capsys.readouterr().out == f"{tmp_path}/storage: 6 variables\n"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("storage.expiration_days", "allowed is PART.OPTION=JSON"),
        ("bucket.expiration_days=1", "the parts are airflow, background-service, broker"),
        ("storage.bucket_name=logs", "the value is no JSON"),
        ("storage.expiration_days=0", "expiration_days is 0: allowed are 1 to 36500"),
    ],
)
def test_mistakes_are_sentences(given: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "storage", "--set", given]) == 2
    assert sentence in capsys.readouterr().err
