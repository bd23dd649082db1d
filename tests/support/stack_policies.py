"""Every policy in a synthesized stack, as AWS would see it."""

import json
from collections.abc import Iterator
from typing import Any

from example_values import ACCOUNT, REGION, resolved
from synthesis import Synthesized

_POLICY_ARGUMENTS = ("policy", "assume_role_policy", "access_policy", "inline_policy", "resource_policy")
# Arguments of these types that are called `policy` and are none of IAM.
_NO_POLICIES = {"aws_appautoscaling_policy"}

# What a policy without `Resource`, or with `*`, is about: that to which it belongs.
_OWNERS = {
    ("aws_iam_role", "assume_role_policy"): f"arn:aws:iam::{ACCOUNT}:role/this",
    ("aws_kms_key", "policy"): f"arn:aws:kms:{REGION}:{ACCOUNT}:key/this",
}


def policies(stack: Synthesized) -> Iterator[tuple[str, str]]:
    """Yields the address of each policy and its JSON, with an example for each reference."""
    for type_, named in stack.document.get("resource", {}).items():
        for id_, resource in named.items():
            for argument in _POLICY_ARGUMENTS:
                if argument in resource and type_ not in _NO_POLICIES:
                    document = json.loads(resolved(resource[argument]))
                    owner = _OWNERS.get((type_, argument))
                    if owner:
                        document = _about(document, owner)
                    yield f"{type_}.{id_}.{argument}", json.dumps(document)


def statements(stack: Synthesized) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the address of each policy with each of its statements."""
    for address, text in policies(stack):
        for statement in json.loads(text)["Statement"]:
            yield address, statement


def _about(document: dict[str, Any], owner: str) -> dict[str, Any]:
    return {
        **document,
        "Statement": [
            {**statement, "Resource": owner} if statement.get("Resource", "*") == "*" else statement
            for statement in document["Statement"]
        ],
    }
