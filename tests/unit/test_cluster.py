import pytest
from synthesis import synthesize

from kf_airflow import Cluster, LogOptions, NetworkRef


def test_a_minimal_cluster_has_metrics_and_a_private_zone(network: NetworkRef) -> None:
    cluster = synthesize(lambda stack: Cluster(stack, "cluster", name="kf", network=network))

    assert cluster.only("aws_ecs_cluster")["setting"] == [{"name": "containerInsights", "value": "enabled"}]
    zone = cluster.only("aws_service_discovery_private_dns_namespace")
    assert (zone["name"], zone["vpc"]) == ("kf.internal", "vpc-1")


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
            ).ref
        )
    )

    assert [(ref.log_group_prefix, ref.log_retention_days) for ref in refs] == [("apps-dev/kf", 7)]


def test_a_name_ecs_does_not_take_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="name is 'k f': allowed are lower-case letters"):
        synthesize(lambda stack: Cluster(stack, "cluster", name="k f", network=network))
