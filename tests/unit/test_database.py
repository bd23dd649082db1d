import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import Database, DatabaseOptions, NetworkRef


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
        "final_snapshot_identifier": "kf-final",
        "backup_retention_period": 7,
        "copy_tags_to_snapshot": True,
    }

    assert {key: instance[key] for key in expected} == expected


def test_rds_makes_and_keeps_the_password(minimal: Synthesized) -> None:
    instance = minimal.only("aws_db_instance")

    assert (instance["manage_master_user_password"], "password" in instance) == (True, False)


def test_tls_is_forced(minimal: Synthesized) -> None:
    group = minimal.only("aws_db_parameter_group")

    assert (group["family"], group["parameter"]) == (
        "postgres17",
        [{"name": "rds.force_ssl", "value": "1"}],
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
        "db_name": "other",
        "username": "other",
    }

    assert {key: instance[key] for key in expected} == expected
    assert database.only("aws_db_parameter_group")["family"] == "postgres16"


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
