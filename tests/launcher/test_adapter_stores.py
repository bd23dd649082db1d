"""What the stores have that the provider 3.39 or the local services do not."""

from typing import Any

from kf_airflow_local import adapter


def adapt(kind: str, block: dict[str, Any]) -> dict[str, Any]:
    """One adapted resource."""
    adapted = adapter.adapt({"resource": {kind: {"one": block}}})
    found: dict[str, Any] = adapted["resource"][kind]["one"]
    return found


def test_valkey_becomes_the_redis_there_is() -> None:
    block = {"engine": "valkey", "engine_version": "8.1", "auth_token_update_strategy": "ROTATE"}

    assert adapt("aws_elasticache_replication_group", block) == {"engine": "redis", "engine_version": "6.x"}


def test_a_parameter_group_is_of_the_redis_there_is_and_has_no_tags() -> None:
    block = {"name": "kf-valkey8", "family": "valkey8", "tags": {"Name": "kf-valkey8"}}

    assert adapt("aws_elasticache_parameter_group", block) == {"name": "kf-valkey8", "family": "redis6.x"}


def test_what_the_local_rds_does_not_tell_of_is_left_out() -> None:
    block = {
        "identifier": "kf",
        "monitoring_interval": 60,
        "monitoring_role_arn": "arn:role",
        "performance_insights_enabled": True,
        "performance_insights_retention_period": 7,
    }

    assert adapt("aws_db_instance", block) == {"identifier": "kf"}


def test_a_proxy_does_not_say_how_its_clients_log_in() -> None:
    login = {"auth_scheme": "SECRETS", "client_password_auth_type": "POSTGRES_SCRAM_SHA_256"}

    assert adapt("aws_db_proxy", {"auth": [login]}) == {"auth": [{"auth_scheme": "SECRETS"}]}


def test_a_local_master_password_is_not_rotated() -> None:
    rotation = {"secret_id": "${aws_db_instance.one.master_user_secret[0].secret_arn}"}
    adapted = adapter.adapt({"resource": {"aws_secretsmanager_secret_rotation": {"one": rotation}}})

    assert "aws_secretsmanager_secret_rotation" not in adapted["resource"]


def test_access_logging_moves_into_the_bucket() -> None:
    logging = {
        "bucket": "${aws_s3_bucket.logs.id}",
        "target_bucket": "${aws_s3_bucket_policy.access.bucket}",
        "target_prefix": "access/s3/kf/",
    }
    adapted = adapter.adapt(
        {"resource": {"aws_s3_bucket": {"logs": {}}, "aws_s3_bucket_logging": {"one": logging}}}
    )

    assert adapted["resource"] == {
        "aws_s3_bucket": {
            "logs": {
                "logging": {
                    "target_bucket": "${aws_s3_bucket_policy.access.bucket}",
                    "target_prefix": "access/s3/kf/",
                }
            }
        }
    }
