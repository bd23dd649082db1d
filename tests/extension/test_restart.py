"""LocalStack is restarted, and goes on where it was: containers are adopted, and nothing is forgotten.

The one test of the suite that knows Docker, for it is Docker that restarts LocalStack.
"""

import time
from dataclasses import dataclass
from typing import Any

import docker
import pytest
import requests
from balancing import HEALTH_CHECK, Front, forward
from contract import ENDPOINT, IN_AWS, Cloud, unique, wait_for

pytestmark = [pytest.mark.restarts, pytest.mark.skipif(IN_AWS, reason="AWS is not restarted")]

LOCALSTACK = "kf-airflow-local-localstack"
OURS = {"label": "localstack-dataplane.instance=kf-airflow-local"}
COUNTING = "import time\nfor number in range(100_000):\n    print(number)\n    time.sleep(0.1)"


@dataclass
class Restarted:
    """What there was before, and what there is after."""

    before: dict[str, Any]
    after: dict[str, Any]
    counting: str
    port: int


def containers() -> set[str]:
    """Names and ids of the containers that run, but for LocalStack's."""
    client = docker.from_env()
    try:
        found = client.containers.list(filters={**OURS}, ignore_removed=True)
        return {f"{item.name} {item.id}" for item in found if item.name != LOCALSTACK}
    finally:
        client.close()


def restart() -> None:
    """Restarts LocalStack's container, and waits until it answers."""
    client = docker.from_env()
    try:
        client.containers.get(LOCALSTACK).restart(timeout=20)
    finally:
        client.close()
    wait_for(
        "LocalStack answers",
        lambda: requests.get(f"{ENDPOINT}/_localstack/health", timeout=5).ok,
        bool,
        timeout_seconds=90,
    )


def seen(cloud: Cloud, front: Front, service: str, names: dict[str, str]) -> dict[str, Any]:
    """Returns what the API says of everything that was made."""
    described = cloud.described(service)
    rds, cache = cloud.client("rds"), cloud.client("elasticache")
    return {
        "containers": containers(),
        "tasks": sorted(task["taskArn"] for task in cloud.tasks_of(service)),
        "service": (described["status"], described["runningCount"], described["deployments"][0]["id"]),
        "health": front.health(names["group"]),
        "load balancer": front.elb.describe_load_balancers(LoadBalancerArns=[front.arn])["LoadBalancers"][0],
        "database": [
            (item["DBInstanceStatus"], item.get("Endpoint"))
            for item in rds.describe_db_instances(DBInstanceIdentifier=names["database"])["DBInstances"]
        ],
        "cache": [
            (item["Status"], [group.get("PrimaryEndpoint") for group in item["NodeGroups"]])
            for item in cache.describe_replication_groups(ReplicationGroupId=names["cache"])[
                "ReplicationGroups"
            ]
        ],
        "secret": cloud.client("secretsmanager").get_secret_value(SecretId=names["secret"])["SecretString"],
        "object": cloud.client("s3").get_object(Bucket=names["bucket"], Key="key")["Body"].read(),
        "large object": cloud.client("s3").get_object(Bucket=names["bucket"], Key="large")["Body"].read(),
        "role": cloud.client("iam").get_role(RoleName=cloud.role.rpartition("/")[2])["Role"]["Arn"],
        "vpc": cloud.client("ec2").describe_vpcs(VpcIds=[cloud.network["vpc"]])["Vpcs"],
        "decrypted": cloud.client("kms").decrypt(CiphertextBlob=bytes.fromhex(names["encrypted"]))[
            "Plaintext"
        ],
        "parameter": cloud.client("ssm").get_parameter(Name=names["parameter"])["Parameter"]["Value"],
        "certificate": cloud.client("acm").describe_certificate(CertificateArn=names["certificate"])[
            "Certificate"
        ]["DomainName"],
    }


