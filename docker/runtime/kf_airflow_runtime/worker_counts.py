"""How many workers there are: what ECS counts in the services of the pools."""

from collections.abc import Sequence
from typing import Any

from kf_airflow_runtime.worker_demand import WorkerCount

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
_MOST_SERVICES_A_CALL = 10


def worker_counts(ecs: Any, cluster: str, services: Sequence[str]) -> dict[str, WorkerCount]:
    """The workers of each service. One that ECS does not have (any more) is left out.

    Args:
        ecs: A client of ECS.
        cluster: The cluster's name.
        services: The names of the services.
    """
    found = {}
    for first in range(0, len(services), _MOST_SERVICES_A_CALL):
        names = list(services[first : first + _MOST_SERVICES_A_CALL])
        for service in ecs.describe_services(cluster=cluster, services=names)["services"]:
            if service["status"] != "INACTIVE":
                found[service["serviceName"]] = WorkerCount(service["runningCount"], service["desiredCount"])
    return found
