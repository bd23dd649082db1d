"""What the tests of logs run: tasks that write much, long, binary and secret things."""

import datetime
import os
import sys
import time

from airflow.sdk import PokeReturnValue, dag, get_current_context, task

COMMON = {
    "schedule": None,
    "start_date": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "is_paused_upon_creation": False,
    "max_active_tasks": 100,
}
PASSWORD = "hunter-of-2-secrets"


def conf(name: str, default: float) -> float:
    """A number of the run's configuration."""
    return float(get_current_context()["dag_run"].conf.get(name, default))


@dag(dag_id="speak", **COMMON)
def speak() -> None:
    """One task that writes numbered lines, for a while."""

    @task(retries=0)
    def lines() -> None:
        number, size, seconds = int(conf("lines", 10)), int(conf("size", 20)), conf("seconds", 0)
        for index in range(number):
            print(f"LINE {index:07d} {'x' * size}")  # noqa: T201
            if seconds:
                time.sleep(seconds / number)

    lines()


@dag(dag_id="odd", **COMMON)
def odd() -> None:
    """One task that writes what is not plain text."""

    @task(retries=0)
    def things() -> None:
        os.environ["AIRFLOW_CONN_VAULT"] = f"http://user:{PASSWORD}@vault"
        from airflow.sdk import BaseHook

        print("SECRET", BaseHook.get_connection("vault").password)  # noqa: T201
        print("UNICODE Grüße 你好 🎈 \u2028 end")  # noqa: T201
        sys.stdout.flush()
        os.write(1, b"BINARY \x00\x01\xff\xfe\xc3( end\n")
        print("LONG " + "y" * 2**20 + " end")  # noqa: T201

    things()


@dag(dag_id="mapped", **COMMON)
def mapped() -> None:
    """Many tasks of one name."""

    @task(retries=0)
    def numbers() -> list[int]:
        return list(range(int(conf("tasks", 50))))

    @task(retries=0)
    def one(number: int) -> None:
        print(f"NUMBER {number}")  # noqa: T201

    one.expand(number=numbers())


@dag(dag_id="tries", **COMMON)
def tries() -> None:
    """One task that fails once."""

    @task(retries=1, retry_delay=datetime.timedelta(seconds=1))
    def twice() -> None:
        number = get_current_context()["ti"].try_number
        print(f"TRY {number}")  # noqa: T201
        if number == 1:
            raise RuntimeError("once is not enough")

    twice()


@dag(dag_id="poked", **COMMON)
def poked() -> None:
    """One task that runs several times in one try."""

    @task.sensor(retries=0, poke_interval=3, mode="reschedule")
    def again() -> PokeReturnValue:
        began = get_current_context()["dag_run"].start_date
        seconds = (datetime.datetime.now(datetime.UTC) - began).total_seconds()
        print(f"POKE {seconds:.0f}")  # noqa: T201
        return PokeReturnValue(is_done=seconds > conf("seconds", 8))

    again()


speak()
odd()
mapped()
tries()
poked()
