"""The token for Terraform Cloud or Enterprise: from the environment, or where `terraform login` keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kf_airflow_deploy.errors import DeployError

_ANY_HOST = "TFE_TOKEN"
# What an HTTP header can carry. Any other would end up in the error of the HTTP client, with the token in it.
_USABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Token:
    """A token, which its representation hides.

    Args:
        value: The token.
        origin: Where it was found, as it reads in a sentence.
    """

    value: str = field(repr=False)
    origin: str


def find_token(host: str, *, environment: Mapping[str, str], home: Path) -> Token:
    """Returns the token for a host.

    Terraform's own order: `TF_TOKEN_<host>`, then its files. `TFE_TOKEN`, which the provider `tfe` reads,
    comes between the two.

    Args:
        host: The host, with its port where it has one.
        environment: The environment.
        home: The user's home, in which Terraform has its files.

    Raises:
        DeployError: if there is none, or the first one found cannot be one.
    """
    for value, origin in _candidates(host, environment, home):
        if not _USABLE.fullmatch(value):
            raise DeployError(
                f"The token in {origin} has spaces, line breaks or other characters that no token has: "
                "set it again."
            )
        return Token(value, origin)
    raise DeployError(
        f"There is no token for {host}: set {variable_of(host)} or {_ANY_HOST}, or run "
        f"`terraform login {host}`."
    )


def variable_of(host: str) -> str:
    """Returns the variable in which Terraform looks for a host's token.

    https://developer.hashicorp.com/terraform/cli/config/config-file#environment-variable-credentials
    """
    name = host.partition(":")[0].encode("idna").decode()
    return "TF_TOKEN_" + name.replace("-", "__").replace(".", "_")


def _candidates(host: str, environment: Mapping[str, str], home: Path) -> Iterator[tuple[str, str]]:
    for variable in (variable_of(host), _ANY_HOST):
        if named := environment.get(variable, "").strip():
            yield named, variable
    configured = environment.get("TF_CLI_CONFIG_FILE")
    configuration = Path(configured).expanduser() if configured else home / ".terraformrc"
    if kept := _in_configuration(configuration, host):
        yield kept, str(configuration)
    logins = home / ".terraform.d" / "credentials.tfrc.json"
    if kept := _in_logins(logins, host):
        yield kept, str(logins)


def _in_configuration(path: Path, host: str) -> str | None:
    """Returns what a block `credentials "<host>"` of Terraform's own configuration has."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    block = re.search(rf'^\s*credentials\s+"{re.escape(host)}"\s*\{{([^}}]*)\}}', text, re.MULTILINE)
    found = re.search(r'^\s*token\s*=\s*"([^"]+)"', block.group(1), re.MULTILINE) if block else None
    return found.group(1) if found else None


def _in_logins(path: Path, host: str) -> str | None:
    """Returns what `terraform login` wrote."""
    if not path.is_file():
        return None
    try:
        token = json.loads(path.read_text(encoding="utf-8"))["credentials"][host]["token"]
    except (ValueError, KeyError, TypeError):
        return None
    return token if isinstance(token, str) else None
