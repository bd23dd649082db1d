import re
from typing import Any

import pytest

from kf_airflow.database_parameters import apply_method, connections_asked_for
from kf_airflow.options import DatabaseOptions


def test_the_major_version_is_told_from_the_minor_one() -> None:
    assert DatabaseOptions(engine_version="16.4").major_version == "16"


def test_storage_may_be_told_not_to_grow() -> None:
    assert DatabaseOptions(max_allocated_storage_gib=0).max_allocated_storage_gib == 0


def test_provisioned_storage_is_taken_with_its_operations() -> None:
    options = DatabaseOptions(
        storage_type="io2",
        allocated_storage_gib=100,
        max_allocated_storage_gib=1000,
        storage_iops=20000,
    )

    assert options.storage_iops == 20000


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"instance_class": "db.m1.small"}, "instance_class is 'db.m1.small': allowed are RDS classes"),
        ({"instance_class": "db.m7g.micro"}, "instance_class is 'db.m7g.micro': allowed of db.m7g are large"),
        (
            {"engine_version": "14"},
            "engine_version is '14': allowed are PostgreSQL versions such as 17, from 15",
        ),
        (
            {"engine_version": "17.999"},
            "engine_version is '17.999': allowed are '17', for RDS to pick the minor version, and",
        ),
        (
            {"instance_class": "db.m5.48xlarge"},
            "instance_class is 'db.m5.48xlarge': allowed of db.m5 are large, xlarge, 2xlarge, 4xlarge,",
        ),
        ({"engine_version": "17.x"}, "engine_version is '17.x': allowed are PostgreSQL versions"),
        ({"storage_type": "standard"}, "storage_type is 'standard': allowed are gp3, gp2, io1, io2"),
        (
            {"storage_type": "io1", "storage_iops": 1000},
            "allocated_storage_gib is 20: allowed for io1 are 100 to 65536",
        ),
        (
            {"storage_type": "io1", "allocated_storage_gib": 100, "max_allocated_storage_gib": 110},
            "storage_iops is not set: io1 needs it, allowed are 1000 to 256000",
        ),
        (
            {
                "storage_type": "io1",
                "allocated_storage_gib": 100,
                "max_allocated_storage_gib": 110,
                "storage_iops": 6000,
            },
            "storage_iops is 6000: allowed are 1000 to 5000",
        ),
        (
            {"storage_type": "gp2", "storage_iops": 3000},
            "storage_iops is 3000: gp2 has no choice, allowed are gp3",
        ),
        (
            {"storage_iops": 12000},
            "storage_iops is 12000: gp3 has a choice from 400 GiB on, and allocated_storage_gib is 20",
        ),
        (
            {"max_allocated_storage_gib": 21},
            "max_allocated_storage_gib is 21: allowed are 0 (it does not grow) and 22 to 65536",
        ),
        (
            {"backup_window": "03:00-03:20"},
            "backup_window is '03:00-03:20': allowed is a daily window in UTC",
        ),
        (
            {"maintenance_window": "sunday"},
            "maintenance_window is 'sunday': allowed is a weekly window in UTC",
        ),
        (
            {"backup_window": "03:00-04:00", "maintenance_window": "sun:03:30-sun:04:30"},
            "backup_window is '03:00-04:00': allowed are windows that the maintenance_window",
        ),
        (
            {"monitoring_interval_seconds": 20},
            "monitoring_interval_seconds is 20: allowed are 0, 1, 5, 10, 15, 30, 60",
        ),
        ({"log_exports": ("upgrade", "upgrade")}, "log_exports has 'upgrade' twice: allowed is each once"),
        ({"log_exports": ("error",)}, "log_exports has 'error': allowed are postgresql, upgrade"),
        ({"log_retention_days": 2}, "log_retention_days is 2: allowed are 1, 3, 5, 7"),
        ({"password_rotation_days": 0}, "password_rotation_days is 0: allowed are 1 to 1000"),
        ({"parameters": {"rds.force_ssl": "0"}}, "parameters has rds.force_ssl: allowed are all but it"),
    ],
)
def test_a_database_rds_does_not_have_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        DatabaseOptions(**values)


@pytest.mark.parametrize(
    ("name", "method"), [("max_connections", "pending-reboot"), ("work_mem", "immediate")]
)
def test_a_parameter_read_at_start_alone_waits_for_a_reboot(name: str, method: str) -> None:
    assert apply_method(name) == method


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, (False, None)),
        ({"max_connections": "300"}, (True, 300)),
        ({"max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)"}, (True, None)),
    ],
)
def test_a_formula_for_connections_has_no_number(
    parameters: dict[str, str], expected: tuple[bool, int | None]
) -> None:
    assert connections_asked_for(parameters) == expected
