"""Whether the ECS services are healthy, and Airflow's answers."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import responses

from kf_airflow_local import airflow, deployment, rollback
from kf_airflow_local.airflow import Airflow, RunState
from kf_airflow_local.deployment import Service, Summary
from kf_airflow_local.errors import LauncherError

URL = "http://localhost:8080"
HEALTHY = Service("worker", desired=1, running=1, healthy=1)
OUTPUTS = {
    "cluster_name": "kf",
    **{f"{component}_service_name": component for component in deployment.COMPONENTS},
    "target_group_arns": {component: component for component in deployment.COMPONENTS},
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that take no time but come to their limit."""
    waits: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: sum(waits))
    monkeypatch.setattr(time, "sleep", waits.append)


def aws(service: dict[str, Any], *targets: dict[str, str]) -> Any:
    """A LocalStack whose services are all alike."""
    described = [{**service, "serviceName": name} for name in deployment.COMPONENTS]
    health = [{"TargetHealth": target} for target in targets]
    return SimpleNamespace(
        ecs=SimpleNamespace(describe_services=lambda **_: {"services": described}),
        elbv2=SimpleNamespace(describe_target_health=lambda **_: {"TargetHealthDescriptions": health}),
    )


RUNNING = {"desiredCount": 1, "runningCount": 1}


def test_a_service_that_runs_and_answers_is_healthy() -> None:
    found = deployment.services(aws(RUNNING, {"State": "healthy"}), OUTPUTS)

    assert deployment.all_healthy(found)


def test_a_service_whose_target_does_not_answer_is_not_healthy() -> None:
    found = deployment.services(aws(RUNNING, {"State": "initial", "Reason": "Elb.Initial"}), OUTPUTS)

    assert not deployment.all_healthy(found)
    assert str(found[0]) == "airflow 1/1 running, 0 healthy (initial Elb.Initial)"


HEALTHY_TARGET, BEGINNING = {"State": "healthy"}, {"State": "initial", "Reason": "Elb.Initial"}


@pytest.mark.parametrize(
    ("desired", "running", "pending", "targets", "serves"),
    [
        pytest.param(3, 3, 0, (HEALTHY_TARGET, BEGINNING, BEGINNING), True, id="tasks were added"),
        pytest.param(3, 1, 2, (HEALTHY_TARGET,), True, id="tasks are being added"),
        pytest.param(1, 3, 0, (HEALTHY_TARGET,) * 3, True, id="tasks are being taken away"),
        pytest.param(1, 1, 0, (BEGINNING,), False, id="none answers yet"),
        pytest.param(2, 1, 0, (HEALTHY_TARGET,), False, id="one is missing"),
        pytest.param(2, 2, 0, (HEALTHY_TARGET, {"State": "unhealthy"}), False, id="one does not answer"),
    ],
)
def test_a_service_serves_while_its_autoscaler_changes_it(
    desired: int, running: int, pending: int, targets: tuple[dict[str, str], ...], serves: bool
) -> None:
    service = {"desiredCount": desired, "runningCount": running, "pendingCount": pending}

    assert deployment.all_serve(deployment.services(aws(service, *targets), OUTPUTS)) is serves


def test_a_target_that_drains_does_not_count() -> None:
    found = deployment.services(aws(RUNNING, {"State": "healthy"}, {"State": "draining"}), OUTPUTS)

    assert deployment.all_healthy(found)


WANTED = {**OUTPUTS, "task_definition_arns": dict.fromkeys(deployment.COMPONENTS, "arn:new")}


def test_a_service_with_a_deployment_under_way_is_not_healthy() -> None:
    service = {**RUNNING, "deployments": [{"rolloutState": "IN_PROGRESS"}, {"rolloutState": "COMPLETED"}]}
    found = deployment.services(aws(service, {"State": "healthy"}), OUTPUTS)

    assert not deployment.all_healthy(found)
    assert str(found[0]) == "airflow 1/1 running, 1 healthy (a deployment is under way)"


@pytest.mark.parametrize(("definition", "gone"), [("arn:new", []), ("arn:old", list(deployment.COMPONENTS))])
def test_a_service_that_runs_another_task_definition_than_terraform_s_went_back(
    definition: str, gone: list[str]
) -> None:
    service = {**RUNNING, "taskDefinition": definition}

    assert deployment.gone_back(aws(service, {"State": "healthy"}), WANTED) == gone


def test_of_a_stack_that_does_not_say_what_should_run_nothing_went_back() -> None:
    service = {**RUNNING, "taskDefinition": "arn:old"}

    assert deployment.gone_back(aws(service, {"State": "healthy"}), OUTPUTS) == []


@pytest.mark.parametrize("outputs", [{}, {"cluster_name": "kf"}])
def test_where_terraform_failed_before_the_services_nothing_went_back(outputs: dict[str, Any]) -> None:
    assert deployment.gone_back(aws(RUNNING), outputs) == []


def test_a_wait_for_services_that_went_back_ends_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "reason", lambda *_: "`migrate` ended with exit code 1")
    service = {**RUNNING, "taskDefinition": "arn:old"}

    with pytest.raises(
        LauncherError, match="The deployment of airflow failed, and the tasks before it serve on: `migrate`"
    ):
        deployment.wait_until_healthy(aws(service, {"State": "healthy"}), WANTED, lambda _: None)


