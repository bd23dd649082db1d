"""Makes a Terraform module of a part: which of its options are variables, and what stands where."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kf_airflow_modules.constraints import Constraint, constraint_of
from kf_airflow_modules.expressions import distinctive
from kf_airflow_modules.inputs import Input, Values
from kf_airflow_modules.parts import Part
from kf_airflow_modules.probing import probes, without_sentinels
from kf_airflow_modules.sizes import size_constraint
from kf_airflow_modules.template import (
    Edit,
    Probe,
    StructuralError,
    UnusedError,
    applied,
    conflict,
    edits,
    replaced,
)

# isort: split
from cdktf import App, TerraformOutput, TerraformStack

TERRAFORM = ">= 1.11"
PROVIDER = ">= 6.25, < 7"
_FEWEST = 2
# Any two are in some proportion.
_FEWEST_NUMBERS = 3


class ModuleError(Exception):
    """Something that no module can be made of, or of that option."""


@dataclass(frozen=True)
class Fixed:
    """An option that is decided when the module is made.

    Args:
        given: The option.
        value: What it is.
        reason: Why it is no variable.
        unused: Whether it is of no account at all.
    """

    given: Input
    value: Any
    reason: str
    unused: bool = False


@dataclass(frozen=True)
class Module:
    """A module.

    Args:
        part: What it is of.
        variables: The options it has as variables, with what these may be.
        fixed: Those it has not.
        document: Its `main.tf.json`.
    """

    part: Part
    variables: Mapping[str, tuple[Input, Constraint | None]]
    fixed: tuple[Fixed, ...]
    document: Mapping[str, Any]


def generate(part: Part, chosen: Values | None = None) -> Module:
    """Makes the module of a part.

    Args:
        part: The part.
        chosen: Options with other defaults than the construct's, or other structure.

    Raises:
        ModuleError: if an option is not known or not allowed, or one that has to be said is no variable.
    """
    chosen = chosen or {}
    _check(part, chosen)
    tried = _Trial(part, chosen)
    while tried.structural():
        pass
    found = tried.all_edits()
    given_names = {given.name: given for given in part.inputs if given.name not in tried.fixed}
    variables = {
        name: (
            dataclasses.replace(given, nullable=given.nullable and not chosen.get(name)),
            constraint_of(given) or size_constraint(given, given_names, tried.base),
        )
        for name, given in given_names.items()
    }
    stack = applied(tried.base_stack(), found)
    texts = {value: name for name, value in tried.base.items() if name in variables and distinctive(value)}

    def with_variables(text: str) -> str:
        for value, name in texts.items():
            text = text.replace(value, f"${{var.{name}}}")
        return text

    return Module(
        part,
        variables,
        tuple(tried.fixed.values()),
        {
            "terraform": {
                "required_version": TERRAFORM,
                "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}},
            },
            "variable": {
                name: _variable(given, constraint, chosen) for name, (given, constraint) in variables.items()
            },
            **replaced(stack, with_variables),
        },
    )


def synthesized(part: Part, values: Values) -> dict[str, Any]:
    """Returns what a part is with these values: resources, data and outputs, without remarks.

    Raises:
        ValueError: if the construct refuses them.
    """
    stack = TerraformStack(App(skip_validation=True), "module")
    for name, value in part.place(stack, values).items():
        TerraformOutput(stack, name, value=value)
    document = stack.to_terraform()
    kept = {
        section: _without_remarks(content)
        for section, content in document.items()
        if section not in {"//", "terraform"}
    }
    return _with_plain_names(kept, values)


class _Trial:
    """What is known of a part's options so far."""

    def __init__(self, part: Part, chosen: Values) -> None:
        self._part = part
        self._chosen = chosen
        self._probes = {
            given.name: _without(probes(given, number), given, chosen)
            for number, given in enumerate(part.inputs)
        }
        self.fixed: dict[str, Fixed] = {}
        self.edits: dict[str, list[Edit]] = {}
        self.base = {given.name: self._first(given) for given in part.inputs}

    def structural(self) -> bool:
        """Looks for options that are no variables; tells whether one of them changes what was compared."""
        self.edits = {}
        base, again = self.base_stack(), False
        for given in self._part.inputs:
            if given.name in self.fixed:
                continue
            try:
                found = self._edits_of(given, base)
                self._check_place(found)
                self.edits[given.name] = found
            except StructuralError as error:
                value = self._default(given)
                if given.required and isinstance(error, UnusedError):
                    value = self.base[given.name]
                elif given.required:
                    raise ModuleError(f"{given.name} has to be said, and is no variable: {error}") from error
                self.fixed[given.name] = Fixed(
                    given, value, without_sentinels(str(error)), isinstance(error, UnusedError)
                )
                again = again or self.base[given.name] != value
                self.base[given.name] = value
        return again

    def base_stack(self) -> dict[str, Any]:
        return synthesized(self._part, self.base)

    def all_edits(self) -> list[Edit]:
        return [edit for found in self.edits.values() for edit in found]

    def _edits_of(self, given: Input, base: Any) -> list[Edit]:
        if given.type is None:
            raise StructuralError("it has parts of its own")
        first = {**self.base, **given.alongside}[given.name]
        tried = [] if given.alongside else [Probe(first, base)]
        for value in [first, *self._probes[given.name]]:
            if any(value == one.value and type(value) is type(one.value) for one in tried):
                continue
            values = {**self.base, **given.alongside, given.name: value}
            try:
                tried.append(Probe(value, synthesized(self._part, values)))
            except ValueError:
                continue  # Allowed alone, and not with the others.
        if len(tried) < (_FEWEST_NUMBERS if given.type == "number" else _FEWEST):
            raise StructuralError("too few other values are allowed without other options being others")
        if all(one.stack == tried[0].stack for one in tried):
            raise UnusedError("nothing here depends on it")
        return edits(given.name, tried)

    def _check_place(self, found: list[Edit]) -> None:
        for name, others in self.edits.items():
            if conflict(found, others):
                raise StructuralError(f"it stands where {name} does")

    def _first(self, given: Input) -> Any:
        values = self._probes[given.name]
        stands_out = bool(values) and all(distinctive(value) for value in values)
        if given.name not in self._chosen and (given.required or stands_out):
            return values[0]
        return values[0] if stands_out else self._default(given)

    def _default(self, given: Input) -> Any:
        return self._chosen.get(given.name, given.default)


