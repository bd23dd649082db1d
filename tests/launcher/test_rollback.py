"""What is said of a deployment that ECS took back."""

from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from kf_airflow_local import rollback

OUTPUTS = {
    "cluster_name": "kf",
    "airflow_service_name": "kf-airflow",
    "task_definition_arns": {"airflow": "arn:new"},
    "log_group_names": {"airflow": "apps/kf/airflow"},
}


def task(definition: str, **exit_codes: int) -> dict[str, Any]:
    return {
        "taskArn": f"arn:task/kf/{definition[4:]}",
        "taskDefinitionArn": definition,
        "containers": [
            {"name": "webserver"},
            *({"name": name, "exitCode": code} for name, code in exit_codes.items()),
        ],
    }


def aws(*tasks: dict[str, Any], lines: str = "") -> Any:
    """An AWS where these tasks have stopped, and their containers said these lines."""
    asked: list[dict[str, Any]] = []

    def get_log_events(**request: Any) -> dict[str, Any]:
        asked.append(request)
        return {"events": [{"message": line} for line in lines.splitlines()]}

    return SimpleNamespace(
        ecs=SimpleNamespace(
            list_tasks=lambda **_: {"taskArns": [one["taskArn"] for one in tasks]},
            describe_tasks=lambda **_: {"tasks": list(tasks)},
        ),
        logs=SimpleNamespace(get_log_events=get_log_events),
        asked=asked,
    )


def test_the_container_that_failed_is_named_with_its_last_lines() -> None:
    double = aws(task("arn:new", migrate=1), lines="one\ntwo\n\nthree\nfour")

    assert rollback.reason(double, OUTPUTS, "airflow") == (
        "`migrate` ended with exit code 1; it said last:\n  two\n  three\n  four"
    )
    assert [(one["logGroupName"], one["logStreamName"]) for one in double.asked] == [
        ("apps/kf/airflow", "migrate/migrate/new")
    ]


def test_an_event_of_our_own_processes_is_shown_as_its_sentence() -> None:
    line = '{"time": "12:00", "level": "warning", "process": "migrate", "event": "refused", "message": "No."}'

    assert rollback.reason(aws(task("arn:new", migrate=78), lines=line), OUTPUTS, "airflow") == (
        "`migrate` ended with exit code 78; it said last:\n  12:00 migrate: No. (event=refused)"
    )


def test_tasks_of_another_definition_and_containers_that_ended_well_explain_nothing() -> None:
    double = aws(task("arn:old", scheduler=137), task("arn:new", migrate=0))

    assert rollback.reason(double, OUTPUTS, "airflow") == "nox -s status has the service's last event"


def test_a_container_without_a_word_said_nothing() -> None:
    assert rollback.reason(aws(task("arn:new", worker=75)), OUTPUTS, "airflow") == (
        "`worker` ended with exit code 75; it said last:\n  nothing"
    )


def test_an_api_that_does_not_tell_is_said_so() -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetLogEvents")

    double = aws(task("arn:new", migrate=1))
    double.logs.get_log_events = refuse

    assert rollback.reason(double, OUTPUTS, "airflow").startswith("LocalStack does not tell why: ")
