"""A Redis for what speaks neither TLS nor AUTH, as older clients of RQ do."""

from cdktf import TerraformStack

from kf_airflow import Broker, BrokerOptions, Network


def place(stack: TerraformStack) -> None:
    network = Network(stack, "network", name="older-dev").ref
    Broker(stack, "broker", name="older-dev", network=network, options=BrokerOptions(tls=False, auth=False))
