"""The bill of materials."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kf_airflow_deploy import sbom
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.release_image import Contents, DebianPackage, PythonPackage

SUBJECT = sbom.Subject("registry.example.org/kf-airflow", "0.2.0", "sha256:" + "1" * 64, "c" * 40)
CONTENTS = Contents(
    "debian-13",
    (DebianPackage("libssl3t64", "3.5.1-1", "amd64", "openssl", "3.5.1-1"),),
    (PythonPackage("Celery", "5.6.0", "BSD-3-Clause"), PythonPackage("kf-airflow-runtime", "0.2.0")),
)
LOCK = "celery[redis]==5.6.0 ; python_full_version < '4' \\\n    --hash=sha256:0\n"


def document(contents: Contents = CONTENTS, lock: str = LOCK) -> dict[str, Any]:
    text = sbom.document(SUBJECT, contents, lock, now=datetime(2026, 11, 25, tzinfo=UTC))
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_it_is_of_the_image_by_its_digest() -> None:
    component = document()["metadata"]["component"]

    assert component["type"] == "container"
    assert component["bom-ref"] == SUBJECT.digest
    assert component["purl"] == (
        f"pkg:oci/kf-airflow@sha256:{'1' * 64}?repository_url=registry.example.org/kf-airflow&tag=0.2.0"
    )
    assert component["properties"] == [{"name": "org.opencontainers.image.revision", "value": "c" * 40}]


def test_it_has_python_and_debian_packages() -> None:
    assert {component["purl"] for component in document()["components"]} == {
        "pkg:pypi/celery@5.6.0",
        "pkg:pypi/kf-airflow-runtime@0.2.0",
        "pkg:deb/debian/libssl3t64@3.5.1-1?arch=amd64&distro=debian-13&upstream=openssl%403.5.1-1",
    }


def test_it_has_the_licence_a_package_gives() -> None:
    licenses = {component["name"]: component.get("licenses") for component in document()["components"]}

    assert licenses["celery"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert licenses["kf-airflow-runtime"] is None


def test_the_image_depends_on_all_of_it() -> None:
    found = document()
    of_image = next(entry for entry in found["dependencies"] if entry["ref"] == SUBJECT.digest)

    assert len(of_image["dependsOn"]) == len(found["components"])


@pytest.mark.parametrize("package", [PythonPackage("celery", "5.7.0"), PythonPackage("left-pad", "1.0")])
def test_a_python_package_that_the_lock_does_not_name_is_refused(package: PythonPackage) -> None:
    with pytest.raises(
        DeployError, match=rf"requirements\.lock does not name \({package.name} {package.version}\)"
    ):
        document(replace(CONTENTS, python=(package,)))
