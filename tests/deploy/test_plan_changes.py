"""What is read from a plan."""

from typing import Any

import pytest

from kf_airflow_deploy.plan_changes import AttributeChange, Change, changes


def resource(actions: list[str], before: Any = None, after: Any = None, **marks: Any) -> dict[str, Any]:
    return {
        "address": "aws_sqs_queue.jobs",
        "type": "aws_sqs_queue",
        "change": {"actions": actions, "before": before, "after": after, **marks},
    }


def attributes(before: Any, after: Any, **marks: Any) -> list[str]:
    found = changes({"resource_changes": [resource(["update"], before, after, **marks)]})
    return [str(attribute) for attribute in found[0].attributes]


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        (["create"], "create"),
        (["update"], "change"),
        (["delete"], "destroy"),
        (["delete", "create"], "replace"),
        (["create", "delete"], "replace"),
        (["forget"], "forget"),
    ],
)
def test_each_kind_of_change_has_a_word(actions: list[str], kind: str) -> None:
    assert changes({"resource_changes": [resource(actions)]}) == [
        Change("aws_sqs_queue.jobs", "aws_sqs_queue", kind)
    ]


@pytest.mark.parametrize("actions", [["no-op"], ["read"]])
def test_what_stays_is_no_change(actions: list[str]) -> None:
    assert changes({"resource_changes": [resource(actions)]}) == []


def test_an_output_is_a_change_too() -> None:
    plan = {"output_changes": {"url": {"actions": ["update"]}, "same": {"actions": ["no-op"]}}}

    assert changes(plan) == [Change("output.url", "output", "change")]


def test_what_changed_outside_of_terraform_is_known() -> None:
    plan = {
        "resource_changes": [resource(["update"], {}, {})],
        "resource_drift": [resource(["update"], {}, {})],
    }

    assert [change.outside for change in changes(plan)] == [True]


def test_an_attribute_is_told_with_both_values() -> None:
    before = {"delay": 1, "tags": {"Owner": "a", "Name": "n"}, "rules": [{"port": 80}, {"port": 81}]}
    after = {"delay": 2, "tags": {"Name": "n", "Cost": "c"}, "rules": [{"port": 80}, {"port": 82}]}

    assert attributes(before, after) == [
        "delay: 1 -> 2",
        "rules.1.port: 81 -> 82",
        'tags.Cost: null -> "c"',
        'tags.Owner: "a" -> null',
    ]


def test_what_is_known_only_later_is_said() -> None:
    marks = {"after_unknown": {"arn": True}}

    assert attributes({"arn": "a"}, {}, **marks) == ['arn: "a" -> (known after apply)']


def test_a_long_value_is_not_told() -> None:
    assert attributes({"policy": "a" * 80}, {"policy": "b" * 80}) == ["policy"]


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        ({"text": "hunter2"}, {"text": "hunter3"}, {"after_sensitive": {"text": True}}),
        ({"text": "hunter2"}, {"text": "hunter3"}, {"before_sensitive": {"text": True}}),
        ({"auth_token": "hunter2"}, {"auth_token": "hunter3"}, {}),
        ({"list": ["hunter2"]}, {"list": ["hunter3", "x"]}, {"after_sensitive": {"list": [True, False]}}),
        ({"list": [{"password": "hunter2"}]}, {"list": []}, {}),
        ({"text": "hunter2"}, {}, {"before_sensitive": True}),
        ({"text": "hunter2"}, {}, {"before_sensitive": {"text": True}, "after_unknown": {"text": True}}),
    ],
)
def test_a_secret_is_never_told(before: Any, after: Any, marks: dict[str, Any]) -> None:
    found = attributes(before, after, **marks)

    assert len(found) == 1
    assert "hunter" not in found[0]
    assert "(secret)" in found[0]


@pytest.mark.parametrize(
    ("kind", "type_", "loses"),
    [
        ("replace", "aws_db_instance", True),
        ("destroy", "aws_s3_bucket", True),
        ("change", "aws_db_instance", False),
        ("create", "aws_secretsmanager_secret", False),
        ("destroy", "aws_lb", False),
    ],
)
def test_to_take_away_what_keeps_data_loses_it(kind: str, type_: str, loses: bool) -> None:
    assert Change("a", type_, kind).loses_data is loses


def test_an_attribute_without_values_is_its_path() -> None:
    assert str(AttributeChange("tags.Owner")) == "tags.Owner"
