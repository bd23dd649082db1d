"""How a task definition is read."""

import pytest

from localstack_dataplane.ecs.checks import dependency_problem
from localstack_dataplane.ecs.definition import (
    LogStream,
    RestartPolicy,
    apply_overrides,
    parse_task_definition,
)


def parse(*containers, **values):
    arn = "arn:aws:ecs:us-east-1:000000000000:task-definition/web:7"
    return parse_task_definition({"taskDefinitionArn": arn, "containerDefinitions": containers, **values})


def one(**values):
    return parse({"name": "c", "image": "i", **values}).containers[0]


def test_family_and_revision_come_from_the_arn():
    definition = parse()
    assert (definition.family, definition.revision) == ("web", "7")


def test_a_minimal_container_is_essential_and_stops_within_30_seconds():
    container = one()
    assert (container.essential, container.stop_timeout, container.command) == (True, 30, None)


def test_cpu_and_memory_of_the_task_are_numbers():
    definition = parse(cpu="256", memory="512")
    assert (definition.cpu, definition.memory) == (256, 512)


@pytest.mark.parametrize(
    ("command", "test"),
    [
        (["CMD", "a", "b"], ("CMD", "a", "b")),
        (["CMD-SHELL", "a b"], ("CMD-SHELL", "a b")),
        (["a b"], ("CMD-SHELL", "a b")),
        (["a", "b"], ("CMD", "a", "b")),
    ],
)
def test_a_health_check_runs_as_ecs_runs_it(command, test):
    assert one(healthCheck={"command": command}).health_check.test == test


def test_a_health_check_has_the_defaults_of_ecs():
    check = one(healthCheck={"command": ["CMD", "a"]}).health_check
    assert (check.interval, check.timeout, check.retries, check.start_period) == (30, 5, 3, 0)


def test_a_restart_policy_in_a_label_counts_as_one_in_the_definition():
    label = {"localstack-dataplane.restart-policy": '{"enabled": true, "restartAttemptPeriod": 60}'}

    assert one(dockerLabels=label).restart_policy == RestartPolicy(enabled=True, attempt_period=60)


def test_a_restart_policy_waits_300_seconds_unless_told_otherwise():
    assert one(restartPolicy={"enabled": True}).restart_policy.attempt_period == 300


def test_awslogs_options_are_read():
    options = {
        "awslogs-group": "g",
        "awslogs-region": "r",
        "awslogs-stream-prefix": "p",
        "awslogs-create-group": "true",
    }
    log = one(logConfiguration={"logDriver": "awslogs", "options": options}).log
    assert log == LogStream(group="g", region="r", prefix="p", create_group=True)


def test_other_log_drivers_are_left_out():
    assert one(logConfiguration={"logDriver": "splunk"}).log is None


def test_linux_parameters_are_read():
    container = one(
        linuxParameters={
            "initProcessEnabled": True,
            "tmpfs": [{"containerPath": "/t", "size": 64, "mountOptions": ["noexec"]}],
            "capabilities": {"drop": ["ALL"]},
        }
    )
    assert (container.init, container.tmpfs, container.capabilities_dropped) == (
        True,
        {"/t": "size=64m,noexec"},
        ("ALL",),
    )


def test_a_read_only_mount_says_so():
    mount = {"sourceVolume": "v", "containerPath": "/v", "readOnly": True}
    assert one(mountPoints=[mount]).mounts == (("v", "/v:ro"),)


def test_overrides_replace_the_command_and_add_to_the_environment():
    definition = parse({"name": "c", "image": "i", "environment": [{"name": "A", "value": "1"}]})
    override = {"name": "c", "command": ["x"], "environment": [{"name": "B", "value": "2"}]}
    container = apply_overrides(definition, {"containerOverrides": [override]}).containers[0]
    assert (container.command, container.environment) == (("x",), {"A": "1", "B": "2"})


def test_overrides_change_roles_and_sizes():
    changed = apply_overrides(parse(), {"taskRoleArn": "role", "cpu": "512"})
    assert (changed.task_role, changed.cpu) == ("role", 512)


def depends(name, on, condition, **values):
    return {"name": name, "dependsOn": [{"containerName": on, "condition": condition}], **values}


@pytest.mark.parametrize(
    ("containers", "problem"),
    [
        ([depends("a", "b", "START"), {"name": "b"}], ""),
        ([depends("a", "b", "START")], "because it does not exist"),
        ([depends("a", "b", "READY"), {"name": "b"}], "it has to be one of"),
        ([depends("a", "b", "SUCCESS"), {"name": "b"}], "cannot be an essential container"),
        ([depends("a", "b", "HEALTHY"), {"name": "b"}], "has no health check"),
        ([depends("a", "b", "START"), depends("b", "a", "START")], "containers a, b form a cycle"),
    ],
)
def test_dependencies_that_ecs_refuses_are_named(containers, problem):
    found = dependency_problem(containers)
    assert problem in found
    assert bool(problem) is bool(found)
