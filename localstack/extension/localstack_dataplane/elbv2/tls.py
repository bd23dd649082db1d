"""Which versions of TLS a security policy of a listener speaks, and where its certificates are."""

import hashlib

from localstack_dataplane.elbv2.model import Listener, ListenerCertificate

CERTIFICATES = "/etc/backing/certificates"
"""Where the certificates of HTTPS listeners and their keys are put."""


def path_of(certificate: ListenerCertificate) -> str:
    """Where a certificate and its key are put."""
    return f"{CERTIFICATES}/{hashlib.sha256(certificate.arn.encode()).hexdigest()[:16]}.pem"


def versions(ssl_policy: str) -> tuple[str, str]:
    """The lowest and the highest version, in the words of HAProxy.

    Policies that go below TLS 1.2 begin with 1.2 here, for OpenSSL no longer speaks what is older.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    if "-TLS13-1-3" in ssl_policy:
        return "TLSv1.3", "TLSv1.3"
    return "TLSv1.2", "TLSv1.3" if "-TLS13-" in ssl_policy else "TLSv1.2"


def bind_options(listener: Listener) -> str:
    """What HAProxy is told of a listener's TLS; nothing for HTTP."""
    if listener.protocol != "HTTPS":
        return ""
    lowest, highest = versions(listener.ssl_policy)
    # HAProxy takes the first where no name fits, as an ALB takes the default certificate.
    certificates = "".join(f" crt {path_of(certificate)}" for certificate in listener.certificates)
    return f" ssl{certificates} alpn h2,http/1.1 ssl-min-ver {lowest} ssl-max-ver {highest}"
