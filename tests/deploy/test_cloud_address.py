"""Which workspace is meant."""

from typing import Any

import pytest

from kf_airflow.state_settings import StateSettings
from kf_airflow_deploy.cloud_address import CloudWorkspace, cloud_workspace
from kf_airflow_deploy.errors import DeployError

IN_CLOUD = StateSettings(organization="kf", workspace="etl", hostname="tfe.example.org:8443")


def meant(*, state: StateSettings = IN_CLOUD, **said: Any) -> CloudWorkspace:
    nothing: dict[str, Any] = {"hostname": None, "organization": None, "workspace": None, "environment": {}}
    return cloud_workspace(**{**nothing, "state": state, **said})


def test_the_settings_name_it() -> None:
    found = meant()

    assert (found.url, found.organization, found.name) == ("https://tfe.example.org:8443", "kf", "etl")
    assert found.host == "tfe.example.org:8443"
    assert found.page == "https://tfe.example.org:8443/app/kf/workspaces/etl"


def test_the_command_line_comes_before_the_settings() -> None:
    found = meant(hostname="app.terraform.io", organization="o", workspace="w")

    assert (found.url, found.organization, found.name) == ("https://app.terraform.io", "o", "w")


def test_the_environment_comes_between_them() -> None:
    address = {"TFE_ADDRESS": "https://tfe.other.org/"}

    assert meant(environment=address).url == "https://tfe.other.org"
    assert meant(environment=address, hostname="tfe.mine.org").url == "https://tfe.mine.org"


def test_without_a_host_it_is_terraform_cloud() -> None:
    assert meant(state=StateSettings(organization="kf", workspace="etl")).host == "app.terraform.io"


def test_the_workspace_is_the_stack_s_where_the_settings_name_none() -> None:
    assert meant(state=StateSettings(organization="kf"), stack="airflow-dev").name == "airflow-dev"


def test_a_stack_whose_state_is_elsewhere_has_no_workspace_of_its_name() -> None:
    with pytest.raises(DeployError, match="No workspace is named: give --workspace, or set workspace"):
        meant(state=StateSettings(account="a"), organization="kf", stack="airflow-dev")


def test_a_name_that_is_a_path_is_refused() -> None:
    with pytest.raises(DeployError, match=r"--workspace is 'a/\.\./b': allowed are letters, digits"):
        meant(workspace="a/../b")
