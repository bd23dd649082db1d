"""A repository of images in a registry, by the OCI distribution API.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md says what is asked here and what is
answered. The engine pushes the image itself; this finds what is there, and attaches files to it.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests

from kf_airflow_deploy.errors import DeployError

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
EMPTY = "application/vnd.oci.empty.v1+json"
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Login:
    """Who pushes.

    Args:
        username: The name.
        password: The password or token; it is never shown.
    """

    username: str
    password: str = field(repr=False)


class Registry:
    """One repository of a registry.

    Args:
        address: Where it is, without a tag: ``<host>[:<port>]/<path>``. One on this machine speaks plain
            HTTP, as engines expect it; any other one TLS.
        login: Who asks. Nobody in particular if left out.
    """

    def __init__(self, address: str, login: Login | None = None) -> None:
        self.address, self.login = address, login
        self.host, _, self.path = address.partition("/")
        if not self.path:
            raise DeployError(
                f"{address!r} names no repository: it takes <host>/<repository>, without a tag."
            )
        local = self.host.split(":")[0] in {"localhost", "127.0.0.1"}
        self._session = requests.Session()
        self._session.trust_env = not local  # a proxy would not find this machine
        if login is not None:
            self._session.auth = (login.username, login.password)
        self._url = f"{'http' if local else 'https'}://{self.host}/v2/{self.path}"

    def digest(self, reference: str) -> str | None:
        """Return the digest of what a tag names, or None where there is no such tag.

        Raises:
            DeployError: When the registry does not answer, or not to this login.
        """
        found = self._descriptor(reference)
        return None if found is None else str(found["digest"])

    def attach(self, subject: str, content: bytes, *, media_type: str, name: str) -> str:
        """Attach a file to an image, so that who has the image's digest finds it.

        Args:
            subject: The digest of the image.
            content: The file.
            media_type: What it is.
            name: What it is called.

        Returns:
            The digest of the manifest that attaches it.

        Raises:
            DeployError: When the registry does not take it.
        """
        image = self._descriptor(subject)
        if image is None:
            raise DeployError(f"{self.address}@{subject} is not there: nothing can be attached to it.")
        title = {"org.opencontainers.image.title": name}
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": media_type,
            "config": {"mediaType": EMPTY, **self._put_blob(b"{}")},
            "layers": [{"mediaType": media_type, **self._put_blob(content), "annotations": title}],
            "subject": image,
        }
        descriptor, answer = self._put_manifest(manifest)
        if "OCI-Subject" not in answer.headers:
            self._refer(subject, {**descriptor, "artifactType": media_type})
        return str(descriptor["digest"])

    def attached(self, subject: str) -> list[dict[str, Any]]:
        """Return what is attached to an image, as descriptors.

        Args:
            subject: The digest of the image.
        """
        answer = self._ask("GET", f"/referrers/{subject}", absent=True)
        if answer is None:
            answer = self._ask(
                "GET", f"/manifests/{_referrers_tag(subject)}", absent=True, headers={"Accept": INDEX}
            )
        return [] if answer is None else list(answer.json()["manifests"])

    def _refer(self, subject: str, descriptor: dict[str, Any]) -> None:
        """Keep the list of what is attached, where the registry does not keep it by itself."""
        before = [found for found in self.attached(subject) if found["digest"] != descriptor["digest"]]
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*before, descriptor]}
        self._put_manifest(index, reference=_referrers_tag(subject))

    def _descriptor(self, reference: str) -> dict[str, Any] | None:
        """Return media type, digest and size of a manifest, or None where there is none."""
        accepted = ", ".join((MANIFEST, DOCKER_MANIFEST, INDEX))
        answer = self._ask("HEAD", f"/manifests/{reference}", absent=True, headers={"Accept": accepted})
        if answer is None:
            return None
        return {
            "mediaType": answer.headers["Content-Type"],
            "digest": answer.headers["Docker-Content-Digest"],
            "size": int(answer.headers["Content-Length"]),
        }

    def _put_blob(self, content: bytes) -> dict[str, Any]:
        """Store bytes; returns digest and size."""
        digest = _digest(content)
        if self._ask("HEAD", f"/blobs/{digest}", absent=True) is None:
            begun = self._ask("POST", "/blobs/uploads/")
            assert begun is not None  # noqa: S101 (only what may be absent is None)
            self._ask(
                "PUT",
                urljoin(begun.url, begun.headers["Location"]),
                params={"digest": digest},
                data=content,
                headers={"Content-Type": "application/octet-stream"},
            )
        return {"digest": digest, "size": len(content)}

    def _put_manifest(
        self, manifest: dict[str, Any], *, reference: str | None = None
    ) -> tuple[dict[str, Any], requests.Response]:
        """Store a manifest by its digest, or by a tag; returns its descriptor and the answer."""
        content = json.dumps(manifest).encode()
        digest = _digest(content)
        answer = self._ask(
            "PUT",
            f"/manifests/{reference or digest}",
            data=content,
            headers={"Content-Type": manifest["mediaType"]},
        )
        assert answer is not None  # noqa: S101 (only what may be absent is None)
        return {"mediaType": manifest["mediaType"], "digest": digest, "size": len(content)}, answer

    def _ask(
        self, method: str, place: str, *, absent: bool = False, **options: Any
    ) -> requests.Response | None:
        """Ask the registry.

        Args:
            method: How.
            place: What, as a path below the repository or a whole URL.
            absent: Whether it need not be there; None is returned then.
            options: Of the request.
        """
        url = place if place.startswith("http") else self._url + place
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT_SECONDS, **options)
        except requests.RequestException as error:
            raise DeployError(f"The registry {self.host} does not answer: {error}.") from error
        if answer.status_code == requests.codes.not_found and absent:
            return None
        if answer.status_code in {requests.codes.unauthorized, requests.codes.forbidden}:
            who = f"the login {self.login.username!r}" if self.login else "who does not log in (docker login)"
            raise DeployError(f"The registry {self.host} refuses {self.path} to {who}.")
        if not answer.ok:
            raise DeployError(
                f"The registry {self.host} answers {method} {place} with {answer.status_code}: "
                f"{answer.text[:300]}"
            )
        return answer


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _referrers_tag(digest: str) -> str:
    """Return the tag under which a registry without a list of referrers has that list."""
    return digest.replace(":", "-", 1)
