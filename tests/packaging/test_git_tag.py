"""A release's tag can be installed from git, and is the version that is installed then."""

from datetime import UTC, datetime
from pathlib import Path

from empty_environments import Environment
from release_repository import copied_repository

from kf_airflow_deploy import release_checks

VERSION = "97.0.1"


def test_a_tag_is_installed_as_its_version(tmp_path: Path) -> None:
    repository = copied_repository(tmp_path)
    plan = release_checks.plan(repository, VERSION, branch="main", day=datetime.now(UTC).date())
    commit = repository.commit_with(plan.files, f"Release {VERSION}")
    repository.publish(commit, branch="main", tag=VERSION, message="Release", remote=plan.remote)

    environment = Environment.with_installed(
        tmp_path / "venv", f"kf-airflow @ git+file://{tmp_path / 'remote.git'}@{VERSION}"
    )
    program = tmp_path / "program.py"
    program.write_text(
        "import importlib.metadata as m\nfrom kf_airflow import Airflow\nprint(m.version('kf-airflow'))\n"
    )
    assert environment.run(program) == f"{VERSION}\n"
