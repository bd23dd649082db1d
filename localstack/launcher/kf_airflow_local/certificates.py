"""The certificate authority that the local databases, brokers and load balancers are trusted by."""

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_DAYS = 825
"""Longest life that today's TLS clients accept without a remark."""


def ensure_authority(directory: Path) -> Path:
    """Make the local certificate authority, unless it is there and still good for a week.

    Args:
        directory: Where ``ca.pem`` and ``ca-key.pem`` belong.

    Returns:
        Path of the certificate.
    """
    certificate, key = directory / "ca.pem", directory / "ca-key.pem"
    if certificate.is_file() and key.is_file() and not _expires_soon(certificate):
        return certificate
    directory.mkdir(parents=True, exist_ok=True)
    certificate_pem, key_pem = new_authority()
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_bytes(key_pem)
    certificate.write_bytes(certificate_pem)
    return certificate


def new_authority() -> tuple[bytes, bytes]:
    """Make a certificate authority; returns its certificate and its key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kf-airflow local authority")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of containers and host may differ by a little.
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def _expires_soon(certificate: Path) -> bool:
    expiry = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return expiry < datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=7)
