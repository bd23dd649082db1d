"""The commands of `python -m kf_airflow_deploy`, and how they end."""

import argparse
from collections.abc import Callable

import pytest

from kf_airflow_deploy import command_line
from kf_airflow_deploy.errors import DeployError


def command(run: Callable[[argparse.Namespace], int]) -> Callable[[command_line.Subparsers], None]:
    def add_to(subparsers: command_line.Subparsers) -> None:
        subparsers.add_parser("sail", allow_abbrev=False).set_defaults(run=run)

    return add_to


def test_a_command_ends_with_its_own_exit_code() -> None:
    def run(arguments: argparse.Namespace) -> int:
        return 3

    assert command_line.main(["sail"], commands=[command(run)]) == 3


def test_what_goes_wrong_is_a_sentence_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    def run(arguments: argparse.Namespace) -> int:
        raise DeployError("There is no wind: wait.")

    assert command_line.main(["sail"], commands=[command(run)]) == 2
    assert capsys.readouterr().err == "There is no wind: wait.\n"


def test_an_interrupted_command_ends_as_shells_have_it() -> None:
    def run(arguments: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    assert command_line.main(["sail"], commands=[command(run)]) == 130


def test_a_command_that_is_none_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["sink"], commands=[])

    assert ended.value.code == 2
