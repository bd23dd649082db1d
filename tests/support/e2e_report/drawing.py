"""A picture of what is deployed, by Graphviz in WebAssembly (npm: @viz-js/viz)."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from project import ROOT

from e2e_report.deployed import Deployed, Part

COLORS = {
    "load balancer": "#f3e8ff",
    "ECS service": "#ffedd5",
    "RDS": "#dbeafe",
    "ElastiCache": "#fee2e2",
    "S3 bucket": "#dcfce7",
}
_LINE = "#64748b"
# Graphviz knows how wide this one is. The page shows a smaller one, for others may be wider.
_FONT = {"fontname": "Helvetica", "fontsize": 13}
_PROGRAM = """
const graph = JSON.parse(require("fs").readFileSync(0, "utf8"));
require("@viz-js/viz").instance().then(viz => process.stdout.write(viz.renderString(graph, {format: "svg"})));
"""


def svg(deployed: Deployed) -> str:
    """Returns the picture, as an element of a page.

    Raises:
        RuntimeError: With what Graphviz said, when it fails.
    """
    done = subprocess.run(
        ["node", "-e", _PROGRAM],
        input=json.dumps(graph(deployed)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Graphviz (npm ci installs it) could not draw the stack: {done.stderr.strip()}")
    return done.stdout[done.stdout.index("<svg") :]


def graph(deployed: Deployed) -> dict[str, Any]:
    """Returns the picture in Graphviz's words."""
    outside = [part for part in deployed.parts if not (part.subnets or part.inside)]
    shared: dict[tuple[str, ...], list[Part]] = {}
    for part in deployed.parts:
        if part.subnets:
            shared.setdefault(part.subnets, []).append(part)
    used = {subnet for subnets in shared for subnet in subnets}
    drawn = [part.address for part in deployed.parts]
    others = sorted({end for talk in deployed.talks for end in (talk.source, talk.target)} - set(drawn))
    return {
        "directed": True,
        "graphAttributes": {"rankdir": "TB", "nodesep": 0.5, "ranksep": 0.7},
        "nodeAttributes": {**_FONT, "shape": "plain"},
        "edgeAttributes": {**_FONT, "color": _LINE, "fontcolor": _LINE},
        "nodes": [*map(_node, outside), *(_plain(other, _words(other)) for other in others)],
        "edges": list(_edges(deployed, [*others, *drawn])),
        "subgraphs": [
            {
                "name": "cluster_network",
                "graphAttributes": _box(f"VPC {deployed.network}", "#f8fafc"),
                "nodes": [
                    *(_node(part) for part in deployed.parts if part.inside and not part.subnets),
                    *(
                        _plain(subnet.address, f"subnet {subnet.name}\n{subnet.cidr}\nnothing in it")
                        for subnet in deployed.subnets
                        if subnet.address not in used
                    ),
                ],
                "subgraphs": [
                    {
                        "name": f"cluster_{number}",
                        "graphAttributes": _box(_subnets(deployed, addresses), "#ffffff"),
                        "nodes": [_node(part) for part in parts],
                    }
                    for number, (addresses, parts) in enumerate(shared.items())
                ],
            }
        ],
    }


def _edges(deployed: Deployed, order: list[str]) -> Iterator[dict[str, Any]]:
    """Yields the arrows. Of two who both talk to each other, the first in the order is drawn above."""
    pairs = {(talk.source, talk.target) for talk in deployed.talks}
    for talk in deployed.talks:
        mutual = (talk.target, talk.source) in pairs
        backwards = mutual and order.index(talk.source) > order.index(talk.target)
        what = talk.what.replace("; ", "\n")
        yield {
            "tail": talk.source,
            "head": talk.target,
            "attributes": {"label": f" {what} ", "constraint": not backwards},
        }


def _subnets(deployed: Deployed, addresses: Iterable[str]) -> str:
    known = {subnet.address: f"{subnet.name} {subnet.cidr}" for subnet in deployed.subnets}
    return "\n".join("subnet " + known.get(address, address) for address in addresses)


def _words(other: str) -> str:
    return "anywhere" if other in {"0.0.0.0/0", "::/0"} else other


def _plain(name: str, label: str) -> dict[str, Any]:
    look = {"shape": "box", "style": "dashed", "color": _LINE, "fontcolor": _LINE}
    return {"name": name, "attributes": {"label": label, **look}}


def _box(label: str, color: str) -> Mapping[str, Any]:
    return {"label": label, "style": "filled,rounded", "fillcolor": color, "color": _LINE, **_FONT}


def _node(part: Part) -> dict[str, Any]:
    color = next((color for kind, color in COLORS.items() if part.kind.startswith(kind)), "#f1f5f9")
    rows = [
        f'<TR><TD BGCOLOR="{color}"><B>{escape(part.name)}</B><BR/>{escape(part.kind)}</TD></TR>',
        *(f'<TR><TD ALIGN="LEFT">{escape(fact)}</TD></TR>' for fact in part.facts),
        *(f'<TR><TD ALIGN="LEFT" BGCOLOR="#fff7ed">{escape(line)}</TD></TR>' for line in part.containers),
    ]
    table = f'<TABLE BORDER="1" COLOR="{_LINE}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4">'
    return {"name": part.address, "attributes": {"label": {"html": f"{table}{''.join(rows)}</TABLE>"}}}
