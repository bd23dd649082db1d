"""How a process reaches the database and the broker: from separate variables to what Airflow wants, URLs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from kf_airflow_runtime import variables
from kf_airflow_runtime.refusal import RefusalError

DATABASE = ("KF_AIRFLOW_DATABASE_HOST", "KF_AIRFLOW_DATABASE_PORT", "KF_AIRFLOW_DATABASE_NAME")
DATABASE_LOGIN = ("KF_AIRFLOW_DATABASE_USERNAME", "KF_AIRFLOW_DATABASE_PASSWORD")
MASTER_LOGIN = ("KF_AIRFLOW_MASTER_USERNAME", "KF_AIRFLOW_MASTER_PASSWORD")
MASTER_HOST = "KF_AIRFLOW_MASTER_HOST"
"""Optional: the database itself, where `KF_AIRFLOW_DATABASE_HOST` is a proxy before it."""
RESULTS_LOGIN = ("KF_AIRFLOW_RESULTS_USERNAME", "KF_AIRFLOW_RESULTS_PASSWORD")
BROKER = ("KF_AIRFLOW_BROKER_HOST", "KF_AIRFLOW_BROKER_PORT", "KF_AIRFLOW_BROKER_TLS")
BROKER_PASSWORD = "KF_AIRFLOW_BROKER_PASSWORD"  # noqa: S105
"""Optional: without it the broker asks for none."""
FLOWER_LOGIN = ("KF_AIRFLOW_FLOWER_USERNAME", "KF_AIRFLOW_FLOWER_PASSWORD")


_LIVELINESS = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""libpq's own options, in seconds but for the last. A server that is gone without a word, as in a failover,
is noticed within half a minute; the kernel would wait for two hours, and a quarter of one for answers."""


def direct(environ: Mapping[str, str]) -> dict[str, str]:
    """The same environment with the database itself in place of a proxy before it."""
    host = environ.get(MASTER_HOST)
    return {**environ, **({"KF_AIRFLOW_DATABASE_HOST": host} if host else {})}


def metadata(environ: Mapping[str, str], ca_bundle: str) -> dict[str, str]:
    """What Airflow needs to reach its metadata database.

    Args:
        environ: Has the variables of `DATABASE` and `DATABASE_LOGIN`.
        ca_bundle: The file whose authorities may sign the server's certificate.
    """
    # Airflow would derive the asynchronous URL by swapping the driver, and asyncpg refuses `sslmode`. It
    # takes the authorities only from libpq's variable.
    username, password = (environ[name] for name in DATABASE_LOGIN)
    query = {"sslmode": "verify-full", "sslrootcert": ca_bundle, **_LIVELINESS}
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _postgres(
            environ, "postgresql+psycopg2", username, password, query
        ),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": _postgres(
            environ, "postgresql+asyncpg", username, password, {"ssl": "verify-full"}
        ),
        "PGSSLROOTCERT": ca_bundle,
    }


def dsn(environ: Mapping[str, str], login: tuple[str, str], ca_bundle: str) -> dict[str, Any]:
    """The metadata database as keyword arguments of libpq (`psycopg2.connect(**...)`).

    Args:
        environ: Has the variables of `DATABASE` and of the login.
        login: `DATABASE_LOGIN` or `MASTER_LOGIN`.
        ca_bundle: The file whose authorities may sign the server's certificate.
    """
    username, password = login
    return {
        "host": environ["KF_AIRFLOW_DATABASE_HOST"],
        "port": variables.port(environ, "KF_AIRFLOW_DATABASE_PORT"),
        "dbname": environ["KF_AIRFLOW_DATABASE_NAME"],
        "user": environ[username],
        "password": environ[password],
        "sslmode": "verify-full",
        "sslrootcert": ca_bundle,
    }


def login_refused(reason: str) -> bool:
    """Whether a server's reason not to let in is the password: PostgreSQL's own sentence or RDS Proxy's.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html
    """
    return "authentication failed" in reason or "password that was provided for the role" in reason


def results(environ: Mapping[str, str], ca_bundle: str) -> dict[str, str]:
    """What Celery needs to write task results: its own role, in the metadata database."""
    username, password = (environ[name] for name in RESULTS_LOGIN)
    query = {"sslmode": "verify-full", "sslrootcert": ca_bundle, **_LIVELINESS}
    url = _postgres(environ, "db+postgresql+psycopg2", username, password, query)
    return {"AIRFLOW__CELERY__RESULT_BACKEND": url}


def broker(environ: Mapping[str, str], ca_bundle: str) -> dict[str, str]:
    """What Celery and Flower need to reach Redis.

    TLS is said through Airflow's options and not in the URL: Flower reads only those.

    Args:
        environ: Has the variables of `BROKER`, and `BROKER_PASSWORD` where the broker asks for one.
        ca_bundle: The file whose authorities may sign the server's certificate.

    Raises:
        RefusalError: A value cannot be used, an empty password among them.
    """
    host, port = environ["KF_AIRFLOW_BROKER_HOST"], variables.port(environ, "KF_AIRFLOW_BROKER_PORT")
    login = ""
    if BROKER_PASSWORD in environ:
        variables.require(environ, (BROKER_PASSWORD,))
        login = f":{quote(environ[BROKER_PASSWORD], safe='')}@"
    location = f"{login}{host}:{port}/0"
    if not variables.flag(environ, "KF_AIRFLOW_BROKER_TLS"):
        return {
            "AIRFLOW__CELERY__BROKER_URL": f"redis://{location}",
            "AIRFLOW__CELERY__SSL_ACTIVE": "False",
        }
    return {
        "AIRFLOW__CELERY__BROKER_URL": f"rediss://{location}",
        "AIRFLOW__CELERY__SSL_ACTIVE": "True",
        # ElastiCache asks for no client certificate; Airflow's default is to demand one.
        "AIRFLOW__CELERY__SSL_MUTUAL_TLS": "False",
        "AIRFLOW__CELERY__SSL_CACERT": ca_bundle,
    }


def flower(environ: Mapping[str, str]) -> dict[str, str]:
    """The login Flower asks for.

    Raises:
        RefusalError: The login has a character that Flower takes as the end of the name or of the pair.
    """
    username, password = (environ[name] for name in FLOWER_LOGIN)
    if "," in username + password or ":" in username:
        raise RefusalError(
            "The Flower login cannot be used: Flower ends a name at ':' and a pair at ',', so take the colon"
            " out of KF_AIRFLOW_FLOWER_USERNAME and any comma out of it and of KF_AIRFLOW_FLOWER_PASSWORD."
        )
    return {"AIRFLOW__CELERY__FLOWER_BASIC_AUTH": f"{username}:{password}"}


def _postgres(
    environ: Mapping[str, str], scheme: str, username: str, password: str, query: Mapping[str, str]
) -> str:
    host, name = environ["KF_AIRFLOW_DATABASE_HOST"], environ["KF_AIRFLOW_DATABASE_NAME"]
    port = variables.port(environ, "KF_AIRFLOW_DATABASE_PORT")
    login = f"{quote(username, safe='')}:{quote(password, safe='')}"
    return f"{scheme}://{login}@{host}:{port}/{quote(name, safe='')}?{urlencode(query)}"
