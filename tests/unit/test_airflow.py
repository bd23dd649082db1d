import json
from pathlib import Path
from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import (
    Airflow,
    AirflowConfiguration,
    BrokerRef,
    BucketRef,
    ClusterRef,
    CredentialsRef,
    DatabaseOptions,
    DatabaseRef,
    Extras,
    KeyOptions,
    KeyRef,
    NetworkRef,
    Permission,
    ServiceOptions,
    WorkerPool,
)

ADDRESSES = Path(__file__).with_name("default_addresses.txt")
SERVICES = ("airflow", "worker", "flower")


@pytest.fixture(scope="module")
def brought(network: NetworkRef) -> Synthesized:
    """Airflow to which everything was brought that can be."""
    return synthesize(
        lambda stack: Airflow(
            stack,
            "airflow",
            name="kf",
            image="registry.example.org/kf-airflow:1",
            network=network,
            database=DatabaseRef(
                address="db", name="airflow", secret_arn="arn:db", security_group_id="sg-db"
            ),
            broker=BrokerRef(address="redis", secret_arn="arn:redis"),
            bucket=BucketRef(name="bucket", arn="arn:bucket", prefix="airflow/logs"),
            credentials=CredentialsRef(
                airflow_secret_arn="arn:airflow",
                metadata_secret_arn="arn:metadata",
                results_secret_arn="arn:results",
                admin_secret_arn="arn:admin",
                flower_secret_arn="arn:flower",
            ),
            cluster=ClusterRef(
                name="cluster",
                arn="arn:cluster",
                region="us-east-1",
                account_id="111122223333",
                namespace_id="ns-1",
                namespace_name="kf.internal",
                log_group_prefix="apps-dev/kf",
            ),
            airflow=ServiceOptions(cpu=1024, memory_mib=4096, count=2),
            worker=WorkerPool(cpu=1024, memory_mib=2048, count=2, max_count=4, concurrency=3),
            worker_pools={"gpu": WorkerPool(cpu=2048, memory_mib=4096, concurrency=1)},
            extras={
                "gpu": Extras(
                    environment={"COLOUR": "green"},
                    permissions=(Permission(actions=("batch:SubmitJob",), resources=("*",)),),
                )
            },
            key=KeyRef(arn="arn:key"),
            base_url="https://airflow.example.org/",
            configuration=AirflowConfiguration(default_timezone="America/New_York"),
            environment={"PROJECT": "kids-first"},
        )
    )


def _environment(stack: Synthesized, service: str, container: str) -> dict[str, str]:
    definition = stack.containers(f"airflow/{service}/task-definition")[container]
    return {variable["name"]: variable["value"] for variable in definition["environment"]}


def _rules_into(stack: Synthesized, path: str) -> set[tuple[str, int]]:
    """Who may connect to the security group at a construct path: the ids of the rules, and the ports."""
    group = next(
        name
        for name, resource in stack.document["resource"]["aws_security_group"].items()
        if resource["//"]["metadata"]["path"].endswith(f"/{path}")
    )
    return {
        (resource["//"]["metadata"]["path"].split("/")[-1], resource["from_port"])
        for resource in stack.document["resource"]["aws_vpc_security_group_ingress_rule"].values()
        if resource["security_group_id"] == f"${{aws_security_group.{group}.id}}"
    }


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


def test_workers_find_the_webserver_by_name(default: Synthesized) -> None:
    assert default.only("aws_service_discovery_service")["name"] == "webserver"


def test_the_database_is_open_to_airflow_and_the_workers(default: Synthesized) -> None:
    assert _rules_into(default, "database/security-group") == {
        ("database-from-airflow", 5432),
        ("database-from-worker", 5432),
    }


def test_the_broker_is_open_to_all_three_services(default: Synthesized) -> None:
    assert _rules_into(default, "broker/security-group") == {
        (f"broker-from-{service}", 6379) for service in SERVICES
    }


def test_airflow_is_open_to_the_load_balancer_the_workers_and_itself(default: Synthesized) -> None:
    assert _rules_into(default, "airflow/airflow/security-group") == {
        ("port-8080-into-airflow", 8080),
        ("port-8080-from-airflow", 8080),
        ("port-8080-from-worker", 8080),
        ("port-8794-from-airflow", 8794),
    }


