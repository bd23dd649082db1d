import re

import pytest
from project import ROOT

import kf_airflow
from kf_airflow.deprecations import NAMES


def test_public_names_are_sorted() -> None:
    assert kf_airflow.__all__ == sorted(kf_airflow.__all__)


@pytest.mark.parametrize("name", kf_airflow.__all__)
def test_a_public_name_is_there_and_called_so(name: str) -> None:
    assert getattr(kf_airflow, name).__name__ == name


@pytest.mark.parametrize("name", kf_airflow.__all__)
def test_a_public_name_is_described(name: str) -> None:
    assert len(getattr(kf_airflow, name).__doc__) > 20


def test_the_documentation_lists_the_public_names() -> None:
    text = (ROOT / "docs/library.md").read_text().partition("## What to rely on")[2]
    table = text.partition("\n\n|")[2].partition("\n\n")[0]

    assert sorted(re.findall(r"`(\w+)`", table)) == kf_airflow.__all__


def test_the_documentation_lists_what_is_deprecated() -> None:
    text = (ROOT / "docs/library.md").read_text().partition("**What is called otherwise**")[2]
    table = text.partition("\n\n|")[2].partition("\n\n")[0]
    code = "".join(path.read_text() for path in (ROOT / "modules/kf_airflow").glob("*.py"))
    arguments = {
        old
        for found in re.findall(r"@renamed_arguments\(([^)]*)\)", code)
        for old in re.findall(r"(\w+)=", found.partition(",")[2])
    }

    old = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split(" | ")[1])}
    assert old == {*NAMES, *arguments, "Airflow", "Service"}


def test_a_name_that_is_not_public_is_missing() -> None:
    with pytest.raises(AttributeError, match="module 'kf_airflow' has no attribute 'Kubernetes'"):
        _ = kf_airflow.Kubernetes
