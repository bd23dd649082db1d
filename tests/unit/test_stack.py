from pathlib import Path

from synthesis import Synthesized, synthesize_stack

from kf_airflow import AirflowStack, load_settings
from kf_airflow.settings import StateSettings


def test_all_resources_carry_the_kids_first_tags(prd: Synthesized) -> None:
    (provider,) = prd.document["provider"]["aws"]

    assert provider["default_tags"] == [
        {
            "tags": {
                "Name": "kf-airflow-prd",
                "Project": "kf-airflow",
                "Environment": "prd",
                "Organization": "kf-strides",
                "Owner": "kf-platform",
            }
        }
    ]


def test_in_aws_the_provider_is_told_the_region_and_nothing_else(prd: Synthesized) -> None:
    (provider,) = prd.document["provider"]["aws"]

    assert set(provider) == {"region", "default_tags"}


def test_localstack_answers_every_service_the_stack_calls(local: Synthesized) -> None:
    (provider,) = local.document["provider"]["aws"]
    (endpoints,) = provider["endpoints"]

    assert set(endpoints.values()) == {"http://localhost:4566"}
    assert {"ec2", "ecs", "elasticache", "elbv2", "iam", "rds", "s3", "servicediscovery"} <= set(endpoints)


# The service that a resource of a type is made in, by what the type begins with; the longest counts.
SERVICES = {
    "aws_": "ec2",
    "aws_cloudwatch_log": "cloudwatchlogs",
    "aws_db": "rds",
    "aws_ecs": "ecs",
    "aws_elasticache": "elasticache",
    "aws_iam": "iam",
    "aws_kms": "kms",
    "aws_lb": "elbv2",
    "aws_route53": "route53",
    "aws_s3": "s3",
    "aws_secretsmanager": "secretsmanager",
    "aws_service_discovery": "servicediscovery",
    "aws_wafv2": "wafv2",
}


def test_nothing_of_a_local_stack_is_asked_of_aws(local: Synthesized) -> None:
    (provider,) = local.document["provider"]["aws"]
    called = {
        SERVICES[max((start for start in SERVICES if type_.startswith(start)), key=len)]
        for type_ in local.document["resource"]
        if type_ != "terraform_data"
    }

    assert called <= set(provider["endpoints"][0])


def test_localstack_needs_no_account(local: Synthesized) -> None:
    (provider,) = local.document["provider"]["aws"]
    expected = {
        "access_key": "test",
        "secret_key": "test",
        "s3_use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": "true",
        "skip_region_validation": True,
        "skip_requesting_account_id": True,
    }

    assert {key: provider[key] for key in expected} == expected


def test_local_state_is_a_file(local: Synthesized, root: Path) -> None:
    assert local.document["terraform"]["backend"] == {
        "local": {"path": str(root / "build/local/terraform/terraform.tfstate")}
    }


