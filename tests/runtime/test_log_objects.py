from datetime import UTC, datetime

from kf_airflow_runtime.log_objects import (
    bucket_and_prefix,
    identity,
    identity_at,
    identity_in,
    key_of,
    own_key,
)

FIRST = b'{"timestamp":"2026-11-25T03:13:36.004237Z","level":"info","event":"begins"}\n'
LATER = b'{"timestamp":"2026-11-25T03:14:00Z","level":"info","event":"begins"}\n'


def test_a_log_is_the_same_however_long_it_has_grown() -> None:
    assert identity(FIRST) == identity(FIRST + b"more\n" * 100)


def test_logs_are_in_the_order_of_their_first_lines() -> None:
    assert str(identity(FIRST)) < str(identity(LATER))


def test_logs_that_began_in_the_same_microsecond_are_two() -> None:
    assert identity(FIRST) != identity(FIRST.replace(b"begins", b"starts"))


def test_a_first_line_that_is_not_complete_tells_nothing() -> None:
    assert identity(FIRST[:-1]) is None


def test_a_first_line_of_a_megabyte_tells_enough() -> None:
    long = b'{"timestamp":"2026-11-25T03:13:36Z","event":"' + b"x" * 2**20
    assert str(identity(long)).startswith("20261125031336000000-")


def test_a_line_without_a_time_comes_first() -> None:
    assert str(identity(b"plain\n")) < str(identity(FIRST))


def test_an_own_key_begins_with_the_plain_one_and_tells_the_identity() -> None:
    name = str(identity(FIRST))
    key = own_key("logs/attempt=1.log", name)
    assert key.startswith("logs/attempt=1.log")
    assert identity_in(key) == name


def test_a_plain_key_and_a_trigger_s_tell_no_identity() -> None:
    assert (identity_in("logs/attempt=1.log"), identity_in("attempt=1.log.trigger.3.log")) == (None, None)


def test_an_object_of_another_writer_is_placed_by_its_time() -> None:
    between = identity_at(datetime(2026, 11, 25, 3, 13, 50, tzinfo=UTC))
    assert str(identity(FIRST)) < between < str(identity(LATER))


def test_keys_begin_with_the_prefix_if_there_is_one() -> None:
    assert bucket_and_prefix("s3://bucket/a/b") == ("bucket", "a/b")
    assert bucket_and_prefix("s3://bucket/") == ("bucket", "")
    assert (key_of("a/b", "x.log"), key_of("", "x.log")) == ("a/b/x.log", "x.log")
