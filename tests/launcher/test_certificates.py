"""The local certificate authority."""

import datetime
from pathlib import Path

import pytest
from cryptography import x509

from kf_airflow_local import certificates


def test_it_may_sign_certificates(tmp_path: Path) -> None:
    path = certificates.ensure_authority(tmp_path / "ca")

    constraints = (
        x509.load_pem_x509_certificate(path.read_bytes())
        .extensions.get_extension_for_class(x509.BasicConstraints)
        .value
    )
    assert constraints.ca


def test_nobody_else_may_read_its_key(tmp_path: Path) -> None:
    certificates.ensure_authority(tmp_path / "ca")

    assert (tmp_path / "ca" / "ca-key.pem").stat().st_mode & 0o777 == 0o600


def test_one_that_is_good_is_kept(tmp_path: Path) -> None:
    before = certificates.ensure_authority(tmp_path).read_bytes()

    assert certificates.ensure_authority(tmp_path).read_bytes() == before


def test_one_that_expires_soon_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(certificates, "VALID_DAYS", 6)
        before = certificates.ensure_authority(tmp_path).read_bytes()

    after = certificates.ensure_authority(tmp_path).read_bytes()

    expiry = x509.load_pem_x509_certificate(after).not_valid_after_utc
    assert before != after
    assert expiry > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=100)
