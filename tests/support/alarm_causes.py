"""What alarms are about, caused for real in the local system; each is over when its block is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import requests
from container_programs import exec_in, run_in
from docker.errors import APIError
from local_system import LocalSystem

_FILLER = "/var/lib/postgresql/data/filler"
_BLOBS = "alarm-blob"


@contextmanager
def again_and_again(act: Callable[[], object], *, every_seconds: float) -> Iterator[None]:
    """Does something in a thread, also when it fails, until the block ends."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(every_seconds):
            with suppress(APIError, requests.RequestException, AssertionError):
                act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


@contextmanager
def frozen_workers(system: LocalSystem) -> Iterator[None]:
    """Workers hang: the processes of each one that runs stop, and of each that ECS starts in its place."""

    def signal(name: str) -> None:
        for container in system.containers(kind="ecs-container", container="worker"):
            if container.status == "running":
                with suppress(APIError):  # it may just have ended
                    exec_in(container, "sh", "-c", f"kill -{name} -1")

    signal("STOP")
    try:
        with again_and_again(lambda: signal("STOP"), every_seconds=2):
            yield
    finally:
        signal("CONT")


@contextmanager
def full_database_disk(system: LocalSystem, *, mebibytes: int) -> Iterator[None]:
    """Something takes room on the database's volume."""
    (database,) = (
        found
        for found in system.containers(kind="rds")
        if found.labels["localstack-dataplane.resource"].endswith(f":{system.database_identifier}")
    )
    run_in(database, "fallocate", "-l", f"{mebibytes}M", _FILLER)
    try:
        yield
    finally:
        exec_in(database, "rm", "-f", _FILLER)


_CONNECT = """
import os, time, psycopg2
login = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USERNAME", "password": "PASSWORD"}
found = {name: os.environ["KF_AIRFLOW_DATABASE_" + variable] for name, variable in login.items()}
kept = [psycopg2.connect(**found, sslmode="require") for _ in range(%d)]
time.sleep(%d)
"""


@contextmanager
def many_connections(system: LocalSystem, *, alarm: str, seconds: int) -> Iterator[None]:
    """Somebody opens as many connections to the database as an alarm allows, for so long at most."""
    (found,) = system.aws("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    container = system.container("dag-processor")
    container.exec_run(["python3", "-c", _CONNECT % (found["Threshold"], seconds)], detach=True)
    yield


@contextmanager
def full_broker(system: LocalSystem, *, percent: int) -> Iterator[None]:
    """Keys take so much of the broker's memory, and go on coming."""
    most = int(_info(system)["maxmemory"])
    system.redis("EVAL", _FILL, "1", _BLOBS, str(most * percent // 100 // 2**20))
    try:
        yield
    finally:
        system.redis("EVAL", _EMPTY, "0")


# With its header such a text takes 1 MiB of Redis's memory; one of 1 MiB would take a quarter more.
_FILL = """
for number = 1, ARGV[1] do redis.call('SET', KEYS[1] .. '-' .. number, string.rep('x', 1000000)) end
return 1
"""
_EMPTY = f"for _, key in ipairs(redis.call('KEYS', '{_BLOBS}-*')) do redis.call('DEL', key) end return 1"


def write_more(system: LocalSystem, *, mebibytes: int) -> None:
    """Writes further keys, for which a full broker that may has to drop others."""
    system.redis("EVAL", _FILL, "1", f"{_BLOBS}-more", str(mebibytes))


def _info(system: LocalSystem) -> dict[str, str]:
    lines = [line for line in system.redis("INFO", "memory") if ":" in line]
    return dict(line.strip().split(":", 1) for line in lines)


@contextmanager
def evicting_broker(system: LocalSystem) -> Iterator[None]:
    """Somebody lets the broker drop keys when it is full."""
    cache = system.aws("elasticache")
    (group,) = cache.describe_replication_groups(ReplicationGroupId=system.broker_identifier)[
        "ReplicationGroups"
    ]
    cluster = cache.describe_cache_clusters(CacheClusterId=group["MemberClusters"][0])["CacheClusters"][0]
    name = cluster["CacheParameterGroup"]["CacheParameterGroupName"]

    def set_policy(value: str) -> None:
        cache.modify_cache_parameter_group(
            CacheParameterGroupName=name,
            ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": value}],
        )

    set_policy("allkeys-lru")
    try:
        yield
    finally:
        set_policy("noeviction")


@contextmanager
def webserver_errors(system: LocalSystem) -> Iterator[None]:
    """The webserver misses one of its tables, and is asked for what is in it."""
    airflow = system.airflow()
    system.psql("ALTER TABLE variable RENAME TO variable_away")
    try:
        with again_and_again(lambda: airflow.get("variables"), every_seconds=4):
            yield
    finally:
        system.psql("ALTER TABLE variable_away RENAME TO variable")


@contextmanager
def nobody_answers(system: LocalSystem) -> Iterator[None]:
    """No task of `airflow` runs, and users ask all the same."""
    url = system.outputs["webserver_url"]
    system.scale("airflow", 0)
    try:
        with again_and_again(lambda: requests.get(url, timeout=10), every_seconds=4):
            yield
    finally:
        system.scale("airflow", 1, timeout_seconds=420)


@contextmanager
def broken_migration(system: LocalSystem) -> Iterator[None]:
    """A deployment whose migration cannot reach the database."""
    before = system.service("airflow")["taskDefinition"]
    system.redeploy("airflow", {"KF_AIRFLOW_DATABASE_PORT": "none"})
    try:
        yield
    finally:
        system.deploy("airflow", before)
        system.wait_for_deployment("airflow", timeout_seconds=420)


def settle(seconds: float) -> None:
    """Lets what was caused be seen by something that looks once a minute."""
    time.sleep(seconds)
