"""The container `metrics`: what it measures, where that is found, what it costs, and what it survives."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import testinfra
from airflow_api import AirflowApi
from container_programs import exec_in
from faults import fault
from local_system import LocalSystem
from waiting import wait_for

pytestmark = pytest.mark.e2e

PORT = 8796
NAMESPACE = "KFAirflow"
QUEUE = "default"
ASK = f"from urllib.request import urlopen; print(urlopen('http://127.0.0.1:{PORT}/metrics').read().decode())"
OF_QUEUE = {"QueuedTasks", "RunningTasks", "OldestQueuedSeconds", "Workers", "BacklogPerWorker"}
OF_SERVICE = {"WorkersNeeded", "WorkersMissing", "ProtectedWorkers"}
OF_AIRFLOW = {
    *("SchedulerHeartbeatSeconds", "DagProcessorHeartbeatSeconds", "TriggererHeartbeatSeconds"),
    *("ImportErrors", "StuckTasks"),
}
# What a worker publishes itself, when it has something to tell.
OF_WORKERS = {"UnsentLogs", "OldestUnsentLogSeconds", "ProtectedSeconds"}


def document(system: LocalSystem) -> dict[str, Any]:
    """What another container of the task is answered on the local port."""
    code, output = exec_in(system.container("scheduler"), "python3", "-c", ASK)
    if code:
        # As a wait takes it: looked at again.
        raise OSError(output.decode()[-500:])
    answer: dict[str, Any] = json.loads(output)
    return answer


def next_document(system: LocalSystem, what: str = "published", *, published: bool = True) -> dict[str, Any]:
    """The document of a cycle that has yet to be."""
    before = document(system)["read_at"]
    return wait_for(
        f"a cycle of metrics, {what}",
        lambda: document(system),
        lambda seen: seen["read_at"] not in (None, before) and seen["published"] is published,
        timeout_seconds=60,
    )


def dimensions(system: LocalSystem, *, queue: str | None = QUEUE, service: str = "worker") -> dict[str, str]:
    return {
        "ClusterName": system.outputs["cluster_name"],
        "ServiceName": system.outputs[f"{service}_service_name"],
        **({"QueueName": queue} if queue else {}),
    }


def values(seen: dict[str, Any], about: dict[str, str]) -> dict[str, float]:
    """Of a document, the values with these dimensions."""
    found = [one["values"] for one in seen["metrics"] if one["dimensions"] == about]
    return {name: value for one in found for name, value in one.items()}


def in_cloudwatch(
    system: LocalSystem, name: str, about: dict[str, str], start: datetime, end: datetime
) -> list[float]:
    """What CloudWatch has of a metric, second by second."""
    found = system.aws("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in about.items()],
        StartTime=start,
        EndTime=end,
        Period=1,
        Statistics=["Maximum"],
    )["Datapoints"]
    return [point["Maximum"] for point in sorted(found, key=lambda point: point["Timestamp"])]


def log_lines(system: LocalSystem, beginning: str, since: datetime) -> list[str]:
    """What the container has said that begins so, in events that are lines of JSON."""
    log = system.container("metrics").logs(since=since.timestamp()).decode()
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [one["message"] for one in events if one["message"].startswith(beginning)]


def now_of(system: LocalSystem) -> datetime:
    """The time of day in the containers."""
    return datetime.fromisoformat(next_document(system)["read_at"])


def test_cloudwatch_has_each_metric_under_its_dimensions(system: LocalSystem) -> None:
    next_document(system)
    found = [
        (one["MetricName"], {pair["Name"]: pair["Value"] for pair in one["Dimensions"]})
        for one in system.aws("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"]
    ]

    for names, about in (
        (OF_QUEUE, dimensions(system)),
        (OF_SERVICE, dimensions(system, queue=None)),
        (OF_AIRFLOW, dimensions(system, queue=None, service="airflow")),
    ):
        assert {name for name, dimensions in found if dimensions == about} - OF_WORKERS == names


def test_the_local_port_says_what_cloudwatch_has(system: LocalSystem) -> None:
    seen = next_document(system)
    at = datetime.fromisoformat(seen["read_at"]).replace(microsecond=0)

    for measured in seen["metrics"]:
        for name, value in measured["values"].items():
            kept = in_cloudwatch(system, name, measured["dimensions"], at, at + timedelta(seconds=1))
            assert kept == [value], name


def test_the_local_port_is_not_reached_from_another_task(system: LocalSystem) -> None:
    (task,) = system.tasks("airflow")
    code = f"import socket; socket.create_connection(({system.task_address(task)!r}, {PORT}), 3)"

    status, output = exec_in(system.container("worker"), "python3", "-c", code)

    assert (status, b"Connection refused" in output) == (1, True), output


def test_running_tasks_are_counted_while_they_run(system: LocalSystem, airflow: AirflowApi) -> None:
    start = now_of(system)
    run_id = airflow.trigger("smoke")

    seen = wait_for(
        "a running task in the metrics",
        lambda: values(document(system), dimensions(system)),
        lambda seen: seen["RunningTasks"] >= 1,
        timeout_seconds=120,
        interval_seconds=0.5,
    )
    assert seen["Workers"] == system.service("worker")["runningCount"]
    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"

    end = now_of(system) + timedelta(seconds=1)
    assert max(in_cloudwatch(system, "RunningTasks", dimensions(system), start, end)) >= 1
    assert max(in_cloudwatch(system, "WorkersNeeded", dimensions(system, queue=None), start, end)) >= 1


def test_without_a_worker_the_metrics_ask_for_one(no_worker: LocalSystem, airflow: AirflowApi) -> None:
    run_id = airflow.trigger("smoke")
    of_queue, of_service = dimensions(no_worker), dimensions(no_worker, queue=None)

    def look() -> dict[str, float]:
        seen = document(no_worker)
        return {**values(seen, of_queue), **values(seen, of_service)}

    seen = wait_for(
        "a task that waits, in the metrics",
        look,
        lambda seen: seen["QueuedTasks"] >= 1 and seen["OldestQueuedSeconds"] > 0,
        timeout_seconds=120,
    )
    no_worker.scale("worker", 1)

    assert (seen["Workers"], seen["BacklogPerWorker"]) == (0, seen["QueuedTasks"])
    assert seen["WorkersMissing"] == seen["WorkersNeeded"] >= 1
    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"


def test_it_takes_less_than_100_mb_and_3_percent_of_a_core(system: LocalSystem) -> None:
    host = testinfra.get_host(f"docker://{system.container('metrics').id}")
    # The brackets keep grep from finding itself; a process that ends meanwhile is no matter.
    found = host.check_output("grep -sl 'kf_airflow_runtime[.]metrics' /proc/[0-9]*/cmdline || true")
    folder = found.removesuffix("/cmdline")

    def cpu_seconds() -> float:
        fields = host.file(f"{folder}/stat").content_string.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / int(host.check_output("getconf CLK_TCK"))

    begin, start = now_of(system), cpu_seconds()
    for _ in range(4):
        next_document(system)
    used, passed = cpu_seconds() - start, (now_of(system) - begin).total_seconds()
    status = host.file(f"{folder}/status").content_string.splitlines()
    peak_kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    assert passed >= 40
    assert peak_kib * 1024 < 100_000_000
    assert used / passed < 0.03, f"{used:.2f} s of CPU in {passed:.0f} s"


def test_a_restart_of_postgresql_does_not_end_it(system: LocalSystem) -> None:
    container = system.container("metrics")
    start = now_of(system)
    instance = system.outputs["database_address"].partition(".")[0]

    system.aws("rds").reboot_db_instance(DBInstanceIdentifier=instance)
    lines = wait_for(
        "the end of PostgreSQL's outage in the log of metrics",
        lambda: log_lines(system, "PostgreSQL: ", start),
        lambda lines: len(lines) >= 2,
        timeout_seconds=120,
    )
    next_document(system, "after the restart")

    again = system.container("metrics")
    assert (again.id, again.attrs["State"]["StartedAt"]) == (
        container.id,
        container.attrs["State"]["StartedAt"],
    )
    assert lines[0].endswith("; nothing is published until it answers")
    assert "well again after" in lines[1]
    _wait_until_well(system)


def test_an_outage_of_cloudwatch_is_two_lines_of_its_log(system: LocalSystem) -> None:
    start = now_of(system)
    with fault("cloudwatch", "PutMetricData", error="InternalServiceFault", for_seconds=120):
        for _ in range(2):
            next_document(system, "not published", published=False)
    next_document(system, "after the outage")

    lines = log_lines(system, "CloudWatch: ", start)
    assert [line.rpartition(" after ")[0] or line.rpartition("; ")[2] for line in lines] == [
        "it lacks the metrics of that time",
        "CloudWatch: well again",
    ]


def test_an_outage_of_ecs_leaves_out_what_rests_on_the_number_of_workers(system: LocalSystem) -> None:
    start = now_of(system)
    with fault("ecs", "DescribeServices", error="ServerException", for_seconds=120):
        seen = wait_for(
            "a cycle without the number of workers",
            lambda: document(system),
            lambda seen: "ECS" in seen["problems"],
            timeout_seconds=60,
        )
    next_document(system, "after the outage")

    assert set(values(seen, dimensions(system))) == {"QueuedTasks", "RunningTasks", "OldestQueuedSeconds"}
    assert set(values(seen, dimensions(system, queue=None))) == OF_SERVICE - {"WorkersMissing"}
    assert len(log_lines(system, "ECS: ", start)) == 2


def _wait_until_well(system: LocalSystem) -> None:
    """Waits until what lost the database has come back, for the tests that follow."""
    url = f"{system.outputs['webserver_url'].rstrip('/')}/api/v2/monitor/health"
    wait_for(
        "Airflow after the restart of its database",
        lambda: {
            **{
                name: part["status"]
                for name, part in requests.get(url, timeout=10).json().items()
                if part["status"] is not None
            },
            "task": [task["healthStatus"] for task in system.tasks("airflow")],
        },
        lambda seen: set(map(str, seen.values())) == {"healthy", "['HEALTHY']"},
        timeout_seconds=240,
    )
