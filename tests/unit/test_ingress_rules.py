import re
from typing import Any

import pytest

from kf_airflow.ingress_rules import Match, Priorities


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "hosts and paths are empty: allowed is one host name or pattern, or more"),
        ({"methods": ("GET",)}, "hosts and paths are empty"),
        (
            {"hosts": ("a.b", "c.d"), "paths": ("/a", "/b", "/c"), "methods": ("GET",)},
            "a rule has 6 values (a.b, c.d, /a, /b, /c, GET): "
            "allowed are 5, host names, paths and methods together",
        ),
        ({"paths": ("api/*",)}, "paths has 'api/*': allowed are patterns such as /api/*, a slash first"),
        ({"paths": ("/" + 128 * "a",)}, "at most 128 characters"),
        ({"paths": ("/a b",)}, "paths has '/a b': allowed are patterns"),
    ],
)
def test_what_no_rule_can_look_for_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Match(**values)


def test_a_rule_has_room_for_five_values() -> None:
    match = Match(hosts=("a.b",), paths=("/a", "/a/*", "*/b"), methods=("GET",))

    assert len([*match.hosts, *match.paths, *match.methods]) == 5


def test_refusals_come_before_everything_and_move_nothing() -> None:
    priorities = Priorities(100)

    assert [priorities.other(), priorities.refusal(), priorities.other(), priorities.refusal()] == [
        110,
        100,
        111,
        101,
    ]


def test_fifty_priorities_are_used_and_no_more() -> None:
    priorities = Priorities(1)
    given = {priorities.refusal() for _ in range(10)} | {priorities.other() for _ in range(40)}

    assert given == set(range(1, 51))
    with pytest.raises(ValueError, match="more refusals than there is room for: allowed are 10"):
        priorities.refusal()
    with pytest.raises(ValueError, match="more rules than there is room for: allowed are 40"):
        priorities.other()
