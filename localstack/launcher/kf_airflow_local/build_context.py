"""What is sent to the engine to build an image from."""

import hashlib
import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from docker.utils.build import exclude_paths

CA_BUNDLE_PATH = "build/image/ca.pem"
"""Where a build finds the bundle of a private CA in its context (docker/README.md)."""
CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class BuildContext:
    """The files that an image is built from.

    Args:
        root: Directory that the Dockerfile's paths are relative to.
        dockerfile: Path of the Dockerfile, relative to the root. What its ``.dockerignore`` file (the one
            named after it, else the root's) names is left out, as ``docker build`` does.
        added: Further files that go into the image, by path. None if left out.
    """

    root: Path
    dockerfile: str
    added: Mapping[str, bytes] = field(default_factory=dict)

    def files(self) -> list[str]:
        """Return the paths of the files, relative to the root and sorted."""
        ignore = self.root / f"{self.dockerfile}.dockerignore"
        if not ignore.is_file():
            ignore = self.root / ".dockerignore"
        lines = ignore.read_text().splitlines() if ignore.is_file() else []
        patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        # The bundle is added by hand, from where the host has it: one left behind by somebody else is not
        # taken. The engine would read .dockerignore too, and the root's is not the one of every Dockerfile.
        found = exclude_paths(str(self.root), patterns, dockerfile=self.dockerfile)
        found -= {CA_BUNDLE_PATH, ".dockerignore"}
        return sorted(path for path in found if (self.root / path).is_file())

    def digest(self, arguments: Mapping[str, str]) -> str:
        """Return a hash of everything that decides what comes out.

        The CA bundle is not part of it: it says how packages are fetched, not which.

        Args:
            arguments: Build arguments.
        """
        digest = hashlib.sha256(repr((self.dockerfile, sorted(arguments.items()))).encode())
        for path in self.files():
            executable = os.access(self.root / path, os.X_OK)
            content = hashlib.sha256((self.root / path).read_bytes()).hexdigest()
            digest.update(f"{path}\0{executable}\0{content}\n".encode())
        for path, added in sorted(self.added.items()):
            digest.update(f"{path}\0False\0{hashlib.sha256(added).hexdigest()}\n".encode())
        return digest.hexdigest()

    def archive(self, extra: Mapping[str, bytes]) -> io.BytesIO:
        """Return the context as a tar archive.

        It is made in memory, so that a CA bundle never lies in the working tree.

        Args:
            extra: Files that only the build needs, by path.
        """
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for path in self.files():
                mode = 0o755 if os.access(self.root / path, os.X_OK) else 0o644
                _add(archive, path, (self.root / path).read_bytes(), mode)
            for path, content in {**self.added, **extra}.items():
                _add(archive, path, content, 0o644)
        stream.seek(0)
        return stream


def ca_bundle(environment: Mapping[str, str]) -> bytes | None:
    """Return the certificates that this host trusts package registries by, where it was told of some.

    Args:
        environment: The environment to look into.
    """
    for variable in CA_VARIABLES:
        if (value := environment.get(variable)) and Path(value).is_file():
            return Path(value).read_bytes()
    return None


def _add(archive: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))
