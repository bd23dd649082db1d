"""Which events a pattern is about."""

import pytest

from localstack_dataplane.event_matching import array_consistent


def flat(pattern, event):
    """A matcher of documents without arrays of objects."""
    return all(
        flat(wanted, event.get(name) or {}) if isinstance(wanted, dict) else event.get(name) in wanted
        for name, wanted in pattern.items()
    )


matches = array_consistent(flat)
FAILED = {"detail": {"containers": {"name": ["migrate"], "exitCode": [1, 2]}, "status": ["STOPPED"]}}


def stopped(*containers, status="STOPPED"):
    return {
        "detail": {
            "status": status,
            "containers": [{"name": name, "exitCode": code} for name, code in containers],
        }
    }


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (stopped(("migrate", 1), ("scheduler", 0)), True),
        (stopped(("scheduler", 0), ("migrate", 2)), True),
        (stopped(("migrate", 0), ("scheduler", 1)), False),
        (stopped(("migrate", 1), status="RUNNING"), False),
        (stopped(), False),
        ({"detail": {"status": "STOPPED"}}, False),
        ({"detail": {"status": "STOPPED", "containers": {"name": "migrate", "exitCode": 1}}}, True),
    ],
)
def test_what_is_asked_of_an_element_is_asked_of_one(event, expected):
    assert matches(FAILED, event) is expected


def test_arrays_within_arrays_belong_together_as_well():
    pattern = {"a": {"b": {"c": [1], "d": [2]}}}

    assert matches(pattern, {"a": [{"b": [{"c": 1, "d": 3}, {"c": 1, "d": 2}]}]})
    assert not matches(pattern, {"a": [{"b": [{"c": 1, "d": 3}]}, {"b": [{"c": 3, "d": 2}]}]})


def test_arrays_of_texts_are_left_to_the_matcher():
    seen = []

    def matcher(_, event):
        seen.append(event)
        return True

    array_consistent(matcher)({"r": ["x"]}, {"r": ["x", "y"]})

    assert seen == [{"r": ["x", "y"]}]
