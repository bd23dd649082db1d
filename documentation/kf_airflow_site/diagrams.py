"""The diagrams, as Graphviz reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from kf_airflow_site.drawn_stack import WIRING, DrawnContainer, DrawnStack

# What a part is to somebody who has not read the code.
_KINDS: Mapping[str, str] = {
    "ingress": "load balancer",
    "database": "RDS PostgreSQL",
    "broker": "ElastiCache Redis",
    "worker": "ECS service",
    "airflow": "ECS service",
    "flower": "ECS service",
}
_STORES = ("database", "broker")
_STYLE = (
    'graph [bgcolor="transparent", fontname="Helvetica", fontsize=12, nodesep=0.3, ranksep=0.6, pad=0.2]',
    'node [shape=box, style="rounded", fontname="Helvetica", fontsize=12, margin="0.15,0.08"]',
    'edge [fontname="Helvetica", fontsize=10, arrowsize=0.7]',
)


def traffic(stack: DrawnStack) -> str:
    """Draws who may talk to whom, by the security groups' rules."""
    ports: dict[tuple[str, str], list[int]] = defaultdict(list)
    for way in stack.ways:
        ports[way.source, way.target].append(way.port)
    parts = {part for ways in ports for part in ways}
    lines = ["rankdir=TB"]
    for part in sorted(parts):
        shape = ', shape=cylinder, style=""' if part in _STORES else ""
        kind = _KINDS.get(part, "users" if "/" in part else "")
        lines.append(f'{_quoted(part)} [label={_label(part, kind)}{shape}, id="part-{_id(part)}"]')
    for (source, target), found in sorted(ports.items()):
        numbers = ", ".join(str(port) for port in sorted(set(found)))
        lines.append(f"{_quoted(source)} -> {_quoted(target)} [label={_quoted(f'  {numbers}  ')}]")
    return _graph("traffic", lines)


def containers(stack: DrawnStack) -> str:
    """Draws what runs in a task of each service, and what waits for what."""
    lines = ["rankdir=LR", "compound=true"]
    for service, found in stack.services.items():
        lines += [f"subgraph {_quoted(f'cluster_{service}')} {{", f"label={_quoted(f'a task of {service}')}"]
        lines += ['style="rounded,dashed"', "margin=14"]
        lines += [
            f"{_quoted(f'{service}/{one.name}')} [label={_label(one.name, _ports(one))}"
            + ("" if one.essential else ', style="rounded,dashed"')
            + "]"
            for one in found
        ]
        lines += [
            f"{_quoted(f'{service}/{before}')} -> {_quoted(f'{service}/{one.name}')}"
            f" [label={_quoted(f'  {condition.lower()}  ')}]"
            for one in found
            for before, condition in one.after.items()
        ]
        lines.append("}")
    return _graph("containers", lines)


def parts(stack: DrawnStack) -> str:
    """Draws which part needs something that another one makes."""
    lines = ["rankdir=BT"]
    for part in stack.parts:
        if part != WIRING:
            count = sum(stack.made_by(part).values())
            lines.append(f"{_quoted(part)} [label={_label(part, f'{count} resources')}]")
    needs = (need for need in sorted(stack.nearest_needs) if WIRING not in need)
    lines += [f"{_quoted(one)} -> {_quoted(other)}" for one, other in needs]
    return _graph("parts", lines)


DIAGRAMS: Mapping[str, tuple[Callable[[DrawnStack], str], str]] = {
    "traffic": (traffic, "Who may talk to whom, and at which port"),
    "containers": (containers, "The containers of a task of each service, and what they wait for"),
    "parts": (parts, "Which part needs what another part makes"),
}
"""Each diagram by its name, with what it shows."""


def _graph(name: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"  {line}" for line in (*_STYLE, *lines))
    return f"digraph {name} {{\n{body}\n}}\n"


def _ports(container: DrawnContainer) -> str:
    return ", ".join(str(port) for port in container.ports)


def _label(name: str, below: str) -> str:
    return _quoted(f"{name}\n{below}" if below else name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _id(text: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in text)
