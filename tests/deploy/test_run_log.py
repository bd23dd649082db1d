"""A log that is read while it is written."""

import pytest

from kf_airflow_deploy.run_log import RunLog, readable


class Written:
    """A log of which more is written from look to look, and at most `most` bytes read at once."""

    def __init__(self, *, most: int = 65536) -> None:
        self.content = b""
        self._most = most

    def __call__(self, offset: int) -> bytes:
        return self.content[offset : offset + self._most]


def test_a_line_is_read_once_it_is_complete() -> None:
    written = Written()
    log = RunLog(written)

    written.content = b"\x02one\ntw"
    assert log.new_lines() == ["one"]
    written.content += b"o\n"
    assert log.new_lines() == ["two"]
    assert log.new_lines() == []


def test_the_last_line_needs_no_end() -> None:
    written = Written()
    log = RunLog(written)
    written.content = b"\x02one\nlast\x03"

    assert log.new_lines() == ["one", "last"]
    assert log.ended
    assert log.new_lines() == []


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_character_may_be_in_two_chunks(most: int) -> None:
    written = Written(most=most)
    written.content = "\x02╷ Grüße\n│ x\n\x03".encode()

    assert RunLog(written).new_lines() == ["╷ Grüße", "│ x"]


def test_what_is_no_text_ends_nothing() -> None:
    written = Written()
    written.content = b"\x02\xff\nrest\n"

    assert RunLog(written).new_lines() == ["\ufffd", "rest"]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('{"@level":"info","@message":"Plan: 1 to add"}', "Plan: 1 to add"),
        ('{"greeting": "hello"}', '{"greeting": "hello"}'),
        ('{"@message": 1}', '{"@message": 1}'),
        ("{", "{"),
        ("[1]\r", "[1]"),
    ],
)
def test_json_is_read_as_its_message(line: str, read: str) -> None:
    assert readable(line) == read
