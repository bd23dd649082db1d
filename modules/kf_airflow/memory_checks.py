"""Whether what runs in a container has room in its memory."""

from __future__ import annotations

# What an idle Celery worker keeps for itself, and what one running task (supervisor and task process, which
# share most of their pages with it) adds; measured with Airflow 3.3 and light tasks.
WORKER_MIB = 512
TASK_MIB = 256
# What a process of the webserver takes: 305 MiB at rest, 357 MB when it has sent large logs (docs/logs.md).
WEBSERVER_PROCESS_MIB = 350


def check_tasks(tasks: int, *, given: bool, memory_mib: int, others_mib: int = 0) -> None:
    """Refuses more Airflow tasks at once than a worker has memory for.

    Args:
        tasks: How many run at once.
        given: Whether `concurrency` says so; if not, the number follows from CPU and memory.
        memory_mib: Memory of the worker's ECS task.
        others_mib: Memory of it that other containers claim. None if left out.

    Raises:
        ValueError: if they do not fit.
    """
    most = (memory_mib - others_mib - WORKER_MIB) // TASK_MIB
    if tasks <= most:
        return
    others = f" + others {others_mib}" if others_mib else ""
    needed = WORKER_MIB + tasks * TASK_MIB + others_mib
    room = f"worker {WORKER_MIB} + {tasks} x task {TASK_MIB}{others} = {needed} MiB are needed"
    if most < 1:
        least = WORKER_MIB + TASK_MIB + others_mib
        raise ValueError(f"memory_mib is {memory_mib}: allowed for workers are {least} and more, as {room}")
    said = "is" if given else "left out is"
    raise ValueError(
        f"concurrency {said} {tasks}: allowed with a memory_mib of {memory_mib} are 1 to {most}, as {room}"
    )


def check_webserver(processes: int, *, container_mib: int, memory_mib: int) -> None:
    """Refuses more processes than a webserver has memory for.

    Args:
        processes: How many it has.
        container_mib: Memory at which its container is killed.
        memory_mib: Memory of its ECS task.

    Raises:
        ValueError: if they do not fit.
    """
    needed = processes * WEBSERVER_PROCESS_MIB
    if needed > container_mib:
        raise ValueError(
            f"webserver_workers is {processes}: allowed with a memory_mib of {memory_mib} are 1 to "
            f"{container_mib // WEBSERVER_PROCESS_MIB}, as {processes} x {WEBSERVER_PROCESS_MIB} = {needed} "
            f"MiB are needed, and the webserver may take {container_mib} of it"
        )
