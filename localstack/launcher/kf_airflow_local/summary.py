"""What a user wants to know of a system that runs."""

from collections.abc import Mapping
from typing import Any

from kf_airflow_local.airflow import SmokeRun
from kf_airflow_local.system import System


def summary(system: System, outputs: Mapping[str, Any], smoke: SmokeRun | None) -> str:
    """Return the addresses, the logins and where the smoke run's log is.

    The passwords were generated for this one machine and open nothing else, so they are shown.

    Args:
        system: The system.
        outputs: Terraform's outputs.
        smoke: The smoke run. Left out, nothing is said of it.
    """
    admin = system.aws.secret(outputs["admin_secret_arn"])
    flower = system.aws.secret(outputs["flower_secret_arn"])
    lines = [
        "",
        f"  Airflow  {outputs['webserver_url']}",
        f"           login {admin['username']}, password {admin['password']}",
        f"  Flower   {outputs['flower_url']}",
        f"           login {flower['username']}, password {flower['password']}",
        f"  AWS API  {system.configuration.endpoint_url} (LocalStack)",
    ]
    if smoke:
        lines += [f"  Log      {smoke.log}", f"           of the smoke run {smoke.run_id}"]
    return "\n".join([*lines, "", "  nox -s status says how it is, nox -s down removes it."])
