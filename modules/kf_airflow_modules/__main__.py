"""Writes Terraform modules: `python -m kf_airflow_modules --help`."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kf_airflow_modules.generation import ModuleError, generate
from kf_airflow_modules.parts import parts
from kf_airflow_modules.readme import readme


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the modules that are asked for.

    Returns:
        0, or 2 if one cannot be made as asked; the reason is then a sentence on stderr.
    """
    known = {part.name: part for part in parts()}
    asked = parser(sorted(known)).parse_args(arguments)
    try:
        chosen = _chosen(asked.set, known)
        for name in asked.only or known:
            module = generate(known[name], chosen[name])
            folder = asked.output / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "main.tf.json").write_text(json.dumps(module.document, indent=2) + "\n")
            (folder / "README.md").write_text(readme(module))
            sys.stdout.write(f"{folder}: {len(module.variables)} variables\n")
    except (ModuleError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def parser(names: Sequence[str]) -> argparse.ArgumentParser:
    """Returns what reads the arguments.

    Args:
        names: The parts there are.
    """
    made = argparse.ArgumentParser(prog="nox -s modules --", description="Writes Terraform modules.")
    made.add_argument("--only", action="append", choices=names, metavar="PART", help="this one")
    made.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PART.OPTION=JSON",
        help="another value of an option: the default of a variable, or what decides the module's structure",
    )
    made.add_argument("--output", type=Path, default=Path("build/modules"), help="where (%(default)s)")
    return made


def _chosen(given: Sequence[str], known: Any) -> dict[str, dict[str, Any]]:
    chosen: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in given:
        name, _, text = one.partition("=")
        part, _, option = name.partition(".")
        if part not in known or not option or not text:
            raise ModuleError(
                f"--set {one}: allowed is PART.OPTION=JSON, and the parts are {', '.join(sorted(known))}"
            )
        try:
            chosen[part][option] = json.loads(text)
        except ValueError as error:
            raise ModuleError(f"--set {one}: the value is no JSON ({error}); text wants quotes") from error
    return chosen


if __name__ == "__main__":
    sys.exit(main())
