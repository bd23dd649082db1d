"""What exists already and is used instead of being made, as the settings name it."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from kf_airflow.options import NetworkLookup
from kf_airflow.refs import (
    BrokerRef,
    BucketRef,
    ClusterRef,
    CredentialsRef,
    DatabaseRef,
    KeyRef,
    LoadBalancerRef,
    NetworkRef,
    TopicRef,
)


class ExistingSettings(BaseModel):
    """What exists already. Each is made if left out.

    Args:
        network: A VPC by the ids of what it consists of.
        network_lookup: A VPC by the tags `Name` of what it consists of. Not together with `network`.
        database: A PostgreSQL database.
        broker: A Redis or Valkey.
        bucket: The bucket for logs.
        credentials: Airflow's secrets.
        cluster: An ECS cluster.
        load_balancer: An application load balancer. What else `[ingress]` says of hosts still counts.
        key: A KMS key for all that is made and stored. AWS's own keys if left out.
        access_logs: A bucket for access logs.
        alarm_topic: An SNS topic for alarms. What else `[observability]` says still counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: NetworkRef | None = None
    network_lookup: NetworkLookup | None = None
    database: DatabaseRef | None = None
    broker: BrokerRef | None = None
    bucket: BucketRef | None = None
    credentials: CredentialsRef | None = None
    cluster: ClusterRef | None = None
    load_balancer: LoadBalancerRef | None = None
    key: KeyRef | None = None
    access_logs: BucketRef | None = None
    alarm_topic: TopicRef | None = None

    @model_validator(mode="after")
    def _one_network(self) -> Self:
        if self.network is not None and self.network_lookup is not None:
            raise ValueError("network and network_lookup are both set: allowed is one of them")
        return self


# Each of them with the table of settings that says how the same thing is made.
MADE_BY = {
    "network": "network",
    "network_lookup": "network",
    "database": "database",
    "broker": "broker",
    "bucket": "storage",
    "key": "key",
    "access_logs": "access_logs",
}
