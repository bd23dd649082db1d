"""Runs in the environment of the scanners: (name, policy) pairs on stdin, (name, finding) pairs on stdout."""

import json
import sys

from parliament import analyze_policy_string, enhance_finding

found = []
for name, policy in json.load(sys.stdin):
    for finding in analyze_policy_string(policy).findings:
        told = enhance_finding(finding)
        detail = told.detail if isinstance(told.detail, str) else json.dumps(told.detail)
        place = told.location.get("string") or ""
        found.append((name, f"{told.issue}: {told.title} {detail} {place}".strip()))
json.dump(found, sys.stdout)
