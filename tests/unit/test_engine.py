"""Which engine the library is built on; `nox -s fork` and `nox -s build` ask the fork itself."""

import subprocess
import sys
from pathlib import Path

import pytest

CHOSEN = "from kf_airflow import engine; print(engine.choose())"


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """A folder with two packages that are called as the fork and its bindings are."""
    for name in ("cdktn", "cdktn_provider_aws"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "cdktn_provider_aws" / "vpc.py").write_text("from . import base\nVpc = base.Base\n")
    (tmp_path / "cdktn_provider_aws" / "base.py").write_text("class Base: ...\n")
    return tmp_path


def printed_by(program: str, path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.path.insert(0, {str(path)!r})\n{program}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_it_is_cdktf_where_that_is_installed(fork: Path) -> None:
    assert printed_by(CHOSEN, fork) == "cdktf"


def test_it_is_the_fork_where_the_program_has_imported_that(fork: Path) -> None:
    assert printed_by(f"import cdktn\n{CHOSEN}", fork) == "cdktn"


def test_it_is_cdktf_where_the_program_has_both(fork: Path) -> None:
    assert printed_by(f"import cdktf, cdktn\n{CHOSEN}", fork) == "cdktf"


def test_the_names_of_cdktf_are_the_fork_s_own_modules(fork: Path) -> None:
    program = """
import cdktn, kf_airflow, cdktf
import cdktf_cdktf_provider_aws.vpc as renamed
import cdktn_provider_aws.vpc as its_own
print(cdktf is cdktn, renamed is its_own, renamed.__name__, renamed.__spec__.name)
"""

    assert printed_by(program, fork) == "True True cdktn_provider_aws.vpc cdktn_provider_aws.vpc"
