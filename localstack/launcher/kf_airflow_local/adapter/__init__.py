"""Adapts a stack synthesized for the AWS provider 6.25 to the provider 3.39.0.

That is the newest one to be had without the Terraform registry (facts.md). Where the registry, a mirror or a
cache has the current provider, nothing of this is used.
"""

from copy import deepcopy

from kf_airflow_local.adapter.broker import adapt_brokers
from kf_airflow_local.adapter.containers import (
    adapt_capacity_providers,
    adapt_clusters,
    adapt_services,
    adapt_task_definitions,
)
from kf_airflow_local.adapter.database import adapt_database_proxies, adapt_databases
from kf_airflow_local.adapter.document import Document
from kf_airflow_local.adapter.load_balancers import adapt_load_balancers
from kf_airflow_local.adapter.network import (
    adapt_addresses,
    adapt_discovery_services,
    adapt_regions,
    adapt_security_group_rules,
)
from kf_airflow_local.adapter.provider_block import VERSION, adapt_provider, adapt_tags
from kf_airflow_local.adapter.secrets import (
    adapt_random_passwords,
    adapt_rotations,
    adapt_secret_versions,
)
from kf_airflow_local.adapter.storage import adapt_buckets, adapt_ownership

__all__ = ["MAPPINGS", "VERSION", "adapt"]

MAPPINGS = (
    adapt_provider,
    adapt_tags,
    adapt_random_passwords,
    adapt_secret_versions,
    adapt_rotations,
    adapt_databases,
    adapt_database_proxies,
    adapt_brokers,
    adapt_buckets,
    adapt_ownership,
    adapt_addresses,
    adapt_discovery_services,
    adapt_regions,
    adapt_security_group_rules,
    adapt_capacity_providers,
    adapt_clusters,
    adapt_task_definitions,
    adapt_services,
    adapt_load_balancers,
)


def adapt(document: Document) -> Document:
    """Return the stack as the old provider takes it; the one given stays as it is.

    Args:
        document: The parsed ``cdk.tf.json``.
    """
    adapted = deepcopy(document)
    for mapping in MAPPINGS:
        mapping(adapted)
    return adapted
