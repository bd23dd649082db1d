import json

import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import (
    ClusterRef,
    Container,
    NetworkRef,
    Permission,
    SecretKey,
    Service,
    ServiceOptions,
    TargetSpec,
)

CLUSTER = ClusterRef(
    name="kf",
    arn="arn:cluster",
    region="us-east-1",
    account_id="111122223333",
    namespace_id="ns-1",
    namespace_name="kf.internal",
    log_group_prefix="apps-dev/kf",
)
APP = Container(name="app", image="registry.example.org/app:1")


@pytest.fixture(scope="module")
def minimal(network: NetworkRef) -> Synthesized:
    return synthesize(
        lambda stack: Service(stack, "api", name="kf-api", network=network, cluster=CLUSTER, containers=[APP])
    )


@pytest.fixture(scope="module")
def full(network: NetworkRef) -> Synthesized:
    container = Container(
        name="app",
        image="111111111111.dkr.ecr.us-east-1.amazonaws.com/app:1",
        ports=(8000, 8001),
        secrets={
            "PASSWORD": SecretKey(secret_arn="arn:s", key="password", key_arn="arn:key"),
            "USERNAME": SecretKey(secret_arn="arn:s", key="username", key_arn="arn:key"),
        },
        writable_paths=("/tmp",),
    )
    return synthesize(
        lambda stack: Service(
            stack,
            "api",
            name="kf-api",
            network=network,
            cluster=CLUSTER,
            containers=[container],
            options=ServiceOptions(
                cpu=512,
                memory_mib=1024,
                count=3,
                max_count=9,
                architecture="ARM64",
                spot_percent=75,
                on_demand_base=2,
                minimum_healthy_percent=50,
                zone_rebalancing=False,
                health_check_grace_seconds=60,
                storage_gib=50,
                ecs_exec=True,
            ),
            permissions=[
                Permission(actions=("batch:SubmitJob",), resources=("*",)),
                Permission(actions=("sqs:SendMessage",), resources=("arn:aws:sqs:us-east-1:1:q",)),
            ],
            target=TargetSpec(container="app", port=8000, health_check_path="/up", health_check_port=8001),
            discovery_name="api",
            wait_for_steady_state=True,
        )
    )


def test_a_minimal_service_runs_one_small_task(minimal: Synthesized) -> None:
    task = minimal.only("aws_ecs_task_definition")

    assert (task["cpu"], task["memory"], minimal.only("aws_ecs_service")["desired_count"]) == (
        "256",
        "512",
        1,
    )


def test_its_tasks_are_private(minimal: Synthesized) -> None:
    network = minimal.only("aws_ecs_service")["network_configuration"]

    assert (network["assign_public_ip"], network["subnets"]) == (False, ["subnet-1", "subnet-2"])


def test_a_deployment_starts_before_it_stops_and_is_rolled_back_if_it_fails(minimal: Synthesized) -> None:
    service = minimal.only("aws_ecs_service")
    expected = {
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 200,
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
    }

    assert {key: service[key] for key in expected} == expected


def test_its_logs_have_a_group_of_their_own(minimal: Synthesized) -> None:
    assert minimal.only("aws_cloudwatch_log_group") == {
        "name": "apps-dev/kf/api",
        "retention_in_days": 30,
        "tags": {"Name": "apps-dev/kf/api"},
    }


def test_its_code_has_no_permissions(minimal: Synthesized) -> None:
    assert [policy["name"] for policy in minimal.all("aws_iam_role_policy")] == ["execution"]


def test_ecs_may_write_its_logs_and_nothing_else(minimal: Synthesized) -> None:
    assert set(minimal.statements("api/execution")) == {"WriteLogs"}


def test_nobody_may_connect_at_first(minimal: Synthesized) -> None:
    assert minimal.all("aws_vpc_security_group_ingress_rule") == []


def test_without_a_target_it_has_no_target_group(minimal: Synthesized) -> None:
    service = minimal.only("aws_ecs_service")

    assert minimal.all("aws_lb_target_group") == []
    assert {"load_balancer", "health_check_grace_period_seconds", "service_registries"} & set(
        service
    ) == set()


def test_a_full_service_registers_with_its_target_group(full: Synthesized) -> None:
    (registration,) = full.only("aws_ecs_service")["load_balancer"]

    assert (registration["container_name"], registration["container_port"]) == ("app", 8000)


def test_the_health_check_may_have_a_port_of_its_own(full: Synthesized) -> None:
    check = full.only("aws_lb_target_group")["health_check"]

    assert (check["path"], check["port"]) == ("/up", "8001")


def test_it_has_a_private_name(full: Synthesized) -> None:
    discovery = full.only("aws_service_discovery_service")

    assert (discovery["name"], discovery["dns_config"]["namespace_id"]) == ("api", "ns-1")


def test_ecs_may_pull_its_image_and_read_each_secret_once(full: Synthesized) -> None:
    statements = full.statements("api/execution")

    assert set(statements) == {
        "RegistryLogin",
        "PullImage",
        "WriteLogs",
        "ReadSecrets",
        "KeyThroughSecretsmanager",
    }
    assert (statements["ReadSecrets"]["Resource"], statements["KeyThroughSecretsmanager"]["Resource"]) == (
        ["arn:s"],
        ["arn:key"],
    )


def test_its_code_may_do_what_it_was_given_and_what_ecs_exec_takes(full: Synthesized) -> None:
    statements = full.statements("api/permissions")

    assert {sid: statement["Resource"] for sid, statement in statements.items()} == {
        "Permission1": ["*"],
        "Permission2": ["arn:aws:sqs:us-east-1:1:q"],
        "EcsExec": ["*"],
    }


