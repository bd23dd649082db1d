"""What a module's README says: how it is used, what may be said, and what is decided already."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kf_airflow_modules.constraints import Constraint
from kf_airflow_modules.generation import PROVIDER, TERRAFORM, Module
from kf_airflow_modules.inputs import Input

_EXAMPLES: Mapping[str, Any] = {"number": 8080, "list(string)": ["one", "two"]}


def readme(module: Module) -> str:
    """Returns the README of a module."""
    return "\n".join([*_head(module), *_variables(module), *_fixed(module), *_outputs(module)]) + "\n"


def _head(module: Module) -> Iterator[str]:
    part = module.part
    yield from (f"# {part.title}", "", part.about, "", "```hcl", f'module "{part.name}" {{')
    yield f'  source = "./{part.name}"'
    for given, _ in module.variables.values():
        if "default" not in module.document["variable"][given.name]:
            yield f"  {given.name} = {json.dumps(_EXAMPLES.get(str(given.type), '...'))}"
    yield from ("}", "```", "")
    yield (
        f"Written by `nox -s modules` from the construct of kf-airflow: Terraform {TERRAFORM} and the AWS "
        f"provider {PROVIDER} are all it needs. Do not edit it: write it again."
    )
    yield ""


def _variables(module: Module) -> Iterator[str]:
    yield from (
        "## Variables",
        "",
        "| Variable | Type | Default | What it is | What Terraform refuses |",
        "|---|---|---|---|---|",
    )
    for name, (given, constraint) in module.variables.items():
        said = module.document["variable"][name]
        default = f"`{json.dumps(said['default'])}`" if "default" in said else "required"
        yield _row(f"`{name}`", f"`{given.type}`", default, given.description, _refused(given, constraint))
    yield from (
        "",
        "What an option may be together with others is known to the constructs and not to these variables, "
        "sizes of tasks excepted: AWS says so then.",
        "",
    )


def _refused(given: Input, constraint: Constraint | None) -> str:
    if constraint:
        return f"all but: {constraint.allowed}"
    return "what is no truth value" if given.type == "bool" else "nothing: AWS does"


def _fixed(module: Module) -> Iterator[str]:
    if not module.fixed:
        return
    yield from (
        "## Decided when the module was written",
        "",
        f"Another value makes another module: `nox -s modules -- --set {module.part.name}.<option>=<JSON>`.",
        "",
        "| Option | Here | Why it is no variable |",
        "|---|---|---|",
    )
    for fixed in module.fixed:
        shown = "" if fixed.unused else f"`{json.dumps(fixed.value)}`"
        yield _row(f"`{fixed.given.name}`", shown, fixed.reason)
    yield ""


def _outputs(module: Module) -> Iterator[str]:
    yield from ("## Outputs", "")
    yield from (f"- `{name}`" for name in module.document["output"])


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
