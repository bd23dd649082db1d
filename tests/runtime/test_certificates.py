import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from kf_airflow_runtime import certificates
from kf_airflow_runtime.refusal import RefusalError

RDS = ROOT / "docker" / "certificates" / "rds-global-bundle.pem"
ADDED = "-----BEGIN CERTIFICATE-----\nadded\n-----END CERTIFICATE-----"


def authorities() -> list[dict[str, Any]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(RDS)
    return context.get_ca_certs()


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "system.pem").write_text("system\n")
    (tmp_path / "rds.pem").write_text("rds")
    return {name: tmp_path / f"{name}.pem" for name in ("system", "rds", "bundle")}


def test_without_an_addition_the_system_and_rds_are_trusted(places: dict[str, Path]) -> None:
    assert certificates.write({}, **places) == {}
    assert places["bundle"].read_text() == "system\nrds\n"


def test_an_added_authority_is_trusted_by_http_clients_too(places: dict[str, Path]) -> None:
    bundle = str(places["bundle"])
    assert certificates.write({certificates.ADDED: ADDED}, **places) == {
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "AWS_CA_BUNDLE": bundle,
    }
    assert places["bundle"].read_text() == f"system\nrds\n{ADDED}\n"


def test_a_client_that_has_its_own_bundle_keeps_it(places: dict[str, Path]) -> None:
    environ = {certificates.ADDED: ADDED, "AWS_CA_BUNDLE": "mine"}
    assert "AWS_CA_BUNDLE" not in certificates.write(environ, **places)


@pytest.mark.parametrize(
    "text",
    ["ca.pem", "-----BEGIN CERTIFICATE-----\ncut off", ADDED.replace("\n", " ")],
    ids=["a file name", "half a certificate", "line breaks lost"],
)
def test_an_addition_that_is_not_pem_is_refused(places: dict[str, Path], text: str) -> None:
    with pytest.raises(RefusalError, match="KF_AIRFLOW_CA_CERTIFICATES is not PEM text"):
        certificates.write({certificates.ADDED: text}, **places)


def test_a_place_that_cannot_be_written_is_named(places: dict[str, Path], tmp_path: Path) -> None:
    places["bundle"] = tmp_path / "absent" / "bundle.pem"
    with pytest.raises(RefusalError, match=r"absent must be writable for uid \d+"):
        certificates.write({}, **places)


def test_writing_again_replaces_the_bundle_and_leaves_nothing_beside_it(places: dict[str, Path]) -> None:
    certificates.write({}, **places)
    certificates.write({}, **places)
    assert len(list(places["bundle"].parent.iterdir())) == 3


def test_the_rds_bundle_of_the_image_can_be_loaded() -> None:
    assert len(authorities()) == RDS.read_text().count("BEGIN CERTIFICATE")


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-central-1"])
def test_the_rds_bundle_holds_an_authority_of_each_region_for_years(region: str) -> None:
    later = time.time() + 2 * 365 * 24 * 3600
    assert [
        authority
        for authority in authorities()
        if f"RDS {region} Root CA" in str(authority["subject"])
        and ssl.cert_time_to_seconds(str(authority["notAfter"])) > later
    ]
