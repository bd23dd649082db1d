"""Which version may be released next, and where the project says it."""

import re
from collections.abc import Iterable

from packaging.version import InvalidVersion, Version

from kf_airflow_deploy.errors import DeployError

FILES = ("pyproject.toml", "docker/runtime/pyproject.toml")
"""What is delivered, and so carries the version: the library, and our part of the image."""

_LINE = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)


def next_version(text: str, *, project: str, tags: Iterable[str]) -> str:
    """Return the version, if it may come next.

    Args:
        text: The version that is asked for.
        project: The one in pyproject.toml.
        tags: All tags there are; those that are no versions do not count.

    Raises:
        DeployError: When it is none, or not newer than what was released.
    """
    # Of what Python and semantic versioning both know, as the image's tag and the package's version are one.
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text):
        raise DeployError(
            f"{text!r} is no version that can be released: it takes three numbers without leading zeros, "
            "such as 1.2.0."
        )
    version = Version(text)
    newest = max(released(tags), default=None)
    if newest is not None and version <= newest:
        raise DeployError(f"{text} is not newer than {newest}, the last release: take a higher version.")
    if version < Version(project):
        raise DeployError(
            f"{text} is older than {project}, which pyproject.toml says: take a higher version."
        )
    return text


def released(tags: Iterable[str]) -> list[Version]:
    """Return the versions among tags."""
    versions = []
    for tag in tags:
        try:
            versions.append(Version(tag))
        except InvalidVersion:
            continue
    return versions


def read(pyproject: str) -> str:
    """Return the version that the text of a pyproject.toml gives.

    Raises:
        DeployError: When it gives none in a line of its own.
    """
    found = _LINE.search(pyproject)
    if found is None:
        raise DeployError('pyproject.toml has no line `version = "..."`: restore it from git.')
    return found.group(1)


def write(pyproject: str, version: str) -> str:
    """Return the text of a pyproject.toml with another version."""
    read(pyproject)
    return _LINE.sub(f'version = "{version}"', pyproject, count=1)
