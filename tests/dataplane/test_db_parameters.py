import pytest

from localstack_dataplane.rds.parameters import ParameterError, check, in_force, is_static, waiting


@pytest.mark.parametrize(
    ("name", "static"), [("max_connections", True), ("work_mem", False), ("rds.force_ssl", False)]
)
def test_what_postgresql_reads_at_its_start_only_is_static(name: str, static: bool) -> None:
    assert is_static(name) is static


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("work_mem", "8192"),
        ("autovacuum", "1"),
        ("synchronous_commit", "remote_write"),
        ("random_page_cost", "1.1"),
        ("timezone", "UTC"),
        ("rds.force_ssl", "0"),
        ("pg_stat_statements.track", "all"),
        ("old_snapshot_threshold", "-1"),
        ("work_mem", "{DBInstanceClassMemory/32768}"),
    ],
)
def test_what_rds_takes_is_accepted(name: str, value: str) -> None:
    check(name, value, "immediate")


@pytest.mark.parametrize(
    ("name", "value", "method", "code", "message"),
    [
        ("no_such", "1", "immediate", "InvalidParameterValue", "Could not find parameter with name: no_such"),
        ("work_mem", "1", "immediate", "InvalidParameterValue", "allowed values are: 64-2147483647"),
        ("work_mem", "8MB", "immediate", "InvalidParameterValue", "Invalid parameter value: 8MB"),
        ("autovacuum", "2", "immediate", "InvalidParameterValue", "allowed values are: 0,1"),
        ("log_statement", "some", "immediate", "InvalidParameterValue", "none,ddl,mod,all"),
        ("port", "1", "pending-reboot", "InvalidParameterValue", "cannot be modified"),
        ("max_connections", "50", "immediate", "InvalidParameterCombination", "static parameter"),
        ("work_mem", "8192", "soon", "InvalidParameterValue", "apply method"),
    ],
)
def test_what_rds_does_not_take_is_refused(
    name: str, value: str, method: str, code: str, message: str
) -> None:
    with pytest.raises(ParameterError, match=message) as refusal:
        check(name, value, method)
    assert refusal.value.code == code


def test_dynamic_parameters_are_in_force_at_once() -> None:
    assert in_force({"work_mem": "64"}, {"work_mem": "128"}, waits=()) == {"work_mem": "128"}


def test_a_dynamic_parameter_that_is_reset_is_gone_at_once() -> None:
    assert in_force({"work_mem": "64"}, {}, waits=()) == {}


def test_a_static_parameter_that_is_reset_stays_until_a_reboot() -> None:
    assert in_force({"max_connections": "50"}, {}, waits=()) == {"max_connections": "50"}


def test_a_parameter_that_is_to_wait_for_a_reboot_does() -> None:
    waits = waiting({"work_mem": "128"}, {"work_mem": "pending-reboot"}, held={})
    assert in_force({"work_mem": "64"}, {"work_mem": "128"}, waits) == {"work_mem": "64"}


def test_another_group_waits_for_a_reboot_but_what_is_changed_in_it_since_does_not() -> None:
    group = {"work_mem": "128", "statement_timeout": "1000"}
    waits = waiting(group | {"work_mem": "256"}, methods={}, held=group)
    assert waits == {"statement_timeout"}
