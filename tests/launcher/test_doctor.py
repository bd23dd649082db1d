"""What the doctor looks at, and what it says to do."""

import sys
from pathlib import Path
from typing import Any

import pytest
from docker_double import DockerDouble
from moto import mock_aws

from kf_airflow_local import certificates, cli, doctor, engine, host, localstack, provider
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.synthesis import LocalConfiguration
from kf_airflow_local.system import System
from kf_airflow_local.workspace import Workspace


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(Workspace(tmp_path), LocalConfiguration("http://localhost:4566", "http://localhost:8080"))


class Engine(DockerDouble):
    """An engine of some version, on a machine with some memory."""

    def __init__(self, version: str, gibibytes: int) -> None:
        super().__init__()
        self._version, self._gibibytes = version, gibibytes

    def version(self) -> dict[str, Any]:
        return {"Version": self._version}

    def info(self) -> dict[str, Any]:
        return {"MemTotal": self._gibibytes * 2**30, "DockerRootDir": "/nowhere"}


def engine_double(version: str = "28.0.1", gibibytes: int = 16) -> Any:
    """One of those, where a client of Docker's is wanted."""
    return Engine(version, gibibytes)


def program(directory: Path, name: str, said: str, code: int = 0) -> None:
    """Put a program on the PATH that says something."""
    file = directory / name
    file.write_text(f"#!/bin/sh\necho '{said}'\nexit {code}\n")
    file.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    return directory


def test_a_program_that_is_new_enough_is_told_with_its_version(path: Path) -> None:
    program(path, "node", "v24.1.0")

    assert doctor.program("node", "--version", (20,), "install it") == "24.1.0"


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        ("v18.20.8", 0, r"18\.20\.8 is too old: install it\."),
        ("", 1, r"node does not say its version \(\): install it\."),
        ("nonsense", 0, "node does not say its version"),
    ],
)
def test_a_program_that_does_not_do_is_told_with_what_to_do(
    path: Path, said: str, code: int, message: str
) -> None:
    program(path, "node", said, code)

    with pytest.raises(LauncherError, match=message):
        doctor.program("node", "--version", (20,), "install it")


def test_python_has_to_be_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))

    with pytest.raises(LauncherError, match=r"3\.10\.1: install Python 3\.11 or newer"):
        doctor.python()


def test_an_engine_that_answers_is_told_with_its_version() -> None:
    assert doctor.container_engine(engine_double("28.0.1")).startswith("28.0.1 answers at ")


def test_an_engine_that_is_too_old_is_told() -> None:
    with pytest.raises(LauncherError, match=r"19\.3\.1 is too old: install Docker 20\.10 or newer"):
        doctor.container_engine(engine_double("19.3.1"))


@pytest.mark.parametrize("may_install", [True, False])
def test_without_an_engine_it_depends_on_whether_one_would_be_started(
    monkeypatch: pytest.MonkeyPatch, may_install: bool
) -> None:
    monkeypatch.setattr(host, "may_install", lambda: may_install)
    monkeypatch.setattr(host, "distribution", lambda: "debian")
    if may_install:
        assert "nox -s up installs and starts one" in doctor.container_engine(None)
    else:
        with pytest.raises(LauncherError, match="install Docker"):
            doctor.container_engine(None)


def test_ports_that_the_system_itself_has_are_fine(system: System) -> None:
    client = engine_double()
    client.containers.add(localstack.NAME)

    assert doctor.ports(client, system) == "4566 and 8080 are the local system's, which runs"


def test_ports_of_another_clone_s_system_are_not(system: System, tmp_path: Path) -> None:
    client = engine_double()
    other = tmp_path / "other"
    other.mkdir()
    client.containers.add(localstack.NAME, {f"{localstack.LABEL}.workspace": str(other)})

    with pytest.raises(LauncherError, match="take it down first, by nox -s down"):
        doctor.ports(client, system)


def test_too_little_memory_is_told_in_numbers() -> None:
    assert doctor.memory(engine_double(gibibytes=8)) == "8 GiB"
    with pytest.raises(LauncherError, match=r"4\.0 GiB, but the local system takes 6: give the engine more"):
        doctor.memory(engine_double(gibibytes=4))


