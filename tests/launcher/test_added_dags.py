"""DAGs that are tried out beside the repository's."""

from pathlib import Path

import pytest

from kf_airflow_local import added_dags
from kf_airflow_local.build_context import BuildContext
from kf_airflow_local.errors import LauncherError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """DAGs of somebody's own, with a module that they import."""
    folder = tmp_path / "mine"
    for path in ("trial.py", "helpers/words.py", "helpers/__pycache__/words.pyc", ".git/config"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("text")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one DAG."""
    root = tmp_path / "root"
    (root / "dags").mkdir(parents=True)
    (root / "dags/smoke.py").write_text("ours")
    (root / "Dockerfile").write_text("FROM scratch\n")
    return root


def test_dags_and_their_modules_are_added_as_they_lie_there(folder: Path, root: Path) -> None:
    assert added_dags.read(folder, root) == {"dags/trial.py": b"text", "dags/helpers/words.py": b"text"}


def test_a_dag_never_replaces_one_of_the_repository(folder: Path, root: Path) -> None:
    (folder / "smoke.py").write_text("theirs")

    with pytest.raises(LauncherError, match=r"whose smoke\.py is also in dags/: rename it"):
        added_dags.read(folder, root)


def test_a_folder_that_is_not_there_is_refused(folder: Path, root: Path) -> None:
    with pytest.raises(LauncherError, match="which is no folder: name one with DAGs in it"):
        added_dags.read(folder / "missing", root)


def test_a_folder_without_python_is_refused(folder: Path, root: Path) -> None:
    with pytest.raises(LauncherError, match="which has no Python file in it"):
        added_dags.read(folder / ".git", root)


def test_added_dags_make_another_image(folder: Path, root: Path) -> None:
    plain = BuildContext(root, "Dockerfile")
    added = BuildContext(root, "Dockerfile", added_dags.read(folder, root))

    assert plain.digest({}) != added.digest({})


def test_added_dags_are_sent_to_the_build(folder: Path, root: Path) -> None:
    archive = BuildContext(root, "Dockerfile", added_dags.read(folder, root)).archive({})

    assert b"dags/helpers/words.py" in archive.getvalue()
