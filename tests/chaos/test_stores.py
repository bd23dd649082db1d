"""Redis, PostgreSQL and S3 that restart, fail over or are away while tasks run."""

from chaos_ledger import Ledger
from chaos_load import Load, Survive
from chaos_logs import await_logs
from faults import fault
from local_system import LocalSystem
from python_terraform import IsFlagged

S3_IS_AWAY_SECONDS = 60


def replace_token(system: LocalSystem) -> None:
    """Does what docs/operations.md tells."""
    _, listed, _ = system.terraform.cmd("state", "list")
    (seed,) = (address for address in listed.splitlines() if "token-seed" in address)
    code, output, errors = system.terraform.apply(skip_plan=True, replace=seed, no_color=IsFlagged)
    assert code == 0, output + errors


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
    before = system.secret("broker_secret_arn")["password"]

    verdict = survive("another AUTH token of Redis, all services replaced", lambda _: replace_token(system))

    assert verdict.good, verdict
    token = system.secret("broker_secret_arn")["password"]
    assert token != before
    (worker, *_) = system.containers(kind="ecs-container", container="worker")
    assert f"KF_AIRFLOW_BROKER_PASSWORD={token}" in worker.attrs["Config"]["Env"]


def test_a_restart_of_postgresql_loses_nothing(system: LocalSystem, survive: Survive) -> None:
    verdict = survive(
        "PostgreSQL restart",
        lambda _: system.aws("rds").reboot_db_instance(DBInstanceIdentifier=system.database_identifier),
    )

    assert verdict.good, verdict


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
