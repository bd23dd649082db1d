import json
from pathlib import Path

import pytest
from airflow_stack import SERVICES, container_environment, rules_into
from synthesis import Synthesized

from kf_airflow_runtime import cloudwatch

ADDRESSES = Path(__file__).with_name("default_addresses.txt")


def test_the_default_stack_has_exactly_these_resources(default: Synthesized) -> None:
    assert sorted(default.addresses) == ADDRESSES.read_text(encoding="utf-8").split()


def test_everything_made_by_default_is_what_a_part_makes_alone(default: Synthesized) -> None:
    assert len(default.all("aws_ecs_service")) == len(default.all("aws_lb_target_group")) == len(SERVICES)


def test_three_services_register_with_a_target_group_each(default: Synthesized) -> None:
    registered = {
        service: default.at(f"airflow/{service}/service")["load_balancer"][0]["container_port"]
        for service in SERVICES
    }

    assert registered == {"airflow": 8080, "worker": 8793, "flower": 5555}


def test_a_worker_that_ecs_stops_is_told_so_at_once_and_others_finish_their_requests(
    default: Synthesized,
) -> None:
    delays = {
        service: default.at(f"airflow/{service}/target-group")["deregistration_delay"] for service in SERVICES
    }

    assert delays == {"airflow": "30", "worker": "0", "flower": "30"}


def test_workers_find_the_webserver_by_name(default: Synthesized) -> None:
    assert default.only("aws_service_discovery_service")["name"] == "webserver"


def test_the_database_is_open_to_airflow_and_the_workers(default: Synthesized) -> None:
    assert rules_into(default, "database/security-group") == {
        ("database-from-airflow", 5432),
        ("database-from-worker", 5432),
    }


def test_the_broker_is_open_to_all_three_services(default: Synthesized) -> None:
    assert rules_into(default, "broker/security-group") == {
        (f"broker-from-{service}", 6379) for service in SERVICES
    }


def test_airflow_is_open_to_the_load_balancer_the_workers_and_itself(default: Synthesized) -> None:
    assert rules_into(default, "airflow/airflow/security-group") == {
        ("port-8080-into-airflow", 8080),
        ("port-8080-from-airflow", 8080),
        ("port-8080-from-worker", 8080),
        ("port-8794-from-airflow", 8794),
    }


def test_workers_are_open_to_the_load_balancer_and_to_airflow(default: Synthesized) -> None:
    assert rules_into(default, "worker/security-group") == {
        ("port-8793-into-worker", 8793),
        ("port-8795-into-worker", 8795),
        ("port-8793-from-airflow", 8793),
    }


def test_flower_is_open_to_the_load_balancer_alone(default: Synthesized) -> None:
    assert rules_into(default, "flower/security-group") == {("port-5555-into-flower", 5555)}


@pytest.mark.parametrize("stack", ["default", "local", "prd"])
def test_no_rule_lets_the_whole_world_in(stack: str, request: pytest.FixtureRequest) -> None:
    rules = request.getfixturevalue(stack).all("aws_vpc_security_group_ingress_rule")

    assert [rule for rule in rules if rule.get("cidr_ipv4") == "0.0.0.0/0" or "cidr_ipv6" in rule] == []


def test_the_execution_api_and_flower_s_metrics_are_refused_before_anything_is_forwarded(
    default: Synthesized,
) -> None:
    rules = sorted(default.all("aws_lb_listener_rule"), key=lambda rule: rule["priority"])

    assert [
        (rule["action"][0]["type"], rule["condition"][0]["path_pattern"]["values"]) for rule in rules
    ] == [
        ("fixed-response", ["/execution", "/execution/*", "/flower/metrics"]),
        ("forward", ["/flower", "/flower/*"]),
    ]


def test_only_airflow_and_the_workers_may_touch_the_logs(default: Synthesized) -> None:
    grants = {
        policy["name"]: policy["role"]
        for policy in default.all("aws_iam_role_policy")
        if policy["name"].startswith("logs-of-")
    }

    assert set(grants) == {"logs-of-airflow", "logs-of-worker"}
    assert len(set(grants.values())) == 2


