"""Fixtures of the chaos suite. It needs the local system as `nox -s chaos` deploys it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chaos_ledger import Ledger
from chaos_load import Load, Survive
from chaos_verdict import Verdict
from figures import figures
from local_system import LocalSystem
from project import REPORTS


@pytest.fixture(scope="session")
def system() -> LocalSystem:
    return LocalSystem()


@pytest.fixture(scope="session")
def ledger(system: LocalSystem) -> Iterator[Ledger]:
    ledger = Ledger(system)
    ledger.open()
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def report() -> Iterator[dict[str, Any]]:
    """Verdicts by fault, written to build/reports/chaos.json at the end of the session."""
    with figures(REPORTS / "chaos.json") as verdicts:
        yield verdicts


@pytest.fixture
def survive(system: LocalSystem, ledger: Ledger, report: dict[str, Any]) -> Survive:
    """The system has to be whole again afterwards."""

    def survive(fault: str, inject: Callable[[Load], object], **load: Any) -> Verdict:
        system.wait_until_whole()
        running = Load(system, ledger, **load)
        running.wait_until_under_way()
        verdict = running.verdict_on(lambda: inject(running))
        report[fault] = verdict.document()
        system.wait_until_whole()
        return verdict

    return survive
