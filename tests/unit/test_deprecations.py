import re
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import pytest
from project import ROOT
from synthesis import synthesize

import kf_airflow
from kf_airflow import Airflow, NetworkRef, ServiceOptions, deprecations
from kf_airflow.deprecations import NAMES, Deprecation, renamed_arguments

SIZE = Deprecation("size of Service", "options", since="1.4.0")
IMAGE = "registry.example.org/kf-airflow:0000000"


@renamed_arguments(since="1.4.0", size="options")
def service(*, options: int = 0) -> int:
    return options


@pytest.mark.parametrize(
    ("library", "gone"),
    [
        ("1.3.9", False),
        ("1.4.0", False),
        ("1.4.7", False),
        ("1.5.0", True),
        ("1.10.0", True),
        ("2.0.0", True),
        (None, False),
    ],
)
def test_it_is_there_for_one_minor_version(library: str | None, gone: bool) -> None:
    assert SIZE.is_gone(library) == gone


def test_it_warns_with_what_to_use_instead() -> None:
    with pytest.warns(
        FutureWarning, match="size of Service is deprecated since 1.4.0 and gone in 1.5.0: use options"
    ):
        SIZE.check("1.4.2")


def test_it_is_refused_afterwards_with_the_same_advice() -> None:
    with pytest.raises(TypeError, match=re.escape("size of Service is gone since 1.5.0: use options")):
        SIZE.check("1.5.0")


def test_an_argument_is_taken_by_its_old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "installed", lambda: "1.4.0")

    with pytest.warns(FutureWarning, match="size of service is deprecated") as warned:
        assert service(size=3) == 3  # type: ignore[call-arg]  # which is what type checkers say of it
    assert warned[0].filename == __file__


def test_an_argument_by_its_new_name_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert service(options=3) == 3


def test_an_argument_by_both_names_is_refused() -> None:
    with pytest.raises(TypeError, match="service is given options and, by its old name size, the same again"):
        service(options=1, size=3)  # type: ignore[call-arg]


def test_an_old_argument_is_refused_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "installed", lambda: "1.5.0")

    with pytest.raises(TypeError, match=r"size of service is gone since 1\.5\.0"):
        service(size=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", NAMES)
def test_an_old_name_is_what_it_is_called_now(name: str) -> None:
    with pytest.warns(FutureWarning, match=f"kf_airflow.{name} is deprecated"):
        assert getattr(kf_airflow, name) is getattr(kf_airflow, NAMES[name].instead)


@pytest.mark.parametrize("name", NAMES)
def test_an_old_name_is_not_public(name: str) -> None:
    assert name not in kf_airflow.__all__
    assert NAMES[name].instead in kf_airflow.__all__


def test_an_old_name_is_no_attribute_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "installed", lambda: "99.0.0")

    with pytest.raises(AttributeError, match=r"kf_airflow\.ServiceSize is gone since .*: use ServiceOptions"):
        _ = kf_airflow.ServiceSize


def test_the_warning_is_seen_at_the_line_that_imports_the_name(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("\nfrom kf_airflow import ServiceSize\n")

    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True)

    assert f"{program}:2: FutureWarning: kf_airflow.ServiceSize is deprecated" in done.stderr


def test_airflow_takes_sizes_by_their_old_names(network: NetworkRef) -> None:
    size = ServiceOptions(cpu=512, memory_mib=1024)

    with pytest.warns(FutureWarning, match="flower_size of Airflow is deprecated") as warned:
        stack = synthesize(
            lambda scope: Airflow(
                scope,
                "airflow",
                name="kf-airflow-dev",
                image=IMAGE,
                network=network,
                flower_size=size,  # type: ignore[call-arg]
            )
        )
    assert warned[0].filename == __file__
    assert stack.at("airflow/flower/task-definition")["cpu"] == "512"


def test_nothing_is_kept_longer_than_it_is_taken() -> None:
    released = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    kept = [
        *NAMES.values(),
        *(
            Deprecation(path.name, "what it says", since)
            for path in (ROOT / "modules/kf_airflow").rglob("*.py")
            for since in re.findall(r'@renamed_arguments\(since="([^"]+)"', path.read_text())
        ),
    ]

    assert len(kept) > len(NAMES)
    assert [one.name for one in kept if one.is_gone(released)] == []
