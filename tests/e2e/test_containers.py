"""What runs in the containers: users, processes, ports, secrets, and who restarts what."""

import json

import pytest
import testinfra
from container_programs import exec_in
from local_system import LocalSystem
from testinfra.host import Host
from waiting import wait_for

pytestmark = pytest.mark.e2e

CONTAINERS = ("webserver", "scheduler", "dag-processor", "triggerer", "metrics", "worker", "flower")
PORTS = {
    "webserver": (8080,),
    "scheduler": (8974,),
    "metrics": (8796,),
    "worker": (8793, 8795),
    "flower": (5555,),
}
PROCESSES = {
    "webserver": "api",
    "scheduler": "scheduler",
    "dag-processor": "dag-processor",
    "triggerer": "triggerer",
    "metrics": "kf_airflow_runtime.metrics",
    "worker": "celery",
    "flower": "flower",
}
TCP_LISTEN = "0A"


def host_of(system: LocalSystem, name: str) -> Host:
    return testinfra.get_host(f"docker://{system.container(name).id}")


def command_lines(host: Host) -> list[str]:
    """Command lines of all processes, from /proc: the image needs no ps for it."""
    listed = host.check_output("for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $p 2>/dev/null; echo; done")
    return [line.strip() for line in listed.splitlines() if line.strip()]


def listening_ports(host: Host) -> set[int]:
    """Ports listened on in the task's network namespace, from /proc."""
    rows = (
        host.file("/proc/net/tcp").content_string.splitlines()[1:]
        + host.file("/proc/net/tcp6").content_string.splitlines()[1:]
    )
    return {int(row.split()[1].rsplit(":", 1)[1], 16) for row in rows if row.split()[3] == TCP_LISTEN}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_runs_its_process_under_tini_as_the_user_airflow(system: LocalSystem, name: str) -> None:
    host = host_of(system, name)

    assert host.check_output("id -un") == "airflow"
    assert "tini" in host.file("/proc/1/cmdline").content_string
    assert any(PROCESSES[name] in line for line in command_lines(host)), command_lines(host)


@pytest.mark.parametrize("name", PORTS)
def test_a_container_listens_on_its_ports(system: LocalSystem, name: str) -> None:
    ports = wait_for(
        f"ports of {name}",
        lambda: listening_ports(host_of(system, name)),
        lambda ports: set(PORTS[name]) <= ports,
        timeout_seconds=60,
    )

    assert set(PORTS[name]) <= ports


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_password_stands_on_a_command_line(system: LocalSystem, name: str) -> None:
    lines = "\n".join(command_lines(host_of(system, name)))

    for output in ("admin_secret_arn", "broker_secret_arn", "flower_secret_arn", "database_secret_arn"):
        assert system.secret(output)["password"] not in lines


@pytest.mark.parametrize("component", ["airflow", "worker", "flower"])
def test_no_secret_is_readable_in_the_task_definition(system: LocalSystem, component: str) -> None:
    arn = system.service(component)["taskDefinition"]
    definition = system.aws("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    text = json.dumps(definition, default=str)

    values = {
        value
        for output in system.outputs
        if output.endswith("_secret_arn")
        for key, value in system.secret(output).items()
        if key != "username"
    }
    assert values
    assert not [value for value in values if value in text]


def test_a_worker_has_no_way_to_the_metadata_database(system: LocalSystem) -> None:
    environment = host_of(system, "worker").check_output("tr '\\0' '\\n' < /proc/1/environ")
    names = {line.split("=", 1)[0] for line in environment.splitlines()}

    assert not names & {
        "KF_AIRFLOW_DATABASE_PASSWORD",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    }


def test_the_results_role_cannot_read_a_table_of_airflow(system: LocalSystem) -> None:
    role = system.secret("results_secret_arn")["username"]

    readable = system.psql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "  # noqa: S608 - the role comes from our secret
        f"AND has_table_privilege('{role}', oid, 'SELECT') ORDER BY 1"
    )

    assert readable == ["celery_taskmeta", "celery_tasksetmeta"]


