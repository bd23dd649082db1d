"""Terraform roots that use the written modules, in HCL, and the constructs they are to equal, beside them."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import moto_account
from project import ROOT
from python_terraform import IsFlagged

from kf_airflow.hcl import hcl
from kf_airflow_local import adapter, provider, terraform
from kf_airflow_local.workspace import Workspace
from kf_airflow_modules.generation import synthesized
from kf_airflow_modules.inputs import Values
from kf_airflow_modules.parts import Part, parts
from kf_airflow_modules.probing import probes
from kf_airflow_modules.template import replaced

BUILT = ROOT / "build/modules"
REGION = "us-east-1"
PROVIDER = "6.25.0"
_PIECE = re.compile(r"\$\{(jsonencode\(.*?\))\}(?=[,\]}])")
_QUOTED = re.compile(r'"@@(?:[^"\\]|\\.)*@@"')
REQUIRED: Mapping[str, Any] = {
    "name": "etl-dev",
    "image": "registry.example.org/etl:1a2b3c4",
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "cidr_block": "10.30.0.0/16",
    "port": 8000,
    "health_check_path": "/health",
    "host": "etl.example.org",
    "load_balancer_listener_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/etl/1/2",
    "load_balancer_security_group_id": "sg-0123456789abcdef0",
    "cluster_name": "etl-dev",
    "cluster_region": REGION,
    "cluster_account_id": "123456789012",
    "cluster_log_group_prefix": "apps/etl-dev",
}
"""What has no default, by name."""


_BALANCER = ("listener_arn", "security_group_id")


def by_name() -> dict[str, Part]:
    """Returns the parts by the names of their modules."""
    return {part.name: part for part in parts()}


def built(part: str) -> dict[str, Any]:
    """Returns the module that was written of a part."""
    document: dict[str, Any] = json.loads((BUILT / part / "main.tf.json").read_text())
    return document


def defaults(part: str) -> dict[str, Any]:
    """Returns the values of a module of which only that is said that has to be."""
    return {
        name: variable["default"] if "default" in variable else REQUIRED[name]
        for name, variable in built(part)["variable"].items()
    }


def others(part: str) -> dict[str, Any]:
    """Returns other values than the defaults, of as many variables as the construct takes together."""
    values = defaults(part)
    for number, given in enumerate(by_name()[part].inputs):
        if given.name not in values or given.name in REQUIRED:
            continue
        for value in reversed(probes(given, number)):
            if value != values[given.name] and _allowed(part, {**values, given.name: value}):
                values[given.name] = value
                break
    return values


def construct(part: str, values: Values) -> dict[str, Any]:
    """Returns what the construct itself is with these values of variables."""
    fixed = {given.name: given.default for given in by_name()[part].inputs}
    required = {
        name: "arn:aws:not:used" if name.endswith("arn") else "not-used"
        for name, value in fixed.items()
        if value is None and name.startswith(("cluster_", "load_balancer_"))
    }
    return synthesized(by_name()[part], {**fixed, **required, **values})


def _allowed(part: str, values: Values) -> bool:
    try:
        construct(part, values)
    except ValueError:
        return False
    return True


def wired(
    name: str, *, image: str, service: Mapping[str, Any]
) -> dict[str, tuple[Mapping[str, Any], Values]]:
    """Returns calls of the modules of parts, each told of the others what it needs, and easy to take down.

    Args:
        name: What their resources are called.
        image: What the service runs.
        service: The module of the service, which runs a command of its own.
    """
    network = {key: f"${{module.network.{key}}}" for key in ("vpc_id", "private_subnet_ids")}
    cluster = ("name", "region", "account_id", "log_group_prefix")
    return {
        "network": (built("network"), {"name": name, "cidr_block": "10.60.0.0/18"}),
        "storage": (built("storage"), {"name": name, "force_destroy": True}),
        "database": (
            built("database"),
            {"name": name, **network, "deletion_protection": False, "final_snapshot": False},
        ),
        "broker": (built("broker"), {"name": name, **network, "recovery_window_days": 0}),
        "cluster": (
            built("cluster"),
            {"name": name, "vpc_id": network["vpc_id"], "log_retention_days": 1},
        ),
        "service": (
            service,
            {
                "name": f"{name}-web",
                **network,
                **{f"cluster_{key}": f"${{module.cluster.{key}}}" for key in cluster},
                "image": image,
                "port": 8000,
                "health_check_path": "/health",
                "environment": {"NAME": name},
                "host": "etl.example.org",
                **{f"load_balancer_{key}": f"${{module.ingress.{key}}}" for key in _BALANCER},
            },
        ),
        "ingress": (
            built("ingress"),
            {
                "name": name,
                **network,
                "cidr_block": "${module.network.cidr_block}",
                "deletion_protection": False,
            },
        ),
    }


class Root:
    """A root that uses modules, initialized with the provider at hand.

    Args:
        folder: Where it is.
        url: The address of AWS's API.
        calls: By name the module that is called, and its arguments.
    """

    def __init__(
        self, folder: Path, *, url: str, calls: Mapping[str, tuple[Mapping[str, Any], Values]]
    ) -> None:
        self.workspace = Workspace(folder)
        self._url, self._calls = url, calls
        failures = []
        for source in provider.sources(os.environ, PROVIDER):
            self._write(old=source.old)
            terraform.choose(self.workspace, source)
            self.driver = terraform.Terraform(self.workspace, lambda _: None)
            failure = terraform.init(self.driver, self.workspace)
            if failure is None:
                return
            failures.append(f"{source.name}: {failure}")
        raise AssertionError("\n".join(failures))

    def _write(self, *, old: bool) -> None:
        for name, (document, _) in self._calls.items():
            folder = self.workspace.terraform / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "main.tf.json").write_text(json.dumps(_adapted(document) if old else document))
        arguments = {"region": REGION, **moto_account.provider_arguments(self._url)}
        root = {
            "provider": {"aws": [arguments]},
            "module": {name: {"source": f"./{name}", **values} for name, (_, values) in self._calls.items()},
        }
        text = hcl(_adapted(root) if old else root, {"provider.aws": {"endpoints": {}}})
        (self.workspace.terraform / "main.tf").write_text(text)

    def apply(self) -> str:
        """Plans and applies; returns Terraform's summary."""
        terraform.plan(self.driver)
        return terraform.apply(self.driver)

    def plans_changes(self) -> bool:
        """Plans, and tells whether there is anything to change."""
        return terraform.plan(self.driver)

    def destroy(self) -> None:
        """Takes down what was applied."""
        code, output, errors = self.driver.cmd(
            "destroy", auto_approve=IsFlagged, no_color=IsFlagged, input=False
        )
        assert code == 0, terraform.explain(output, errors)

    def state(self) -> dict[str, list[str]]:
        """Returns the types of what is in the state, by module."""
        code, output, errors = self.driver.cmd("state", "list")
        assert code == 0, terraform.explain(output, errors)
        found: dict[str, list[str]] = {}
        for address in output.splitlines():
            _, module, kind, *_ = address.split(".")
            if kind != "data":
                found.setdefault(module, []).append(kind)
        return found

    def planned(self) -> dict[str, dict[tuple[str, str], Any]]:
        """Returns what the plan makes of each module: by resource its values, and what is known later."""
        terraform.plan(self.driver)
        done = subprocess.run(
            ["terraform", "show", "-json", terraform.PLAN],
            cwd=self.workspace.terraform,
            env=terraform.environment(os.environ, self.workspace),
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, dict[tuple[str, str], Any]] = {}
        for change in json.loads(done.stdout)["resource_changes"]:
            if change["mode"] == "managed":
                made = found.setdefault(change["module_address"].removeprefix("module."), {})
                made[change["type"], change["name"]] = (
                    _spelt_out(change["change"]["after"]),
                    change["change"]["after_unknown"],
                )
        return found


def _adapted(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a module, or a root, as the old provider takes it."""
    # The launcher's adapter reads texts of JSON, which a module has pieces of Terraform's in.
    quoted = replaced(document, lambda text: _PIECE.sub(lambda found: json.dumps(f"@@{found[1]}@@"), text))
    adapted = adapter.adapt({"provider": {"aws": [{}]}, **quoted})
    adapted = replaced(
        adapted, lambda text: _QUOTED.sub(lambda found: f"${{{json.loads(found[0])[2:-2]}}}", text)
    )
    required = adapted.get("terraform", {}).get("required_providers", {}).get("aws")
    if required:
        required["version"] = adapter.VERSION
    return {key: value for key, value in adapted.items() if key != "provider" or "provider" in document}


def _spelt_out(value: Any) -> Any:
    """Returns a value with JSON in place of texts of JSON, in which spaces do not count."""
    if isinstance(value, dict):
        return {key: _spelt_out(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelt_out(item) for item in value]
    if isinstance(value, str) and value.startswith(("{", "[")):
        return json.loads(value)
    return value