def test_only_workers_may_ask_ecs_not_to_stop_a_task(default: Synthesized) -> None:
    allowed = {
        policy["name"]
        for policy in default.all("aws_iam_role_policy")
        if "ecs:UpdateTaskProtection" in policy["policy"]
    }

    assert allowed == {"protection-of-worker"}


def test_a_worker_may_protect_tasks_of_its_cluster_and_look_at_its_own_service(default: Synthesized) -> None:
    statements = default.statements("airflow/protection-of-worker")
    (tasks,) = statements["ProtectTask"]["Resource"]
    (service,) = statements["DescribeOwnService"]["Resource"]

    assert tasks.split(":task/")[1].endswith(".cluster_name}/*")
    assert service.split(":service/")[1].endswith(".cluster_name}/kf-airflow-dev-worker")


def test_workers_may_read_the_archives_of_dags_and_nothing_else_of_them(default: Synthesized) -> None:
    statements = default.statements("airflow/dags-of-worker")

    assert set(statements) == {"ReadObjects", "ListObjects"}
    assert statements["ReadObjects"]["Resource"][0].endswith(".arn}/dags/*")


def test_the_dag_processor_may_put_and_delete_archives_and_look_at_its_own_service(
    default: Synthesized,
) -> None:
    statements = default.statements("airflow/airflow/dags")
    (service,) = default.statements("airflow/airflow/own-service")["DescribeOwnService"]["Resource"]

    assert set(statements) == {"ReadObjects", "ListObjects", "WriteObjects", "DeleteArchives"}
    assert statements["DeleteArchives"]["Resource"][0].endswith(".arn}/dags/*")
    assert service.split(":service/")[1].endswith(".cluster_name}/kf-airflow-dev-airflow")


def test_nobody_may_delete_logs(default: Synthesized) -> None:
    allowed = {
        policy["name"] for policy in default.all("aws_iam_role_policy") if "s3:Delete" in policy["policy"]
    }

    assert allowed == {"dags"}


def test_a_worker_s_execution_role_reads_the_secrets_of_workers_alone(default: Synthesized) -> None:
    secrets = default.statements("airflow/worker/execution")["ReadSecrets"]["Resource"]

    assert sorted(arn.split(".")[1].rsplit("_", 1)[0] for arn in secrets) == [
        "airflow_broker_secret-value",
        "airflow_credentials_airflow-value",
        "airflow_credentials_results-value",
    ]


def test_the_master_login_is_read_by_ecs_for_airflow_alone(default: Synthesized) -> None:
    readers = [
        service
        for service in SERVICES
        if any(
            "master_user_secret" in arn
            for arn in default.statements(f"airflow/{service}/execution")["ReadSecrets"]["Resource"]
        )
    ]

    assert readers == ["airflow"]


@pytest.mark.parametrize("stack", ["default", "local", "prd"])
def test_no_policy_allows_everything_of_a_service(stack: str, request: pytest.FixtureRequest) -> None:
    policies = [
        json.loads(policy["policy"]) for policy in request.getfixturevalue(stack).all("aws_iam_role_policy")
    ]
    statements = [statement for policy in policies for statement in policy["Statement"]]

    assert [
        statement
        for statement in statements
        # Of a metric IAM knows the namespace and no ARN, of tasks that are listed the cluster.
        if statement["Action"] not in (["cloudwatch:PutMetricData"], ["ecs:ListTasks"])
        and ("*" in statement["Resource"] or any("*" in action for action in statement["Action"]))
    ] == []


