"""References to images: `repository[:tag][@sha256:digest]`. Plain Python, tested without a registry."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The grammar of distribution's references, which Docker and ECS read images by, without IPv6 addresses:
# https://pkg.go.dev/github.com/distribution/reference
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<repository>(?:{_HOST}/)?{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
_LONGEST = 255


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """Which image runs, and what it is called.

    A tag may come to mean another image; a digest is the content, so all who pull it get the same.

    Args:
        repository: The repository, with its registry unless that is Docker Hub.
        tag: The tag. None if left out.
        digest: `sha256:` and 64 hexadecimal digits. None if left out.
    """

    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def pulled(self) -> str:
        """What ECS is told: the digest where there is one, else the tag.

        ECS's documentation knows `repository:tag` and `repository@digest`, and not both in one.
        """
        if self.digest is not None:
            return f"{self.repository}@{self.digest}"
        return self.repository if self.tag is None else f"{self.repository}:{self.tag}"


def parse_image(key: str, value: str) -> ImageReference:
    """Returns the parts of a reference.

    Args:
        key: What it is called where it was given.
        value: The reference, such as `registry.example.org/kf-airflow:1a2b3c4@sha256:...`.

    Raises:
        ValueError: if it is none that ECS takes.
    """
    found = _REFERENCE.fullmatch(value)
    if found is None:
        raise ValueError(
            f"{key} is {value!r}: allowed is repository[:tag][@sha256:<64 hexadecimal digits>] in lower case "
            "(a tag may have capitals), such as registry.example.org/kf-airflow:1a2b3c4"
        )
    reference = ImageReference(**found.groupdict())
    limited = reference.repository if reference.digest else reference.pulled
    if len(limited) > _LONGEST:
        raise ValueError(f"{key} is {value!r}: allowed are {_LONGEST} characters before the digest")
    return reference


def given_image(key: str, value: str) -> ImageReference:
    """Returns the parts of a reference, or one of Terraform's expressions as it is: its parts come later.

    Args:
        key: What it is called where it was given.
        value: The reference, or text with a `${`.

    Raises:
        ValueError: if it is a reference that ECS does not take.
    """
    return ImageReference(repository=value) if "${" in value else parse_image(key, value)
