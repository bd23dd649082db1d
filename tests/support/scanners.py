"""The scanners of `nox -s security`, which have an environment of their own, as functions."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from project import ROOT
from synthesis import Synthesized

BIN = ROOT / ".nox/security/bin"
_PARLIAMENT = Path(__file__).with_name("parliament_program.py")

Finding = tuple[str, str]
"""Id of a resource and id of a check of checkov."""


def checkov(stacks: Mapping[str, Synthesized]) -> dict[str, dict[Finding, str]]:
    """Returns what checkov finds in each stack, with the check's name, whether it is accepted or not."""
    with TemporaryDirectory() as directory:
        for name, stack in stacks.items():
            folder = Path(directory, name)
            folder.mkdir(parents=True)
            # What checkov looks at; it takes the other sections of CDKTF's JSON for malformed ones.
            seen = {key: stack.document[key] for key in ("resource", "data") if key in stack.document}
            (folder / "cdk.tf.json").write_text(json.dumps(seen))
        # One run for all: it takes longer to start than to scan, and does not mix the folders up.
        options = ("--compact", "--quiet", "--skip-download", "--soft-fail", "--output", "json")
        report = json.loads(
            _run([BIN / "checkov", "-d", directory, "--framework", "terraform_json", *options])
        )
    assert report["summary"]["parsing_errors"] == 0, report["results"]["parsing_errors"]
    found: dict[str, dict[Finding, str]] = {name: {} for name in stacks}
    for check in report["results"]["failed_checks"]:
        stack_name = str(Path(check["file_path"].lstrip("/")).parent)
        found[stack_name][check["resource"].split(".")[-1], check["check_id"]] = check["check_name"]
    return found


def accepted(stack: Synthesized) -> dict[Finding, str]:
    """Returns the findings that are accepted, with the reason that stands beside their resource."""
    return {
        (id_, check): reason
        for section in ("resource", "data")
        for named in stack.document.get(section, {}).values()
        for id_, block in named.items()
        for check, reason in block["//"].get("checkov", {}).items()
    }


def parliament(policies: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Returns what parliament finds in policies, by their names; nothing of those it finds nothing in.

    Args:
        policies: Names and JSON texts.
    """
    found = json.loads(_run([BIN / "python", _PARLIAMENT], stdin=json.dumps(list(policies))))
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, finding in found:
        by_name[name].append(finding)
    return dict(by_name)


def _run(command: list[Any], stdin: str | None = None) -> str:
    if not BIN.is_dir():
        message = f"{BIN} is not there: nox -s security makes it"
        raise FileNotFoundError(message)
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (
        f"{command}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )
    return done.stdout
