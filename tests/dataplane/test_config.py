"""Settings of the data plane."""

import pytest

from localstack_dataplane.config import Config, ConfigurationError

MINIMAL = {"DATAPLANE_INSTANCE": "i", "DATAPLANE_ADDRESS": "10.0.0.2", "DATAPLANE_BACKING_IMAGE": "b"}


def test_three_variables_are_enough():
    config = Config.from_environment(MINIMAL)
    assert (config.instance, config.endpoint_url, config.publish) == ("i", "http://10.0.0.2:4566", {})


def test_published_ports_are_pairs():
    config = Config.from_environment(MINIMAL | {"DATAPLANE_PUBLISH": "80=8080, 443=8443"})
    assert config.publish == {80: 8080, 443: 8443}


@pytest.mark.parametrize(("variables", "seconds"), [({}, 120), ({"DATAPLANE_TIME_SCALE": "60"}, 2)])
def test_the_time_scale_makes_the_waits_of_aws_shorter(variables, seconds):
    assert Config.from_environment(MINIMAL | variables).scaled(120) == seconds


@pytest.mark.parametrize("missing", sorted(MINIMAL))
def test_a_missing_variable_is_named(missing):
    with pytest.raises(ConfigurationError, match=missing):
        Config.from_environment({key: value for key, value in MINIMAL.items() if key != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATAPLANE_ADDRESS", "localhost"),
        ("DATAPLANE_PUBLISH", "80:8080"),
        ("DATAPLANE_TIME_SCALE", "fast"),
        ("DATAPLANE_TIME_SCALE", "0"),
        ("DATAPLANE_TIME_SCALE", "inf"),
        ("DATAPLANE_SERVICE_METRICS", "no"),
    ],
)
def test_a_malformed_variable_is_named_with_its_value(name, value):
    with pytest.raises(ConfigurationError, match=f"{name}.*{value}"):
        Config.from_environment(MINIMAL | {name: value})


def test_labels_carry_instance_kind_and_resource():
    assert Config.from_environment(MINIMAL).labels("rds", "arn", task="t") == {
        "localstack-dataplane.instance": "i",
        "localstack-dataplane.kind": "rds",
        "localstack-dataplane.resource": "arn",
        "localstack-dataplane.task": "t",
    }


@pytest.mark.parametrize(("value", "published"), [("", True), ("on", True), ("off", False)])
def test_the_metrics_of_services_can_be_switched_off(value, published):
    assert (
        Config.from_environment(MINIMAL | {"DATAPLANE_SERVICE_METRICS": value}).service_metrics is published
    )
