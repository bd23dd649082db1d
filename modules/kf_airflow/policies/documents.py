"""IAM policy documents, as plain data."""

from __future__ import annotations

import json
from collections.abc import Sequence

Statement = dict[str, object]


def document(statements: Sequence[Statement]) -> str:
    """Returns statements as the JSON of a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    """Returns the statement that allows `actions` on `resources`."""
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
