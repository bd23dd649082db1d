"""Which authorities the processes trust: one file for the database and the broker."""

import os
from collections.abc import Mapping
from pathlib import Path

from kf_airflow_runtime.refusal import RefusalError

SYSTEM = Path("/etc/ssl/certs/ca-certificates.crt")
RDS = Path("/opt/kf-airflow/certificates/rds-global-bundle.pem")
BUNDLE = Path("/opt/airflow/run/ca-bundle.pem")

ADDED = "KF_AIRFLOW_CA_CERTIFICATES"
_HTTP_CLIENTS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")


def write(
    environ: Mapping[str, str], *, system: Path = SYSTEM, rds: Path = RDS, bundle: Path = BUNDLE
) -> dict[str, str]:
    """Writes the bundle: the system's authorities, those of RDS and those of `KF_AIRFLOW_CA_CERTIFICATES`.

    Args:
        environ: May have `KF_AIRFLOW_CA_CERTIFICATES`, PEM text. Without it nothing is added.
        system: The system's bundle.
        rds: The authorities that sign the certificates of RDS.
        bundle: Where to write.

    Returns:
        Variables for the process. With added authorities, HTTP clients are pointed at the bundle too, each
        unless it is set already; without, none, and they go by their own defaults.

    Raises:
        RefusalError: The added text is not PEM, or the place cannot be written.
    """
    added = environ.get(ADDED, "").strip()
    if added and not is_pem(added):
        raise RefusalError(
            f"{ADDED} is not PEM text: it must hold whole certificates, from -----BEGIN CERTIFICATE----- to"
            " -----END CERTIFICATE-----, line breaks included; without it the system's and RDS's are trusted."
        )
    parts = [system.read_text(), rds.read_text(), added]
    unfinished = bundle.with_name(f"{bundle.name}.{os.getpid()}")
    try:
        unfinished.write_text("".join(part.rstrip() + "\n" for part in parts if part.strip()))
        # A health check may read the file at any moment: it sees the old one or the new one.
        unfinished.replace(bundle)
    except OSError as error:
        raise RefusalError(
            f"The CA bundle cannot be written to {bundle} ({error.strerror}): {bundle.parent} must"
            f" be writable for uid {os.getuid()}."
        ) from error
    return {name: str(bundle) for name in _HTTP_CLIENTS if added and name not in environ}


def is_pem(text: str) -> bool:
    """Whether a text holds whole certificates and nothing half."""
    begins, ends = text.count("-----BEGIN CERTIFICATE-----"), text.count("-----END CERTIFICATE-----")
    return begins == ends > 0 and "\n" in text
