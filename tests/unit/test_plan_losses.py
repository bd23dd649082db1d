import io
import json
import sys
from typing import Any

import pytest

from kf_airflow import plan_losses
from kf_airflow.plan_losses import KEPT, Loss, losses


def changed(type_: str, *actions: str, **change: Any) -> dict[str, Any]:
    return {
        "address": f"{type_}.it",
        "type": type_,
        "name": "it",
        "change": {"actions": list(actions), **change},
    }


def plan(*changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "resource_changes": list(changes),
    }


@pytest.mark.parametrize("type_", KEPT)
@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_what_is_replaced_is_lost(type_: str, actions: tuple[str, ...]) -> None:
    assert losses(plan(changed(type_, *actions))) == [
        Loss(address=f"{type_}.it", kind=KEPT[type_], replaced=True)
    ]


@pytest.mark.parametrize("type_", KEPT)
def test_what_is_deleted_is_lost(type_: str) -> None:
    assert losses(plan(changed(type_, "delete"))) == [
        Loss(address=f"{type_}.it", kind=KEPT[type_], replaced=False)
    ]


@pytest.mark.parametrize("actions", [("no-op",), ("read",), ("create",), ("update",), ("forget",)])
def test_what_stays_is_not_lost(actions: tuple[str, ...]) -> None:
    assert losses(plan(changed("aws_db_instance", *actions))) == []


def test_what_holds_no_data_may_be_replaced() -> None:
    assert losses(plan(changed("aws_ecs_task_definition", "delete", "create"))) == []


def test_a_loss_says_what_changes() -> None:
    path = [["identifier"], ["tags", 0, "key"]]
    (loss,) = losses(plan(changed("aws_db_instance", "delete", "create", replace_paths=path)))

    assert str(loss) == (
        "Terraform would make anew the database aws_db_instance.it, as identifier and tags.0.key changes: "
        "what it holds would be lost."
    )


def test_a_deletion_says_so() -> None:
    (loss,) = losses(plan(changed("aws_s3_bucket", "delete")))

    assert str(loss) == "Terraform would delete the bucket aws_s3_bucket.it: what it holds would be lost."


def test_an_empty_plan_loses_nothing() -> None:
    assert losses({"terraform_version": "1.11.4", "planned_values": {}}) == []


@pytest.mark.parametrize("document", [{}, {"format_version": "1.0", "values": {}}])
def test_what_is_no_plan_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="this is no plan of Terraform's"):
        losses(document)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (json.dumps(plan()), 0, ""),
        (json.dumps(plan(changed("aws_s3_bucket", "delete"))), 3, "Terraform would delete the bucket"),
        ("{}", 2, "this is no plan of Terraform's"),
        ("no JSON", 2, "Expecting value"),
    ],
)
def test_as_a_program_its_exit_code_says_it(
    text: str,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    assert plan_losses.main() == code
    assert capsys.readouterr().err.startswith(said)
