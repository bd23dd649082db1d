"""A project whose stack needs no provider, so that Terraform really plans and applies it in a second."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

APP = """
import json, os, pathlib, sys
stack = json.loads(pathlib.Path("stack.json").read_text())
name = f"airflow-{os.environ['KF_AIRFLOW_ENVIRONMENT']}"
folder = pathlib.Path(os.environ["CDKTF_OUTDIR"])
(folder / "stacks" / name / "assets").mkdir(parents=True)
(folder / "stacks" / name / "cdk.tf.json").write_text(json.dumps(stack))
(folder / "stacks" / name / "assets" / "greeting.txt").write_text("hello from an asset")
path = f"stacks/{name}/cdk.tf.json"
(folder / "manifest.json").write_text(json.dumps({"stacks": {name: {"synthesizedStackPath": path}}}))
"""
SETTINGS = """
image = "registry.example.org/kf-airflow:0000000"
owner = "tests"
[aws]
region = "us-east-1"
[state]
"""


@dataclass(frozen=True)
class TinyProject:
    """The project.

    Args:
        root: Its folder.
    """

    root: Path

    @classmethod
    def make(cls, root: Path, *, state: str = 'account = "example-dev"') -> "TinyProject":
        """Makes it; `state` is what its settings have in the table of that name."""
        project = cls(root)
        (root / "config").mkdir(parents=True)
        (root / "config/dev.toml").write_text(SETTINGS + state + "\n")
        (root / "app.py").write_text(APP)
        (root / "cdktf.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
        project.stack(words={"input": "one"})
        return project

    def stack(
        self,
        *,
        terraform: dict[str, Any] | None = None,
        variable: dict[str, Any] | None = None,
        output: dict[str, Any] | None = None,
        **resources: dict[str, Any],
    ) -> None:
        """Has the app synthesize a stack of `terraform_data` resources."""
        document: dict[str, Any] = {
            "terraform": {
                name: block
                for name, block in {"backend": {"s3": {}}, **(terraform or {})}.items()
                if block is not None
            },
            "resource": {"terraform_data": resources},
        }
        if variable:
            document["variable"] = variable
        if output:
            document["output"] = output
        (self.root / "stack.json").write_text(json.dumps(document))

    def apply(self) -> None:
        """Applies the stack by Terraform, with the backend it has."""
        folder = self.root / "applied"
        folder.mkdir(exist_ok=True)
        (folder / "cdk.tf.json").write_text((self.root / "stack.json").read_text())
        for arguments in (["init"], ["apply", "-auto-approve"]):
            done = subprocess.run(
                ["terraform", *arguments, "-input=false", "-no-color"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
