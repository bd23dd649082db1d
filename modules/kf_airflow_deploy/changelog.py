"""CHANGELOG.md: what is under "Unreleased" becomes a version's."""

import re
from datetime import date

from kf_airflow_deploy.errors import DeployError

UNRELEASED = "## Unreleased"


def released(text: str, version: str, day: date) -> str:
    """Return the changelog with a version's heading over what was unreleased.

    Args:
        text: The changelog.
        version: The version.
        day: When it is released.

    Raises:
        DeployError: When nothing is under "Unreleased", or the version has a heading already.
    """
    if not entries(text):
        raise DeployError(
            f"CHANGELOG.md has no entry under {UNRELEASED!r}: say there what {version} changes, "
            "and commit that."
        )
    if re.search(rf"^## {re.escape(version)}\b(?!\.)", text, re.MULTILINE):
        raise DeployError(f"CHANGELOG.md has a heading for {version} already: release a newer version.")
    return text.replace(UNRELEASED, f"{UNRELEASED}\n\n## {version} - {day.isoformat()}", 1)


def entries(text: str) -> list[str]:
    """Return the first line of each entry under "Unreleased".

    Raises:
        DeployError: When there is no such heading.
    """
    section = re.search(rf"^{UNRELEASED}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        raise DeployError(f"CHANGELOG.md has no heading {UNRELEASED!r}: put it above the newest version's.")
    return re.findall(r"^- (.*\S)", section.group(1), re.MULTILINE)
