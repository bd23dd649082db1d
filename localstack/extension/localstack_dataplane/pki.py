"""Certificates of the local certificate authority."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LONGEST_COMMON_NAME = 64
_LIFETIME = timedelta(days=397)
"""Longer ones are refused by some clients."""


class AuthorityError(RuntimeError):
    """The certificate authority cannot be read; the message says which file and what to do."""


@dataclass(frozen=True)
class Certificate:
    """A server certificate, followed by the authority's, and its private key; all PEM."""

    chain: bytes
    key: bytes = field(repr=False)


class CertificateAuthority:
    """The local CA, which the launcher made and containers trust.

    Args:
        directory: Has `ca.pem` and `ca-key.pem`. They are read at first use.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, common_name: str, names: Sequence[str]) -> Certificate:
        """Issue a server certificate.

        Args:
            common_name: What it is called; cut to 64 characters as X.509 wants; clients look at `names`.
            names: Host names (a leading `*.` is a wildcard) and IP addresses it is valid for.

        Raises:
            AuthorityError: The authority cannot be read.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name[:_LONGEST_COMMON_NAME]))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(max(now - timedelta(hours=1), self._certificate.not_valid_before_utc))
            .not_valid_after(min(now + _LIFETIME, self._certificate.not_valid_after_utc))
            .add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(_issued_by(self._certificate), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Certificate(
            chain=certificate.public_bytes(serialization.Encoding.PEM) + self.certificate,
            key=key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )

    def secret(self, purpose: str) -> str:
        """A password that only this data plane knows, the same at each call and after a restart.

        Args:
            purpose: Different purposes get different passwords, such as the ARN it is for.
        """
        key = self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _certificate(self) -> x509.Certificate:
        try:
            return x509.load_pem_x509_certificate(self._read("ca.pem"))
        except ValueError as error:
            raise AuthorityError(f"{self._directory / 'ca.pem'} is not a certificate: {error}") from error

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
        path = self._directory / "ca-key.pem"
        try:
            key = serialization.load_pem_private_key(self._read(path.name), password=None)
        except (ValueError, TypeError) as error:
            raise AuthorityError(f"{path} is not a private key without password: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise AuthorityError(
                f"{path} is a {type(key).__name__}; only RSA and elliptic-curve keys work here."
            )
        return key

    def _read(self, name: str) -> bytes:
        path = self._directory / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise AuthorityError(
                f"Cannot read {path} of the local certificate authority ({error.strerror}): "
                "mount the directory that holds it into the LocalStack container."
            ) from error


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _issued_by(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    try:
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        key = authority.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise AuthorityError(
                f"The authority's key is a {type(key).__name__}, not RSA or elliptic-curve."
            ) from None
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
