"""The state is written down, and read again: without LocalStack and moto."""

import threading
import time
import weakref
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from localstack_dataplane.persistence.pickling import Name, constant, dumps, loads
from localstack_dataplane.persistence.saver import Gate, Saver
from localstack_dataplane.persistence.snapshot import SnapshotFile


class Parameters(defaultdict[str, list[int]]):
    """A subclass that cannot be made without arguments, as moto's of SSM."""

    def __init__(self, region: str) -> None:
        super().__init__(list)
        self.region = region


class Record:
    def __init__(self, number: int) -> None:
        self.add = lambda more: number + more
        self.lock = threading.RLock()
        self.event = threading.Event()


SHARED = {"the": "singleton"}


def found(name: Name) -> Any:
    assert name == ("shared",)
    return SHARED


def again(value: Any) -> Any:
    return loads(dumps(value, {id(SHARED): ("shared",)}), found)


def test_what_is_shared_stays_shared() -> None:
    subnet = ["subnet"]
    first, second = again(({"ec2": subnet}, {"elbv2": subnet}))
    assert first["ec2"] is second["elbv2"]


def test_what_the_next_process_makes_by_itself_is_named_only() -> None:
    assert again([SHARED])[0] is SHARED


def test_functions_without_a_name_locks_and_events_come_back() -> None:
    record = again(Record(40))
    with record.lock:
        assert record.add(2) == 42
    record.event.set()
    assert record.event.wait(0)


def test_a_mapping_that_wants_arguments_comes_back() -> None:
    parameters = Parameters("here")
    parameters["a"].append(1)
    copy = again(parameters)
    assert (copy.region, copy["a"], copy["new"]) == ("here", [1], [])


def test_a_weak_reference_refers_to_the_copy() -> None:
    record = Record(1)
    copy, reference = again((record, weakref.ref(record)))
    assert reference() is copy


def test_private_keys_come_back() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    copy = again({"private": key, "public": key.public_key()})
    assert copy["private"].private_numbers() == key.private_numbers()
    assert copy["public"] == key.public_key()


def test_certificates_come_back() -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "contract")])
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    assert again(certificate) == certificate


class Policy:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0


def test_what_hardly_ever_changes_is_pickled_anew_only_then() -> None:
    constant(Policy, lambda policy: policy.count)
    policy = Policy("first")
    first, second = again([policy, policy])
    assert (first.name, first is second) == ("first", True)
    policy.name = "second"
    assert again(policy).name == "first"
    policy.count = 1
    assert again(policy).name == "second"


def test_a_thread_is_left_out() -> None:
    assert again([threading.Thread()]) == [None]


@pytest.fixture
def file(tmp_path: Path) -> SnapshotFile:
    return SnapshotFile(tmp_path / "folder" / "state", "version 1")


def test_without_a_file_there_is_no_state(file: SnapshotFile) -> None:
    assert file.read() is None


def test_the_last_state_is_read_and_nobody_else_may(file: SnapshotFile, tmp_path: Path) -> None:
    file.write(b"old")
    file.write(b"new")
    assert file.read() == b"new"
    assert (tmp_path / "folder" / "state").stat().st_mode & 0o777 == 0o600


def test_the_state_of_another_version_is_not_read(file: SnapshotFile, tmp_path: Path) -> None:
    file.write(b"old")
    assert SnapshotFile(tmp_path / "folder" / "state", "version 2").read() is None


def test_a_state_that_cannot_be_read_is_kept_aside(file: SnapshotFile) -> None:
    file.write(b"broken")
    assert file.set_aside().exists()
    assert file.read() is None


def test_a_save_waits_for_the_request_under_way() -> None:
    gate, order = Gate(patience=5), []
    gate.enter()

    def save() -> None:
        with gate.closed():
            order.append("saved")

    thread = threading.Thread(target=save, daemon=True)
    thread.start()
    time.sleep(0.05)
    order.append("request ended")
    gate.leave()
    thread.join(5)
    assert order == ["request ended", "saved"]


def test_a_request_that_takes_too_long_is_not_waited_for() -> None:
    gate = Gate(patience=0.01)
    gate.enter()
    with gate.closed():
        pass


def test_changes_that_come_together_are_saved_once() -> None:
    saves: list[float] = []
    saver = Saver(lambda: saves.append(time.monotonic()), quiet=0.05, gap=0.05)
    saver.start()
    for _ in range(5):
        saver.changed()
    deadline = time.monotonic() + 5
    while not saves and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    saver.stop()
    assert len(saves) == 1


def test_a_save_that_fails_is_tried_again_at_the_next_change(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("no space left")

    Saver(fail).save_now()
    assert "The state could not be saved" in caplog.text
