import pytest
from cdktf import TerraformOutput
from synthesis import synthesize

from kf_airflow import Cluster, KeyRef, LogOptions, NetworkRef


def test_a_minimal_cluster_has_metrics_and_a_private_zone(network: NetworkRef) -> None:
    cluster = synthesize(lambda stack: Cluster(stack, "cluster", name="kf", network=network))

    assert cluster.only("aws_ecs_cluster")["setting"] == [{"name": "containerInsights", "value": "enabled"}]
    zone = cluster.only("aws_service_discovery_private_dns_namespace")
    assert (zone["name"], zone["vpc"]) == ("kf.internal", "vpc-1")


def test_tasks_may_run_on_demand_and_on_spot(network: NetworkRef) -> None:
    cluster = synthesize(lambda stack: Cluster(stack, "cluster", name="kf", network=network))
    providers = cluster.only("aws_ecs_cluster_capacity_providers")

    assert providers["capacity_providers"] == ["FARGATE", "FARGATE_SPOT"]
    assert providers["default_capacity_provider_strategy"] == [{"capacity_provider": "FARGATE", "weight": 1}]


def test_who_uses_its_name_comes_after_its_capacity_providers(network: NetworkRef) -> None:
    cluster = synthesize(
        lambda stack: TerraformOutput(
            stack, "name", value=Cluster(stack, "cluster", name="kf", network=network).ref.name
        )
    )
    name = cluster.document["output"]["name"]["value"]

    assert name.startswith("${aws_ecs_cluster_capacity_providers.")


def test_a_full_cluster_decides_about_the_logs_of_its_services(network: NetworkRef) -> None:
    refs = []
    synthesize(
        lambda stack: refs.append(
            Cluster(
                stack,
                "cluster",
                name="kf",
                network=network,
                logs=LogOptions(prefix="apps-dev/kf", retention_days=7),
                container_insights=False,
                key=KeyRef(arn="arn:key"),
            ).ref
        )
    )

    assert [(ref.log_group_prefix, ref.log_retention_days, ref.log_key_arn) for ref in refs] == [
        ("apps-dev/kf", 7, "arn:key")
    ]


def test_a_name_ecs_does_not_take_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="name is 'k f': allowed are lower-case letters"):
        synthesize(lambda stack: Cluster(stack, "cluster", name="k f", network=network))
