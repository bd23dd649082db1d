"""What is changed behind Terraform's back is found, and told."""

import os
import re
import subprocess
import sys

import pytest
from local_system import LocalSystem
from project import ROOT

pytestmark = pytest.mark.e2e

DRIFT_SECONDS = 300


def drift() -> tuple[int, str]:
    """Compares the local system with its settings; the exit code, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "nox", "-s", "drift", "--", "--environment", "local"],
        cwd=ROOT,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DRIFT_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_changed_behind_terraforms_back_is_named_until_it_is_put_back(system: LocalSystem) -> None:
    logs = system.aws("logs")
    group = system.outputs["log_group_names"]["flower"]
    code, said = drift()
    assert code == 0, said

    logs.put_retention_policy(logGroupName=group, retentionInDays=365)
    try:
        code, said = drift()
    finally:
        logs.put_retention_policy(logGroupName=group, retentionInDays=1)

    assert code == 2, said
    assert "local differs from its settings in 1 place" in said
    assert "aws_cloudwatch_log_group.airflow_flower" in said
    assert ": changed outside of Terraform" in said
    assert "retention_in_days: 365 -> 1" in said
    assert drift()[0] == 0


def test_what_is_removed_behind_terraforms_back_is_named_until_it_is_put_back(system: LocalSystem) -> None:
    ec2 = system.aws("ec2")
    group = system.service("flower")["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"][0]
    admitted = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"][0]

    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[admitted])
    try:
        code, said = drift()
    finally:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[admitted])

    assert code == 2, said
    assert re.search(r"security_group\w*_rule\.\w+: removed outside of Terraform", said)
    assert drift()[0] == 0
