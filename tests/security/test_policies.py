import json

import pytest
import scanners
import stacks
from stack_policies import policies, statements
from synthesis import Synthesized


@pytest.fixture(scope="session")
def findings(_clean_environment: None) -> dict[str, list[str]]:
    """What parliament finds, by stack and policy."""
    return scanners.parliament(
        (f"{name} {address}", policy)
        for name in stacks.names()
        for address, policy in policies(stacks.synthesized(name))
    )


def test_parliament_finds_nothing_in_any_policy(name: str, findings: dict[str, list[str]]) -> None:
    found = {policy: about for policy, about in findings.items() if policy.startswith(f"{name} ")}

    assert found == {}


def test_parliament_finds_what_is_wrong() -> None:
    def policy(action: str, resource: str) -> str:
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}],
            }
        )

    found = scanners.parliament(
        [
            ("right", policy("s3:GetObject", "arn:aws:s3:::bucket/*")),
            ("unknown", policy("s3:GetObjekt", "arn:aws:s3:::bucket/*")),
            ("mismatched", policy("s3:GetObject", "arn:aws:s3:::bucket")),
            ("wide", policy("s3:GetObject", "*")),
        ]
    )

    assert {name: [finding.split(":")[0] for finding in about] for name, about in found.items()} == {
        "unknown": ["UNKNOWN_ACTION"],
        "mismatched": ["RESOURCE_MISMATCH"],
        "wide": ["RESOURCE_STAR"],
    }


def test_who_may_do_something_may_not_do_it_to_everything(stack: Synthesized) -> None:
    # IAM knows no resource for these.
    without_resource = {
        "cloudwatch:PutMetricData",
        "ecr:GetAuthorizationToken",
        "ecs:ListTasks",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }
    to_all = {
        action
        for _, statement in statements(stack)
        if statement["Effect"] == "Allow" and "*" in _listed(statement.get("Resource"))
        for action in _listed(statement["Action"])
    }

    assert to_all <= without_resource


def test_no_policy_but_that_of_a_key_allows_all_actions_of_a_service(stack: Synthesized) -> None:
    wide = {
        address
        for address, statement in statements(stack)
        if statement["Effect"] == "Allow"
        and any(action.endswith(":*") for action in _listed(statement["Action"]))
    }

    assert {address for address in wide if not address.startswith("aws_kms_key.")} == set()


def test_a_service_may_take_on_a_role_for_this_account_alone(stack: Synthesized) -> None:
    for address, statement in statements(stack):
        if not address.endswith(".assume_role_policy") or "Service" not in statement["Principal"]:
            continue
        conditions = json.dumps(statement.get("Condition", {}))
        # RDS Proxy meets no condition of this kind.
        if statement["Principal"]["Service"] != "rds.amazonaws.com":
            assert "aws:SourceAccount" in conditions, address


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
