"""The awslogs driver: what containers write, in CloudWatch Logs.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from contract import Cloud

LINES = 20_000


def test_what_a_container_prints_is_in_its_log_stream(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
    code, lines = cloud.run_code("for number in range(100): print(f'line {number}')")

    assert (code, lines) == (0, [f"line {number}" for number in range(100)])


def test_nothing_of_a_burst_before_the_exit_is_lost_or_out_of_order(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
    padding = "x" * 80
    code = f"import sys; sys.stdout.write(''.join(f'{{n}} {padding}\\n' for n in range({LINES})))"

    _, lines = cloud.run_code(code)

    assert [int(line.split()[0]) for line in lines] == list(range(LINES))


def test_both_outputs_are_in_the_stream(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
    _, lines = cloud.run_code("import sys; print('out'); print('error', file=sys.stderr)")

    assert sorted(lines) == ["error", "out"]


def test_a_log_group_that_does_not_exist_keeps_a_task_from_starting(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    container = cloud.container("main", "run", "pass")
    container["logConfiguration"]["options"]["awslogs-group"] = "/none"

    task = cloud.wait_for_task(cloud.run_task(cloud.task_definition(container)), "STOPPED")

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError: failed to validate logger args")
