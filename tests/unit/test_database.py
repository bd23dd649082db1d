import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import Database, DatabaseOptions, DatabaseRef, KeyRef, NetworkRef


@pytest.fixture(scope="module")
def minimal(network: NetworkRef) -> Synthesized:
    return synthesize(lambda stack: Database(stack, "database", name="kf", network=network))


def test_a_minimal_database_is_private_encrypted_and_protected(minimal: Synthesized) -> None:
    instance = minimal.only("aws_db_instance")
    expected = {
        "publicly_accessible": False,
        "storage_encrypted": True,
        "deletion_protection": True,
        "skip_final_snapshot": False,
        "backup_retention_period": 7,
        "copy_tags_to_snapshot": True,
        "delete_automated_backups": False,
    }

    assert {key: instance[key] for key in expected} == expected


def test_database_and_master_role_are_called_as_it_is_with_underscores(network: NetworkRef) -> None:
    stack = synthesize(lambda stack: Database(stack, "database", name="data-service-2", network=network))
    instance = stack.only("aws_db_instance")

    assert (instance["db_name"], instance["username"]) == ("data_service_2", "data_service_2")


def test_a_database_name_that_rds_does_not_take_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="database_name is 'data-service': allowed are letters"):
        synthesize(
            lambda stack: Database(
                stack, "database", name="kf", network=network, database_name="data-service"
            )
        )


def test_each_instance_leaves_a_snapshot_of_its_own_name(minimal: Synthesized) -> None:
    instance = minimal.only("aws_db_instance")

    assert instance["final_snapshot_identifier"] == 'kf-final-${formatdate("YYYYMMDDhhmmss", timestamp())}'
    assert instance["lifecycle"] == {"ignore_changes": ["final_snapshot_identifier"]}


def test_a_minimal_database_is_watched(minimal: Synthesized) -> None:
    instance = minimal.only("aws_db_instance")
    expected = {
        "performance_insights_enabled": True,
        "performance_insights_retention_period": 7,
        "monitoring_interval": 60,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
    }

    assert {key: instance[key] for key in expected} == expected


def test_its_logs_are_kept_for_a_month(minimal: Synthesized) -> None:
    kept = {group["name"]: group["retention_in_days"] for group in minimal.all("aws_cloudwatch_log_group")}

    assert kept == {"/aws/rds/instance/kf/postgresql": 30, "/aws/rds/instance/kf/upgrade": 30}


def test_it_waits_for_its_log_groups_and_for_what_its_monitoring_may_do(minimal: Synthesized) -> None:
    waits_for = {address.partition(".")[0] for address in minimal.only("aws_db_instance")["depends_on"]}

    assert waits_for == {"aws_cloudwatch_log_group", "aws_iam_role_policy"}


def test_monitoring_may_write_its_log_group_alone(minimal: Synthesized) -> None:
    statements = minimal.statements("database/monitoring")

    assert set(statements) == {"MonitoringGroup", "MonitoringStreams"}
    assert statements["MonitoringGroup"]["Resource"][0].endswith(":log-group:RDSOSMetrics")


def test_rds_makes_and_keeps_the_password(minimal: Synthesized) -> None:
    instance = minimal.only("aws_db_instance")

    assert (instance["manage_master_user_password"], "password" in instance) == (True, False)


def test_tls_is_forced(minimal: Synthesized) -> None:
    group = minimal.only("aws_db_parameter_group")

    assert (group["family"], group["parameter"]) == (
        "postgres17",
        [{"apply_method": "immediate", "name": "rds.force_ssl", "value": "1"}],
    )


def test_it_lies_in_the_private_subnets(minimal: Synthesized) -> None:
    assert minimal.only("aws_db_subnet_group")["subnet_ids"] == ["subnet-1", "subnet-2"]


def test_nobody_may_connect_at_first(minimal: Synthesized) -> None:
    assert minimal.all("aws_vpc_security_group_ingress_rule") == []