@pytest.mark.parametrize("stack", ["default", "prd"])
def test_airflow_alone_counts_the_workers_and_publishes_in_one_namespace(
    stack: str, request: pytest.FixtureRequest
) -> None:
    synthesized: Synthesized = request.getfixturevalue(stack)
    statements = synthesized.statements("airflow/airflow/metrics")
    (arn,) = statements["CountTasks"]["Resource"]

    assert (
        synthesized.at("airflow/airflow/metrics")["role"]
        == (synthesized.at("airflow/logs-of-airflow")["role"])
    )
    assert arn.endswith("-worker")
    assert ":ecs:" in arn
    assert ":service/" in arn
    assert statements["PublishMetrics"]["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": cloudwatch.NAMESPACE}
    }


def test_what_measures_knows_the_services_of_the_workers(default: Synthesized) -> None:
    environment = container_environment(default, "airflow", "metrics")
    service = default.at("airflow/worker/service")

    (pool,) = json.loads(environment["KF_AIRFLOW_WORKER_POOLS"])
    assert pool == {"service": service["name"], "queues": ["default"], "concurrency": 8}
    assert environment["KF_AIRFLOW_CLUSTER"] == service["cluster"]


@pytest.mark.parametrize("stack", ["default", "local", "prd"])
def test_no_secret_stands_in_a_task_definition(stack: str, request: pytest.FixtureRequest) -> None:
    synthesized: Synthesized = request.getfixturevalue(stack)
    secret_words = ("PASSWORD", "SECRET_KEY", "JWT_SECRET", "FERNET", "TOKEN", "AUTH")
    plain = {
        variable["name"]
        for service in SERVICES
        for container in synthesized.containers(f"airflow/{service}/task-definition").values()
        for variable in container["environment"]
        if any(word in variable["name"] for word in secret_words)
    }

    assert plain == set()


@pytest.mark.parametrize("stack", ["default", "local", "prd"])
def test_no_secret_is_a_literal(stack: str, request: pytest.FixtureRequest) -> None:
    synthesized: Synthesized = request.getfixturevalue(stack)
    values = [version["secret_string_wo"] for version in synthesized.all("aws_secretsmanager_secret_version")]
    pairs = [pair.split(" = ") for value in values for pair in value.split("{", 2)[2].split(", ")]
    group = synthesized.only("aws_elasticache_replication_group")
    made = ("ephemeral.", "base64encode(ephemeral.", "sha256(terraform_data.")

    assert {key for key, value in pairs if not value.startswith(made)} == {'"username"'}
    assert len(pairs) == 12
    assert group["auth_token"].startswith("${sha256(terraform_data.")
    assert "password" not in synthesized.only("aws_db_instance")


@pytest.mark.parametrize("stack", ["default", "local", "prd"])
def test_every_secret_is_named_by_its_arn_and_a_key(stack: str, request: pytest.FixtureRequest) -> None:
    synthesized: Synthesized = request.getfixturevalue(stack)
    sources = [
        secret["valueFrom"]
        for service in SERVICES
        for container in synthesized.containers(f"airflow/{service}/task-definition").values()
        for secret in container["secrets"]
    ]

    assert [
        source for source in sources if not source.startswith("${aws_") or not source.endswith("::")
    ] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_resources_that_exist(default: Synthesized, service: str) -> None:
    awaited = default.at(f"airflow/{service}/service")["depends_on"]

    assert set(awaited) <= default.addresses


def test_a_worker_waits_for_its_rules_permissions_and_listener(default: Synthesized) -> None:
    awaited = default.at("airflow/worker/service")["depends_on"]

    assert [address.split(".")[0] for address in awaited] == [
        "aws_iam_role_policy",
        "aws_vpc_security_group_ingress_rule",
        "aws_iam_role_policy",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_iam_role_policy",
        "aws_iam_role_policy",
        "aws_lb_listener",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_ingress_rule",
    ]


def test_users_see_the_load_balancer_s_own_address_by_default(default: Synthesized) -> None:
    base_url = container_environment(default, "airflow", "webserver")["AIRFLOW__API__BASE_URL"]

    assert (base_url.split(".")[0], base_url.split(".")[-1]) == ("http://${aws_lb", "dns_name}")
