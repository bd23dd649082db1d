"""`health <component>`: the health check of a container. Exit 0 is healthy, 1 is not, and one line says why.

It runs every few seconds in every container, so it imports little: for a component with a port, only sockets.
"""

import os
import socket
import sys
from collections.abc import Mapping

from kf_airflow_runtime.refusal import EXIT_USAGE, RefusalError

TIMEOUT_SECONDS = 4.0
"""Under the 5 s that ECS gives a health check unless told otherwise, so that the reason is still printed."""


def endpoints(environ: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """The port and the path that show a component's health: what it answers, not that a port is open.

    The webserver's is one that asks no database: replacing it does not bring a database back.
    """
    prefix = environ.get("AIRFLOW__CELERY__FLOWER_URL_PREFIX", "").rstrip("/")
    return {
        "webserver": (8080, "/api/v2/version"),
        "scheduler": (8974, "/health"),
        "worker": (8795, "/health"),
        "flower": (5555, f"{prefix}/healthcheck"),
        "metrics": (8796, "/health"),
    }


def probe(port: int, path: str, timeout_seconds: float = TIMEOUT_SECONDS) -> tuple[bool, str]:
    """Whether `GET path` on this host is answered with status 200, and what was answered instead.

    Args:
        port: The TCP port.
        path: The path, with its leading slash.
        timeout_seconds: The limit for connecting and for each read.
    """
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nUser-Agent: health\r\n\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as answer:
                status = answer.readline(200).decode("latin-1").strip()
                body = answer.read(2000).partition(b"\r\n\r\n")[2]
    except OSError as error:
        return False, f"port {port} does not answer GET {path}: {error}"
    said = body.decode("utf-8", "replace").strip().partition("\n")[0][:200]
    healthy = status.split(" ")[1:2] == ["200"]
    if healthy and said:
        return True, said
    return healthy, f"GET {path} on port {port} answers {status!r} {said}".strip()


def check(component: str, environ: Mapping[str, str]) -> tuple[bool, str]:
    """Whether a component of this container is healthy, and why.

    Raises:
        RefusalError: It is not a component with a health check, or a variable is missing.
    """
    known = endpoints(environ)
    if component in known:
        return probe(*known[component])
    if component in ("dag-processor", "triggerer"):
        from kf_airflow_runtime import job_row  # psycopg2 is slow to import, and only these two need it

        return job_row.check(component, environ)
    names = ", ".join(sorted([*known, "dag-processor", "triggerer"]))
    raise RefusalError(f"Unknown component {component!r}: there is a health check for {names}.", EXIT_USAGE)


def main() -> None:
    """Prints the verdict and exits with it."""
    try:
        healthy, reason = check(sys.argv[1] if len(sys.argv) == 2 else " ".join(sys.argv[1:]), os.environ)
    except RefusalError as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(refusal.exit_code)
    sys.stdout.write(f"{'healthy' if healthy else 'unhealthy'}: {reason}\n")
    sys.exit(0 if healthy else 1)


if __name__ == "__main__":
    main()
