import pytest

from localstack_dataplane.elasticache.parameters import PARAMETERS, ParameterError, ParameterGroup


@pytest.fixture
def group() -> ParameterGroup:
    return ParameterGroup(name="celery", family="redis7", description="", arn="arn")


def test_what_was_set_is_described_as_the_users(group: ParameterGroup) -> None:
    group.set("maxmemory-policy", "noeviction")
    assert [(item["ParameterName"], item["ParameterValue"]) for item in group.described("user")] == [
        ("maxmemory-policy", "noeviction")
    ]


def test_everything_else_is_described_as_the_systems(group: ParameterGroup) -> None:
    group.set("timeout", "20")
    assert len(group.described("system")) == len(PARAMETERS) - 1


def test_without_source_everything_is_described(group: ParameterGroup) -> None:
    assert len(group.described(None)) == len(PARAMETERS)


def test_an_unknown_parameter_is_refused(group: ParameterGroup) -> None:
    with pytest.raises(ParameterError, match="Invalid parameter no-such"):
        group.set("no-such", "1")


def test_a_value_that_is_not_allowed_is_refused_with_those_that_are(group: ParameterGroup) -> None:
    with pytest.raises(ParameterError, match=r"Invalid value 'never'.*noeviction"):
        group.set("maxmemory-policy", "never")


@pytest.mark.parametrize("value", ["-1", "101", "many"])
def test_a_number_out_of_range_is_refused(group: ParameterGroup, value: str) -> None:
    with pytest.raises(ParameterError, match="Invalid value"):
        group.set("reserved-memory-percent", value)


def test_a_parameter_of_aws_alone_is_refused(group: ParameterGroup) -> None:
    with pytest.raises(ParameterError, match="not modifiable"):
        group.set("maxclients", "10")
