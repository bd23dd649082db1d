"""Credentials and metadata over HTTP, with an STS of our own."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.metadata import Metadata, MetadataServer, NotFoundError


class Sts:
    def __init__(self, lifetime):
        self.lifetime, self.calls = lifetime, 0

    def client(self, *_):
        return self

    def assume_role(self, RoleArn, RoleSessionName):  # noqa: N803
        self.calls += 1
        return {
            "Credentials": {
                "AccessKeyId": f"key-{RoleArn}-{RoleSessionName}",
                "SecretAccessKey": "s",
                "SessionToken": "t",
                "Expiration": datetime.now(UTC) + self.lifetime,
            }
        }


@pytest.fixture
def task():
    definition = TaskDefinition(
        arn="a/f:1", containers=(ContainerDefinition(name="my-app", image="i"),), task_role="role"
    )
    return Task(id="t1", account="1", region="r", cluster="c", definition=definition, group="family:f")


@pytest.fixture
def answer(task):
    def get(path, lifetime=timedelta(hours=1)):
        store = TaskStore()
        store.add(task)
        sts = Sts(lifetime)
        metadata = Metadata(store, sts, lambda container_id: {"id": container_id})
        server = MetadataServer(metadata, "127.0.0.1", port=0)
        server.start()
        try:
            for _ in range(2):
                with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as reply:
                    document = json.load(reply)
            return document, sts.calls
        finally:
            server.stop()

    return get


def test_credentials_are_those_of_the_task_role(answer, task):
    document, _ = answer(f"/v2/credentials/{task.credentials}")
    assert (document["RoleArn"], document["AccessKeyId"], document["Token"]) == ("role", "key-role-t1", "t")


def test_credentials_are_asked_for_once(answer, task):
    assert answer(f"/v2/credentials/{task.credentials}")[1] == 1


def test_credentials_that_end_soon_are_renewed(answer, task):
    assert answer(f"/v2/credentials/{task.credentials}", lifetime=timedelta(minutes=5))[1] == 2


def test_a_container_name_may_have_dashes(answer):
    assert answer("/v4/t1-my-app")[0]["Name"] == "my-app"


def test_the_task_is_described_too(answer):
    assert answer("/v4/t1-my-app/task")[0]["Family"] == "f"


def test_statistics_are_dockers(answer, task):
    task.containers["my-app"].runtime_id = "id1"
    assert answer("/v4/t1-my-app/stats")[0] == {"id": "id1"}


def test_statistics_of_a_task_are_those_of_its_running_containers(answer, task):
    task.observed = {"my-app": Container(id="id1", name="n", status="running")}
    assert answer("/v4/t1-my-app/task/stats")[0] == {"id1": {"id": "id1"}}


@pytest.mark.parametrize("path", ["/", "/v2/credentials/none", "/v4/none-app", "/v4/t1-none"])
def test_anything_else_is_not_found(answer, path):
    with pytest.raises(urllib.error.HTTPError) as error:
        answer(path)
    error.value.close()
    assert error.value.code == 404


def test_a_container_that_does_not_exist_has_no_agent():
    status, answer = Metadata(TaskStore(), Sts(timedelta(hours=1)), lambda _: {}).answer(
        "PUT", "/api/none-app/task-protection/v1/state", b"{}"
    )
    assert (status, answer["error"]["Code"]) == (404, "ResourceNotFoundException")


def test_only_the_agent_takes_more_than_get():
    with pytest.raises(NotFoundError):
        Metadata(TaskStore(), Sts(timedelta(hours=1)), lambda _: {}).answer("PUT", "/v4/t1-my-app")
