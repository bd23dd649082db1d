from typing import Any

import pytest

from kf_airflow.state_settings import StateSettings


@pytest.mark.parametrize(
    "values",
    [
        {"path": "build/terraform.tfstate", "variables": {}},
        {"account": "example-dev", "variables": {}},
        {"organization": "Kids-First", "workspace": "etl_dev", "variables": {}},
        {
            "organization": "kf",
            "hostname": "tfe.example.org:8443",
            "project": "Data Services",
            "variables": {"TFC_AWS_PROVIDER_AUTH": "true"},
        },
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
        ({"account": "b", "hostname": "tfe.example.org"}, "hostname is set without organization"),
        ({"account": "b", "project": "p"}, "project is set without organization"),
        ({"path": "a", "variables": {"A": "1"}}, "variables is set without organization"),
        (
            {"organization": "kf", "hostname": "https://tfe.example.org"},
            "hostname is 'https://tfe.example.org': allowed is a host such as tfe.example.org",
        ),
        ({"organization": "kf", "project": " p"}, "project is ' p': allowed are letters, digits"),
        ({"organization": "kf", "variables": {"A-B": "1"}}, "variables has the key 'A-B': allowed are"),
    ],
)
def test_what_is_none_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StateSettings(**values)
