"""How Docker's answers are read."""

from datetime import UTC, datetime

import pytest

from localstack_dataplane.containers import container_from, state_key


def summary(status, state="running"):
    return {
        "Id": "id",
        "Names": ["/name"],
        "Image": "image",
        "State": state,
        "Status": status,
        "Labels": {"localstack-dataplane.task": "t"},
        "NetworkSettings": {"Networks": {"net": {"IPAddress": "10.0.0.3"}}},
    }


def read(status, state="running", **details):
    return container_from(summary(status, state), details, "net")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("Up 3 seconds", None),
        ("Up 3 seconds (healthy)", "healthy"),
        ("Up 3 seconds (unhealthy)", "unhealthy"),
        ("Up 3 seconds (health: starting)", "starting"),
    ],
)
def test_health_is_read_from_the_status(status, health):
    assert read(status).health == health


def test_the_exit_code_is_read_from_the_status():
    container = read("Exited (137) 5 minutes ago", "exited")
    assert (container.exited, container.exit_code) == (True, 137)


def test_address_and_labels_are_ours():
    container = read("Up 3 seconds")
    assert (container.address, container.label("task"), container.label("other")) == ("10.0.0.3", "t", "")


def test_times_are_read_and_never_is_none():
    container = read("Up", StartedAt="2026-01-02T03:04:05.123456789Z", FinishedAt="0001-01-01T00:00:00Z")
    assert container.started_at == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert container.finished_at is None


def test_the_state_key_does_not_change_with_time():
    assert state_key(summary("Up 3 seconds (healthy)")) == state_key(summary("Up 2 hours (healthy)"))
    assert state_key(summary("Up 3 seconds (healthy)")) != state_key(summary("Up 3 seconds (unhealthy)"))