def _without(values: list[Any], given: Input, chosen: Values) -> list[Any]:
    """Leaves out that nothing is there, where something is chosen."""
    return [value for value in values if value or value is False] if chosen.get(given.name) else values


def _check(part: Part, chosen: Values) -> None:
    known = {given.name: given for given in part.inputs}
    for name, value in chosen.items():
        if name not in known:
            raise ModuleError(f"{part.name} has no option {name}: it has {', '.join(sorted(known))}")
        refusal = known[name].refusal(value)
        if refusal:
            raise ModuleError(f"{part.name}: {refusal}")


def _variable(given: Input, constraint: Constraint | None, chosen: Values) -> dict[str, Any]:
    found: dict[str, Any] = {"type": given.type, "description": given.description, "nullable": given.nullable}
    if not given.required or given.name in chosen:
        found["default"] = chosen.get(given.name, given.default)
    if constraint:
        found["validation"] = [constraint.validation(given)]
    return found


def _with_plain_names(document: dict[str, Any], values: Values) -> dict[str, Any]:
    """Returns a stack in which no resource is called after a block of addresses or a port, which may vary."""
    text = json.dumps(document)
    for name, value in values.items():
        if isinstance(value, str) and "/" in value:
            slug = re.escape(re.sub(r"[./]", lambda found: "-" if found[0] == "/" else "", value))
            text = re.sub(rf"\b([\w-]*?)-{slug}_[0-9A-F]{{8}}\b", rf"\g<1>-{name}", text)
        if name == "port" and value is not None:
            text = re.sub(rf"\b([\w-]*?port)-{value}-([\w-]+?)_[0-9A-F]{{8}}\b", r"\g<1>-\g<2>", text)
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _without_remarks(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_remarks(item) for key, item in node.items() if key != "//"}
    return [_without_remarks(item) for item in node] if isinstance(node, list) else node
