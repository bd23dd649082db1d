"""Runs in the image in place of the scheduler: says which use of the database has just failed."""

import os
import sys
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

engine = create_engine(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], poolclass=NullPool)


def asks(connection: Connection) -> None:
    """A question now and then, as from the scheduler's loop."""
    while True:
        connection.execute(text("SELECT 1"))
        time.sleep(0.5)


def waits(connection: Connection) -> None:
    """A question whose answer takes a while, as of who waits for a lock."""
    connection.execute(text("SELECT pg_sleep(900)"))


def connects(_connection: Connection) -> None:
    """A new connection now and then."""
    while True:
        engine.connect().close()
        time.sleep(0.5)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def until_it_fails(use: Callable[[Connection], None], connection: Connection) -> None:
    try:
        use(connection)
    except OperationalError as error:
        say(f"{use.__name__}: {error.orig}")


for use in (asks, waits, connects):
    threading.Thread(target=until_it_fails, args=(use, engine.connect())).start()
say("ready")
