"""What could keep the local system from coming up, or a deployment from reaching AWS.

It is looked at, and not changed.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3
import docker
import psutil
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509

from kf_airflow_local import engine, host, images, localstack, provider
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.system import System

PYTHON, NODE, TERRAFORM, ENGINE = (3, 11), (20,), (1, 11), (20, 10)
"""The oldest versions that are known to do."""

MEMORY_GIBIBYTES = 6.0
"""What the whole system takes at work, with room for a build."""

_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


@dataclass(frozen=True)
class Finding:
    """What one look showed.

    Args:
        what: What was looked at.
        good: Whether it is as it should be.
        said: How it is, and what to do about it if it is not good.
    """

    what: str
    good: bool
    said: str


def examine(system: System, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything, one after the other; what cannot be looked at is a finding as well.

    Args:
        system: The local system.
        environment: The user's own, with what says who they are in AWS.
    """
    client = engine.reach()
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Python", python),
        ("Node.js", lambda: program("node", "--version", NODE, "install Node.js 20 or newer (nodejs.org)")),
        (
            "Terraform",
            lambda: program(
                "terraform",
                "version",
                TERRAFORM,
                "install Terraform 1.11 or newer (developer.hashicorp.com/terraform/install)",
            ),
        ),
        ("Container engine", lambda: container_engine(client)),
        ("Ports", lambda: ports(client, system)),
        ("Disk", lambda: disk(client, system)),
        ("Memory", lambda: memory(client)),
        ("Certificates", lambda: certificates(system, environment)),
        ("AWS provider", lambda: aws_provider(environment)),
        ("AWS identity", lambda: aws_identity(environment)),
    )
    for what, look in looks:
        try:
            yield Finding(what, good=True, said=look())
        except LauncherError as error:
            yield Finding(what, good=False, said=str(error))


def python() -> str:
    """How new Python is."""
    if sys.version_info[:2] < PYTHON:
        raise LauncherError(f"{_dotted(sys.version_info[:3])}: install Python {_dotted(PYTHON)} or newer.")
    return _dotted(sys.version_info[:3])


def program(name: str, argument: str, least: tuple[int, ...], hint: str) -> str:
    """How new a program is.

    Args:
        name: The program.
        argument: What makes it print its version.
        least: The oldest version that does.
        hint: What to do where it is older or not there.

    Raises:
        LauncherError: When it is.
    """
    host.require_program(name, hint)
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            [name, argument], capture_output=True, text=True, timeout=20, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LauncherError(f"{name} does not run ({error}): {hint}.") from error
    found = re.search(r"v?(\d+(?:\.\d+)+)", done.stdout)
    if done.returncode or not found:
        raise LauncherError(f"{name} does not say its version ({done.stderr.strip()[-200:]}): {hint}.")
    if _numbers(found.group(1)) < least:
        raise LauncherError(f"{found.group(1)} is too old: {hint}.")
    return found.group(1)


def container_engine(client: docker.DockerClient | None) -> str:
    """Which engine answers, or whether one would be started.

    Raises:
        LauncherError: When none answers and none can be started, or it is too old.
    """
    if client is None:
        if host.may_install() and host.distribution() in {"debian", "ubuntu"}:
            return f"none answers at {engine.address()}; nox -s up installs and starts one"
        raise LauncherError(f"None answers at {engine.address()}: {engine.INSTALL_HINT}.")
    version = str(client.version()["Version"])
    if _numbers(version) < ENGINE:
        raise LauncherError(f"{version} is too old: install Docker {_dotted(ENGINE)} or newer.")
    return f"{version} answers at {engine.address()}"


def ports(client: docker.DockerClient | None, system: System) -> str:
    """Whether what the local system listens on is free, or its own already.

    Raises:
        LauncherError: When something else listens there, such as the local system of another clone.
    """
    wanted = system.ports
    said = f"{wanted.api} and {wanted.webserver}"
    running = localstack.current(client) if client else None
    if running is not None and running.status == "running":
        localstack.require_own(running, system.workspace)
        return f"{said} are the local system's, which runs"
    localstack.require_free_ports(wanted)
    return f"{said} are free"


