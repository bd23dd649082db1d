"""What is asked of Docker when it does not do at once what it is asked."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import docker
import pytest
from docker.errors import APIError, NotFound
from requests import ReadTimeout

from localstack_dataplane.config import Config
from localstack_dataplane.containers import DockerError
from localstack_dataplane.docker_host import DockerHost

CONFIG = Config(instance="local", address="10.0.0.99", backing_image="backing")
LABELS = CONFIG.labels("elbv2", "arn:web")


class Engine:
    """An engine in which names are taken; a container has no state but its labels."""

    def __init__(self) -> None:
        self.names: dict[str, Mapping[str, str]] = {}
        self.hidden: set[str] = set()
        self.error: Exception | None = None

    def info(self) -> dict[str, int]:
        return {"NCPU": 2}

    def inspect_image(self, image: str) -> None:
        pass

    def create_host_config(self, **_: Any) -> None:
        pass

    def create_container(self, _: str, *, name: str, labels: Mapping[str, str], **__: Any) -> dict[str, str]:
        if self.error:
            raise self.error
        if name in self.names:
            conflict: Any = SimpleNamespace(status_code=409, reason="")
            raise APIError("the name is already in use", response=conflict)
        self.names[name] = labels
        return {"Id": name}

    def inspect_container(self, name: str) -> dict[str, Any]:
        if name not in self.names or name in self.hidden:
            raise NotFound(name)
        return {"Config": {"Labels": self.names[name]}, "State": {}}

    def remove_container(self, name: str, **_: Any) -> None:
        del self.names[name]

    def start(self, name: str) -> None:
        pass

    def containers(self, *, filters: Mapping[str, str], **_: Any) -> list[dict[str, Any]]:
        name = filters["id"]
        return [{"Id": name, "Names": [f"/{name}"], "State": "running", "Status": "Up", "Image": "backing"}]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(docker, "APIClient", lambda **_: engine)
    return engine


def run() -> str:
    return DockerHost(CONFIG).run("backing", name="web", labels=LABELS).name


def test_a_container_has_the_name_it_is_given(engine: Engine) -> None:
    assert run() == "web"


def test_one_that_stands_for_the_same_thing_and_has_its_name_is_removed(engine: Engine) -> None:
    engine.names["web"] = LABELS
    name = run()
    assert list(engine.names) == [name]


def test_one_that_stands_for_something_else_keeps_its_name(engine: Engine) -> None:
    engine.names["web"] = CONFIG.labels("elbv2", "arn:web-of-another-region")
    name = run()
    assert name.startswith("web-")
    assert sorted(engine.names) == ["web", name]


def test_a_name_that_only_docker_knows_of_is_avoided(engine: Engine) -> None:
    engine.names["web"], engine.hidden = LABELS, {"web"}
    assert run().startswith("web-")


def test_an_engine_that_does_not_answer_in_time_is_an_error_of_docker(engine: Engine) -> None:
    engine.error = ReadTimeout("60 s")
    with pytest.raises(DockerError, match="Docker does not answer when asked to create container web"):
        run()
