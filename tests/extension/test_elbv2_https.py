"""HTTPS listeners and their certificates.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from balancing import Front, fixed, forward
from contract import Cloud
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

Answers = dict[str, dict[str, Any]]
NAMES = ("first.contract.test", "second.contract.test", "*.third.contract.test")


def imported(cloud: Cloud, name: str) -> tuple[str, str]:
    """Imports a self-signed certificate into ACM; returns its ARN, and it in hexadecimal DER."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    acm = cloud.client("acm")
    arn = acm.import_certificate(
        Certificate=certificate.public_bytes(serialization.Encoding.PEM),
        PrivateKey=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ),
    )["CertificateArn"]
    cloud.finally_do(acm.delete_certificate, CertificateArn=arn)
    return str(arn), certificate.public_bytes(serialization.Encoding.DER).hex()


@pytest.fixture(scope="module")
def certificates(cloud: Cloud) -> dict[str, tuple[str, str]]:
    return {name: imported(cloud, name) for name in NAMES}


@pytest.fixture(scope="module")
def answers(front: Front, servers: dict[str, str], certificates: dict[str, tuple[str, str]]) -> Answers:
    first, *others = [{"CertificateArn": arn} for arn, _ in certificates.values()]
    group = front.group(servers["green"])
    secure = {"Protocol": "HTTPS", "Certificates": [first]}
    listener, port = front.listener(forward(group), SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", **secure)
    front.elb.add_listener_certificates(ListenerArn=listener, Certificates=others)
    _, older = front.listener(fixed("older"), SslPolicy="ELBSecurityPolicy-TLS-1-2-2017-01", **secure)
    front.wait_for_health(group, "healthy")
    asked = {
        "first": {"port": port, "sni": "first.contract.test"},
        "second": {"port": port, "sni": "second.contract.test"},
        "wildcard": {"port": port, "sni": "www.third.contract.test"},
        "unknown": {"port": port, "sni": "unknown.contract.test"},
        "older": {"port": older, "sni": "first.contract.test"},
    }
    return front.ask({name: {"tls": True, **request} for name, request in asked.items()})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("first", "first.contract.test"),
        ("second", "second.contract.test"),
        ("wildcard", "*.third.contract.test"),
        # The default certificate of the listener, where no other fits.
        ("unknown", "first.contract.test"),
    ],
)
def test_the_client_gets_the_certificate_of_the_name_it_asks_for(
    answers: Answers, certificates: dict[str, tuple[str, str]], name: str, expected: str
) -> None:
    assert answers[name].get("certificate") == certificates[expected][1], answers[name]


def test_the_target_is_told_that_the_client_spoke_https(answers: Answers) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    assert '"https"' in answers["first"]["body"]


@pytest.mark.parametrize(("name", "version"), [("first", "TLSv1.3"), ("older", "TLSv1.2")])
def test_the_security_policy_says_which_tls_is_spoken(answers: Answers, name: str, version: str) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    assert answers[name]["tls"] == version
