"""The bill of materials of an image, in CycloneDX's format."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.release_image import Contents, DebianPackage, PythonPackage

MEDIA_TYPE = "application/vnd.cyclonedx+json"
FILE = "sbom.cdx.json"
OURS = frozenset({"kf-airflow-runtime"})
"""What is in the image and in no lock, as it is built from this repository."""


@dataclass(frozen=True)
class Subject:
    """The image.

    Args:
        address: Its repository, without a tag.
        tag: Its tag.
        digest: Its digest.
        commit: What it was built from.
    """

    address: str
    tag: str
    digest: str
    commit: str


def document(subject: Subject, contents: Contents, lock: str, *, now: datetime) -> bytes:
    """Return the bill of materials as JSON.

    Args:
        subject: The image.
        contents: What is in it.
        lock: The text of docker/requirements.lock.
        now: When it is made.

    Raises:
        DeployError: When the image has Python packages that the lock does not name, or in another version.
    """
    if strangers := unlocked(contents.python, lock):
        raise DeployError(
            f"The image has what docker/requirements.lock does not name ({', '.join(strangers)}): "
            "it is not what was tested, build it without a cache."
        )
    bom = Bom(components=[*map(_python, contents.python), *_debian(contents)])
    bom.metadata.timestamp = now
    name = subject.address.rpartition("/")[2]
    bom.metadata.component = Component(
        name=name,
        version=subject.tag,
        type=ComponentType.CONTAINER,
        bom_ref=subject.digest,
        purl=PackageURL(
            "oci",
            name=name,
            version=subject.digest,
            qualifiers={"repository_url": subject.address, "tag": subject.tag},
        ),
        properties=[Property(name="org.opencontainers.image.revision", value=subject.commit)],
    )
    bom.register_dependency(bom.metadata.component, bom.components)
    text: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise DeployError(f"The bill of materials is not what CycloneDX 1.6 says it has to be: {wrong}.")
    return text.encode()


def unlocked(python: Iterable[PythonPackage], lock: str) -> list[str]:
    """Return the packages that a lock does not have in that version, as ``<name> <version>``."""
    locked = {
        (canonicalize_name(name), version)
        for name, version in re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE)
    }
    return [
        f"{package.name} {package.version}"
        for package in python
        if canonicalize_name(package.name) not in OURS
        and (canonicalize_name(package.name), package.version) not in locked
    ]


def _python(package: PythonPackage) -> Component:
    name = canonicalize_name(package.name)
    purl = PackageURL("pypi", name=name, version=package.version)
    licenses = [LicenseFactory().make_from_string(package.license)] if package.license else []
    return Component(
        name=name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        licenses=licenses,
    )


def _debian(contents: Contents) -> list[Component]:
    return [_debian_component(package, contents.distribution) for package in contents.debian]


def _debian_component(package: DebianPackage, distribution: str) -> Component:
    qualifiers = {
        "arch": package.architecture,
        "distro": distribution,
        "upstream": f"{package.source}@{package.source_version}",
    }
    purl = PackageURL("deb", "debian", package.name, package.version, qualifiers)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
    )
