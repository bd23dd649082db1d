"""A small view of synthesized Terraform JSON, parsed once, for comparison with `==`."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cdktf import App, TerraformResource, TerraformStack


@dataclass(frozen=True)
class Synthesized:
    """A synthesized stack.

    Args:
        text: The JSON as it is handed to Terraform.
    """

    text: str
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "document", json.loads(self.text))

    @property
    def addresses(self) -> set[str]:
        """The Terraform addresses of all resources."""
        return {
            f"{type_}.{name}" for type_, named in self.document.get("resource", {}).items() for name in named
        }

    def all(self, type_: str) -> list[dict[str, Any]]:
        """The arguments of every resource of a type."""
        named = self.document.get("resource", {}).get(type_, {})
        return [_arguments(resource) for resource in named.values()]

    def only(self, type_: str) -> dict[str, Any]:
        """The arguments of the one resource of a type."""
        found = self.all(type_)
        assert len(found) == 1, f"{len(found)} resources of type {type_}"
        return found[0]

    def at(self, path: str) -> dict[str, Any]:
        """The arguments of the resource at a construct path, such as `airflow/worker/service`."""
        found = [
            _arguments(resource)
            for named in self.document.get("resource", {}).values()
            for resource in named.values()
            if resource["//"]["metadata"]["path"].split("/", 1)[1] == path
        ]
        assert len(found) == 1, f"{len(found)} resources at {path}"
        return found[0]

    def containers(self, path: str) -> dict[str, dict[str, Any]]:
        """The containers of the task definition at a construct path, by name."""
        return {
            container["name"]: container for container in json.loads(self.at(path)["container_definitions"])
        }

    def statements(self, path: str) -> dict[str, dict[str, Any]]:
        """The statements of the IAM role policy at a construct path, by Sid."""
        return {statement["Sid"]: statement for statement in json.loads(self.at(path)["policy"])["Statement"]}


def synthesize(place: Callable[[TerraformStack], object]) -> Synthesized:
    """Synthesizes a stack in which `place` puts what is to be looked at."""

    def make(app: App) -> TerraformStack:
        stack = TerraformStack(app, "test")
        place(stack)
        return stack

    return synthesize_stack(make)


def synthesize_stack(make: Callable[[App], TerraformStack], *, validated: bool = False) -> Synthesized:
    """Synthesizes a stack of its own kind.

    Args:
        make: Puts it into an app.
        validated: Whether the engine looks for mistakes. It asks for a provider, which a part alone has not.
    """
    # Not `Testing.synth`: it leaves out the construct paths that `at` looks for.
    with TemporaryDirectory() as outdir:
        app = App(outdir=outdir, skip_validation=not validated)
        stack = make(app)
        app.synth()
        path = Path(outdir) / "stacks" / stack.node.id / "cdk.tf.json"
        return Synthesized(path.read_text(encoding="utf-8"))


@dataclass
class Visitor:
    """Somebody to let in or give permissions to, who remembers what was awaited."""

    name: str = "visitor"
    security_group_id: str = "sg-visitor"
    task_role_name: str = "visitor-role"
    target_group_arn: str = "arn:target-group"
    target_ports: tuple[int, ...] = (8000,)
    awaited: list[str] = field(default_factory=list)

    def start_after(self, resource: TerraformResource) -> None:
        self.awaited.append(resource.node.id)


def _arguments(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name != "//"}
