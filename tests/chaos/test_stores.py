"""Redis, PostgreSQL and S3 that restart, fail over or are away while tasks run."""

import json
import secrets

from chaos_ledger import Ledger
from chaos_load import Load, Survive
from chaos_logs import await_logs
from faults import fault
from local_system import LocalSystem
from waiting import wait_for

S3_IS_AWAY_SECONDS = 60


def replace_token(system: LocalSystem, token: str) -> None:
    """Does what Terraform does for docs/operations.md, but for the old provider: it would make Redis anew."""
    system.aws("elasticache").modify_replication_group(
        ReplicationGroupId=system.broker_identifier,
        AuthToken=token,
        AuthTokenUpdateStrategy="ROTATE",
        ApplyImmediately=True,
    )
    wait_for(
        "Redis takes the new token, too",
        system.broker_status,
        lambda status: status == "available",
        timeout_seconds=120,
    )
    system.aws("secretsmanager").put_secret_value(
        SecretId=system.outputs["broker_secret_arn"], SecretString=json.dumps({"password": token})
    )
    for component in ("worker", "airflow", "flower"):
        system.redeploy(component)


def change_logins(system: LocalSystem) -> dict[str, str]:
    """Gives Airflow's login and Celery's other passwords, and replaces both services at once.

    As docs/operations.md tells, but by another revision, as Terraform does; `nox -s e2e` types the commands.

    Returns:
        The new password of each.
    """
    client, passwords = system.aws("secretsmanager"), {}
    for login in ("metadata", "results"):
        secret = f"{system.outputs['cluster_name']}/{login}"
        held = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
        passwords[login] = secrets.token_urlsafe(24)
        changed = {**held, "password": passwords[login]}
        client.put_secret_value(SecretId=secret, SecretString=json.dumps(changed))
    for component in ("worker", "airflow"):
        system.redeploy(component)
    return passwords


def given(system: LocalSystem, container: str, variable: str) -> set[str]:
    """What the containers of a name were given as a variable."""
    return {
        value
        for found in system.containers(kind="ecs-container", container=container)
        for name, _, value in (item.partition("=") for item in found.attrs["Config"]["Env"])
        if name == variable
    }


def test_a_restart_of_redis_loses_nothing(system: LocalSystem, survive: Survive) -> None:
    def reboot(_: Load) -> None:
        primary = system.broker_members()["primary"]
        system.aws("elasticache").reboot_cache_cluster(CacheClusterId=primary, CacheNodeIdsToReboot=["0001"])

    verdict = survive("Redis restart", reboot)

    assert verdict.good, verdict


def test_a_failover_of_redis_loses_nothing(system: LocalSystem, survive: Survive) -> None:
    before = system.broker_members()["primary"]

    verdict = survive(
        "Redis failover",
        lambda _: system.aws("elasticache").test_failover(
            ReplicationGroupId=system.broker_identifier, NodeGroupId="0001"
        ),
    )

    assert verdict.good, verdict
    assert system.broker_members()["primary"] != before


def test_a_new_token_of_redis_loses_nothing(system: LocalSystem, survive: Survive) -> None:
    token = secrets.token_hex(32)

    verdict = survive("another token of Redis, all services replaced", lambda _: replace_token(system, token))

    assert verdict.good, verdict
    assert verdict.cut_off == 0, verdict
    assert given(system, "worker", "KF_AIRFLOW_BROKER_PASSWORD") == {token}


def test_a_restart_of_postgresql_loses_nothing(system: LocalSystem, survive: Survive) -> None:
    verdict = survive(
        "PostgreSQL restart",
        lambda _: system.aws("rds").reboot_db_instance(DBInstanceIdentifier=system.database_identifier),
    )

    assert verdict.good, verdict


def test_other_passwords_of_the_database_lose_nothing(system: LocalSystem, survive: Survive) -> None:
    passwords: dict[str, str] = {}

    verdict = survive(
        "other passwords of Airflow and Celery, all their services replaced",
        lambda _: passwords.update(change_logins(system)),
    )

    assert verdict.good, verdict
    assert verdict.cut_off == 0, verdict
    assert given(system, "worker", "KF_AIRFLOW_RESULTS_PASSWORD") == {passwords["results"]}
    assert given(system, "scheduler", "KF_AIRFLOW_RESULTS_PASSWORD") == {passwords["results"]}
    assert given(system, "scheduler", "KF_AIRFLOW_DATABASE_PASSWORD") == {passwords["metadata"]}


def test_s3_that_is_away_for_a_minute_loses_no_task_and_no_log(
    system: LocalSystem, ledger: Ledger, survive: Survive
) -> None:
    runs = []

    def away(load: Load) -> None:
        runs.append(load.run)
        with fault("s3", error="ServiceUnavailable", status=503, message="away for a while"):
            load.let_pass(S3_IS_AWAY_SECONDS)

    verdict = survive("S3 down for a minute", away)

    assert verdict.good, verdict
    assert await_logs(system, ledger, runs[0]) >= verdict.tasks
