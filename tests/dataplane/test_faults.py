"""Faults on demand, without LocalStack."""

import threading
import time
from typing import Any

import pytest
from fake_clock import FakeClock

from localstack_dataplane.faults import Fault, FaultError, Faults

S3_DOWN = Fault(service="s3", error="ServiceUnavailable", status=503)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def faults(clock: FakeClock) -> Faults:
    return Faults(clock)


def test_without_a_fault_requests_pass(faults: Faults) -> None:
    assert faults.meet("s3", "PutObject") is None


def test_a_service_fails_until_it_is_switched_off(faults: Faults) -> None:
    faults.switch_on("a", S3_DOWN)
    assert faults.meet("s3", "PutObject") is S3_DOWN
    faults.switch_off("a")
    assert faults.meet("s3", "PutObject") is None


def test_other_services_and_other_operations_pass(faults: Faults) -> None:
    faults.switch_on("a", Fault(service="s3", operations=("PutObject",), error="SlowDown"))
    assert (faults.meet("s3", "GetObject"), faults.meet("sqs", "PutObject")) == (None, None)


def test_a_fault_ends_by_itself(faults: Faults, clock: FakeClock) -> None:
    faults.switch_on("a", Fault(service="s3", error="SlowDown", for_seconds=10))
    clock.now = 10
    assert faults.meet("s3", "PutObject") is None
    assert faults.described() == {}


def test_a_throttle_lets_requests_through_at_its_rate(faults: Faults, clock: FakeClock) -> None:
    faults.switch_on("a", Fault(service="s3", error="SlowDown", requests_per_second=2))

    def passed(count: int) -> int:
        return sum(faults.meet("s3", "PutObject") is None for _ in range(count))

    assert passed(5) == 2
    clock.now = 0.5
    assert passed(5) == 1


def test_a_rate_below_one_a_second_lets_one_through_now_and_then(faults: Faults, clock: FakeClock) -> None:
    faults.switch_on("a", Fault(service="s3", error="SlowDown", requests_per_second=0.5))
    assert faults.meet("s3", "PutObject") is None
    clock.now = 1
    assert faults.meet("s3", "PutObject") is not None
    clock.now = 2
    assert faults.meet("s3", "PutObject") is None


def test_it_is_counted_how_many_requests_met_a_fault(faults: Faults) -> None:
    faults.switch_on("a", S3_DOWN)
    faults.meet("s3", "PutObject")
    assert faults.described()["a"]["hits"] == 1


def test_a_request_that_hangs_goes_on_when_the_fault_is_switched_off() -> None:
    faults, met = Faults(), []
    faults.switch_on("a", Fault(service="s3", error="SlowDown", delay_seconds=60))
    thread = threading.Thread(target=lambda: met.append(faults.meet("s3", "PutObject")), daemon=True)
    thread.start()
    deadline = time.monotonic() + 5
    while not faults.described()["a"]["hits"] and time.monotonic() < deadline:
        time.sleep(0.01)
    faults.switch_off()
    thread.join(5)
    assert met == [None]


def test_a_delay_without_error_only_costs_time() -> None:
    faults = Faults()
    faults.switch_on("a", Fault(service="s3", delay_seconds=0.1))
    started = time.monotonic()
    assert faults.meet("s3", "PutObject") is None
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "service is missing"),
        ({"service": "s3"}, "needs an error or delay_seconds"),
        ({"service": "s3", "error": "SlowDown", "status": 200}, "status is 200, not between 400 and 599"),
        ({"service": "s3", "delay_seconds": 1000}, "delay_seconds is 1000.0, not between 0 and 120"),
        ({"service": "s3", "delay_seconds": "long"}, "This is not a fault"),
        ({"service": "s3", "errors": "SlowDown"}, "errors of a fault are not known"),
    ],
)
def test_what_is_no_fault_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(FaultError, match=message):
        Fault.parse(document)


def test_a_fault_is_read_from_json() -> None:
    document = {"service": "s3", "operations": ["PutObject"], "error": "SlowDown", "status": 503}
    assert Fault.parse(document) == Fault(
        service="s3", operations=("PutObject",), error="SlowDown", status=503
    )
