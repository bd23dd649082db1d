"""What the engine says of building, pushing and looking into an image; `tests/release` has a real one."""

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from kf_airflow_deploy import release_image
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.registry import Login, Registry

DIGEST = "sha256:" + "1" * 64
REGISTRY = Registry("registry.example.org/kf-airflow", Login("AWS", "pass-word"))


class FakeEngine:
    """As much of a Docker client as pushing and asking takes."""

    def __init__(self, *events: dict[str, Any], says: bytes = b"") -> None:
        self.events, self.says = events, says
        self.pushed: list[dict[str, Any]] = []
        self.removed: list[str] = []
        self.run_with: dict[str, Any] = {}
        self.api = SimpleNamespace(push=self._push)
        self.images = SimpleNamespace(remove=lambda name, **_: self.removed.append(name))
        self.containers = SimpleNamespace(run=self._run)

    def _push(self, address: str, **options: Any) -> Any:
        self.pushed.append({"address": address, **options})
        return iter(self.events)

    def _run(self, image: Any, command: list[str], **options: Any) -> bytes:
        self.run_with = options
        return self.says


class FakeImage:
    """An image that can be tagged."""

    id = "sha256:0"

    def tag(self, address: str, tag: str) -> None:
        pass


IMAGE: Any = FakeImage()


def push(engine: Any) -> str:
    return release_image.push(engine, IMAGE, REGISTRY, "0.2.0", lambda _: None)


def test_a_push_returns_the_digest_that_the_registry_gave() -> None:
    engine = FakeEngine({"status": "Pushing"}, {"aux": {"Tag": "0.2.0", "Digest": DIGEST}})

    assert push(engine) == DIGEST


def test_a_push_logs_in_for_itself() -> None:
    engine = FakeEngine({"aux": {"Digest": DIGEST}})

    push(engine)

    assert engine.pushed[0]["auth_config"] == {"username": "AWS", "password": "pass-word"}


def test_a_push_leaves_no_name_of_the_registry_here() -> None:
    engine = FakeEngine({"error": "denied"})

    with pytest.raises(DeployError):
        push(engine)

    assert engine.removed == ["registry.example.org/kf-airflow:0.2.0"]


def test_what_the_registry_does_not_take_is_one_sentence_without_the_password() -> None:
    engine = FakeEngine({"error": "tag 0.2.0 is immutable"})

    with pytest.raises(DeployError, match=r"does not take .*:0\.2\.0: tag 0\.2\.0 is immutable") as caught:
        push(engine)

    assert "pass-word" not in str(caught.value)


def test_a_push_without_a_digest_is_none() -> None:
    with pytest.raises(DeployError, match="named no digest"):
        push(FakeEngine({"status": "Pushed"}))


def test_what_is_installed_is_asked_without_a_network() -> None:
    engine: Any = FakeEngine(
        says=(
            b'PRETTY_NAME="Debian GNU/Linux 13"\nID=debian\nVERSION_ID="13"\n--- end of part ---\n'
            b"tini\t0.19.0-3\tamd64\ttini\t0.19.0-3\n"
            b"adduser\t3.152\tall\tadduser\t3.152\n--- end of part ---\n"
            b"celery\t5.6.0\tBSD-3-Clause\nvine\t5.1.0\t\n"
        )
    )

    found = release_image.contents(engine, IMAGE)

    assert found.distribution == "debian-13"
    assert [package.name for package in found.debian] == ["adduser", "tini"]
    assert found.python == (
        release_image.PythonPackage("celery", "5.6.0", "BSD-3-Clause"),
        release_image.PythonPackage("vine", "5.1.0", ""),
    )
    assert engine.run_with["network_disabled"] is True
    assert engine.run_with["remove"] is True


def test_an_image_that_something_uses_is_left() -> None:
    engine: Any = FakeEngine()

    def refuse(name: str, **_: Any) -> None:
        raise APIError("conflict")

    engine.images = SimpleNamespace(remove=refuse)

    release_image.forget(engine, IMAGE)
