"""What the documentation tells to type of AWS's command line, typed against the local cloud."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
class Answer:
    """What came of a command."""

    code: int
    output: str
    errors: str


class Reader:
    """Somebody who types what stands there, with names of their own.

    Args:
        system: What they run.
        folder: Where they type it.

    Attributes:
        password: What they give the login of Airflow.
        range: The fewest and the most workers that they let there be.
        answers: What came of each command.
    """

    def __init__(self, system: LocalSystem, folder: Path) -> None:
        self._endpoint, self._folder = system.endpoint, folder
        self.password = secrets.token_urlsafe(24)
        names = _own_names(system)
        self.range = int(names["5"]), int(names["20"])
        self.answers = dict(self._type_all(names))

    def _type_all(self, names: Mapping[str, str]) -> Iterator[tuple[ShellCommand, Answer]]:
        for command in COMMANDS:
            answer = self._type(tuple(names.get(word, _renamed(word, names)) for word in command.words[1:]))
            if "metadata" in command.text and command.words[2] == "get-secret-value":
                self._change_password(answer.output)
            yield command, answer

    def _type(self, words: tuple[str, ...]) -> Answer:
        # The command line overrules AWS_ENDPOINT_URL for RDS in us-east-1, but not this option.
        command = [str(PROGRAM), "--endpoint-url", self._endpoint, *words]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def _change_password(self, secret: str) -> None:
        changed = {**json.loads(secret), "password": self.password}
        (self._folder / "metadata.json").write_text(json.dumps(changed))


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


def _renamed(word: str, names: Mapping[str, str]) -> str:
    for told, own in names.items():
        if not told.isdecimal():
            word = word.replace(told, own)
    return word
