"""`kf-airflow <command>`: turns the container's command into the process that runs in it.

It imports neither Airflow nor anything installed: it is done in milliseconds, then the process is Airflow.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from kf_airflow_runtime import certificates, connections, fernet, log_settings, privileges, variables
from kf_airflow_runtime.plain_log import PROCESS, say
from kf_airflow_runtime.refusal import EXIT_USAGE, RefusalError

_FERNET_KEY = "AIRFLOW__CORE__FERNET_KEY"
_SECRET_KEY = "AIRFLOW__API__SECRET_KEY"  # noqa: S105
_JWT_SECRET = "AIRFLOW__API_AUTH__JWT_SECRET"  # noqa: S105
_METADATA = (*connections.DATABASE, *connections.DATABASE_LOGIN)
_RESULTS = (*connections.DATABASE, *connections.RESULTS_LOGIN)
_CELERY_CONFIG = ("AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS", "kf_airflow_runtime.celery_config.CELERY_CONFIG")
# Without a URL, a process that has no business with the metadata database makes an SQLite file for it.
_METADATA_URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_NO_METADATA = (_METADATA_URL, "sqlite://")


@dataclass(frozen=True)
class Command:
    """One word the image knows.

    Args:
        argv: The process to become.
        metadata: It reaches the metadata database.
        results: It reads or writes Celery's results.
        broker: It reaches Redis.
        flower: It is Flower and asks for a login.
        keys: The variables it needs besides: values all containers share, which Airflow would invent.
        keeps: It reads the raw variables itself, and reaches the database itself where there is a proxy.
        rotates: It is about two Fernet keys.
        sets: What else its environment needs.
    """

    argv: tuple[str, ...]
    metadata: bool = False
    results: bool = False
    broker: bool = False
    flower: bool = False
    keys: tuple[str, ...] = ()
    keeps: bool = False
    rotates: bool = False
    sets: tuple[tuple[str, str], ...] = ()

    def needs(self) -> tuple[str, ...]:
        """The variables without which it cannot run, in the order in which they are asked for."""
        names = (
            *(_METADATA if self.metadata else ()),
            *(_RESULTS if self.results else ()),
            *(connections.BROKER if self.broker else ()),
            *(connections.FLOWER_LOGIN if self.flower else ()),
            *self.keys,
        )
        return tuple(dict.fromkeys(names))


# What comes before a process that ends when the metadata database does not let it in.
_AFTER_LOGIN = (sys.executable, "-m", "kf_airflow_runtime.after_login", _METADATA_URL)


COMMANDS = {
    # --proxy-headers: behind the load balancer, links and cookies must have the scheme the user sees.
    "webserver": Command(
        ("airflow", "api-server", "--proxy-headers"),
        metadata=True,
        keys=(_FERNET_KEY, _SECRET_KEY, _JWT_SECRET),
        sets=(log_settings.CONFIG_CLASS,),
    ),
    "scheduler": Command(
        (*_AFTER_LOGIN, "airflow", "scheduler"),
        metadata=True,
        results=True,
        broker=True,
        keys=(_FERNET_KEY, _JWT_SECRET),
        sets=(_CELERY_CONFIG,),
    ),
    "dag-processor": Command(
        (*_AFTER_LOGIN, sys.executable, "-m", "kf_airflow_runtime.dag_processor"),
        metadata=True,
        keys=(_FERNET_KEY, _JWT_SECRET),
    ),
    "triggerer": Command(
        (*_AFTER_LOGIN, "airflow", "triggerer"),
        metadata=True,
        keys=(_FERNET_KEY, _SECRET_KEY, _JWT_SECRET),
        sets=(log_settings.CONFIG_CLASS,),
    ),
    # Workers have nothing to agree on among themselves; without both a start is a second faster.
    "worker": Command(
        (
            *(sys.executable, "-m", "kf_airflow_runtime.worker_start"),
            *("airflow", "celery", "worker", "--without-mingle", "--without-gossip"),
        ),
        results=True,
        broker=True,
        keys=(_SECRET_KEY, "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"),
        sets=(_CELERY_CONFIG, _NO_METADATA, log_settings.CONFIG_CLASS),
    ),
    "flower": Command(
        ("airflow", "celery", "flower"), broker=True, flower=True, sets=(_CELERY_CONFIG, _NO_METADATA)
    ),
    "migrate": Command(
        (sys.executable, "-m", "kf_airflow_runtime.migrate"),
        metadata=True,
        keys=(
            *connections.MASTER_LOGIN,
            *connections.RESULTS_LOGIN,
            "KF_AIRFLOW_ADMIN_USERNAME",
            "KF_AIRFLOW_ADMIN_PASSWORD",
            _FERNET_KEY,
        ),
        keeps=True,
    ),
    # It waits for nothing: what does not answer is left out of what it says, and it goes on.
    "metrics": Command(
        (sys.executable, "-m", "kf_airflow_runtime.metrics"),
        metadata=True,
        keys=(
            "KF_AIRFLOW_CLUSTER",
            "KF_AIRFLOW_SERVICE",
            "KF_AIRFLOW_WORKER_POOLS",
            "KF_AIRFLOW_HEARTBEAT_TIMEOUT_SECONDS",
            "AWS_DEFAULT_REGION",
        ),
    ),
    # By hand, before an older image is deployed again; an image can only go down from its own schema.
    "downgrade": Command(("airflow", "db", "downgrade"), metadata=True, keys=(_FERNET_KEY,)),
    "rotate-fernet-key": Command(
        ("airflow", "rotate-fernet-key"), metadata=True, keys=(_FERNET_KEY,), rotates=True
    ),
}


def command(arguments: list[str]) -> Command:
    """The command the container was given.

    Raises:
        RefusalError: There is none, or it is not known.
    """
    known = f"this image knows {', '.join(sorted(COMMANDS))}"
    if not arguments:
        raise RefusalError(f"No command was given: {known}.", EXIT_USAGE)
    if arguments[0] not in COMMANDS:
        raise RefusalError(f"Unknown command {arguments[0]!r}: {known}.", EXIT_USAGE)
    return COMMANDS[arguments[0]]


def environment(chosen: Command, environ: Mapping[str, str], trust: Mapping[str, str]) -> dict[str, str]:
    """The environment of the process: what the container got, with URLs in place of their parts.

    Args:
        chosen: The command.
        environ: The container's environment, with all that the command needs.
        trust: What `certificates.write` returned.
    """
    bundle = str(certificates.BUNDLE)
    if chosen.keeps:
        environ = connections.direct(environ)
    composed = {
        **dict(chosen.sets),
        **(connections.metadata(environ, bundle) if chosen.metadata else {}),
        **(connections.results(environ, bundle) if chosen.results else {}),
        **(connections.broker(environ, bundle) if chosen.broker else {}),
        **(connections.flower(environ) if chosen.flower else {}),
    }
    # DAG code runs with this environment: a secret is in it once, as the URL that Airflow cannot do without.
    kept = environ if chosen.keeps else variables.without_raw_secrets(environ)
    # What the container says outright wins: a deployment may compose a URL of its own.
    return {**composed, **kept, **trust}


def main() -> None:
    """Becomes the process, or says why not, as the event that the process would have written."""
    try:
        chosen = command(sys.argv[1:])
        variables.require(os.environ, chosen.needs())
        if chosen.rotates:
            fernet.require_two(os.environ[_FERNET_KEY])
        privileges.drop(os.environ)
        environ = {
            **environment(chosen, os.environ, certificates.write(os.environ)),
            PROCESS: sys.argv[1],
        }
    except RefusalError as refusal:
        known = {"process": sys.argv[1]} if sys.argv[1:] and sys.argv[1] in COMMANDS else {}
        say(str(refusal), event="refused", level="warning", exit_code=refusal.exit_code, **known)
        sys.exit(refusal.exit_code)
    argv = [*chosen.argv, *sys.argv[2:]]
    os.execvpe(argv[0], argv, environ)  # noqa: S606


if __name__ == "__main__":
    main()
