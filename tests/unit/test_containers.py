from typing import Any

import pytest

from kf_airflow.containers import Container, HealthCheck, TargetSpec
from kf_airflow.refs import SecretKey

IMAGE = "registry.example.org/app:1"


def test_a_minimal_container_is_essential_logs_and_has_time_to_stop() -> None:
    assert Container(name="app", image=IMAGE).definition(log_group="apps/app", region="us-east-1") == {
        "name": "app",
        "image": IMAGE,
        "essential": True,
        "environment": [],
        "secrets": [],
        "portMappings": [],
        "stopTimeout": 120,
        "readonlyRootFilesystem": True,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "apps/app",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "app",
            },
        },
    }


def test_a_full_container_says_everything() -> None:
    container = Container(
        name="app",
        image=IMAGE,
        command=("serve", "now"),
        ports=(80,),
        environment={"B": "2", "A": "1"},
        secrets={"PASSWORD": SecretKey(secret_arn="arn:s", key="password")},
        health_check=HealthCheck(command=("health", "app")),
        essential=False,
        depends_on={"migrate": "SUCCESS"},
        restart_after_seconds=60,
        stop_timeout_seconds=30,
        read_only_root=False,
        writable_paths=("/tmp", "/var/run"),
        open_files=65536,
        user="1000:1000",
        cpu=128,
        memory_reservation_mib=256,
        memory_mib=512,
    )

    definition = container.definition(log_group="apps/app", region="us-east-1")

    assert {
        key: definition[key] for key in definition if key not in {"name", "image", "logConfiguration"}
    } == {
        "essential": False,
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "secrets": [{"name": "PASSWORD", "valueFrom": "arn:s:password::"}],
        "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
        "stopTimeout": 30,
        "readonlyRootFilesystem": False,
        "mountPoints": [
            {"sourceVolume": "app-tmp", "containerPath": "/tmp", "readOnly": False},
            {"sourceVolume": "app-var-run", "containerPath": "/var/run", "readOnly": False},
        ],
        "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
        "user": "1000:1000",
        "cpu": 128,
        "memoryReservation": 256,
        "memory": 512,
        "command": ["serve", "now"],
        "healthCheck": {
            "command": ["CMD", "health", "app"],
            "interval": 15,
            "timeout": 10,
            "retries": 8,
            "startPeriod": 180,
        },
        "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
        "restartPolicy": {"enabled": True, "restartAttemptPeriod": 60},
    }


def test_a_target_names_each_port_once() -> None:
    alone = TargetSpec(container="app", port=80, health_check_path="/")
    apart = TargetSpec(container="app", port=80, health_check_path="/", health_check_port=81)

    assert (alone.ports, apart.ports) == ((80,), (80, 81))


def test_a_time_for_requests_that_the_load_balancer_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="deregistration_seconds is 3601: allowed are 0 to 3600"):
        TargetSpec(container="app", port=80, health_check_path="/", deregistration_seconds=3601)


def test_more_time_to_stop_than_fargate_gives_is_refused() -> None:
    with pytest.raises(ValueError, match="stop_timeout_seconds is 121: allowed are 0 to 120"):
        Container(name="app", image=IMAGE, stop_timeout_seconds=121)


def test_a_restart_period_ecs_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="restart_after_seconds is 59: allowed are 60 to 1800"):
        Container(name="app", image=IMAGE, restart_after_seconds=59)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"writable_paths": ("tmp",)}, "writable_paths has 'tmp': allowed are absolute paths"),
        ({"open_files": 10}, "open_files is 10: allowed are 1024 to 1048576"),
        (
            {"memory_reservation_mib": 512, "memory_mib": 256},
            "memory_reservation_mib is 512: allowed are up to 256, which is memory_mib",
        ),
    ],
)
def test_limits_that_cannot_be_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Container(name="app", image=IMAGE, **values)


def test_a_variable_cannot_be_plain_and_secret() -> None:
    with pytest.raises(ValueError, match="container 'app' has X both in environment and in secrets"):
        Container(
            name="app",
            image=IMAGE,
            environment={"X": "1"},
            secrets={"X": SecretKey(secret_arn="arn:s", key="x")},
        )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"interval_seconds": 4}, "interval_seconds is 4: allowed are 5 to 300"),
        ({"timeout_seconds": 61}, "timeout_seconds is 61: allowed are 2 to 60"),
        ({"retries": 11}, "retries is 11: allowed are 1 to 10"),
        ({"start_period_seconds": 301}, "start_period_seconds is 301: allowed are 0 to 300"),
    ],
)
def test_a_health_check_out_of_ecs_s_range_is_refused(values: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HealthCheck(command=("true",), **values)