def test_a_missing_service_is_not_healthy() -> None:
    assert not deployment.all_healthy([HEALTHY])


def test_a_wait_for_a_deployment_that_ecs_gave_up_ends_with_the_reason() -> None:
    service = {
        **RUNNING,
        "deployments": [{"rolloutState": "FAILED"}],
        "events": [{"message": "tasks failed to start"}],
    }

    with pytest.raises(LauncherError, match="ECS gave up on airflow: tasks failed to start"):
        deployment.wait_until_healthy(aws(service), OUTPUTS, lambda _: None)


def test_a_wait_that_is_too_long_tells_the_state_of_each_service() -> None:
    with pytest.raises(LauncherError, match=r"worker 1/1 running, 0 healthy"):
        deployment.wait_until_healthy(aws(RUNNING), OUTPUTS, lambda _: None)


def test_while_ecs_does_not_answer_that_is_said() -> None:
    assert str(Summary([])) == "ECS does not answer"


def test_a_run_is_told_by_what_is_done_and_what_is_not() -> None:
    instances = {
        "task_instances": [
            {"task_id": "start", "map_index": -1, "state": "success"},
            {"task_id": "piece", "map_index": 0, "state": "running"},
            {"task_id": "finish", "map_index": -1, "state": None},
        ]
    }

    state = RunState.of({"state": "running"}, instances)

    assert str(state) == "running, 1 of 3 tasks succeeded; piece[0] running"


@pytest.fixture
def api() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_the_token_is_sent_with_every_request(api: Any) -> None:
    api.post(f"{URL}/auth/token", json={"access_token": "t"}, status=201)
    version = api.get(f"{URL}/api/v2/version", json={})
    client = Airflow(URL)

    client.log_in("admin", "secret")

    assert client.is_up()
    assert version.calls[0].request.headers["Authorization"] == "Bearer t"


def test_a_refused_login_is_told(api: Any) -> None:
    api.post(f"{URL}/auth/token", body="Invalid credentials", status=401)

    with pytest.raises(LauncherError, match=r"last seen: HTTP 401 Invalid credentials"):
        Airflow(URL).log_in("admin", "wrong")


def test_a_webserver_that_does_not_answer_is_not_up(api: Any) -> None:
    api.get(f"{URL}/api/v2/version", body=requests.ConnectionError())

    assert not Airflow(URL).is_up()


def a_run(api: Any, state: str) -> None:
    """Answers to a run of the DAG smoke."""
    api.get(f"{URL}/api/v2/dags/smoke", json={"dag_id": "smoke"})
    api.patch(f"{URL}/api/v2/dags/smoke", json={})
    api.post(f"{URL}/api/v2/dags/smoke/dagRuns", json={"dag_run_id": "manual__1"})
    api.get(f"{URL}/api/v2/dags/smoke/dagRuns/manual__1", json={"state": state})
    task = {"task_id": "work", "map_index": -1, "state": state}
    api.get(f"{URL}/api/v2/dags/smoke/dagRuns/manual__1/taskInstances", json={"task_instances": [task]})


def test_a_run_that_succeeds_returns_its_id(api: Any) -> None:
    a_run(api, "success")

    assert Airflow(URL).run_once("smoke", lambda _: None) == "manual__1"


def test_a_run_that_fails_is_told_with_its_tasks(api: Any) -> None:
    a_run(api, "failed")

    with pytest.raises(LauncherError, match=r"manual__1 of the DAG smoke failed: .*work failed"):
        Airflow(URL).run_once("smoke", lambda _: None)


def test_a_dag_that_airflow_does_not_know_is_told(api: Any) -> None:
    api.get(f"{URL}/api/v2/dags/smoke", status=404)

    with pytest.raises(LauncherError, match=r"The DAG smoke in Airflow: not within 180 s"):
        Airflow(URL).run_once("smoke", lambda _: None)


def test_the_log_of_the_smoke_run_is_found_below_its_run(api: Any) -> None:
    a_run(api, "success")
    api.post(f"{URL}/auth/token", json={"access_token": "t"})
    asked: list[dict[str, str]] = []

    def list_objects(**arguments: str) -> dict[str, Any]:
        asked.append(arguments)
        return {"Contents": [{"Key": "logs/dag_id=smoke/run_id=manual__1/task_id=work/attempt=1.log"}]}

    cloud: Any = SimpleNamespace(
        secret=lambda _: {"username": "admin", "password": "secret"},
        s3=SimpleNamespace(list_objects_v2=list_objects),
    )
    outputs = {
        "admin_secret_arn": "arn",
        "webserver_url": URL,
        "log_bucket_name": "kf-logs",
        "log_prefix": "logs",
    }

    run = airflow.smoke(cloud, outputs, lambda _: None)

    assert asked == [{"Bucket": "kf-logs", "Prefix": "logs/dag_id=smoke/run_id=manual__1/"}]
    assert run.log == "s3://kf-logs/logs/dag_id=smoke/run_id=manual__1/task_id=work/attempt=1.log"
