from pathlib import Path

import pytest

from kf_airflow import SettingsError, load_settings

DIGEST = f"@sha256:{64 * '0'}"
SAFE = f"""
image = "registry.example.org/kf-airflow:1{DIGEST}"
owner = "somebody"
[aws]
region = "us-east-1"
[state]
account = "example"
[network]
nat = "per-az"
[database]
multi_az = true
[broker]
replicas = 1
[ingress]
certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
[airflow]
cpu = 1024
memory_mib = 4096
count = 2
"""
NIGHT = """
[{service}.schedules.night]
schedule = "cron(0 20 ? * MON-FRI *)"
min_count = {fewest}
"""
RISKS = [
    (
        DIGEST,
        "",
        "image is registry.example.org/kf-airflow:1: allowed in prd is an image with a digest",
    ),
    ("multi_az = true", "multi_az = false", "database.multi_az is false: allowed in prd is true"),
    (
        "multi_az = true",
        "multi_az = true\ndeletion_protection = false",
        "database.deletion_protection is false: allowed in prd is true",
    ),
    (
        "multi_az = true",
        "multi_az = true\nfinal_snapshot = false",
        "database.final_snapshot is false: allowed in prd is true",
    ),
    (
        "multi_az = true",
        "multi_az = true\nbackup_retention_days = 0",
        "database.backup_retention_days is 0: allowed in prd is 1 and more",
    ),
    ("replicas = 1", "replicas = 0", "broker.replicas is 0: allowed in prd is 1 and more"),
    (
        "replicas = 1",
        "replicas = 1\nautomatic_failover = false",
        "broker.automatic_failover is false: allowed in prd is true",
    ),
    ("replicas = 1", "replicas = 1\nauth = false", "broker.auth is false: allowed in prd is true"),
    (
        'owner = "somebody"',
        'owner = "somebody"\nsecret_recovery_window_days = 0',
        "secret_recovery_window_days is 0: allowed in prd is 7 to 30",
    ),
    (
        'nat = "per-az"',
        "",
        "network.nat is single: allowed in prd is per-az or none, for all tasks lose the outside with the",
    ),
    (
        "count = 2",
        "count = 2\nmax_count = 4\n" + NIGHT.format(service="airflow", fewest=1),
        "airflow.schedules is a range from 1 on: allowed in prd is 2 and more",
    ),
    (
        "[airflow]",
        "[worker]\ncpu = 1024\nmemory_mib = 4096\nspot_percent = 100\non_demand_base = 0\n[airflow]",
        "worker.on_demand_base is 0: allowed in prd is 1 and more, or a spot_percent under 100, for Spot",
    ),
    (
        "[airflow]",
        "[worker_pools.gpu]\ncpu = 1024\nmemory_mib = 4096\ncount = 0\nmax_count = 2\nspot_percent = 100\n"
        "[airflow]",
        "worker_pools.gpu.on_demand_base is 0: allowed in prd is 1 and more, or a spot_percent under 100",
    ),
    ("[airflow]", "[storage]\nforce_destroy = true\n[airflow]", "storage.force_destroy is true: allowed in"),
    (
        "[ingress]",
        "[ingress]\ndeletion_protection = false",
        "ingress.deletion_protection is false: allowed in prd is true",
    ),
    (
        'certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"',
        "",
        "ingress.certificate_arn is not set: allowed in prd is a certificate, for without one logins cross "
        "the network in clear",
    ),
    ("count = 2", "count = 1", "airflow.count is 1: allowed in prd is 2 and more"),
    (
        "count = 2",
        "count = 2\nmin_count = 1\nmax_count = 4",
        "airflow.min_count is 1: allowed in prd is 2 and more",
    ),
]


def _problems(tmp_path: Path, text: str, environment: str = "prd") -> list[str]:
    (tmp_path / "config").mkdir()
    (tmp_path / f"config/{environment}.toml").write_text(text)
    try:
        load_settings(environment, root=tmp_path)
    except SettingsError as error:
        return error.problems
    return []


def test_production_that_takes_no_risk_is_good(tmp_path: Path) -> None:
    assert _problems(tmp_path, SAFE) == []


@pytest.mark.parametrize(("safe", "risky", "problem"), RISKS)
def test_production_is_refused_a_risk(tmp_path: Path, safe: str, risky: str, problem: str) -> None:
    (found,) = _problems(tmp_path, SAFE.replace(safe, risky))

    assert found.startswith(f"config/prd.toml: {problem}")
    assert found.endswith(f", or accepted_risks with {problem.split()[0]!r} in it.")


@pytest.mark.parametrize(("safe", "risky", "problem"), RISKS)
def test_production_may_say_that_it_takes_one(tmp_path: Path, safe: str, risky: str, problem: str) -> None:
    accepted = f'accepted_risks = ["{problem.split()[0]}"]'

    assert _problems(tmp_path, accepted + SAFE.replace(safe, risky)) == []


@pytest.mark.parametrize(("safe", "risky", "problem"), RISKS)
def test_elsewhere_nobody_asks(tmp_path: Path, safe: str, risky: str, problem: str) -> None:
    assert _problems(tmp_path, SAFE.replace(safe, risky), environment="qa") == []


def test_each_risk_is_a_sentence_of_its_own(tmp_path: Path) -> None:
    text = SAFE.replace("multi_az = true", "multi_az = false").replace("count = 2", "count = 1")

    assert len(_problems(tmp_path, text)) == 2


def test_production_s_broker_speaks_tls(tmp_path: Path) -> None:
    without_tls, without_auth = _problems(
        tmp_path, SAFE.replace("replicas = 1", "replicas = 1\ntls = false\nauth = false")
    )

    assert without_tls.startswith(
        "config/prd.toml: broker.tls is false: allowed in prd is true, or accepted_"
    )
    assert without_auth.startswith(
        "config/prd.toml: broker.auth is false: allowed in prd is true, or accepted"
    )


@pytest.mark.parametrize(
    ("safe", "other"),
    [
        ('nat = "per-az"', 'nat = "none"'),
        ("count = 2", "count = 2\nmax_count = 4\n" + NIGHT.format(service="airflow", fewest=2)),
        ("[airflow]", "[worker]\ncpu = 1024\nmemory_mib = 4096\nspot_percent = 100\n[airflow]"),
    ],
)
def test_what_is_almost_a_risk_is_none(tmp_path: Path, safe: str, other: str) -> None:
    assert _problems(tmp_path, SAFE.replace(safe, other)) == []


def test_what_is_brought_is_its_owner_s_to_protect(tmp_path: Path) -> None:
    text = SAFE.replace("[database]\nmulti_az = true", "").replace("[broker]\nreplicas = 1", "")
    brought = """
[existing.database]
address = "db.example.org"
name = "airflow"
secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"
[existing.broker]
address = "redis.example.org"
"""

    assert _problems(tmp_path, text + brought) == []


def test_a_risk_that_there_is_not_cannot_be_accepted(tmp_path: Path) -> None:
    (found,) = _problems(tmp_path, 'accepted_risks = ["database.colour"]' + SAFE)

    assert found.startswith(
        "config/prd.toml: accepted_risks has 'database.colour': allowed are image, secret_recovery_"
    )
