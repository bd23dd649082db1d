"""A real image in a real registry, pushed by a release of this repository's own files."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from docker import DockerClient
from docker.errors import ImageNotFound
from release_registry import LOGIN
from release_repository import git
from releases import Released

from kf_airflow_deploy import command_line, release_checks, release_steps, sbom
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.registry import Login, Registry


@pytest.fixture(scope="module")
def image(released: Released, engine: DockerClient) -> Any:
    """The image as a deployment pulls it."""
    return engine.images.pull(
        f"{released.ecr.address}@{released.digest}",
        auth_config={"username": LOGIN.username, "password": LOGIN.password},
    )


def fetched(released: Released, place: str, accept: str = "*/*") -> requests.Response:
    host, _, path = released.ecr.address.partition("/")
    answer = requests.get(
        f"http://{host}/v2/{path}{place}",
        auth=(LOGIN.username, LOGIN.password),
        headers={"Accept": accept},
        timeout=30,
    )
    answer.raise_for_status()
    return answer


def test_what_is_printed_names_repository_tag_and_digest(released: Released) -> None:
    assert released.reference == f"{released.ecr.address}:{released.version}@{released.digest}"


def test_the_registry_has_under_the_tag_what_has_that_digest(released: Released) -> None:
    manifest = fetched(
        released,
        f"/manifests/{released.version}",
        "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
    )

    assert f"sha256:{hashlib.sha256(manifest.content).hexdigest()}" == released.digest


def test_the_image_says_which_version_and_commit_it_is_of(released: Released, image: Any) -> None:
    assert image.labels["org.opencontainers.image.version"] == released.version
    assert image.labels["org.opencontainers.image.revision"] == git(
        released.repository.root, "rev-parse", f"{released.version}^{{commit}}"
    )


def test_the_image_knows_its_words(image: Any, engine: DockerClient) -> None:
    said: bytes = engine.containers.run(
        image, ["-c", "import kf_airflow_runtime"], entrypoint="python3", network_disabled=True, remove=True
    )

    assert said == b""


def test_the_tag_is_annotated_and_at_the_remote_with_its_commit(released: Released) -> None:
    remote = released.repository.root.parent / "remote.git"

    assert git(remote, "cat-file", "-t", released.version) == "tag"
    assert git(remote, "rev-parse", f"{released.version}^{{commit}}") == git(remote, "rev-parse", "main")
    assert released.repository.changes() == []


def test_the_bill_of_materials_has_every_package_of_the_image(
    released: Released, image: Any, engine: DockerClient
) -> None:
    packages: bytes = engine.containers.run(
        image,
        ["--show", "--showformat=${Package} ${Version}\n"],
        entrypoint="dpkg-query",
        network_disabled=True,
        remove=True,
    )
    document = json.loads((released.publication.folder / sbom.FILE).read_bytes())
    debian = {
        f"{found['name']} {found['version']}"
        for found in document["components"]
        if found["purl"].startswith("pkg:deb/debian/")
    }
    python = {found["name"] for found in document["components"] if found["purl"].startswith("pkg:pypi/")}

    assert debian == set(packages.decode().splitlines())
    assert {"apache-airflow-core", "celery", "kf-airflow-runtime"} <= python


def test_the_bill_of_materials_is_attached_to_the_image(released: Released) -> None:
    (attached,) = released.ecr.registry().attached(released.digest)
    manifest = fetched(released, f"/manifests/{attached['digest']}", attached["mediaType"]).json()
    (layer,) = manifest["layers"]

    assert manifest["subject"]["digest"] == released.digest
    assert manifest["artifactType"] == sbom.MEDIA_TYPE
    assert (
        fetched(released, f"/blobs/{layer['digest']}").content
        == (released.publication.folder / sbom.FILE).read_bytes()
    )


def test_a_file_that_is_attached_twice_is_there_once(released: Released) -> None:
    registry = released.ecr.registry()
    for _ in range(2):
        registry.attach(released.digest, b"twice", media_type="text/plain", name="twice.txt")

    kinds = [found["artifactType"] for found in registry.attached(released.digest)]

    assert sorted(kinds) == [sbom.MEDIA_TYPE, "text/plain"]


def test_nothing_is_attached_to_what_is_not_there(released: Released) -> None:
    with pytest.raises(DeployError, match="nothing can be attached to it"):
        released.ecr.registry().attach("sha256:" + "0" * 64, b"", media_type="text/plain", name="a")


def test_the_same_version_is_refused(released: Released) -> None:
    with pytest.raises(DeployError, match=f"The tag {released.version} exists already, here and at origin"):
        release_checks.plan(released.repository, released.version, branch="main", day=date(2026, 11, 25))


def test_a_registry_that_refuses_the_login_leaves_no_commit_and_no_tag(
    released: Released, tmp_path: Path
) -> None:
    repository = released.repository
    before = (repository.head(), repository.tags())
    refused = replace(
        released.publication,
        registry=Registry(released.ecr.address, Login("AWS", "wrong")),
        folder=tmp_path,
    )
    version = "999.0.0"
    plan = release_checks.Plan(version, "main", repository.head(), "origin", {"new": "new\n"})

    with pytest.raises(DeployError, match=r"^The (registry|engine) .*999\.0\.0") as caught:
        release_steps.carry_out(plan, refused, None)

    assert "wrong" not in str(caught.value)
    assert (repository.head(), repository.tags(), repository.changes()) == (*before, [])


@pytest.fixture
def logged_in(released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the repository, on a machine on which docker login has been done, in the clone."""
    host = released.ecr.address.partition("/")[0]
    secret = base64.b64encode(f"{LOGIN.username}:{LOGIN.password}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": secret}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.chdir(released.repository.root)
    return released.ecr.address


def test_the_image_of_a_commit_is_published_once(
    released: Released, logged_in: str, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = released.repository
    git(repository.root, "switch", "--quiet", "--create", "topic")
    git(repository.root, "commit", "--quiet", "--allow-empty", "--message", "More")
    said = []
    for options in ([], [], ["--look"]):
        assert command_line.main(["publish", "--registry", logged_in, *options]) == 0
        said.append(capsys.readouterr())
    git(repository.root, "switch", "--quiet", "main")

    assert len({words.out for words in said}) == 1
    assert re.fullmatch(rf"{logged_in}:[0-9a-f]{{7}}@sha256:[0-9a-f]{{64}}\n", said[0].out)
    assert said[1].err.endswith(" is there already\n")


def test_a_commit_without_an_image_has_none_to_look_at(
    released: Released, logged_in: str, capsys: pytest.CaptureFixture[str]
) -> None:
    git(released.repository.root, "switch", "--quiet", "--detach", "main~1")
    code = command_line.main(["publish", "--registry", logged_in, "--look"])
    git(released.repository.root, "switch", "--quiet", "main")

    assert code == 2
    assert "nox -s publish puts the image there" in capsys.readouterr().err


def test_a_released_image_is_not_kept_among_the_local_ones(released: Released, engine: DockerClient) -> None:
    with pytest.raises(ImageNotFound):
        engine.images.get(f"{released.ecr.address}:{released.version}")
