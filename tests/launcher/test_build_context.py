"""What an image is built from, and when that has changed."""

import tarfile
from pathlib import Path

import pytest

from kf_airflow_local.build_context import CA_BUNDLE_PATH, BuildContext, ca_bundle


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a Dockerfile that takes one folder."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY docker /\n")
    (tmp_path / ".dockerignore").write_text(
        "# everything but\n*\n!docker\ndocker/*.md\n!build/image/ca.pem\n"
    )
    for path in ("docker/entrypoint.sh", "docker/README.md", "secret.txt", CA_BUNDLE_PATH):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def test_what_is_ignored_is_not_sent(root: Path) -> None:
    assert BuildContext(root, "Dockerfile").files() == ["Dockerfile", "docker/entrypoint.sh"]


def test_a_dockerfile_may_have_an_ignore_file_of_its_own(root: Path) -> None:
    (root / "other.Dockerfile").touch()
    (root / "other.Dockerfile.dockerignore").write_text("*\n!secret.txt\n")

    assert BuildContext(root, "other.Dockerfile").files() == ["other.Dockerfile", "secret.txt"]


def test_the_same_files_have_the_same_hash(root: Path) -> None:
    context = BuildContext(root, "Dockerfile")

    assert context.digest({}) == context.digest({})


def test_a_file_that_is_ignored_does_not_change_the_hash(root: Path) -> None:
    before = BuildContext(root, "Dockerfile").digest({})

    (root / "secret.txt").write_text("other")

    assert BuildContext(root, "Dockerfile").digest({}) == before


@pytest.mark.parametrize("change", ["content", "mode", "name", "argument"])
def test_what_decides_the_image_changes_the_hash(root: Path, change: str) -> None:
    context = BuildContext(root, "Dockerfile")
    before = context.digest({})
    path = root / "docker" / "entrypoint.sh"
    arguments = {}

    if change == "content":
        path.write_text("other")
    elif change == "mode":
        path.chmod(0o755)
    elif change == "name":
        path.rename(path.with_name("other.sh"))
    else:
        arguments = {"BASE_IMAGE": "other"}

    assert context.digest(arguments) != before


def test_the_archive_has_the_files_and_what_is_added(root: Path) -> None:
    stream = BuildContext(root, "Dockerfile").archive({CA_BUNDLE_PATH: b"a bundle"})

    with tarfile.open(fileobj=stream) as archive:
        bundle = archive.extractfile(CA_BUNDLE_PATH)
        assert bundle is not None
        assert bundle.read() == b"a bundle"
        assert archive.getnames() == ["Dockerfile", "docker/entrypoint.sh", CA_BUNDLE_PATH]


def test_a_program_stays_one_in_the_archive(root: Path) -> None:
    (root / "docker" / "entrypoint.sh").chmod(0o755)

    with tarfile.open(fileobj=BuildContext(root, "Dockerfile").archive({})) as archive:
        assert archive.getmember("docker/entrypoint.sh").mode == 0o755


def test_the_hosts_bundle_is_found(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"certificates")

    assert ca_bundle({"PIP_CERT": str(bundle)}) == b"certificates"


def test_a_host_without_a_bundle_has_none(tmp_path: Path) -> None:
    assert ca_bundle({"SSL_CERT_FILE": str(tmp_path / "gone")}) is None
