import pytest

from kf_airflow_runtime.log_lines import lines


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    text = "one\ntwo Grüße\n\n🎈\n".encode()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(lines(pieces, ended=True)) == ["one", "two Grüße", "", "🎈"]


@pytest.mark.parametrize(("ended", "found"), [(True, ["one", "hal"]), (False, ["one"])])
def test_a_line_without_its_end_counts_only_at_the_end_of_a_log(ended: bool, found: list[str]) -> None:
    assert list(lines([b"one\nhal"], ended=ended)) == found


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert list(lines([b"\xff\xfe(\n"], ended=True)) == ["\ufffd\ufffd("]


def test_a_line_of_a_megabyte_is_one() -> None:
    assert [len(line) for line in lines([b"x" * 65536] * 16 + [b"\n"], ended=True)] == [2**20]
