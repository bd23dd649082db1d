"""RunTask, and the life of a task.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

from contract import Cloud


def test_a_task_ends_with_its_essential_container_and_tells_its_exit_code(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    definition = cloud.task_definition(cloud.container("main", "run", "print('hello'); raise SystemExit(3)"))

    task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED")

    assert (task["stopCode"], task["stoppedReason"], task["containers"][0]["exitCode"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
        3,
    )


def test_what_a_container_prints_is_in_its_log_stream(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
    code, lines = cloud.run_code("for number in range(100): print(f'line {number}')")

    assert (code, lines) == (0, [f"line {number}" for number in range(100)])
