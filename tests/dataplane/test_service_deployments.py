"""The history of a service's deployments."""

from types import SimpleNamespace
from typing import Any

import pytest

from localstack_dataplane.ecs.errors import EcsError
from localstack_dataplane.moto_state import ecs_service_deployments as history
from localstack_dataplane.moto_state.ecs_records import deployment_configuration, new_deployment, roll_back

BREAKER = {"enable": True, "rollback": True}


class Service:
    """A service with one deployment that is under way."""

    def __init__(self, **breaker: bool) -> None:
        self.record: Any = SimpleNamespace(
            arn="arn:aws:ecs:r:1:service/c/web",
            name="web",
            cluster_name="c",
            cluster_arn="arn:aws:ecs:r:1:cluster/c",
            desired_count=1,
            task_definition="web:1",
            launch_type="FARGATE",
            load_balancers=[],
            service_registries=[],
            network_configuration={},
            deployment_configuration={"deploymentCircuitBreaker": breaker},
            deployments=[],
        )
        self.deploy()

    def deploy(self) -> None:
        for document in self.record.deployments:
            document["status"] = "ACTIVE"
        self.record.deployments = [new_deployment(self.record), *self.record.deployments]
        history.begin(self.record, deployment_configuration(self.record))

    def becomes(self, state: str, reason: str = "") -> None:
        self.record.deployments[0].update(rolloutState=state, rolloutStateReason=reason, failedTasks=3)
        if state == "FAILED" and self.record.deployment_configuration["deploymentCircuitBreaker"].get(
            "rollback"
        ):
            roll_back(self.record)
        history.bring_up_to_date(self.record)

    @property
    def statuses(self) -> list[str]:
        return [item["status"] for item in history.history(self.record)]

    @property
    def newest(self) -> dict[str, Any]:
        return history.full(self.record, history.history(self.record)[0])


def test_a_deployment_that_completes_is_successful() -> None:
    service = Service()
    assert service.statuses == ["IN_PROGRESS"]
    service.becomes("COMPLETED")
    assert service.statuses == ["SUCCESSFUL"]
    assert "finishedAt" in service.newest


def test_a_deployment_names_the_revision_that_it_brings_by_its_id() -> None:
    service = Service()
    number = service.record.deployments[0]["id"].partition("/")[2]
    arn = f"arn:aws:ecs:r:1:service-revision/c/web/{number}"
    [item] = history.history(service.record)
    assert history.brief(item)["targetServiceRevisionArn"] == arn
    assert history.revisions([service.record])[arn]["taskDefinition"] == "web:1"


def test_a_new_deployment_stops_one_that_is_under_way() -> None:
    service = Service()
    service.deploy()
    assert service.statuses == ["IN_PROGRESS", "STOPPED"]


def test_a_failed_deployment_is_rolled_back_to_the_one_before() -> None:
    service = Service(**BREAKER)
    service.becomes("COMPLETED")
    service.deploy()
    service.becomes("FAILED", "tasks failed")
    assert service.statuses == ["ROLLBACK_IN_PROGRESS", "SUCCESSFUL"]
    service.becomes("COMPLETED")
    assert service.statuses == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]
    assert (service.newest["statusReason"], service.newest["deploymentCircuitBreaker"]["status"]) == (
        "tasks failed",
        "TRIGGERED",
    )


@pytest.mark.parametrize(("rollback", "status"), [(True, "ROLLBACK_FAILED"), (False, "STOPPED")])
def test_a_failed_deployment_without_one_to_go_back_to_ends(rollback: bool, status: str) -> None:
    service = Service(enable=True, rollback=rollback)
    service.becomes("FAILED", "tasks failed")
    assert service.statuses == [status]


def test_a_deployment_that_is_stopped_is_rolled_back_without_a_circuit_breaker_too() -> None:
    service = Service()
    service.becomes("COMPLETED")
    service.deploy()
    history.stop(service.record, history.history(service.record)[0])
    assert service.statuses == ["ROLLBACK_IN_PROGRESS", "SUCCESSFUL"]
    service.becomes("COMPLETED")
    assert service.statuses == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]


def test_a_deployment_cannot_be_stopped_when_it_has_ended_or_is_the_first() -> None:
    service = Service()
    with pytest.raises(EcsError, match="no service revision to roll back to"):
        history.stop(service.record, history.history(service.record)[0])
    service.becomes("COMPLETED")
    with pytest.raises(EcsError, match="is SUCCESSFUL"):
        history.stop(service.record, history.history(service.record)[0])


def test_without_a_circuit_breaker_none_is_shown_at_work() -> None:
    assert Service().newest["deploymentCircuitBreaker"]["status"] == "DISABLED"
    assert Service(**BREAKER).newest["deploymentCircuitBreaker"]["status"] == "MONITORING"
