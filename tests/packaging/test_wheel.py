import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from empty_environments import Environment
from project import ROOT
from synthesis import synthesize

from kf_airflow import Airflow

PACKAGES = ("kf_airflow", "kf_airflow_deploy", "kf_airflow_modules")
LOOK = "import kf_airflow, importlib.metadata as m; print(kf_airflow.__file__, m.version('kf-airflow'))"
# Which take mypy a minute, and are not what is asked about.
BINDINGS_SKIPPED = """
[mypy]
strict = true

[mypy-cdktf.*,cdktf_cdktf_provider_aws.*]
follow_imports = skip
"""
TYPED = """
from kf_airflow import BrokerOptions, DatabaseOptions

reveal_type(DatabaseOptions().multi_az)
BrokerOptions(replicas="two")
"""


@pytest.fixture(scope="session")
def example() -> str:
    """The program that README.md shows to those who use the library."""
    section = (ROOT / "README.md").read_text().partition("## Use a part in another project")[2]
    (program, *_) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(program)


def modules_of(names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(PACKAGES) and name.endswith(".py")}


def ours() -> set[str]:
    folder = ROOT / "modules"
    return {str(path.relative_to(folder)) for name in PACKAGES for path in (folder / name).rglob("*.py")}


def test_the_wheel_has_every_module_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert modules_of(names) == ours()
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, f"kf_airflow-{version(wheel)}.dist-info"}


def test_the_wheel_is_typed_and_has_its_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_has_what_the_wheel_is_built_from(wheel: Path) -> None:
    (path,) = (ROOT / "dist").glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]

    assert modules_of([name.removeprefix("modules/") for name in names]) == ours()
    assert {"README.md", "LICENSE", "pyproject.toml"} <= set(names)


def test_the_readme_s_example_synthesizes_what_it_does_here(
    installed: Environment, example: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(example)
    assert installed.run(program) == ""

    document = json.loads((tmp_path / "cdktf.out/stacks/pipelines/cdk.tf.json").read_text())
    here = synthesize(
        lambda stack: Airflow(
            stack, "airflow", name="pipelines-dev", image="registry.example.org/kf-airflow:1a2b3c4"
        )
    )
    there = json.dumps(document["resource"]).replace('"path": "pipelines/', '"path": "test/')
    assert json.loads(there) == here.document["resource"]


def test_it_is_the_wheel_that_is_used(installed: Environment, wheel: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(LOOK)

    path, found = installed.run(program).split()
    assert Path(path).is_relative_to(installed.folder)
    assert found == version(wheel)


def test_type_checkers_read_its_types(installed: Environment, tmp_path: Path) -> None:
    program, settings = tmp_path / "program.py", tmp_path / "mypy.ini"
    program.write_text(TYPED)
    settings.write_text(BINDINGS_SKIPPED)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--config-file", str(settings), "--cache-dir", str(tmp_path)),
            *("--python-executable", str(installed.python), str(program)),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "bool"' in done.stdout, done.stdout
    assert 'Argument "replicas" to "BrokerOptions" has incompatible type "str"; expected "int"' in done.stdout
    assert "Found 1 error in 1 file" in done.stdout


def test_with_the_extra_the_same_environment_has_the_fork(wheel: Path, example: str, tmp_path: Path) -> None:
    environment = Environment.with_installed(tmp_path / "venv", f"{wheel}[cdktn]")
    program = tmp_path / "program.py"
    program.write_text("import cdktn\n" + example.replace("from cdktf import", "from cdktn import"))
    assert environment.run(program) == ""

    document = json.loads((tmp_path / "cdktf.out/stacks/pipelines/cdk.tf.json").read_text())
    assert document["//"]["metadata"]["version"].startswith("0.24.")


def version(wheel: Path) -> str:
    return wheel.name.split("-")[1]
