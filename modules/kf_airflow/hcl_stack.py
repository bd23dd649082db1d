"""Writes a stack of constructs in Terraform's own language, HCL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdktf import App, TerraformDataSource, TerraformProvider, TerraformResource, TerraformStack

from kf_airflow.hcl import Blocks, hcl


def hcl_of(stack: TerraformStack) -> str:
    """Returns a stack as HCL that means what its JSON does.

    CDKTF's own (`hcl_output`, 0.21) does not escape quotes in strings and leaves out what an override sets:
    Terraform reads no stack of it that has a policy.
    """
    return hcl(stack.to_terraform(), blocks_of(stack))


def write_hcl(app: App) -> list[Path]:
    """Writes `cdk.tf` for each stack of an app, where CDKTF writes it, and returns the paths.

    What CDKTF has written there goes: Terraform would take it for more of the same stack.
    """
    written = []
    for stack in app.node.children:
        if isinstance(stack, TerraformStack):
            path = Path(app.outdir, "stacks", stack.node.id, "cdk.tf")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name("cdk.tf.json").unlink(missing_ok=True)
            path.write_text(hcl_of(stack), encoding="utf-8")
            written.append(path)
    return written


def blocks_of(stack: TerraformStack) -> dict[str, Blocks]:
    """Returns what is a block in a stack, by address: the bindings know it from the provider's schema."""
    return {
        _address(element): _blocks(element._synthesize_hcl_attributes())  # noqa: SLF001  # nothing else tells
        for element in stack.node.find_all()
        if isinstance(element, TerraformResource | TerraformDataSource | TerraformProvider)
    }


def _address(element: TerraformResource | TerraformDataSource | TerraformProvider) -> str:
    if isinstance(element, TerraformProvider):
        return f"provider.{element.terraform_resource_type}"
    section = "data" if isinstance(element, TerraformDataSource) else "resource"
    return f"{section}.{element.terraform_resource_type}.{element.friendly_unique_id}"


def _blocks(attributes: Mapping[str, Any]) -> Blocks:
    found: dict[str, Blocks] = {}
    for name, attribute in attributes.items():
        if attribute["isBlock"]:
            value = attribute["value"]
            found[name] = {}
            for body in value if isinstance(value, list) else [value]:
                found[name] = _together(found[name], _blocks(body))
    return found


def _together(one: Blocks, other: Blocks) -> Blocks:
    return {name: _together(one.get(name, {}), other.get(name, {})) for name in dict.fromkeys([*one, *other])}
