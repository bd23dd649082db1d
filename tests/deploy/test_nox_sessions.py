"""The sessions of nox that hand over to the commands."""

import os
import subprocess
import sys

import pytest
from project import ROOT


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["tfc", "--", "plan", "--environment", "moon", "--env", "KEY=hunter2"], 2),
        (["drift", "--", "--environment", "moon"], 1),
    ],
)
def test_a_session_has_its_command_s_exit_code_and_prints_no_argument(
    arguments: list[str], code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nox", "-s", *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stdout + done.stderr
    assert "KF_AIRFLOW_ENVIRONMENT is 'moon': allowed are dev, local, prd, qa." in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
