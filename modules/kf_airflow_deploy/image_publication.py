"""The image of a commit, from its files to a digest in the registry with a bill of materials."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import docker
from docker.models.images import Image

from kf_airflow_deploy import release_image, sbom
from kf_airflow_deploy.git import Repository
from kf_airflow_deploy.registry import Registry

LOCK = "docker/requirements.lock"


@dataclass(frozen=True)
class ImagePublication:
    """How the image of a commit gets to a registry.

    Args:
        repository: Has the commit.
        engine: Builds and pushes.
        registry: Where the image goes.
        folder: Where the bill of materials goes, too.
        say: Told what happens.
    """

    repository: Repository
    engine: docker.DockerClient
    registry: Registry
    folder: Path
    say: Callable[[str], None]

    def build(self, commit: str, version: str) -> Image:
        """Build the image from what a commit has; files that are not in it have no say.

        Args:
            commit: The commit.
            version: What the image's label calls its version.
        """
        labels = {
            "org.opencontainers.image.revision": commit,
            "org.opencontainers.image.version": version,
        }
        with tempfile.TemporaryDirectory(prefix="kf-airflow-") as directory:
            source = Path(directory)
            self.repository.export(commit, source)
            return release_image.build(self.engine, source, labels, self.say)

    def push(self, image: Image, tag: str) -> str:
        """Push the image; returns its digest."""
        return release_image.push(self.engine, image, self.registry, tag, self.say)

    def pull(self, digest: str) -> Image:
        """Return the image that was pushed before."""
        return release_image.pull(self.engine, self.registry, digest)

    def describe(self, image: Image, *, commit: str, tag: str, digest: str) -> Path:
        """Write the bill of materials and attach it to the image, which is then removed here.

        Args:
            image: The image here.
            commit: What it was built from.
            tag: Its tag.
            digest: Its digest in the registry.

        Returns:
            Where the bill of materials is.
        """
        self.say("listing what is in the image")
        subject = sbom.Subject(self.registry.address, tag, digest, commit)
        found = release_image.contents(self.engine, image)
        lock = self.repository.read(LOCK, commit)
        content = sbom.document(subject, found, lock, now=datetime.now(UTC))
        path = self.folder / sbom.FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.registry.attach(digest, content, media_type=sbom.MEDIA_TYPE, name=sbom.FILE)
        release_image.forget(self.engine, image)
        return path

    def reference(self, tag: str, digest: str) -> str:
        """Return the image as KF_AIRFLOW_IMAGE takes it."""
        return f"{self.registry.address}:{tag}@{digest}"
