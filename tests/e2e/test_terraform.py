"""What Terraform made stays as it is, and goes when it is told to."""

from typing import Any

import pytest
from local_cloud import LABEL
from local_system import LocalSystem
from python_terraform import IsFlagged
from waiting import wait_for

pytestmark = pytest.mark.e2e

DATA_PLANE_KINDS = ("ecs-task-pause", "ecs-container", "rds", "elasticache", "elbv2")


def left_in_the_api(system: LocalSystem) -> dict[str, Any]:
    """What there is of each kind of thing that the stack makes."""
    ecs, ec2 = system.aws("ecs"), system.aws("ec2")
    return {
        # A deleted cluster stays in the list for a while, as INACTIVE.
        "clusters": [
            cluster["clusterName"]
            for cluster in ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
            if cluster["status"] == "ACTIVE"
        ],
        "databases": system.aws("rds").describe_db_instances()["DBInstances"],
        "brokers": system.aws("elasticache").describe_replication_groups()["ReplicationGroups"],
        "load balancers": system.aws("elbv2").describe_load_balancers()["LoadBalancers"],
        "namespaces": system.aws("servicediscovery").list_namespaces()["Namespaces"],
        "buckets": system.aws("s3").list_buckets()["Buckets"],
        "secrets": system.aws("secretsmanager").list_secrets()["SecretList"],
        "log groups": system.aws("logs").describe_log_groups()["logGroups"],
        "roles": [
            role["RoleName"]
            for role in system.aws("iam").list_roles()["Roles"]
            if not role["Path"].startswith("/aws-service-role/")
        ],
        "vpcs": [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]],
    }


def data_plane(system: LocalSystem) -> list[str]:
    """Names of the containers that stand for what the API holds."""
    return [
        str(container.name)
        for container in system.containers()
        if container.labels[f"{LABEL}.kind"] in DATA_PLANE_KINDS
    ]


def test_a_second_apply_plans_no_change(system: LocalSystem) -> None:
    code, output, errors = system.terraform.plan(detailed_exitcode=IsFlagged, refresh=True)

    assert code == 0, output + errors


def test_the_outputs_name_what_the_api_holds(system: LocalSystem) -> None:
    outputs = system.outputs
    balancers = system.aws("elbv2").describe_load_balancers()["LoadBalancers"]
    databases = system.aws("rds").describe_db_instances()["DBInstances"]

    assert [balancer["DNSName"] for balancer in balancers] == [outputs["load_balancer_dns_name"]]
    assert [database["Endpoint"]["Address"] for database in databases] == [outputs["database_address"]]
    assert {"airflow", "worker", "flower"} == set(outputs["target_group_arns"])


@pytest.mark.parametrize("component", ["airflow", "worker", "flower"])
def test_every_service_has_a_healthy_target_in_its_target_group(system: LocalSystem, component: str) -> None:
    arn = system.outputs["target_group_arns"][component]
    elbv2 = system.aws("elbv2")

    states = wait_for(
        f"targets of {component}",
        lambda: [
            target["TargetHealth"]["State"]
            for target in elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        ],
        lambda states: states and set(states) == {"healthy"},
        timeout_seconds=120,
    )

    assert len(states) == system.service(component)["desiredCount"]


@pytest.mark.destroys
def test_destroy_leaves_nothing_in_the_api(destroyed: LocalSystem) -> None:
    left = wait_for(
        "nothing is left in the API",
        lambda: {kind: found for kind, found in left_in_the_api(destroyed).items() if found},
        lambda left: not left,
        timeout_seconds=60,
    )

    assert left == {}


@pytest.mark.destroys
def test_destroy_leaves_no_container(destroyed: LocalSystem) -> None:
    wait_for(
        "no container of the data plane is left",
        lambda: data_plane(destroyed),
        lambda names: not names,
        timeout_seconds=180,
    )


@pytest.mark.destroys
def test_cdktf_deploy_deploys_the_stack(cdktf: Any, destroyed: LocalSystem) -> None:
    deployed = cdktf("deploy", "airflow-local", "--auto-approve")

    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "webserver_url" in deployed.stdout
    clusters = destroyed.aws("ecs").list_clusters()["clusterArns"]
    services = destroyed.aws("ecs").list_services(cluster=clusters[0])["serviceArns"]
    assert len(services) == 3
