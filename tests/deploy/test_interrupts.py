"""When an interrupt comes."""

import os
import signal

import pytest

from kf_airflow_deploy.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_comes_at_once(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), Interrupts():
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_held_comes_when_it_is_asked_for(number: signal.Signals) -> None:
    with Interrupts() as interrupts:
        with interrupts.held():
            os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            interrupts.answer()


def test_without_an_interrupt_there_is_none_to_answer() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts() as interrupts, interrupts.held():
        pass

    interrupts.answer()
    assert signal.getsignal(signal.SIGTERM) is before
