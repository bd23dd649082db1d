"""What the documentation tells to type of AWS's command line, typed against the local cloud."""

import json
import os
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from local_cloud import REGION
from local_system import LocalSystem
from project import ROOT
from shell_commands import PAGES, ShellCommand, typed

PROGRAM = ROOT / ".nox" / "aws" / "bin" / "aws"
NOT_TYPED = {
    ("logs", "tail"): "the second version of AWS's command line alone has it, which no package index has",
    ("ecs", "execute-command"): "it wants AWS's Session Manager, on both ends",
}
"""By service and operation, what cannot be typed here, and why."""

COMMANDS = [
    command
    for page in PAGES
    for command in typed(page)
    if command.words[0] == "aws" and command.words[1:3] not in NOT_TYPED
]
_SECONDS = 600


@dataclass(frozen=True)
class Typed:
    """What came of it when all of them were typed, in their order.

    Attributes:
        answers: What came of each command.
        password: What was given to Airflow's login.
        range: The fewest and the most workers that there may be from now on.
    """

    answers: Mapping[ShellCommand, subprocess.CompletedProcess[str]]
    password: str
    range: tuple[int, int]


def type_all(system: LocalSystem, folder: Path) -> Typed:
    """Types what stands there, with names that there are.

    Args:
        system: What it is typed for.
        folder: Where it is typed.
    """
    names = _own_names(system)
    password = secrets.token_urlsafe(24)
    answers = {}
    for command in COMMANDS:
        answers[command] = answer = _type(_renamed(command.words[1:], names), system.endpoint, folder)
        if command.words[2] == "get-secret-value" and "kf-airflow-prd/metadata" in command.words:
            changed = {**json.loads(answer.stdout), "password": password}
            (folder / "metadata.json").write_text(json.dumps(changed))
    return Typed(answers, password, (int(names["5"]), int(names["20"])))


def _type(words: Sequence[str], endpoint: str, folder: Path) -> subprocess.CompletedProcess[str]:
    # The command line overrules AWS_ENDPOINT_URL for RDS in us-east-1, but not this option.
    command = [str(PROGRAM), "--endpoint-url", endpoint, *words]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def _own_names(system: LocalSystem) -> dict[str, str]:
    """What stands in the documentation, and what there is instead."""
    (database,) = system.aws("rds").describe_db_instances(DBInstanceIdentifier=system.database_identifier)[
        "DBInstances"
    ]
    (task, *_) = system.tasks("airflow")
    scalable = system.aws("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    (target,) = scalable["ScalableTargets"]
    return {
        "kf-airflow-prd": system.outputs["cluster_name"],
        "kf-airflow-dev": system.outputs["cluster_name"],
        "0123456789abcdef": task["taskArn"].rpartition("/")[2],
        "sg-0123456789abcdef0": database["VpcSecurityGroups"][0]["VpcSecurityGroupId"],
        # Another range than the one there is, without work for the machine.
        "5": str(target["MinCapacity"]),
        "20": str(target["MaxCapacity"] + 1),
    }


def _renamed(words: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """The words with names that there are; of a number the whole word has to be it."""
    inside = {told: own for told, own in names.items() if not told.isdecimal()}
    return [
        names.get(word, reduce(lambda text, told: text.replace(told, inside[told]), inside, word))
        for word in words
    ]