def test_the_disk_of_repository_and_engine_is_looked_at(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(host, "require_free_space", lambda place, *_: looked.append(place))
    doctor.disk(engine_double(), system)

    assert looked == [system.workspace.root, Path("/nowhere")]


def test_a_ca_file_that_is_not_there_is_named_with_its_variable(system: System, tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match=r"PIP_CERT is '.*gone', which is no file with certificates"):
        doctor.certificates(system, {"PIP_CERT": str(tmp_path / "gone")})


def test_the_local_authority_is_told_with_its_end(system: System) -> None:
    assert doctor.certificates(system, {}) == "nox -s up makes the local authority"
    made = certificates.ensure_authority(system.workspace.certificates)

    assert doctor.certificates(system, {"SSL_CERT_FILE": str(made)}).startswith(
        "the local authority is good until 20"
    )


def test_a_local_authority_that_is_none_is_told(system: System) -> None:
    system.workspace.certificates.mkdir(parents=True)
    (system.workspace.certificates / "ca.pem").write_text("nonsense")

    with pytest.raises(LauncherError, match="is no certificate"):
        doctor.certificates(system, {})


@pytest.mark.parametrize(
    ("registry", "target", "said"),
    [
        (True, "darwin_arm64", "from the Terraform registry"),
        (False, "linux_amd64", f"from the package {provider.PACKAGE}: an old one"),
    ],
)
def test_where_the_provider_would_come_from_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, registry: bool, target: str, said: str
) -> None:
    monkeypatch.setattr(provider, "implied_mirrors", lambda: [tmp_path / "plugins"])
    monkeypatch.setattr(provider, "registry_answers", lambda: registry)
    monkeypatch.setattr(provider, "target", lambda: target)

    assert doctor.aws_provider({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}).startswith(said)


def test_a_plugin_cache_with_the_provider_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / provider.ADDRESS).mkdir(parents=True)
    environment = {"TF_PLUGIN_CACHE_DIR": str(tmp_path), "TF_CLI_CONFIG_FILE": str(tmp_path / "none")}

    assert doctor.aws_provider(environment) == f"from {tmp_path}"


def test_without_any_provider_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provider, "implied_mirrors", list)
    monkeypatch.setattr(provider, "registry_answers", lambda: False)
    monkeypatch.setattr(provider, "target", lambda: "linux_arm64")

    with pytest.raises(LauncherError, match=r"None for linux_arm64: .* set TF_PLUGIN_CACHE_DIR"):
        doctor.aws_provider({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")})


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user without any credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_nobody_is_enough_for_the_local_system(nobody: None) -> None:
    assert doctor.aws_identity({}).startswith("none, which is enough for the local system")


def test_who_has_credentials_is_told_who_they_are(nobody: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        said = doctor.aws_identity({})

    assert said.endswith(" in account 123456789012")


def test_a_profile_that_is_not_there_is_told_with_what_to_do(nobody: None) -> None:
    with pytest.raises(LauncherError, match=r"\(.*gone.*\): log in again .*, or unset AWS_PROFILE"):
        doctor.aws_identity({"AWS_PROFILE": "gone"})


def test_everything_is_looked_at_although_something_is_wrong(
    system: System, monkeypatch: pytest.MonkeyPatch, nobody: None, path: Path
) -> None:
    monkeypatch.setattr(engine, "reach", engine_double)
    program(path, "terraform", "Terraform v1.5.7")
    program(path, "node", "v24.1.0")
    findings = {one.what: one for one in doctor.examine(system, {})}

    assert list(findings) == [
        *("Python", "Node.js", "Terraform", "Container engine", "Ports", "Disk", "Memory"),
        *("Certificates", "AWS provider", "AWS identity"),
    ]
    assert not findings["Terraform"].good
    assert findings["Terraform"].said.startswith("1.5.7 is too old: install Terraform 1.11 or newer")


@pytest.mark.parametrize(("good", "code"), [(True, 0), (False, 1)])
def test_the_command_fails_if_one_thing_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], good: bool, code: int
) -> None:
    findings = [doctor.Finding("Disk", good=good, said="make room"), doctor.Finding("Ports", True, "free")]
    monkeypatch.setattr(doctor, "examine", lambda *_: iter(findings))
    monkeypatch.setattr(sys, "argv", ["kf_airflow_local", "doctor"])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == code
    assert capsys.readouterr().out == f"{'✓' if good else '✗'} Disk: make room\n✓ Ports: free\n"


def test_the_doctor_alone_sees_the_user_s_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    seen: list[str | None] = []

    def examine(_: System, environment: Any) -> Any:
        seen.append(environment.get("AWS_PROFILE"))
        return iter(())

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setattr(sys, "argv", ["kf_airflow_local", "doctor"])
    with pytest.raises(SystemExit):
        cli.main()

    assert seen == ["somebody"]
