"""Where the token is found, and what is said when it is not."""

import json
from pathlib import Path

import pytest

from kf_airflow_deploy.credentials import find_token, variable_of
from kf_airflow_deploy.errors import DeployError

HOST = "tfe.data-lab.org:8443"


def write_logins(home: Path, text: str) -> None:
    path = home / ".terraform.d/credentials.tfrc.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def test_terraforms_own_variable_for_the_host_comes_first(tmp_path: Path) -> None:
    environment = {"TFE_TOKEN": "any", "TF_TOKEN_tfe_data__lab_org": "its"}

    found = find_token(HOST, environment=environment, home=tmp_path)

    assert (found.value, found.origin) == ("its", "TF_TOKEN_tfe_data__lab_org")


def test_a_token_for_any_host_comes_before_the_files(tmp_path: Path) -> None:
    write_logins(tmp_path, json.dumps({"credentials": {HOST: {"token": "login"}}}))

    assert find_token(HOST, environment={"TFE_TOKEN": "any"}, home=tmp_path).value == "any"


def test_what_terraform_login_wrote_is_found(tmp_path: Path) -> None:
    write_logins(tmp_path, json.dumps({"credentials": {HOST: {"token": "login"}}}))

    found = find_token(HOST, environment={}, home=tmp_path)

    assert (found.value, found.origin) == ("login", str(tmp_path / ".terraform.d/credentials.tfrc.json"))


@pytest.mark.parametrize("given", [True, False])
def test_terraforms_configuration_is_read(tmp_path: Path, given: bool) -> None:
    path = tmp_path / ("given.tfrc" if given else ".terraformrc")
    path.write_text(
        'credentials "app.terraform.io" {\n  token = "other"\n}\n'
        f'credentials "{HOST}" {{\n  token = "configured"\n}}\n'
    )
    environment = {"TF_CLI_CONFIG_FILE": str(path)} if given else {}

    assert find_token(HOST, environment=environment, home=tmp_path).value == "configured"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"credentials": {}}', json.dumps({"credentials": {HOST: {"token": 1}}})]
)
def test_a_file_without_the_token_is_passed_over(tmp_path: Path, text: str) -> None:
    write_logins(tmp_path, text)

    with pytest.raises(DeployError, match=f"There is no token for {HOST}: set TF_TOKEN_tfe_data__lab_org or"):
        find_token(HOST, environment={}, home=tmp_path)


def test_a_token_that_can_be_none_is_refused_without_being_told(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="The token in TFE_TOKEN has spaces, line breaks") as refused:
        find_token(HOST, environment={"TFE_TOKEN": "half\nother"}, home=tmp_path)

    assert "half" not in str(refused.value)


def test_a_token_is_not_in_its_representation(tmp_path: Path) -> None:
    assert "hidden" not in repr(find_token(HOST, environment={"TFE_TOKEN": "hidden"}, home=tmp_path))


def test_an_international_host_has_its_variable_in_ascii() -> None:
    assert variable_of("bücher.example.org") == "TF_TOKEN_xn____bcher__kva_example_org"
