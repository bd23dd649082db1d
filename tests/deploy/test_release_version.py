"""Which version may come next."""

import pytest
from project import ROOT

from kf_airflow_deploy import release_version
from kf_airflow_deploy.errors import DeployError


@pytest.mark.parametrize(
    "text", ["1.0", "v1.0.0", "1.0.0rc1", "1.0.0-rc.1", "01.0.0", "1.0.0+local", "", "latest"]
)
def test_what_is_not_three_numbers_is_refused(text: str) -> None:
    with pytest.raises(DeployError, match="three numbers"):
        release_version.next_version(text, project="0.1.0", tags=[])


@pytest.mark.parametrize("text", ["0.2.0", "0.1.9", "0.0.1"])
def test_a_version_that_is_not_newer_than_the_last_release_is_refused(text: str) -> None:
    with pytest.raises(DeployError, match=rf"{text} is not newer than 0\.2\.0"):
        release_version.next_version(text, project="0.2.0", tags=["0.1.0", "0.2.0"])


def test_numbers_are_compared_as_numbers() -> None:
    assert release_version.next_version("0.10.0", project="0.9.0", tags=["0.9.0"]) == "0.10.0"


def test_the_first_release_may_have_the_version_the_project_has() -> None:
    assert release_version.next_version("0.1.0", project="0.1.0", tags=[]) == "0.1.0"


def test_a_version_older_than_the_projects_is_refused() -> None:
    with pytest.raises(DeployError, match=r"older than 0\.2\.0, which pyproject\.toml says"):
        release_version.next_version("0.1.1", project="0.2.0", tags=["0.1.0"])


def test_tags_that_are_no_versions_do_not_count() -> None:
    assert release_version.next_version("0.2.0", project="0.1.0", tags=["nightly", "0.1.0"]) == "0.2.0"


def test_writing_a_version_changes_that_line_alone() -> None:
    text = '[project]\nversion = "0.1.0"\nrequires-python = ">=3.11"\n[tool]\nversion = "x"\n'
    assert release_version.write(text, "0.2.0") == text.replace("0.1.0", "0.2.0")


def test_a_project_without_a_version_is_refused() -> None:
    with pytest.raises(DeployError, match="no line"):
        release_version.read("[project]\n")


def test_what_is_delivered_from_this_repository_has_one_version() -> None:
    assert len({release_version.read((ROOT / path).read_text()) for path in release_version.FILES}) == 1
