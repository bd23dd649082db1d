"""Runs in the environment of the scanners: (name, policy) pairs on stdin, (name, finding) pairs on stdout."""

import json
import sys
from typing import Any

from parliament import analyze_policy_string, enhance_finding, expand_action, iam_definition


def spelt_out(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a policy with `kms:*` on a key as the actions of KMS that are about a key alone.

    That is what it means there, and parliament would miss a resource for each of the others.
    """
    return {
        **document,
        "Statement": [
            {**statement, "Action": _about_keys(statement["Action"])}
            if str(statement.get("Action")).endswith(":*") and statement.get("Resource", "*") != "*"
            else statement
            for statement in document["Statement"]
        ],
    }


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
