"""What the environment says, and the connections that follow from it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from redis import Redis

QUEUE = "default"
JOBS, CACHE = 0, 1
"""The logical databases of Redis: RQ has the first to itself."""

_BUNDLE = Path("/tmp/ca-bundle.pem")
# ElastiCache's certificates are of a public authority, those of RDS are not.
_AUTHORITIES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/opt/dataservice/rds-global-bundle.pem"),
)


class SettingsError(Exception):
    """The environment lacks something."""


@dataclass(frozen=True)
class Settings:
    """The settings of every process.

    Args:
        database: How PostgreSQL is reached, as its clients take it.
        redis: How Redis is reached, as its client takes it.
        publish_seconds: How often the scheduler tells CloudWatch how many workers are missing.
    """

    database: str = field(repr=False)
    redis: Mapping[str, Any] = field(repr=False)
    publish_seconds: float

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads them, and writes the file of the authorities that are trusted.

        Raises:
            SettingsError: if a variable is missing.
        """
        needed = ("PG_HOST", "PG_NAME", "PG_USER", "PG_PASS", "REDIS_HOST", "REDIS_PASS")
        if missing := [name for name in needed if not environment.get(name)]:
            raise SettingsError(
                f"The environment has no {', '.join(missing)}: the task definition sets them."
            )
        texts = [path.read_text() for path in _AUTHORITIES] + [environment.get("CA_CERTIFICATES", "")]
        unfinished = _BUNDLE.with_suffix(f".{os.getpid()}")
        unfinished.write_text("\n".join(texts))
        unfinished.replace(_BUNDLE)
        return cls(
            database=make_conninfo(
                host=environment["PG_HOST"],
                dbname=environment["PG_NAME"],
                user=environment["PG_USER"],
                password=environment["PG_PASS"],
                sslmode="verify-full",
                sslrootcert=str(_BUNDLE),
                connect_timeout=10,
            ),
            redis={
                "host": environment["REDIS_HOST"],
                "password": environment["REDIS_PASS"],
                "ssl": True,
                "ssl_ca_certs": str(_BUNDLE),
                "ssl_check_hostname": True,
                "socket_connect_timeout": 10,
                "health_check_interval": 30,
            },
            publish_seconds=float(environment.get("PUBLISH_SECONDS", "10")),
        )

    def jobs(self) -> Redis:
        """Connects to RQ's database."""
        return Redis(db=JOBS, **self.redis)

    def cache(self) -> Redis:
        """Connects to the cache."""
        return Redis(db=CACHE, decode_responses=True, **self.redis)