def made(cloud: Cloud) -> dict[str, str]:
    """Makes one of everything; returns their names."""
    s3, bucket = cloud.client("s3"), unique("contract")
    s3.create_bucket(Bucket=bucket)
    cloud.finally_do(s3.delete_bucket, Bucket=bucket)
    for key, body in {"key": b"body", "large": b"0123456789" * 100_000}.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        cloud.finally_do(s3.delete_object, Bucket=bucket, Key=key)
    secrets = cloud.client("secretsmanager")
    secret = secrets.create_secret(Name=unique("contract"), SecretString="of nobody")["ARN"]
    cloud.finally_do(secrets.delete_secret, SecretId=secret, ForceDeleteWithoutRecovery=True)
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    ssm, parameter = cloud.client("ssm"), f"/{unique('contract')}"
    ssm.put_parameter(Name=parameter, Value="value", Type="String")
    cloud.finally_do(ssm.delete_parameter, Name=parameter)
    acm = cloud.client("acm")
    certificate = acm.request_certificate(DomainName="contract.test", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    cloud.finally_do(acm.delete_certificate, CertificateArn=certificate)
    rds, database = cloud.client("rds"), unique("contract")
    rds.create_db_instance(
        DBInstanceIdentifier=database,
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="master",
        MasterUserPassword=unique("password"),
    )
    cloud.finally_do(rds.delete_db_instance, DBInstanceIdentifier=database, SkipFinalSnapshot=True)
    cache, group = cloud.client("elasticache"), unique("contract")
    cache.create_replication_group(
        ReplicationGroupId=group,
        ReplicationGroupDescription="Contract",
        Engine="redis",
        CacheNodeType="cache.t4g.micro",
        NumCacheClusters=1,
    )
    cloud.finally_do(cache.delete_replication_group, ReplicationGroupId=group)
    return {
        "bucket": bucket,
        "secret": secret,
        "encrypted": kms.encrypt(KeyId=key, Plaintext=b"plain")["CiphertextBlob"].hex(),
        "parameter": parameter,
        "certificate": certificate,
        "database": database,
        "cache": group,
    }


@pytest.fixture(scope="module")
def restarted(cloud: Cloud, front: Front) -> Any:
    names = made(cloud)
    counting = cloud.run_task(cloud.task_definition(cloud.container("main", "run", COUNTING, stopTimeout=2)))
    group = front.group(**HEALTH_CHECK)
    _, port = front.listener(forward(group))
    names["group"] = group
    web = cloud.container("main", "serve", portMappings=[{"containerPort": 8000}])
    balanced = [{"targetGroupArn": group, "containerName": "main", "containerPort": 8000}]
    with cloud.service(cloud.task_definition(web), count=2, loadBalancers=balanced) as service:

        def settled() -> dict[str, Any]:
            return seen(cloud, front, service, names)

        def is_settled(state: dict[str, Any]) -> bool:
            return (
                state["service"][1] == 2
                and [health for health, _ in state["health"]] == ["healthy"] * 2
                and state["database"][0][0] == "available"
                and state["cache"][0][0] == "available"
            )

        before = wait_for("all is there", settled, is_settled, timeout_seconds=120)
        restart()
        time.sleep(5)  # several passes: whoever wants to replace something has done so by then
        yield Restarted(before, settled(), counting, port)
        cloud.client("ecs").stop_task(cluster=cloud.cluster, task=counting)


@pytest.mark.parametrize(
    "what",
    [
        "containers",
        "tasks",
        "service",
        "health",
        "load balancer",
        "database",
        "cache",
        "secret",
        "object",
        "large object",
        "role",
        "vpc",
        "decrypted",
        "parameter",
        "certificate",
    ],
)
def test_what_there_was_is_there_again_and_once(restarted: Restarted, what: str) -> None:
    assert restarted.after[what] == restarted.before[what]


def test_the_load_balancer_answers(restarted: Restarted, front: Front) -> None:
    assert front.ask({"a": {"port": restarted.port}})["a"]["status"] == 200


def test_logs_go_on_without_a_gap(restarted: Restarted, cloud: Cloud) -> None:
    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=restarted.counting)
    cloud.wait_for_task(restarted.counting, "STOPPED")
    lines = [int(line) for line in cloud.log(restarted.counting)]
    assert len(lines) > 100
    assert lines == list(range(len(lines)))


def test_what_is_changed_afterwards_is_done(restarted: Restarted, cloud: Cloud) -> None:
    assert cloud.run_code("print('hello')") == (0, ["hello"])
