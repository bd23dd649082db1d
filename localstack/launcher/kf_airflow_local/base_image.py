"""The image that all others are built on: Debian's own, pulled, or made here from its packages."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import docker
from docker.errors import DockerException, ImageNotFound

from kf_airflow_local import host
from kf_airflow_local.errors import LauncherError

BASE_IMAGE = "debian:trixie-slim"
MADE_LABEL = "kf-airflow.made-here"
REPOSITORY, TAG = BASE_IMAGE.split(":")


def ensure(client: docker.DockerClient, say: Callable[[str], None]) -> None:
    """Make sure that the base image is there.

    Args:
        client: The engine.
        say: Told what happens.

    Raises:
        LauncherError: When it can neither be pulled nor be made.
    """
    try:
        client.images.get(BASE_IMAGE)
    except ImageNotFound:
        pass
    else:
        return
    say(f"pulling {BASE_IMAGE}")
    try:
        client.images.pull(REPOSITORY, tag=TAG)
    except DockerException as error:
        if not host.may_install() or host.distribution() != "debian":
            raise LauncherError(
                f"{BASE_IMAGE} cannot be pulled ({str(error).strip()}), and only root on Debian can make it "
                f"from Debian's packages: let the engine reach Docker Hub, or load the image (docker load)."
            ) from error
        say(f"no answer from Docker Hub: making {BASE_IMAGE} from Debian's packages")
        make(client)


def make(client: docker.DockerClient) -> None:
    """Make the base image from the essential packages, which is what the one on Docker Hub is.

    Args:
        client: The engine.

    Raises:
        LauncherError: When mmdebstrap fails, with its last words.
    """
    if shutil.which("mmdebstrap") is None:
        host.install("mmdebstrap")
    with tempfile.TemporaryDirectory(prefix="kf-airflow-") as directory:
        archive = Path(directory) / "trixie.tar"
        command = [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--include=ca-certificates",
            "trixie",
            str(archive),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise LauncherError(
                f"mmdebstrap could not make {BASE_IMAGE} ({last}): "
                "make sure that Debian's package archive is reachable."
            )
        changes = ['CMD ["bash"]', f"LABEL {MADE_LABEL}=yes"]
        client.api.import_image(src=str(archive), repository=REPOSITORY, tag=TAG, changes=changes)
