"""What a release makes of CHANGELOG.md."""

from datetime import date

import pytest
from project import ROOT

from kf_airflow_deploy import changelog
from kf_airflow_deploy.errors import DeployError

DAY = date(2026, 11, 25)
TEXT = """# Changelog

## Unreleased

### Added
- Pools of workers.

## 0.1.0 - 2026-01-01
- The first.
"""


def test_what_was_unreleased_is_under_the_version_and_its_day() -> None:
    assert changelog.released(TEXT, "0.2.0", DAY) == TEXT.replace(
        "## Unreleased\n", "## Unreleased\n\n## 0.2.0 - 2026-11-25\n"
    )


def test_after_a_release_nothing_is_unreleased() -> None:
    assert changelog.entries(changelog.released(TEXT, "0.2.0", DAY)) == []


def test_a_changelog_without_entries_is_refused() -> None:
    empty = TEXT.replace("- Pools of workers.\n", "")
    with pytest.raises(DeployError, match=r"no entry under '## Unreleased': say there what 0\.2\.0 changes"):
        changelog.released(empty, "0.2.0", DAY)


def test_a_changelog_without_the_heading_is_refused() -> None:
    with pytest.raises(DeployError, match="no heading '## Unreleased'"):
        changelog.released("# Changelog\n", "0.2.0", DAY)


def test_a_version_that_has_a_heading_is_refused() -> None:
    with pytest.raises(DeployError, match=r"a heading for 0\.1\.0 already"):
        changelog.released(TEXT, "0.1.0", DAY)


def test_a_heading_of_another_version_that_begins_alike_is_none() -> None:
    assert "## 0.1 - 2026-11-25" in changelog.released(TEXT, "0.1", DAY)


def test_the_changelog_of_this_repository_has_the_heading() -> None:
    assert changelog.UNRELEASED in (ROOT / "CHANGELOG.md").read_text().splitlines()
