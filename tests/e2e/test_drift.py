"""What is changed behind Terraform's back is found, and told."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest
from local_system import LocalSystem
from project import ROOT

pytestmark = pytest.mark.e2e

DRIFT_SECONDS = 300


@dataclass(frozen=True)
class Comparison:
    """What `nox -s drift` found.

    Args:
        code: Its exit code.
        said: What it printed.
    """

    code: int
    said: str


def drift(system: LocalSystem) -> Comparison:
    """Compares the local system with its settings."""
    done = subprocess.run(
        [sys.executable, "-m", "nox", "-s", "drift", "--", "--environment", "local"],
        cwd=ROOT,
        env={**os.environ, **system.deployed_with},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DRIFT_SECONDS,
        check=False,
    )
    return Comparison(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def changed(system: LocalSystem) -> Comparison:
    """While Flower's logs are kept for a year and nobody is let in to it; both are put back afterwards."""
    logs, ec2 = system.aws("logs"), system.aws("ec2")
    log_group = system.outputs["log_group_names"]["flower"]
    group = system.service("flower")["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"][0]
    admitted = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"][0]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[admitted])
    try:
        logs.put_retention_policy(logGroupName=log_group, retentionInDays=365)
        return drift(system)
    finally:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[admitted])
        logs.put_retention_policy(logGroupName=log_group, retentionInDays=1)


def test_what_nobody_changed_does_not_differ(system: LocalSystem) -> None:
    found = drift(system)

    assert found.code == 0, found.said
    assert "local is deployed as its settings say." in found.said


def test_what_was_changed_behind_terraforms_back_differs(changed: Comparison) -> None:
    assert changed.code == 2, changed.said
    assert "local differs from its settings in 2 places" in changed.said


def test_a_changed_setting_is_named_with_both_values(changed: Comparison) -> None:
    assert re.search(r"log_group\.airflow_flower\S*: changed outside of Terraform", changed.said)
    assert "retention_in_days: 365 -> 1" in changed.said


def test_a_removed_rule_is_named(changed: Comparison) -> None:
    assert re.search(r"security_group\w*_rule\.\S*flower\S*: removed outside of Terraform", changed.said)


@pytest.mark.usefixtures("changed")
def test_what_was_put_back_does_not_differ(system: LocalSystem) -> None:
    found = drift(system)

    assert found.code == 0, found.said