def test_only_tasks_of_the_account_and_region_take_on_its_roles(minimal: Synthesized) -> None:
    conditions = [
        json.loads(role["assume_role_policy"])["Statement"][0]["Condition"]
        for role in minimal.all("aws_iam_role")
    ]

    assert conditions == 2 * [
        {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:*:ecs:us-east-1:111122223333:*"},
        }
    ]


def test_by_default_it_runs_on_demand_and_terraform_says_how_many(minimal: Synthesized) -> None:
    service = minimal.only("aws_ecs_service")

    assert service["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE", "weight": 1}]
    assert "ignore_changes" not in service["lifecycle"]


def test_above_its_base_it_runs_on_spot(full: Synthesized) -> None:
    assert full.only("aws_ecs_service")["capacity_provider_strategy"] == [
        {"capacity_provider": "FARGATE", "base": 2, "weight": 25},
        {"capacity_provider": "FARGATE_SPOT", "weight": 75},
    ]


def test_how_many_run_is_left_to_the_autoscaler_after_creation(full: Synthesized) -> None:
    service = full.only("aws_ecs_service")

    assert (service["desired_count"], service["lifecycle"]["ignore_changes"]) == (3, ["desired_count"])


def test_deployments_zones_and_grace_are_as_they_were_chosen(full: Synthesized) -> None:
    service = full.only("aws_ecs_service")
    expected = {
        "deployment_minimum_healthy_percent": 50,
        "deployment_maximum_percent": 200,
        "availability_zone_rebalancing": "DISABLED",
        "health_check_grace_period_seconds": 60,
        "enable_execute_command": True,
    }

    assert {key: service[key] for key in expected} == expected


def test_a_task_has_its_processor_its_disk_and_its_volumes(full: Synthesized) -> None:
    task = full.only("aws_ecs_task_definition")

    assert (task["runtime_platform"], task["ephemeral_storage"], task["volume"]) == (
        {"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
        {"size_in_gib": 50},
        [{"name": "app-tmp"}],
    )


def test_the_root_file_system_is_read_only_unless_somebody_gets_in(
    minimal: Synthesized, full: Synthesized
) -> None:
    read_only = [
        stack.containers("api/task-definition")["app"]["readonlyRootFilesystem"] for stack in (minimal, full)
    ]

    assert read_only == [True, False]


def test_a_deployment_that_ecs_takes_back_fails(minimal: Synthesized) -> None:
    ((definition,), (check,)) = (
        minimal.document["resource"]["aws_ecs_task_definition"],
        minimal.only("aws_ecs_service")["lifecycle"]["postcondition"],
    )

    assert check["condition"] == f"${{self.task_definition == aws_ecs_task_definition.{definition}.arn}}"
    assert check["error_message"].startswith("ECS took the deployment of kf-api back")


def test_the_revision_before_stays_for_ecs_to_go_back_to(minimal: Synthesized) -> None:
    assert minimal.only("aws_ecs_task_definition")["skip_destroy"] is True


def test_terraform_waits_where_asked(minimal: Synthesized, full: Synthesized) -> None:
    waits = [stack.only("aws_ecs_service")["wait_for_steady_state"] for stack in (minimal, full)]

    assert waits == [False, True]


def test_the_task_definition_is_the_containers_json(full: Synthesized) -> None:
    definitions = json.loads(full.only("aws_ecs_task_definition")["container_definitions"])

    assert [(container["name"], container["stopTimeout"]) for container in definitions] == [("app", 120)]


def test_a_visitor_let_in_gets_one_rule_and_waits_for_it(network: NetworkRef) -> None:
    visitor = Visitor()
    stack = synthesize(
        lambda stack: Service(
            stack, "api", name="kf-api", network=network, cluster=CLUSTER, containers=[APP]
        ).allow_from(visitor, port=8000, description="Visits")
    )
    rule = stack.only("aws_vpc_security_group_ingress_rule")

    assert (rule["referenced_security_group_id"], rule["from_port"]) == ("sg-visitor", 8000)
    assert visitor.awaited == ["port-8000-from-visitor"]


def test_it_starts_after_its_permissions_by_addresses_terraform_takes(minimal: Synthesized) -> None:
    (awaited,) = minimal.only("aws_ecs_service")["depends_on"]

    assert awaited in minimal.addresses


def test_forwarding_to_a_service_without_target_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="service 'kf-api' has no target group: give it a target"):
        synthesize(
            lambda stack: (
                Service(
                    stack, "api", name="kf-api", network=network, cluster=CLUSTER, containers=[APP]
                ).target_group_arn
            )
        )


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        ([APP, APP], "containers has 'app' twice: allowed is each name once"),
        (
            [APP, Container(name="other", image="other:1", memory_mib=1024)],
            "in kf-api memory_mib is 512: allowed are 1024 and more, which the containers claim",
        ),
        (
            [Container(name="app", image="app:1", environment={"X": 65536 * "x"})],
            r"the containers of kf-api take \d+ bytes: allowed are 65536",
        ),
    ],
)
def test_containers_that_do_not_fit_are_refused(
    network: NetworkRef, containers: list[Container], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        synthesize(
            lambda stack: Service(
                stack, "api", name="kf-api", network=network, cluster=CLUSTER, containers=containers
            )
        )


def test_a_name_a_target_group_does_not_take_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="at most 32 characters"):
        synthesize(
            lambda stack: Service(
                stack, "api", name="x" * 33, network=network, cluster=CLUSTER, containers=[APP]
            )
        )