def disk(client: docker.DockerClient | None, system: System) -> str:
    """Whether there is room for images and state.

    Raises:
        LauncherError: When there is too little.
    """
    places = {system.workspace.root: ("The repository's environment and state", 2.0)}
    if client is not None:
        places[Path(client.info()["DockerRootDir"])] = ("Building the images", images.NEEDED_GIBIBYTES)
    for place, (purpose, needed) in places.items():
        host.require_free_space(place, needed, purpose)
    free = {place: shutil.disk_usage(place).free / 2**30 for place in places if place.exists()}
    return ", ".join(f"{room:.0f} GiB free at {place}" for place, room in free.items())


def memory(client: docker.DockerClient | None) -> str:
    """Whether the machine that the containers run on has enough memory.

    Raises:
        LauncherError: When it has too little.
    """
    total = client.info()["MemTotal"] if client else psutil.virtual_memory().total
    gibibytes = total / 2**30
    if gibibytes < MEMORY_GIBIBYTES:
        raise LauncherError(
            f"{gibibytes:.1f} GiB, but the local system takes {MEMORY_GIBIBYTES:g}: give the engine more "
            "(Docker Desktop: Settings, Resources), or use another machine."
        )
    return f"{gibibytes:.0f} GiB"


def certificates(system: System, environment: Mapping[str, str]) -> str:
    """Whether the files with CAs that the environment names are there, and the local CA can be read.

    Raises:
        LauncherError: When one is not.
    """
    for name in _CA_VARIABLES:
        value = environment.get(name)
        if value and not _has_certificates(Path(value)):
            raise LauncherError(
                f"{name} is {value!r}, which is no file with certificates: correct it, or unset it."
            )
    authority = system.workspace.certificates / "ca.pem"
    if not authority.is_file():
        return "nox -s up makes the local authority"
    try:
        expiry = x509.load_pem_x509_certificate(authority.read_bytes()).not_valid_after_utc
    except ValueError as error:
        raise LauncherError(
            f"{authority} is no certificate ({error}): remove its folder; nox -s up makes a new one."
        ) from error
    return f"the local authority is good until {expiry:%Y-%m-%d}"


def aws_provider(environment: Mapping[str, str]) -> str:
    """Where Terraform would get the AWS provider from.

    Raises:
        LauncherError: When it is to be had nowhere.
    """
    if configured := provider.configured_installation(environment):
        return f"as {configured} says"
    for directory in (*provider.plugin_caches(environment), *provider.implied_mirrors()):
        if (directory / provider.ADDRESS).is_dir():
            return f"from {directory}"
    if provider.registry_answers():
        return "from the Terraform registry"
    if provider.target() == "linux_amd64":
        return f"from the package {provider.PACKAGE}: an old one, for which the stack is adapted"
    raise LauncherError(
        f"None for {provider.target()}: let Terraform reach its registry, or set TF_PLUGIN_CACHE_DIR."
    )


def aws_identity(environment: Mapping[str, str]) -> str:
    """Who a deployment to AWS would be made as. The local system needs nobody.

    Raises:
        LauncherError: When there are credentials and AWS refuses them, or does not answer.
    """
    profile = environment.get("AWS_PROFILE")
    try:
        session = boto3.Session(profile_name=profile)
        if session.get_credentials() is None:
            return "none, which is enough for the local system; before cdktf deploy log in to an account"
        client = session.client(
            "sts",
            region_name=session.region_name or "us-east-1",
            config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 1}),
        )
        found = client.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise LauncherError(
            f"There are credentials, but they do not do ({error}): log in again (aws sso login), or unset "
            "AWS_PROFILE and the variables with keys; the local system needs none."
        ) from error
    return f"{found['Arn']} in account {found['Account']}"


def _has_certificates(file: Path) -> bool:
    try:
        return b"-----BEGIN CERTIFICATE-----" in file.read_bytes()
    except OSError:
        return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
