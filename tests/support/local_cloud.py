"""The local cloud under the deployed system: Terraform's outputs, the AWS API, Docker."""

import json
from functools import cached_property
from typing import Any

import docker
import localstack_client.session
from docker.models.containers import Container
from project import ROOT
from python_terraform import Terraform

INSTANCE = "kf-airflow-local"
REGION = "us-east-1"
LABEL = "localstack-dataplane"


class LocalCloud:
    """What `nox -s up` deployed into, and what Terraform says of it."""

    def __init__(self) -> None:
        self.terraform = Terraform(working_dir=str(ROOT / "build/local/terraform"))
        self.docker = docker.from_env()
        self._aws = localstack_client.session.Session(region_name=REGION)

    @property
    def endpoint(self) -> str:
        """The address of LocalStack."""
        address: str = self.aws("sts").meta.endpoint_url
        return address

    @property
    def deployed_with(self) -> dict[str, str]:
        """The variables that it was deployed with and config/local.toml may lack, for who plans it."""
        document = json.loads((ROOT / "build/local/terraform/cdk.tf.json").read_text())
        services = document["resource"]["aws_ecs_service"].values()
        steady = any(service.get("wait_for_steady_state") for service in services)
        return {"KF_AIRFLOW_WAIT_FOR_STEADY_STATE": str(steady).lower()}

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, by name."""
        found = self.terraform.output() or {}
        assert found, "Terraform has no outputs: is the local system up? (nox -s up)"
        return {name: output["value"] for name, output in found.items()}

    def aws(self, service: str) -> Any:
        """A boto3 client of LocalStack."""
        return self._aws.client(service)

    def secret(self, output: str) -> dict[str, str]:
        """The JSON of the secret whose ARN is in that output."""
        answer = self.aws("secretsmanager").get_secret_value(SecretId=self.outputs[output])
        values: dict[str, str] = json.loads(answer["SecretString"])
        return values

    def containers(self, **labels: str) -> list[Container]:
        """The containers of the data plane, running or not, that carry these labels."""
        wanted = [f"{LABEL}.instance={INSTANCE}"]
        wanted += [f"{LABEL}.{name}={value}" for name, value in labels.items()]
        found: list[Container] = self.docker.containers.list(
            all=True, filters={"label": wanted}, ignore_removed=True
        )
        return found
