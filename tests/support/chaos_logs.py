"""Whether the logs of a load are in S3, and whole."""

from chaos_ledger import Ledger
from chaos_load import DAG
from local_system import LocalSystem
from waiting import wait_for


def await_logs(system: LocalSystem, ledger: Ledger, run: str, *, timeout_seconds: float = 120) -> int:
    """Waits until S3 has a whole log of each try that was not cut off; returns how many those are."""
    tries = [(one.number, one.try_number) for one in ledger.attempts(run) if one.ended is not None]

    def missing() -> list[tuple[int, int]]:
        logs = _logs(system, run)
        return [one for one in tries if not _is_whole(logs.get(one, ""), one[0])]

    wait_for(
        "the log of each try is in S3",
        missing,
        lambda left: not left,
        timeout_seconds=timeout_seconds,
        interval_seconds=5,
    )
    return len(tries)


def _logs(system: LocalSystem, run: str) -> dict[tuple[int, int], str]:
    """The logs of the tasks, by number and try."""
    s3, bucket = system.aws("s3"), system.outputs["log_bucket_name"]
    prefix = f"{system.outputs['log_prefix']}/dag_id={DAG}/run_id={run}/task_id=work/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found: dict[tuple[int, int], str] = {}
    for key in [item["Key"] for page in pages for item in page.get("Contents", ())]:
        task, attempt = key.removeprefix(prefix).split("/")
        one = int(task.removeprefix("map_index=")), int(attempt.partition(".")[0].removeprefix("attempt="))
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        found[one] = found.get(one, "") + text
    return found


def _is_whole(log: str, number: int) -> bool:
    """Whether it has what the task says first and last, and Airflow behind it, each once."""
    lines = [f"CHAOS task {number} begins", f"CHAOS task {number} ends", "::group::Post Execute"]
    return [log.count(f'"{line}"') for line in lines] == [1, 1, 1]
