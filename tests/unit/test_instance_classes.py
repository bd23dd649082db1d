import re

import pytest

from kf_airflow.instance_classes import check_instance_class, max_connections, memory_gib


@pytest.mark.parametrize(
    ("instance_class", "gib"),
    [
        ("db.t4g.micro", 1),
        ("db.t3.2xlarge", 32),
        ("db.m7g.large", 8),
        ("db.m6i.16xlarge", 256),
        ("db.r6g.large", 16),
        ("db.x2g.xlarge", 64),
        ("db.m5.24xlarge", 384),
        ("db.r6i.32xlarge", 1024),
        ("db.r8g.48xlarge", 1536),
    ],
)
def test_the_memory_of_a_class_is_known(instance_class: str, gib: int) -> None:
    assert memory_gib(instance_class) == gib


@pytest.mark.parametrize(
    "instance_class",
    [
        "db.m1.small",
        "db.m7g.micro",
        "db.m5.48xlarge",
        "db.m7g.24xlarge",
        "db.m7i.32xlarge",
        "t4g.small",
        "db.t4g",
        "",
    ],
)
def test_a_class_that_is_not_there_has_neither_memory_nor_connections(instance_class: str) -> None:
    assert (memory_gib(instance_class), max_connections(instance_class)) == (None, None)


@pytest.mark.parametrize(
    ("instance_class", "message"),
    [
        (
            "db.m1.small",
            "class is 'db.m1.small': allowed are RDS classes such as db.t4g.small",
        ),
        (
            "db.t4g.4xlarge",
            "class is 'db.t4g.4xlarge': allowed of db.t4g are micro, small, medium, large",
        ),
        (
            "db.m5.48xlarge",
            "class is 'db.m5.48xlarge': allowed of db.m5 are large, xlarge, 2xlarge, 4xlarge, 8xlarge, "
            "12xlarge, 16xlarge, 24xlarge",
        ),
    ],
)
def test_a_class_that_is_not_there_is_refused_with_those_that_are(instance_class: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        check_instance_class("class", instance_class)


# What users read off their instances (`show max_connections`): never less than what is counted on here.
@pytest.mark.parametrize(
    ("instance_class", "counted_on", "most"),
    [("db.t4g.micro", 84, 112), ("db.t4g.small", 191, 225), ("db.t4g.medium", 405, 450)],
)
def test_connections_are_fewer_than_the_whole_memory_would_allow(
    instance_class: str, counted_on: int, most: int
) -> None:
    assert max_connections(instance_class) == counted_on <= most


def test_there_are_never_more_than_five_thousand_connections() -> None:
    assert max_connections("db.r7g.16xlarge") == 5000
