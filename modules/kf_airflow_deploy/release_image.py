"""The image of a commit: built from what the commit has, pushed, and asked what is in it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException
from docker.models.images import Image

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.registry import Registry
from kf_airflow_local import base_image, engine, images
from kf_airflow_local.build_context import BuildContext
from kf_airflow_local.errors import LauncherError

_END = "--- end of part ---"
_PYTHON = """
from importlib.metadata import distributions
for found in distributions():
    print(found.name, found.version, found.metadata.get("License-Expression") or "", sep="\\t")
"""
_DEBIAN = "${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\n"
_ASK = f"""
cat /etc/os-release; echo '{_END}'
dpkg-query --show --showformat='{_DEBIAN}'; echo '{_END}'
python3 -I -c '{_PYTHON}'
"""


@dataclass(frozen=True)
class PythonPackage:
    """A distribution in the image.

    Args:
        name: Its name.
        version: Its version.
        license: Its licence as an SPDX expression; empty where it gives none.
    """

    name: str
    version: str
    license: str = ""


@dataclass(frozen=True)
class DebianPackage:
    """A package of Debian in the image.

    Args:
        name: Its name.
        version: Its version.
        architecture: ``amd64``, ``arm64`` or ``all``.
        source: The source package it was made from, which Debian's security notices name.
        source_version: That one's version.
    """

    name: str
    version: str
    architecture: str
    source: str
    source_version: str


@dataclass(frozen=True)
class Contents:
    """What is installed in an image.

    Args:
        distribution: Debian's release, such as ``debian-13``.
        debian: Its packages.
        python: The distributions of its Python.
    """

    distribution: str
    debian: tuple[DebianPackage, ...]
    python: tuple[PythonPackage, ...]


def client() -> docker.DockerClient:
    """Return the engine.

    Raises:
        DeployError: When none answers.
    """
    found = engine.reach()
    if found is None:
        raise DeployError(
            f"No container engine answers at {engine.address()}, and an image cannot be built without one: "
            "start Docker, or set DOCKER_HOST."
        )
    return found


def build(
    engine_client: docker.DockerClient, source: Path, labels: dict[str, str], say: Callable[[str], None]
) -> Image:
    """Build the image as the local system's is built, with labels that say what it is of.

    Args:
        engine_client: The engine.
        source: The files of the commit.
        labels: The labels.
        say: Told what happens.

    Raises:
        DeployError: When it cannot be built, with the end of what the build printed.
    """
    context = BuildContext(source, images.AIRFLOW.dockerfile)
    try:
        images.prepare(engine_client, say)
        return images.build(
            engine_client,
            images.AIRFLOW,
            context,
            context.digest(labels),
            say,
            labels={**labels, **base_of(engine_client)},
        )
    except LauncherError as error:
        raise DeployError(str(error)) from error


def base_of(engine_client: docker.DockerClient) -> dict[str, str]:
    """Return labels that name the image that all others are built on."""
    name = base_image.BASE_IMAGE
    digests = engine_client.images.get(name).attrs.get("RepoDigests") or []
    labels = {"org.opencontainers.image.base.name": name}
    if digests:  # one that was made here was never in a registry
        labels["org.opencontainers.image.base.digest"] = str(digests[0]).partition("@")[2]
    return labels


def push(
    engine_client: docker.DockerClient, image: Image, registry: Registry, tag: str, say: Callable[[str], None]
) -> str:
    """Push the image and return its digest.

    Args:
        engine_client: The engine.
        image: The image.
        registry: Where to.
        tag: The tag it gets there.
        say: Told what happens.

    Raises:
        DeployError: When the registry does not take it.
    """
    reference = f"{registry.address}:{tag}"
    say(f"pushing {reference}")
    digest = ""
    try:
        image.tag(registry.address, tag=tag)
        try:
            for event in engine_client.api.push(
                registry.address, tag=tag, stream=True, decode=True, auth_config=_login(registry)
            ):
                if "error" in event:
                    raise DeployError(f"The registry does not take {reference}: {event['error']}.")
                digest = event.get("aux", {}).get("Digest", digest)
        finally:
            # Only the name: the image itself keeps the one it was built with.
            engine_client.images.remove(reference, noprune=True)
    except DockerException as error:
        raise DeployError(f"The engine cannot push {reference}: {error}.") from error
    if not digest:
        raise DeployError(f"The engine pushed {reference} and named no digest: look for it in the registry.")
    return digest


def pull(engine_client: docker.DockerClient, registry: Registry, digest: str) -> Image:
    """Return an image that is in the registry.

    Raises:
        DeployError: When it cannot be pulled.
    """
    reference = f"{registry.address}@{digest}"
    try:
        return engine_client.images.pull(reference, auth_config=_login(registry))
    except DockerException as error:
        raise DeployError(f"The engine cannot pull {reference}: {error}.") from error


def contents(engine_client: docker.DockerClient, image: Image) -> Contents:
    """Return what is installed in the image, asked in a container without a network.

    Raises:
        DeployError: When it cannot be asked.
    """
    try:
        said: bytes = engine_client.containers.run(
            image, ["-c", _ASK], entrypoint="sh", network_disabled=True, remove=True
        )
    except DockerException as error:
        raise DeployError(f"The image cannot be asked what is in it: {error}.") from error
    release, debian, python = (part.strip() for part in said.decode().split(_END))
    facts = dict(line.replace('"', "").split("=", 1) for line in release.splitlines() if "=" in line)
    return Contents(
        f"{facts['ID']}-{facts.get('VERSION_ID', 'unstable')}",
        tuple(DebianPackage(*line.split("\t")) for line in sorted(debian.splitlines())),
        tuple(PythonPackage(*line.split("\t")) for line in sorted(python.splitlines())),
    )


def forget(engine_client: docker.DockerClient, image: Image) -> None:
    """Remove an image that is in the registry by now: the newest one here stays the local system's."""
    try:
        engine_client.images.remove(str(image.id), force=True)
    except DockerException:
        return  # something uses it


def _login(registry: Registry) -> dict[str, str] | None:
    """Return what the engine logs in with; None lets it use what docker login has left."""
    if registry.login is None:
        return None
    return {"username": registry.login.username, "password": registry.login.password}
