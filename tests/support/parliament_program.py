"""Runs in the environment of the scanners: (name, policy) pairs on stdin, (name, finding) pairs on stdout."""

import json
import sys
from typing import Any

from parliament import analyze_policy_string, enhance_finding, expand_action, iam_definition


def spelt_out(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a policy as parliament understands it.

    `kms:*` on a key is the actions of KMS that are about a key alone: that is what it means there, and
    parliament would miss a resource for each of the others. To list the tasks of a cluster is to list those
    of its instances.
    """
    return {
        **document,
        "Statement": [
            _of_instances(statement)
            if _lists_a_cluster(statement)
            else {**statement, "Action": _about_keys(statement["Action"])}
            if str(statement.get("Action")).endswith(":*") and statement.get("Resource", "*") != "*"
            else statement
            for statement in document["Statement"]
        ],
    }


def _lists_a_cluster(statement: dict[str, Any]) -> bool:
    return statement.get("Action") == ["ecs:ListTasks"] and "ecs:cluster" in json.dumps(
        statement.get("Condition", {})
    )


def _of_instances(statement: dict[str, Any]) -> dict[str, Any]:
    # ECS authorizes it on `*` unless a container instance is asked about; the condition names the cluster.
    # parliament knows the one resource alone.
    return {**statement, "Resource": "arn:aws:ecs:*:*:container-instance/*"}


def _about_keys(wildcard: str) -> list[str]:
    service = wildcard.split(":")[0]
    known = {
        privilege["privilege"]
        for definition in iam_definition
        if definition["prefix"] == service
        for privilege in definition["privileges"]
        if {kind["resource_type"] for kind in privilege["resource_types"]} - {""} == {"key*"}
    }
    return [
        f"{service}:{action['action']}" for action in expand_action(wildcard) if action["action"] in known
    ]


found = []
for name, policy in json.load(sys.stdin):
    for finding in analyze_policy_string(json.dumps(spelt_out(json.loads(policy)))).findings:
        told = enhance_finding(finding)
        detail = told.detail if isinstance(told.detail, str) else json.dumps(told.detail)
        place = told.location.get("string") or ""
        found.append((name, f"{told.issue}: {told.title} {detail} {place}".strip()))
json.dump(found, sys.stdout)
