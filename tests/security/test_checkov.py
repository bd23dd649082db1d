import pytest
import scanners
import stacks
from scanners import Finding
from synthesis import Synthesized


@pytest.fixture(scope="session")
def findings(_clean_environment: None) -> dict[str, dict[Finding, str]]:
    return scanners.checkov({name: stacks.synthesized(name) for name in stacks.names()})


def test_what_checkov_finds_is_accepted_beside_its_resource(
    name: str, stack: Synthesized, findings: dict[str, dict[Finding, str]]
) -> None:
    accepted = scanners.accepted(stack)
    failed = {finding: check for finding, check in findings[name].items() if finding not in accepted}

    assert failed == {}


def test_what_is_accepted_is_found(
    name: str, stack: Synthesized, findings: dict[str, dict[Finding, str]]
) -> None:
    unneeded = scanners.accepted(stack).keys() - findings[name].keys()

    assert unneeded == set()


def test_a_finding_is_accepted_with_a_sentence_as_its_reason(stack: Synthesized) -> None:
    reasons = set(scanners.accepted(stack).values())

    assert {reason for reason in reasons if " " not in reason or reason.endswith(".")} == set()
