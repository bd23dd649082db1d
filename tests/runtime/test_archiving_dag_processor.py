"""What our DAG processor does besides Airflow's, over as much of that as it names."""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from kf_airflow_runtime.archive_store import Stored

OWN, OTHER = "b" * 64, "a" * 64


class Base:
    """As much of Airflow's manager as ours calls."""

    def __init__(self) -> None:
        self.log = SimpleNamespace(info=self._say, warning=self._say, exception=self._say)
        self.said: list[str] = []
        self.beats = 0
        self.claimed = 0
        self.written: list[Any] = []
        self.refreshed: list[str] = []
        self.stored: list[str | None] = []
        self._dag_bundles: list[Any] = []
        self._bundle_versions: dict[str, str] = {}

    def _say(self, text: str, *arguments: Any) -> None:
        self.said.append(text % arguments)

    def heartbeat(self) -> None:
        self.beats += 1

    def get_bundle_state(self, name: str) -> Any:
        # The last one holds on.
        version = self.stored.pop(0) if len(self.stored) > 1 else self.stored[0]
        return SimpleNamespace(version=version)

    def request_bundle_refresh(self, name: str) -> None:
        self.refreshed.append(name)

    def _queue_requested_files_for_parsing(self) -> None:
        self.claimed += 1

    def persist_parsing_result(self, **arguments: Any) -> None:
        self.written.append(arguments)


class Selected:
    """A statement of SQLAlchemy's, which is not looked at."""

    locked = False

    def where(self, *_: Any) -> "Selected":
        return self

    def with_for_update(self, *, read: bool) -> "Selected":
        self.locked = read
        return self


class Store:
    """S3: what each attempt to publish leads to, and what is there."""

    bucket = "logs"

    def __init__(self) -> None:
        self.attempts: list[Exception | bool] = []
        self.archives: list[Stored] = []
        self.deleted: list[str] = []
        self.published = 0

    def key(self, version: str) -> str:
        return f"dags/{version}.tar.gz"

    def publish(self, version: str, folder: Path, *, fresh_days: float) -> bool:
        self.published += 1
        answer = self.attempts.pop(0) if self.attempts else True
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stored(self) -> Iterator[Stored]:
        yield from self.archives

    def delete(self, found: Stored) -> bool:
        self.deleted.append(found.version)
        return True


class Bundle:
    """As much of our bundle as is asked."""

    name, own_version, folder, retention_days = "dags-folder", OWN, Path("/dags"), 30

    def __init__(self) -> None:
        self.store = Store()


@pytest.fixture
def referred() -> set[str]:
    """The versions that something in the database refers to."""
    return set()


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, referred: set[str]) -> Iterator[Any]:
    code = SimpleNamespace(get_code_from_file=lambda file: f"code of {file}", dag_source_hash=str.upper)
    names: dict[str, dict[str, Any]] = {
        "airflow.dag_processing.manager": {"DagFileProcessorManager": Base},
        "airflow.models.dagbundle": {"DagBundleModel": SimpleNamespace(version=0, name="")},
        "airflow.models.dagcode": {"DagCode": code},
        "airflow.utils.session": {"create_session": nullcontext},
        "sqlalchemy": {"select": lambda _: Selected()},
        "kf_airflow_runtime.archive_references": {
            "referred_versions": lambda _, asked: referred.intersection(asked)
        },
        "kf_airflow_runtime.dag_bundle": {"ArchivedDagBundle": Bundle},
    }
    for name, members in names.items():
        made = ModuleType(name)
        made.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, made)
    found = importlib.import_module("kf_airflow_runtime.archiving_dag_processor")
    monkeypatch.setattr(found.time, "sleep", lambda _: None)
    monkeypatch.setattr(found, "_TURN_SECONDS", 0.001)
    monkeypatch.delenv("ECS_CONTAINER_METADATA_URI_V4", raising=False)
    yield found
    del sys.modules[found.__name__]


@pytest.fixture
def manager(module: Any) -> Any:
    made = module.ArchivingDagProcessor()
    made._dag_bundles = [Bundle()]
    made._wait = lambda seconds: made.heartbeat()
    return made


