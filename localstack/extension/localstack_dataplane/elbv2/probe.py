"""One health check of one target, over the network."""

import http.client
import socket
import ssl

from localstack_dataplane.elbv2.health import Probe
from localstack_dataplane.elbv2.model import HealthCheck, Target


def probe(target: Target, check: HealthCheck) -> Probe:
    """Check a target once; takes at most about the timeout of the check."""
    port = check.port or target.port
    try:
        if check.protocol == "TCP":
            socket.create_connection((target.id, port), timeout=check.timeout).close()
            return Probe(status=0)
        return Probe(status=_status(target.id, port, check))
    except TimeoutError:
        return Probe(timed_out=True)
    except (OSError, http.client.HTTPException):
        return Probe()


def _status(host: str, port: int, check: HealthCheck) -> int:
    connection = (
        # An ALB does not verify the certificates of targets.
        http.client.HTTPSConnection(host, port, timeout=check.timeout, context=_unverified())
        if check.protocol == "HTTPS"
        else http.client.HTTPConnection(host, port, timeout=check.timeout)
    )
    try:
        connection.request(
            "GET", check.path, headers={"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"}
        )
        return connection.getresponse().status
    finally:
        connection.close()


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
