from typing import Any

import pytest

from kf_airflow.state_settings import StateSettings


@pytest.mark.parametrize(
    "values",
    [
        {"path": "build/terraform.tfstate"},
        {"account": "example-dev"},
        {"organization": "Kids-First", "workspace": "etl_dev"},
    ],
)
def test_a_place_for_the_state_is_taken(values: dict[str, Any]) -> None:
    assert StateSettings(**values).model_dump(mode="json", exclude_none=True) == values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "nothing is set: allowed is exactly one of path, account, organization"),
        ({"path": "a", "account": "b"}, "path and account is set: allowed is exactly one of"),
        ({"path": "a", "workspace": "b"}, "workspace is set without organization"),
        ({"path": ""}, "path is '.': allowed is the path of a file"),
        ({"path": "a\0b"}, r"path is 'a\\x00b': allowed is the path of a file"),
        ({"account": "Example"}, "account is 'Example': allowed are lower-case letters, digits and hyphens"),
        ({"account": "a" * 45}, "at most 44 characters"),
        ({"organization": ""}, "organization is '': allowed are letters, digits, hyphens and underscores"),
        ({"organization": "kf", "workspace": "a b"}, "workspace is 'a b': allowed are letters, digits"),
    ],
)
def test_what_is_none_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StateSettings(**values)