def test_a_full_database_is_as_it_was_asked_for(network: NetworkRef) -> None:
    options = DatabaseOptions(
        instance_class="db.m7g.large",
        engine_version="16.4",
        allocated_storage_gib=100,
        max_allocated_storage_gib=500,
        multi_az=True,
        backup_retention_days=35,
        deletion_protection=False,
        final_snapshot=False,
        storage_type="io2",
        storage_iops=20000,
        backup_window="03:00-04:00",
        maintenance_window="sun:05:00-sun:06:00",
        apply_immediately=True,
        allow_major_version_upgrade=True,
    )
    database = synthesize(
        lambda stack: Database(
            stack, "database", name="kf", network=network, database_name="other", options=options
        )
    )
    instance = database.only("aws_db_instance")
    expected = {
        "instance_class": "db.m7g.large",
        "engine_version": "16.4",
        "allocated_storage": 100,
        "max_allocated_storage": 500,
        "multi_az": True,
        "backup_retention_period": 35,
        "deletion_protection": False,
        "skip_final_snapshot": True,
        "delete_automated_backups": True,
        "storage_type": "io2",
        "iops": 20000,
        "backup_window": "03:00-04:00",
        "maintenance_window": "sun:05:00-sun:06:00",
        "apply_immediately": True,
        "allow_major_version_upgrade": True,
        "db_name": "other",
        "username": "other",
    }

    assert {key: instance[key] for key in expected} == expected
    assert database.only("aws_db_parameter_group")["family"] == "postgres16"


def test_a_database_that_is_not_watched_has_neither_role_nor_log_groups(network: NetworkRef) -> None:
    options = DatabaseOptions(performance_insights=False, monitoring_interval_seconds=0, log_exports=())
    database = synthesize(
        lambda stack: Database(stack, "database", name="kf", network=network, options=options)
    )
    instance = database.only("aws_db_instance")

    assert (instance["performance_insights_enabled"], instance["monitoring_interval"]) == (False, 0)
    assert database.all("aws_iam_role") == database.all("aws_cloudwatch_log_group") == []


def test_further_parameters_stand_beside_ours(network: NetworkRef) -> None:
    options = DatabaseOptions(parameters={"max_connections": "300"})
    database = synthesize(
        lambda stack: Database(stack, "database", name="kf", network=network, options=options)
    )

    assert database.only("aws_db_parameter_group")["parameter"] == [
        {"apply_method": "pending-reboot", "name": "max_connections", "value": "300"},
        {"apply_method": "immediate", "name": "rds.force_ssl", "value": "1"},
    ]


@pytest.mark.parametrize(
    ("parameters", "connections"),
    [({}, 191), ({"max_connections": "300"}, 300), ({"max_connections": "{DBInstanceClassMemory}"}, None)],
)
def test_it_is_known_how_many_connections_it_takes(
    network: NetworkRef, parameters: dict[str, str], connections: int | None
) -> None:
    options = DatabaseOptions(parameters=parameters)
    refs: list[DatabaseRef] = []
    synthesize(
        lambda stack: refs.append(
            Database(stack, "database", name="kf", network=network, options=options).ref
        )
    )

    assert refs[0].max_connections == connections


def test_rds_rotates_the_password_by_its_own_clock_at_first(minimal: Synthesized) -> None:
    assert minimal.all("aws_secretsmanager_secret_rotation") == []


def test_rds_rotates_the_password_as_often_as_asked(network: NetworkRef) -> None:
    options = DatabaseOptions(password_rotation_days=90)
    database = synthesize(
        lambda stack: Database(stack, "database", name="kf", network=network, options=options)
    )
    rotation = database.only("aws_secretsmanager_secret_rotation")

    assert (rotation["rotation_rules"], rotation["rotate_immediately"]) == (
        {"automatically_after_days": 90},
        False,
    )


def test_all_of_it_is_encrypted_with_a_key_that_is_brought(network: NetworkRef) -> None:
    key = KeyRef(arn="arn:key")
    database = synthesize(lambda stack: Database(stack, "database", name="kf", network=network, key=key))
    instance = database.only("aws_db_instance")
    arguments = ("kms_key_id", "performance_insights_kms_key_id", "master_user_secret_kms_key_id")

    assert {instance[argument] for argument in arguments} == {"arn:key"}
    assert {group["kms_key_id"] for group in database.all("aws_cloudwatch_log_group")} == {"arn:key"}


def test_a_visitor_let_in_gets_one_rule_and_waits_for_it(network: NetworkRef) -> None:
    visitor = Visitor()
    database = synthesize(
        lambda stack: Database(stack, "database", name="kf", network=network).allow_from(visitor)
    )
    rule = database.only("aws_vpc_security_group_ingress_rule")

    assert (rule["referenced_security_group_id"], rule["from_port"], rule["to_port"]) == (
        "sg-visitor",
        5432,
        5432,
    )
    assert visitor.awaited == ["from-visitor"]


def test_a_name_rds_does_not_take_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="name is 'KF': allowed are lower-case letters"):
        synthesize(lambda stack: Database(stack, "database", name="KF", network=network))
