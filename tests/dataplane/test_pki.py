from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from localstack_dataplane.pki import AuthorityError, CertificateAuthority


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "ca-key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return tmp_path


def test_a_certificate_is_signed_by_the_authority(directory: Path) -> None:
    authority = CertificateAuthority(directory)
    issued, parent = x509.load_pem_x509_certificates(authority.issue("db", ["db.example"]).chain)
    issued.verify_directly_issued_by(parent)


def test_a_certificate_names_hosts_and_addresses(directory: Path) -> None:
    chain = CertificateAuthority(directory).issue("db", ["db.example", "127.0.0.1"]).chain
    names = x509.load_pem_x509_certificate(chain).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["db.example"]
    assert names.value.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1")]


def test_a_host_name_longer_than_a_common_name_is_kept_whole_among_the_names(directory: Path) -> None:
    host = "a" * 60 + ".us-east-1.rds.amazonaws.com"
    certificate = x509.load_pem_x509_certificate(CertificateAuthority(directory).issue(host, [host]).chain)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == [host]


def test_a_certificate_does_not_outlive_the_authority(directory: Path) -> None:
    issued, parent = x509.load_pem_x509_certificates(CertificateAuthority(directory).issue("a", ["a"]).chain)
    assert issued.not_valid_after_utc == parent.not_valid_after_utc


def test_the_key_belongs_to_the_certificate(directory: Path) -> None:
    issued = CertificateAuthority(directory).issue("a", ["a"])
    key = serialization.load_pem_private_key(issued.key, None)
    assert key.public_key() == x509.load_pem_x509_certificate(issued.chain).public_key()


def test_the_key_is_not_in_the_representation(directory: Path) -> None:
    issued = CertificateAuthority(directory).issue("a", ["a"])
    assert issued.key.decode() not in repr(issued)


def test_a_secret_is_the_same_after_a_restart(directory: Path) -> None:
    assert CertificateAuthority(directory).secret("a") == CertificateAuthority(directory).secret("a")


def test_secrets_of_different_purposes_differ(directory: Path) -> None:
    authority = CertificateAuthority(directory)
    assert authority.secret("a") != authority.secret("b")


def test_a_missing_authority_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuthorityError, match=r"ca\.pem .*mount the directory"):
        CertificateAuthority(tmp_path).issue("a", ["a"])


def test_a_malformed_key_is_named(directory: Path) -> None:
    (directory / "ca-key.pem").write_text("nonsense")
    with pytest.raises(AuthorityError, match=r"ca-key\.pem is not a private key"):
        CertificateAuthority(directory).issue("a", ["a"])