def test_every_connection_to_postgresql_from_outside_is_encrypted(system: LocalSystem) -> None:
    connections = system.psql(
        "SELECT DISTINCT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) "
        "WHERE a.client_addr IS NOT NULL"
    )

    assert connections == ["t"]


def test_who_trusts_only_public_authorities_does_not_trust_the_database(system: LocalSystem) -> None:
    code = (
        "import os, psycopg2; e = os.environ.get; psycopg2.connect(host=e('KF_AIRFLOW_DATABASE_HOST'), "
        "dbname=e('KF_AIRFLOW_DATABASE_NAME'), user=e('KF_AIRFLOW_RESULTS_USERNAME'), "
        "password=e('KF_AIRFLOW_RESULTS_PASSWORD'), sslmode='verify-full', "
        "sslrootcert='/etc/ssl/certs/ca-certificates.crt')"
    )

    refused = host_of(system, "worker").run("python3 -c %s", code)

    assert "certificate verify failed" in refused.stderr, refused


def test_the_processes_verify_the_certificates_of_both_stores(system: LocalSystem) -> None:
    environment = host_of(system, "scheduler").check_output(
        "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null; done | sort -u"
    )
    settings = dict(line.split("=", 1) for line in environment.splitlines() if "=" in line)

    assert "sslmode=verify-full" in settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert "sslmode=verify-full" in settings["AIRFLOW__CELERY__RESULT_BACKEND"]
    assert settings["AIRFLOW__CELERY__BROKER_URL"].startswith("rediss://")
    assert (settings["AIRFLOW__CELERY__SSL_ACTIVE"], settings["AIRFLOW__CELERY__SSL_CACERT"] != "") == (
        "True",
        True,
    )


def test_redis_hangs_up_on_who_does_not_speak_tls(system: LocalSystem) -> None:
    (broker,) = system.containers(kind="elasticache")

    code, output = exec_in(broker, "redis-cli", "-h", "127.0.0.1", "-p", "6379", "PING")

    assert (code != 0, b"PONG" in output) == (True, False), output


def test_redis_refuses_who_has_no_password(system: LocalSystem) -> None:
    (broker,) = system.containers(kind="elasticache")

    _, output = exec_in(broker, "redis-cli", "--tls", "--insecure", "PING")

    assert b"NOAUTH" in output


@pytest.mark.parametrize("name", ["scheduler", "dag-processor", "metrics"])
def test_a_process_that_dies_is_restarted_alone_and_the_webserver_stays(
    system: LocalSystem, name: str
) -> None:
    webserver = system.container("webserver")
    victim = system.container(name)
    before = victim.attrs["State"]["StartedAt"]
    task = victim.labels["localstack-dataplane.task"]

    wait_for(
        f"{name} has run for its restart attempt period",
        lambda: _age_seconds(system, name),
        lambda age: age > 65,
        timeout_seconds=90,
    )
    victim.kill(signal="KILL")

    def look() -> tuple[str, str, str]:
        container = next(iter(system.containers(kind="ecs-container", container=name, task=task)), None)
        if container is None:
            return ("absent", "", "")
        state = container.attrs["State"]
        return (state["Status"], state["StartedAt"], state.get("Health", {}).get("Status", ""))

    wait_for(
        f"{name} runs again in its task",
        look,
        lambda seen: seen[0] == "running" and seen[1] != before and seen[2] == "healthy",
        timeout_seconds=150,
    )
    again = system.container("webserver")
    assert (again.id, again.attrs["State"]["StartedAt"]) == (
        webserver.id,
        webserver.attrs["State"]["StartedAt"],
    )


def _age_seconds(system: LocalSystem, name: str) -> float:
    """Seconds since the container's process started, by the clock of its kernel."""
    host = host_of(system, name)
    uptime = float(host.file("/proc/uptime").content_string.split()[0])
    ticks = int(host.file("/proc/1/stat").content_string.rsplit(")", 1)[1].split()[19])
    return uptime - ticks / int(host.check_output("getconf CLK_TCK"))
