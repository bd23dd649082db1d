"""Airflow in a network that Kids First has already, found by its tags."""

from cdktf import TerraformStack

from kf_airflow import Airflow, ExistingNetwork, NetworkLookup


def place(stack: TerraformStack) -> None:
    network = ExistingNetwork(
        stack,
        "network",
        lookup=NetworkLookup(
            environment="prd",
            region="us-east-1",
            public_subnet_names=("*apps*prd*public*1a", "*apps*prd*public*1b"),
        ),
    )
    Airflow(
        stack,
        "airflow",
        name="kf-airflow-prd",
        image="111122223333.dkr.ecr.us-east-1.amazonaws.com/kf-airflow:0000000",
        network=network.ref,
    )
