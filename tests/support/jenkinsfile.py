"""Reads a declarative Jenkinsfile without Jenkins: its Groovy, its sections and its steps.

Run as a program (`nox -s lint`), it prints what is wrong with the files it is given. What only Jenkins knows
(its plugins, their steps and arguments) is not looked at.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dekobon_tree_sitter_groovy
from tree_sitter import Language, Node, Parser

# https://www.jenkins.io/doc/book/pipeline/syntax/
PIPELINE_NEEDS = {"agent", "stages"}
PIPELINE_MAY_HAVE = PIPELINE_NEEDS | {
    "environment",
    "libraries",
    "options",
    "parameters",
    "post",
    "tools",
    "triggers",
}
STAGE_HAS_ONE_OF = {"steps", "stages", "parallel", "matrix"}
STAGE_MAY_HAVE = STAGE_HAS_ONE_OF | {
    "agent",
    "environment",
    "failFast",
    "input",
    "options",
    "post",
    "tools",
    "when",
}
CONDITIONS = {
    "aborted",
    "always",
    "changed",
    "cleanup",
    "failure",
    "fixed",
    "notBuilt",
    "regression",
    "success",
    "unstable",
    "unsuccessful",
}
_PARSER = Parser(Language(dekobon_tree_sitter_groovy.language()))


@dataclass(frozen=True)
class Block:
    """`name('argument') { ... }`, or a statement without braces.

    Args:
        name: What stands first.
        text: The whole of it.
        line: Where it begins.
        body: What is in the braces. None where there are none.
    """

    name: str
    text: str
    line: int
    body: Node | None

    @property
    def blocks(self) -> list["Block"]:
        """What is in the braces."""
        return [] if self.body is None else list(_blocks(self.body))


def problems(source: str) -> list[str]:
    """Returns what is wrong, as `<line>:<column>: <what>` or `<line>: <what>`."""
    root = _PARSER.parse(source.encode()).root_node
    broken = [
        f"{node.start_point.row + 1}:{node.start_point.column + 1}: this is no Groovy"
        for node in _all(root)
        if node.is_error or node.is_missing
    ]
    if broken:
        return broken
    pipelines = [node for node in root.named_children if node.type == "pipeline_statement"]
    if len(pipelines) != 1:
        return ["1: there has to be one pipeline { }"]
    return list(_pipeline_problems(Block("pipeline", "", 1, _closure(pipelines[0]))))


def shell_steps(source: str) -> list[str]:
    """Returns what the steps `sh` run, in their order."""
    root = _PARSER.parse(source.encode()).root_node
    commands = []
    for node in _all(root):
        parts = node.named_children
        if node.type in {"command_chain", "method_invocation"} and parts and _text(parts[0]) == "sh":
            commands.append(_text(parts[1]).strip("()").strip("'\""))
    return commands


def _pipeline_problems(pipeline: Block) -> Iterator[str]:
    yield from _sections(pipeline, needed=PIPELINE_NEEDS, allowed=PIPELINE_MAY_HAVE)
    for section in pipeline.blocks:
        if section.name == "stages":
            yield from _stages_problems(section)
        elif section.name == "post":
            yield from _sections(section, needed=set(), allowed=CONDITIONS)


def _stages_problems(stages: Block) -> Iterator[str]:
    if not stages.blocks:
        yield f"{stages.line}: there has to be a stage"
    for stage in stages.blocks:
        if stage.name != "stage":
            yield f"{stage.line}: {stage.name} is no stage"
            continue
        yield from _sections(stage, needed=set(), allowed=STAGE_MAY_HAVE)
        kinds = [section for section in stage.blocks if section.name in STAGE_HAS_ONE_OF]
        if len(kinds) != 1:
            yield f"{stage.line}: a stage has one of {', '.join(sorted(STAGE_HAS_ONE_OF))}"
        for section in kinds:
            if section.name in {"stages", "parallel"}:
                yield from _stages_problems(section)
            elif section.name == "steps" and not section.blocks:
                yield f"{section.line}: there has to be a step"


def _sections(block: Block, *, needed: set[str], allowed: set[str]) -> Iterator[str]:
    names = [section.name for section in block.blocks]
    for section in block.blocks:
        if section.name not in allowed:
            yield f"{section.line}: {block.name} has no section {section.name}"
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"{block.line}: {block.name} has {name} more than once"
    for name in sorted(needed - set(names)):
        yield f"{block.line}: {block.name} needs {name}"


def _blocks(closure: Node) -> Iterator[Block]:
    """Yields what a closure has in it; the grammar takes the braces after `stage('x')` for a statement."""
    waiting: Block | None = None
    for node in closure.named_children:
        if node.type.endswith("comment"):
            continue
        inner = node.named_children[0] if node.type == "expression_statement" else node
        if inner.type == "closure" and waiting is not None:
            yield Block(waiting.name, waiting.text, waiting.line, inner)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        first = inner.named_children[0] if inner.named_children else inner
        waiting = Block(_text(first), _text(node), node.start_point.row + 1, _closure(inner))
    if waiting is not None:
        yield waiting


def _closure(node: Node) -> Node | None:
    return next((child for child in node.named_children if child.type == "closure"), None)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def main(paths: list[str]) -> int:
    """Prints what is wrong; returns 1 if anything is."""
    found = [f"{path}:{problem}" for path in paths for problem in problems(Path(path).read_text())]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
