"""The bundle class, over as much of Airflow as it names: that is only in the image."""

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from kf_airflow_runtime.archive_store import ArchiveError
from kf_airflow_runtime.dag_archive import version_of

A, B = "print('A')\n", "print('B')\n"


@dataclass(frozen=True)
class BundleVersion:
    version: str


class Base:
    """As much of Airflow's bundle as ours calls."""

    root: Path

    def __init__(self, *, name: str, version: str | None = None) -> None:
        self.name, self.version = name, version
        self.is_initialized = False
        self.versions_dir = self.root / name / "versions"

    def initialize(self) -> None:
        self.is_initialized = True


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder of DAGs of an image."""
    return folder_with(tmp_path / "image", B)


@pytest.fixture
def configured() -> list[Any]:
    """The bundles that are configured."""
    return []


@pytest.fixture
def module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, image: Path, configured: list[Any]
) -> Iterator[Any]:
    Base.root = tmp_path / "disk"
    names: dict[str, dict[str, Any]] = {
        "airflow.configuration": {"conf": SimpleNamespace(get=lambda *_: str(image))},
        "airflow.dag_processing.bundles.base": {"BaseDagBundle": Base, "BundleVersion": BundleVersion},
        "airflow.dag_processing.bundles.manager": {
            "DagBundlesManager": lambda: SimpleNamespace(get_all_dag_bundles=lambda: configured)
        },
    }
    for name, members in names.items():
        made = ModuleType(name)
        made.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, made)
    found = importlib.import_module("kf_airflow_runtime.dag_bundle")
    yield found
    del sys.modules[found.__name__]


class Store:
    """S3 with the archive of a folder."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.fetched: list[str] = []

    def unpack(self, version: str, folder: Path) -> None:
        self.fetched.append(version)
        folder_with(folder, self._text)


def folder_with(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "dag.py").write_text(text)
    return folder


def bundle(module: Any, store: Store, monkeypatch: pytest.MonkeyPatch, version: str | None = None) -> Any:
    monkeypatch.setattr(module, "ArchiveStore", lambda *_: store)
    return module.ArchivedDagBundle(
        name="dags-folder", version=version, bucket="b", prefix="dags", retention_days=30, cache_mib=1024
    )


@pytest.fixture
def version_a(tmp_path: Path) -> str:
    return version_of(folder_with(tmp_path / "a", A))


def test_without_a_version_it_is_the_image_s_folder_and_its_hash(
    module: Any, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bundle(module, Store(A), monkeypatch)
    found.initialize()

    assert (found.path, found.get_current_version()) == (image, BundleVersion(version_of(image)))


def test_the_image_s_own_version_is_not_fetched(
    module: Any, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(A)
    found = bundle(module, store, monkeypatch, version_of(image))
    found.initialize()

    assert (found.path, store.fetched) == (image, [])


def test_another_version_is_fetched_once_and_used_from_the_disk(
    module: Any, version_a: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(A)
    for _ in range(2):
        found = bundle(module, store, monkeypatch, version_a)
        found.initialize()
        assert (found.path / "dag.py").read_text() == A
        assert found.get_current_version() == BundleVersion(version_a)
    assert store.fetched == [version_a]


def test_an_archive_that_is_not_to_be_had_is_a_line_of_the_log_and_an_error(
    module: Any, version_a: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unpack(*_: Any) -> None:
        raise ArchiveError("The DAG archive is missing.")

    store = Store(A)
    monkeypatch.setattr(store, "unpack", unpack)
    found = bundle(module, store, monkeypatch, version_a)

    with pytest.raises(ArchiveError):
        found.initialize()
    assert (caplog.messages, found.is_initialized) == (["The DAG archive is missing."], False)


def test_it_knows_its_path_before_anything_is_fetched(
    module: Any, version_a: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(A)
    found = bundle(module, store, monkeypatch, version_a)

    assert (found.path.name, store.fetched, found.is_initialized) == (version_a, [], False)


def test_a_folder_is_read_once(module: Any, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundle(module, Store(A), monkeypatch).own_version
    (image / "dag.py").write_text("an image does not change\n")

    assert bundle(module, Store(A), monkeypatch).own_version == before


def test_a_worker_reads_it_before_it_forks(
    module: Any, image: Path, configured: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    configured += [object(), bundle(module, Store(A), monkeypatch)]
    module.read_own_folders()

    assert module.folder_version.cache_info().currsize == 1