def test_workers_are_open_to_the_load_balancer_and_to_airflow(default: Synthesized) -> None:
    assert _rules_into(default, "worker/security-group") == {
        ("port-8793-into-worker", 8793),
        ("port-8795-into-worker", 8795),
        ("port-8793-from-airflow", 8793),
    }


def test_flower_is_open_to_the_load_balancer_alone(default: Synthesized) -> None:
    assert _rules_into(default, "flower/security-group") == {("port-5555-into-flower", 5555)}


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
        if "*" in statement["Resource"] or any("*" in action for action in statement["Action"])
    ] == []


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

    # Which class checks logins is no secret.
    assert plain == {"AIRFLOW__CORE__AUTH_MANAGER"}


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
        "aws_lb_listener",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_ingress_rule",
    ]


def test_users_see_the_load_balancer_s_own_address_by_default(default: Synthesized) -> None:
    base_url = _environment(default, "airflow", "webserver")["AIRFLOW__API__BASE_URL"]

    assert (base_url.split(".")[0], base_url.split(".")[-1]) == ("http://${aws_lb", "dns_name}")


def test_full_sizes_decide_how_much_runs_at_once(brought: Synthesized) -> None:
    worker = _environment(brought, "worker", "worker")

    assert (worker["AIRFLOW__CORE__PARALLELISM"], worker["AIRFLOW__CELERY__WORKER_CONCURRENCY"]) == ("7", "3")


def test_a_further_pool_is_a_service_with_a_queue_a_size_and_a_target_group_of_its_own(
    brought: Synthesized,
) -> None:
    service = brought.at("airflow/gpu/service")
    task = brought.at("airflow/gpu/task-definition")
    container = brought.containers("airflow/gpu/task-definition")["worker"]

    assert (service["name"], service["load_balancer"][0]["container_port"]) == ("kf-gpu", 8793)
    assert (task["cpu"], container["command"]) == ("2048", ["worker", "--queues", "gpu"])
    assert _environment(brought, "gpu", "worker")["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "1"


def test_a_further_pool_reaches_what_workers_reach(brought: Synthesized) -> None:
    group = brought.at("airflow/gpu/service")["network_configuration"]["security_groups"][0]
    reached = {
        (rule["description"], rule["from_port"])
        for rule in brought.all("aws_vpc_security_group_ingress_rule")
        if rule.get("referenced_security_group_id") == group
    }

    assert reached == {("From gpu", 5432), ("Execution API", 8080)}


def test_further_pools_share_the_port_inside_by_their_paths(brought: Synthesized) -> None:
    rules = [
        rule["condition"] for rule in brought.all("aws_lb_listener_rule") if "inside" in rule["listener_arn"]
    ]

    assert rules == [[{"path_pattern": {"values": ["/gpu/*"]}}]]


def test_what_is_added_to_a_service_is_added_to_it_alone(brought: Synthesized) -> None:
    colours = {
        service: _environment(brought, service, "worker").get("COLOUR") for service in ("gpu", "worker")
    }

    assert colours == {"gpu": "green", "worker": None}
    assert brought.statements("airflow/gpu/permissions")["Permission1"]["Action"] == ["batch:SubmitJob"]


@pytest.fixture(scope="module")
def keyed() -> Synthesized:
    """Airflow with a key of its own and a proxy before its database."""
    return synthesize(
        lambda stack: Airflow(
            stack,
            "airflow",
            name="kf",
            image="registry.example.org/kf-airflow:1",
            key=KeyOptions(),
            database=DatabaseOptions(proxy=True),
        )
    )


def test_one_key_encrypts_all_that_is_stored(keyed: Synthesized) -> None:
    (key,) = keyed.document["resource"]["aws_kms_key"]
    arn = f"${{aws_kms_key.{key}.arn}}"

    assert keyed.only("aws_db_instance")["kms_key_id"] == arn
    assert keyed.only("aws_elasticache_replication_group")["kms_key_id"] == arn
    assert {secret["kms_key_id"] for secret in keyed.all("aws_secretsmanager_secret")} == {arn}
    assert {group["kms_key_id"] for group in keyed.all("aws_cloudwatch_log_group")} == {arn}


def test_ecs_may_decrypt_the_secrets_and_the_code_the_logs(keyed: Synthesized) -> None:
    assert "KeyThroughSecretsmanager" in keyed.statements("airflow/worker/execution")
    assert "KeyThroughS3" in keyed.statements("airflow/logs-of-worker")


def test_through_a_proxy_come_all_but_migrations(keyed: Synthesized) -> None:
    containers = keyed.containers("airflow/airflow/task-definition")
    hosts = {
        name: {v["name"]: v["value"] for v in container["environment"]}
        for name, container in containers.items()
    }

    assert hosts["scheduler"]["KF_AIRFLOW_DATABASE_HOST"].startswith("${aws_db_proxy.")
    assert hosts["migrate"]["KF_AIRFLOW_MASTER_HOST"].startswith("${aws_db_instance.")
    assert _rules_into(keyed, "database/security-group") == {
        ("into-database", 5432),
        ("database-from-airflow", 5432),
    }
    assert _rules_into(keyed, "database-proxy/security-group") == {
        ("from-airflow", 5432),
        ("from-worker", 5432),
    }


@pytest.mark.parametrize("changes", [{"minimum_healthy_percent": 50}, {"maximum_percent": 300}])
def test_deployments_that_take_the_execution_api_away_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"of airflow are .*: allowed are 100 and 200, for running tasks"):
        synthesize(
            lambda stack: Airflow(
                stack,
                "airflow",
                name="kf",
                image="image",
                airflow=ServiceOptions(cpu=1024, memory_mib=4096, count=2, **changes),
            )
        )


