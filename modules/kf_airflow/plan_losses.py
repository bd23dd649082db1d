"""What a plan of Terraform's would lose: `terraform show -json <plan> | python -m kf_airflow.plan_losses`.

Plain Python, for whoever applies a plan: it reads the JSON that Terraform and Terraform Cloud give of one
(https://developer.hashicorp.com/terraform/internals/json-format) and imports no CDKTF.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What data is gone with, by type; all else can be made again as it was.
KEPT: Mapping[str, str] = {
    "aws_db_instance": "the database",
    "aws_rds_cluster": "the database cluster",
    "aws_elasticache_replication_group": "the broker",
    "aws_s3_bucket": "the bucket",
    "aws_secretsmanager_secret": "the secret",
    "aws_secretsmanager_secret_version": "the value of a secret",
    "aws_kms_key": "the key that data is encrypted with",
    # The stack has them for random values alone, which secrets are made of.
    "terraform_data": "the random value of a secret",
}


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Something with data in it that a plan deletes, or makes anew without its data.

    Args:
        address: Its Terraform address.
        kind: What it is, in words.
        replaced: Whether another one is made in its place.
        because: The arguments whose change makes Terraform replace it. Empty if it does not say.
    """

    address: str
    kind: str
    replaced: bool
    because: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Says it in a sentence."""
        deed = "make anew" if self.replaced else "delete"
        reason = f", as {' and '.join(self.because)} changes" if self.because else ""
        return f"Terraform would {deed} {self.kind} {self.address}{reason}: what it holds would be lost."


def losses(plan: Mapping[str, Any]) -> list[Loss]:
    """Returns what a plan would lose, in the plan's order.

    Args:
        plan: The JSON of `terraform show -json <plan>`.

    Raises:
        ValueError: if it is no plan.
    """
    if "terraform_version" not in plan or "planned_values" not in plan:
        raise ValueError(
            "this is no plan of Terraform's: allowed is the output of terraform show -json <plan>"
        )
    return [
        Loss(
            address=changed["address"],
            kind=KEPT[changed["type"]],
            replaced="create" in changed["change"]["actions"],
            because=tuple(".".join(map(str, path)) for path in changed["change"].get("replace_paths") or ()),
        )
        for changed in plan.get("resource_changes") or ()
        if changed["type"] in KEPT and "delete" in changed["change"]["actions"]
    ]


def main() -> int:
    """Reads a plan from standard input; returns 0, 3 if it would lose something, 2 if it is no plan."""
    try:
        found = losses(json.load(sys.stdin))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stderr.write("".join(f"{loss}\n" for loss in found))
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main())
