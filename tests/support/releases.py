"""A release that was made, as the tests of releases look at it."""

from dataclasses import dataclass

from release_registry import LocalEcr

from kf_airflow_deploy.git import Repository
from kf_airflow_deploy.image_publication import ImagePublication


@dataclass(frozen=True)
class Released:
    """What was released.

    Args:
        version: The version.
        reference: What the release printed.
        repository: The clone it was made of; its remote is `origin`.
        ecr: Where the image went.
        publication: How it got there.
    """

    version: str
    reference: str
    repository: Repository
    ecr: LocalEcr
    publication: ImagePublication

    @property
    def digest(self) -> str:
        return self.reference.partition("@")[2]