def test_an_address_of_one_s_own_has_no_slash_at_the_end(brought: Synthesized) -> None:
    assert (
        _environment(brought, "airflow", "webserver")["AIRFLOW__API__BASE_URL"]
        == "https://airflow.example.org"
    )


def test_airflow_s_settings_and_variables_reach_every_container(brought: Synthesized) -> None:
    values = {
        (environment.get("AIRFLOW__CORE__DEFAULT_TIMEZONE"), environment.get("PROJECT"))
        for service in SERVICES
        for container in brought.containers(f"airflow/{service}/task-definition")
        for environment in [_environment(brought, service, container)]
    }

    assert values == {("America/New_York", "kids-first")}


def test_what_is_brought_is_not_made(brought: Synthesized) -> None:
    made = {
        "aws_vpc",
        "aws_db_instance",
        "aws_elasticache_replication_group",
        "aws_s3_bucket",
        "aws_ecs_cluster",
    }

    assert made & set(brought.document["resource"]) == set()
    assert "aws_secretsmanager_secret" not in brought.document["resource"]


def test_a_brought_database_is_opened_if_its_group_is_known_and_a_broker_left_alone_if_not(
    brought: Synthesized,
) -> None:
    rules = [
        (rule["security_group_id"], rule["from_port"])
        for rule in brought.all("aws_vpc_security_group_ingress_rule")
        if rule["from_port"] in {5432, 6379}
    ]

    assert rules == 3 * [("sg-db", 5432)]


def test_grants_are_for_the_brought_bucket_s_prefix(brought: Synthesized) -> None:
    assert brought.statements("airflow/logs-of-worker")["WriteObjects"]["Resource"] == [
        "arn:bucket/airflow/logs/*"
    ]


def test_a_name_too_long_for_a_target_group_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 24 characters"):
        synthesize(lambda stack: Airflow(stack, "airflow", name="x" * 25, image="image"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"environment": {"AIRFLOW__CORE__FERNET_KEY": "x"}},
            "AIRFLOW__CORE__FERNET_KEY is set by the library: remove it",
        ),
        (
            {"environment": {"AIRFLOW__WEBSERVER__BASE_URL": "https://x"}},
            "AIRFLOW__WEBSERVER__BASE_URL is not an option of Airflow 3.3",
        ),
        (
            {"extras": {"worker": Extras(environment={"AIRFLOW__CORE__EXECUTOR": "LocalExecutor"})}},
            "AIRFLOW__CORE__EXECUTOR is set by the library: remove it",
        ),
        (
            {"worker": WorkerPool(cpu=1024, memory_mib=4096, count=50)},
            "the deployment may open .* connections to the database, which takes",
        ),
    ],
)
def test_what_would_break_the_deployment_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        synthesize(lambda stack: Airflow(stack, "airflow", name="kf", image="image", **values))
