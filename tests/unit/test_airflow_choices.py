from typing import Any

import pytest
from airflow_stack import SERVICES, container_environment, rules_into
from synthesis import Synthesized, synthesize

from kf_airflow import (
    Airflow,
    AirflowConfiguration,
    BrokerOptions,
    BrokerRef,
    BucketRef,
    ClusterRef,
    CredentialsRef,
    DatabaseOptions,
    DatabaseRef,
    Extras,
    IngressOptions,
    KeyOptions,
    KeyRef,
    NetworkOptions,
    NetworkRef,
    OidcOptions,
    Permission,
    Schedule,
    ServiceOptions,
    WorkerPool,
)


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


def test_full_sizes_decide_how_much_runs_at_once(brought: Synthesized) -> None:
    worker = container_environment(brought, "worker", "worker")

    assert (worker["AIRFLOW__CORE__PARALLELISM"], worker["AIRFLOW__CELERY__WORKER_CONCURRENCY"]) == ("7", "3")


def test_a_further_pool_is_a_service_with_a_queue_a_size_and_a_target_group_of_its_own(
    brought: Synthesized,
) -> None:
    service = brought.at("airflow/gpu/service")
    task = brought.at("airflow/gpu/task-definition")
    container = brought.containers("airflow/gpu/task-definition")["worker"]

    assert (service["name"], service["load_balancer"][0]["container_port"]) == ("kf-gpu", 8793)
    assert (task["cpu"], container["command"]) == ("2048", ["worker", "--queues", "gpu"])
    assert container_environment(brought, "gpu", "worker")["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "1"


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
        service: container_environment(brought, service, "worker").get("COLOUR")
        for service in ("gpu", "worker")
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
    (key,) = (name for name in keyed.document["resource"]["aws_kms_key"] if "topic-key" not in name)
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
    assert rules_into(keyed, "database/security-group") == {
        ("into-database", 5432),
        ("database-from-airflow", 5432),
    }
    assert rules_into(keyed, "database-proxy/security-group") == {
        ("from-airflow", 5432),
        ("from-worker", 5432),
    }


@pytest.mark.parametrize("changes", [{"minimum_healthy_percent": 50}, {"maximum_percent": 300}])
def test_deployments_that_take_the_execution_api_away_are_refused(changes: dict[str, Any]) -> None:
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
        container_environment(brought, "airflow", "webserver")["AIRFLOW__API__BASE_URL"]
        == "https://airflow.example.org"
    )


def test_airflow_s_settings_and_variables_reach_every_container(brought: Synthesized) -> None:
    values = {
        (environment.get("AIRFLOW__CORE__DEFAULT_TIMEZONE"), environment.get("PROJECT"))
        for service in SERVICES
        for container in brought.containers(f"airflow/{service}/task-definition")
        # What measures is none of Airflow's processes, and has the variables alone.
        if container != "metrics"
        for environment in [container_environment(brought, service, container)]
    }

    assert container_environment(brought, "airflow", "metrics")["PROJECT"] == "kids-first"
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
            {"broker": BrokerOptions(parameters={"maxmemory-policy": "allkeys-lru"})},
            "parameters of broker has maxmemory-policy 'allkeys-lru': allowed is noeviction",
        ),
        (
            {
                "airflow": ServiceOptions(
                    cpu=1024,
                    memory_mib=4096,
                    max_count=2,
                    schedules={"night": Schedule(schedule="cron(0 20 * * ? *)", max_count=0, min_count=0)},
                )
            },
            "max_count of the schedule 'night' of airflow is 0: allowed are 1 to 2",
        ),
        (
            {
                "network": NetworkOptions(nat="none"),
                "ingress": IngressOptions(
                    certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/1",
                    oidc=OidcOptions(
                        issuer="https://login.example.org",
                        authorization_endpoint="https://login.example.org/authorize",
                        token_endpoint="https://login.example.org/token",
                        user_info_endpoint="https://login.example.org/me",
                        client_id="airflow",
                        client_secret_arn="arn:secret",
                    ),
                ),
            },
            "oidc is set: allowed with a nat of single or per-az",
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