def test_state_in_s3_follows_the_kids_first_convention(prd: Synthesized) -> None:
    assert prd.document["terraform"]["backend"] == {
        "s3": {
            "bucket": "example-prd-remote-state-files",
            "key": "prd/kf-airflow-us-east-1-RSF",
            "region": "us-east-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }


def test_state_in_terraform_cloud_has_the_stack_s_workspace(root: Path) -> None:
    state = StateSettings(organization="example")
    settings = load_settings("dev", root=root).model_copy(update={"state": state})
    stack = synthesize_stack(lambda app: AirflowStack(app, "airflow-dev", settings=settings))

    assert stack.document["terraform"]["cloud"] == {
        "organization": "example",
        "workspaces": {"name": "airflow-dev"},
    }


def test_state_in_terraform_enterprise_is_at_its_host(root: Path) -> None:
    state = StateSettings(
        organization="example", workspace="etl", hostname="tfe.example.org", project="Data Services"
    )
    settings = load_settings("dev", root=root).model_copy(update={"state": state})
    stack = synthesize_stack(lambda app: AirflowStack(app, "airflow-dev", settings=settings))

    assert stack.document["terraform"]["cloud"] == {
        "hostname": "tfe.example.org",
        "organization": "example",
        "workspaces": {"name": "etl", "project": "Data Services"},
    }


def test_a_terraform_without_write_only_arguments_is_refused(prd: Synthesized) -> None:
    assert prd.document["terraform"]["required_version"] == ">= 1.11"


def test_the_outputs_are_those_promised(local: Synthesized) -> None:
    assert set(local.document["output"]) == {
        "image",
        "image_tag",
        "webserver_url",
        "flower_url",
        "load_balancer_dns_name",
        "cluster_name",
        "airflow_service_name",
        "worker_service_name",
        "flower_service_name",
        "log_bucket_name",
        "log_prefix",
        "database_address",
        "database_port",
        "database_name",
        "database_secret_arn",
        "metadata_secret_arn",
        "results_secret_arn",
        "broker_address",
        "broker_port",
        "broker_secret_arn",
        "airflow_secret_arn",
        "admin_secret_arn",
        "flower_secret_arn",
        "alarm_topic_arn",
        "namespace_name",
        "task_definition_arns",
        "target_group_arns",
        "log_group_names",
    }


def test_the_urls_are_those_users_see(local: Synthesized) -> None:
    output = local.document["output"]

    assert (output["webserver_url"]["value"], output["flower_url"]["value"]) == (
        "http://localhost:8080",
        "http://localhost:8080/flower/",
    )


def test_maps_are_by_service(local: Synthesized) -> None:
    output = local.document["output"]

    assert [
        set(output[name]["value"])
        for name in ("task_definition_arns", "target_group_arns", "log_group_names")
    ] == [{"airflow", "worker", "flower"}] * 3


def test_log_groups_follow_the_kids_first_convention(prd: Synthesized) -> None:
    names = {group["name"] for group in prd.all("aws_cloudwatch_log_group")}

    # Where RDS and EC2 write is AWS's convention.
    assert {name for name in names if not name.startswith("/aws/")} == {
        f"apps-prd/kf-airflow/{service}" for service in ("airflow", "worker", "flower")
    }


def test_production_is_protected_and_over_several_zones(prd: Synthesized) -> None:
    database, broker = prd.only("aws_db_instance"), prd.only("aws_elasticache_replication_group")

    assert (
        database["multi_az"],
        database["deletion_protection"],
        broker["multi_az_enabled"],
        len(prd.all("aws_nat_gateway")),
        prd.only("aws_lb")["enable_deletion_protection"],
    ) == (True, True, True, 3, True)


def test_the_local_system_can_be_destroyed_at_once(local: Synthesized) -> None:
    database, buckets = local.only("aws_db_instance"), local.all("aws_s3_bucket")

    assert (database["deletion_protection"], database["skip_final_snapshot"]) == (False, True)
    assert [bucket["force_destroy"] for bucket in buckets] == [True, True]
    assert {secret["recovery_window_in_days"] for secret in local.all("aws_secretsmanager_secret")} == {0}


def test_every_container_trusts_the_local_ca(local: Synthesized) -> None:
    for service in ("airflow", "worker", "flower"):
        for container in local.containers(f"airflow/{service}/task-definition").values():
            environment = {variable["name"]: variable["value"] for variable in container["environment"]}
            assert environment["KF_AIRFLOW_CA_CERTIFICATES"].startswith("-----BEGIN CERTIFICATE-----")


def test_local_differs_from_production_only_in_size_not_in_kind(local: Synthesized, prd: Synthesized) -> None:
    def kinds(stack: Synthesized) -> set[str]:
        return set(stack.document["resource"])

    assert kinds(local) == kinds(prd)


def test_a_broker_without_a_secret_has_no_output_for_it(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/dev.toml").write_text(
        """
image = "registry.example.org/kf-airflow:1"
owner = "somebody"
[aws]
region = "us-east-1"
[state]
account = "example"
[broker]
tls = false
auth = false
"""
    )
    settings = load_settings("dev", root=tmp_path)
    stack = synthesize_stack(lambda app: AirflowStack(app, "airflow-dev", settings=settings))

    assert "broker_address" in stack.document["output"]
    assert "broker_secret_arn" not in stack.document["output"]
