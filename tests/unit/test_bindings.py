import os
import subprocess
import sys

from project import ROOT

LOADED = """
import os, sys
import kf_airflow
kf_airflow.Airflow, kf_airflow.ExistingNetwork
prefix = "cdktf_cdktf_provider_aws."
print(sorted({name.removeprefix(prefix).split(".")[0] for name in sys.modules if name.startswith(prefix)}))
"""
PUBLIC = "from cdktf_cdktf_provider_aws import vpc; print(vpc.Vpc.__name__)"
UNKNOWN = "import cdktf_cdktf_provider_aws as aws; print(hasattr(aws, 'no_such_service'))"
PLAIN_MODULES = "import kf_airflow.settings, kf_airflow.components, sys; print('jsii' in sys.modules)"
LEFT_ALONE = """
import sys, types
sys.modules["cdktf_cdktf_provider_aws"] = there = types.ModuleType("cdktf_cdktf_provider_aws")
import kf_airflow
print(sys.modules["cdktf_cdktf_provider_aws"] is there)
"""


def _printed_by(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_only_the_bindings_in_use_are_loaded() -> None:
    used = {
        line.split("cdktf_cdktf_provider_aws.")[1].split()[0]
        for path in (ROOT / "modules/kf_airflow").glob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith("from cdktf_cdktf_provider_aws.")
    }

    # `provider` is what only the stack uses.
    assert set(eval(_printed_by(LOADED))) == (used - {"provider"}) | {"_jsii"}  # noqa: S307


def test_other_programs_still_find_every_submodule() -> None:
    assert _printed_by(f"import kf_airflow\n{PUBLIC}") == "Vpc"


def test_a_submodule_that_does_not_exist_is_a_missing_attribute() -> None:
    assert _printed_by(f"import kf_airflow\n{UNKNOWN}") == "False"


def test_plain_modules_come_without_jsii() -> None:
    assert _printed_by(PLAIN_MODULES) == "False"


def test_bindings_that_are_loaded_already_are_left_alone() -> None:
    assert _printed_by(LEFT_ALONE) == "True"


def test_what_the_user_says_to_jsii_is_kept() -> None:
    program = "import kf_airflow, os; print(os.environ['JSII_RUNTIME_PACKAGE_CACHE'])"

    assert _printed_by(program, JSII_RUNTIME_PACKAGE_CACHE="disabled") == "disabled"
