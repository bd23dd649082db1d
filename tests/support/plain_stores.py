"""PostgreSQL and Redis in containers, as RDS and ElastiCache have them: passwords, and TLS alone."""

from pathlib import Path
from shlex import quote

from container_programs import exec_in, run_in
from docker.models.containers import Container
from plain_containers import PlainContainers
from waiting import wait_for

from kf_airflow_local.certificates import ensure_authority
from localstack_dataplane.pki import CertificateAuthority

MASTER, PASSWORD = "master", "pass-word"
DATABASE = "airflow"
_POSTGRES = """
data=/var/lib/postgresql/tests
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
if [ ! -e "$data" ]; then
    install -d -o postgres -m 0700 "$data"
    as_postgres initdb -D "$data" -U rdsadmin -A trust --no-sync > /dev/null
    install -o postgres -m 0600 /etc/backing/tls.crt /etc/backing/tls.key "$data"
    printf 'local all all trust\\nhostssl all all all scram-sha-256\\n' > "$data/pg_hba.conf"
fi
rm -f "$data/postmaster.pid"
exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$data" -F \
    -c listen_addresses='*' -c ssl=on -c ssl_cert_file=tls.crt -c ssl_key_file=tls.key
"""
_REDIS = f"""
install -o redis -m 0600 /etc/backing/* /run
exec setpriv --reuid=redis --regid=redis --init-groups redis-server --port 0 --tls-port 6379 \
    --tls-cert-file /run/tls.crt --tls-key-file /run/tls.key --tls-ca-cert-file /run/ca.pem \
    --tls-auth-clients no --requirepass {quote(PASSWORD)} --save '' --protected-mode no
"""


class PlainStores:
    """The two, and what to do to them.

    Args:
        containers: Where they run.
        image: The image of the backing services.
        authority: A folder for the certificate authority that they are trusted by.
    """

    def __init__(self, containers: PlainContainers, image: str, authority: Path) -> None:
        self._containers, self._image = containers, image
        ensure_authority(authority)
        self._authority = CertificateAuthority(authority)
        self.postgres = self._start("postgres", _POSTGRES)
        self.redis = self.new_redis()
        self._await_postgres()
        self.sql(f"CREATE ROLE {MASTER} LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'")
        self.sql(f"CREATE DATABASE {DATABASE} OWNER {MASTER}")

    @property
    def ca_certificates(self) -> str:
        """The authority, as PEM text."""
        return self._authority.certificate.decode()

    def new_redis(self) -> Container:
        """Starts another, empty Redis under the same name: what a failover leads to."""
        self.redis = self._start("redis", _REDIS)
        wait_for(
            "Redis answers", lambda: self.redis_says("PING"), lambda said: "PONG" in said, timeout_seconds=30
        )
        return self.redis

    def redis_says(self, *command: str) -> str:
        """Returns what redis-cli prints, or why it does not."""
        prefix = ("env", f"REDISCLI_AUTH={PASSWORD}", "redis-cli", "--tls", "--insecure")
        _, output = exec_in(self.redis, *prefix, *command)
        return output.decode(errors="replace").strip()

    def sql(self, statement: str, database: str = "postgres") -> list[list[str]]:
        """Runs a statement as superuser and returns the rows, in text."""
        said = run_in(
            self.postgres,
            *("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", "rdsadmin", "-d", database),
            *("-c", statement),
            user="postgres",
        )
        return [line.split("|") for line in said.splitlines() if line]

    def start_postgres(self) -> None:
        """Starts PostgreSQL after it was stopped."""
        self.postgres.start()
        self._await_postgres()

    def _start(self, name: str, script: str) -> Container:
        certificate = self._authority.issue(name, [name])
        return self._containers.start(
            name,
            self._image,
            ("sh", "-euc", script),
            files={
                "/etc/backing/tls.crt": certificate.chain,
                "/etc/backing/tls.key": certificate.key,
                "/etc/backing/ca.pem": self._authority.certificate,
            },
        )

    def _await_postgres(self) -> None:
        def answers() -> str:
            _, said = exec_in(self.postgres, "pg_isready", "-q")
            code, _ = exec_in(self.postgres, "psql", "-U", "rdsadmin", "-d", "postgres", "-c", "SELECT 1")
            return f"{code} {said!r}"

        wait_for("PostgreSQL answers", answers, lambda said: said.startswith("0"), timeout_seconds=60)