@pytest.fixture
def in_ecs(module: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Says what ECS answers."""
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2")

    def answer(wanted: bool) -> None:
        monkeypatch.setattr(module.own_service, "is_wanted", lambda: wanted)

    return answer


def bundle_of(manager: Any) -> Bundle:
    found: Bundle = manager._dag_bundles[0]
    return found


def loop(manager: Any, *stored: str | None) -> None:
    manager.stored = list(stored)
    manager._queue_requested_files_for_parsing()


def test_the_archive_is_there_before_anything_is_parsed(manager: Any) -> None:
    away = EndpointConnectionError(endpoint_url="s3")
    refused = ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
    bundle_of(manager).store.attempts = [away, refused, True]
    loop(manager, None)

    assert (bundle_of(manager).store.published, manager.claimed, manager.beats) == (3, 1, 2)
    assert f"no DAG is parsed until the archive dags/{OWN}.tar.gz is in the bucket logs" in manager.said[1]


def test_the_first_version_of_all_comes_to_hold(manager: Any) -> None:
    loop(manager, None)

    assert manager.refreshed == ["dags-folder"]


def test_where_its_version_holds_nothing_is_refreshed(manager: Any) -> None:
    loop(manager, OWN)

    assert (manager.refreshed, manager.claimed, bundle_of(manager).store.published) == ([], 1, 1)


def test_it_is_published_once(manager: Any) -> None:
    loop(manager, OWN)
    loop(manager, OWN)

    assert bundle_of(manager).store.published == 1


def test_the_older_processor_does_nothing_but_beat_until_it_is_rolled_back_to(
    manager: Any, module: Any, in_ecs: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_ecs(False)
    loop(manager, OWN)
    manager._bundle_versions = {"dags-folder": OWN}

    def beat() -> None:
        manager.beats += 1
        if manager.beats == 5:
            manager.stored = [OWN]

    manager.heartbeat = beat
    loop(manager, OTHER)

    assert (manager.beats, manager.claimed) == (5, 2)
    assert any("nothing is parsed here" in line for line in manager.said)


def test_what_is_to_hold_again_is_published_again_and_read_from_scratch(
    manager: Any, in_ecs: Callable[[bool], None]
) -> None:
    in_ecs(True)
    loop(manager, OWN)
    manager._bundle_versions = {"dags-folder": OWN}
    manager._published.clear()
    loop(manager, OTHER)

    assert (manager._bundle_versions, manager.refreshed) == ({}, ["dags-folder"])
    assert bundle_of(manager).store.published == 2


class Session:
    """The database, in which a version holds."""

    def __init__(self, version: str) -> None:
        self._version = version
        self.asked: list[Selected] = []

    def scalar(self, statement: Selected) -> str:
        self.asked.append(statement)
        return self._version


def write(manager: Any, session: Session, *, name: str = "dags-folder") -> Any:
    """Has the result of a file written; returns its DAG."""
    dag = SimpleNamespace(data={"dag": {}}, fileloc="one.py")
    manager.persist_parsing_result(
        bundle_name=name,
        bundle_version=OWN,
        parsing_result=SimpleNamespace(serialized_dags=[dag]),
        session=session,
        run_duration=1.0,
    )
    return dag


def test_what_was_parsed_is_written_while_its_version_holds(manager: Any) -> None:
    loop(manager, OWN)
    session = Session(OWN)
    write(manager, session)

    assert [written["bundle_version"] for written in manager.written] == [OWN]
    assert [statement.locked for statement in session.asked] == [True]


def test_what_was_parsed_is_dropped_when_another_version_holds(manager: Any) -> None:
    loop(manager, OWN)
    write(manager, Session(OTHER))

    assert manager.written == []


def test_a_dag_with_other_code_is_another_version(manager: Any) -> None:
    loop(manager, OWN)

    assert write(manager, Session(OWN)).data == {"dag": {}, "kf_airflow_source": "CODE OF ONE.PY"}


def test_a_bundle_of_another_kind_is_left_to_airflow(manager: Any) -> None:
    manager._dag_bundles.append(SimpleNamespace(name="git"))
    loop(manager, OWN)

    assert write(manager, Session(OTHER), name="git").data == {"dag": {}}
    assert len(manager.written) == 1


def put(version: str, days_ago: int) -> Stored:
    return Stored(version, datetime.now(UTC) - timedelta(days=days_ago))


def test_old_archives_that_nothing_refers_to_are_deleted_once(manager: Any, referred: set[str]) -> None:
    referred.add("needed")
    store = bundle_of(manager).store
    store.archives = [put("unused", 31), put("needed", 31), put("new", 1), put(OWN, 100)]
    for _ in range(2):
        loop(manager, OWN)

    assert store.deleted == ["unused"]


def test_nothing_is_deleted_before_its_version_holds(manager: Any) -> None:
    bundle_of(manager).store.archives = [put("unused", 31)]
    loop(manager, None)

    assert bundle_of(manager).store.deleted == []


def test_an_archive_that_cannot_be_deleted_stops_nothing(
    manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Stored) -> bool:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "DeleteObject")

    store = bundle_of(manager).store
    store.archives = [put("unused", 31)]
    monkeypatch.setattr(store, "delete", refuse)
    loop(manager, OWN)

    assert manager.claimed == 1
    assert "Old archives could not be deleted" in manager.said[-1]
