"""Writes a stack of Terraform's JSON in its own language, HCL.

JSON does not tell blocks from attributes, which HCL writes differently. Those of the language itself stand
here; those of a provider's resources have to be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kf_airflow.hcl_text import INDENT, expression, literal, reference

Blocks = Mapping[str, "Blocks"]
"""What is a block in a block, and again in that."""

_CONDITION: Blocks = {}
_META: Blocks = {"lifecycle": {"precondition": _CONDITION, "postcondition": _CONDITION}}
_TERRAFORM: Blocks = {"required_providers": {}, "cloud": {"workspaces": {}}}
# Labels the block has in front of its body.
_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "provider": 1,
    "variable": 1,
    "output": 1,
    "module": 1,
    "terraform": 0,
    "locals": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
_BLOCKS: Mapping[str, Blocks] = {
    "resource": _META,
    "data": _META,
    "ephemeral": _META,
    "terraform": _TERRAFORM,
    "variable": {"validation": _CONDITION},
    "output": {"precondition": _CONDITION},
    "removed": {"lifecycle": {}},
}
_REFERENCES = {"depends_on", "ignore_changes", "replace_triggered_by", "provider", "providers", "from", "to"}
# Where Terraform looks for no expressions.
_LITERALS = {
    "variable": {"description", "default"},
    "output": {"description"},
    "terraform": {"required_version", "required_providers"},
}


def hcl(document: Mapping[str, Any], blocks: Mapping[str, Blocks]) -> str:
    """Returns a stack as HCL.

    Args:
        document: The stack, as Terraform's JSON.
        blocks: What is a block beside the language's own, by address: `resource.aws_vpc.x`, `provider.aws`.

    Raises:
        ValueError: if the stack has a section that is not known here.
    """
    written = [
        "\n".join(_block([section, *labels], body, _known(section, labels, blocks), section=section))
        for section, labels, body in _bodies(document)
    ]
    return "\n\n".join(written) + "\n"


def _bodies(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    for section, content in document.items():
        if section == "//":
            continue
        if section not in _LABELS:
            raise ValueError(
                f"a section of the stack is called {section!r}: known are {', '.join(sorted(_LABELS))}"
            )
        for labels, bodies in _labelled(content, _LABELS[section]):
            for body in bodies if isinstance(bodies, list) else [bodies]:
                yield section, labels, body


def _labelled(content: Any, count: int) -> Iterable[tuple[tuple[str, ...], Any]]:
    if not count:
        return [((), content)]
    return [
        ((label, *labels), body)
        for label, inner in content.items()
        for labels, body in _labelled(inner, count - 1)
    ]


def _known(section: str, labels: tuple[str, ...], blocks: Mapping[str, Blocks]) -> Blocks:
    return {**_BLOCKS.get(section, {}), **blocks.get(".".join([section, *labels]), {})}


def _block(
    words: list[str], body: Mapping[str, Any], blocks: Blocks, *, section: str, depth: int = 0
) -> list[str]:
    """Returns the lines of a block: what it is called, and its attributes before its blocks."""
    inner = INDENT * (depth + 1)
    head = " ".join([words[0], *(literal(label) for label in words[1:])])
    attributes, nested = [], []
    for name, value in body.items():
        if name == "//":
            continue
        if name == "backend" and section == "terraform" and depth == 0:
            nested += [
                _block([name, label], arguments, {}, section=section, depth=depth + 1)
                for label, arguments in value.items()
            ]
        elif name in blocks:
            bodies = value if isinstance(value, list) else [value]
            nested += [_block([name], one, blocks[name], section=section, depth=depth + 1) for one in bodies]
        else:
            attributes.append(
                f"{inner}{name} = {_attribute(name, value, section=section, block=words[0], depth=depth + 1)}"
            )
    lines = [*_remarks(body, inner), *attributes]
    for block in nested:
        lines += ["", *block] if lines else block
    if not lines:
        return [f"{INDENT * depth}{head} {{}}"]
    return [f"{INDENT * depth}{head} {{", *lines, f"{INDENT * depth}}}"]


def _attribute(name: str, value: Any, *, section: str, block: str, depth: int) -> str:
    if section == "variable" and name == "type":
        return reference(value)
    if name in _LITERALS.get(section, ()) or block == "required_providers":
        return literal(value, depth)
    if name in _REFERENCES and _refers(section, name, block):
        return reference(value) if isinstance(value, str) else _references(value, depth)
    return expression(value, depth)


def _refers(section: str, name: str, block: str) -> bool:
    """Tells whether a name means what it does to Terraform, and is not an argument called so."""
    if name in {"ignore_changes", "replace_triggered_by"}:
        return block == "lifecycle"
    if name in {"from", "to"}:
        return block in {"moved", "import", "removed"}
    return block == section


def _references(value: Any, depth: int) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {reference(item)}" for name, item in value.items()) + " }"
    lines = [f"{INDENT * (depth + 1)}{reference(item)}," for item in value]
    return "\n".join(["[", *lines, f"{INDENT * depth}]"])


def _remarks(body: Mapping[str, Any], indent: str) -> list[str]:
    """Returns as comments where the construct stands, and what checkov is told of it."""
    remarks = body.get("//", {})
    path = remarks.get("metadata", {}).get("path")
    accepted = remarks.get("checkov", {}).items()
    return [
        *([f"{indent}# {path}"] if path else []),
        *(f"{indent}# checkov:skip={check}:{reason}" for check, reason in accepted),
    ]
