"""What ECS refuses in a task definition."""

from collections.abc import Iterable, Mapping
from typing import Any

CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def dependency_problem(containers: Iterable[Mapping[str, Any]]) -> str:
    """Why ECS refuses the containers' dependencies; empty if it does not.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
    """
    documents = {item.get("name", ""): item for item in containers}
    for name, item in documents.items():
        for entry in item.get("dependsOn") or ():
            other, condition = entry["containerName"], entry["condition"]
            if other not in documents:
                return f"Container {name} depends on {other}, which is not in the task definition."
            if condition not in CONDITIONS:
                return (
                    f"Container {name} depends on {other} with {condition}; it has to be one of {CONDITIONS}."
                )
            if condition in {"COMPLETE", "SUCCESS"} and documents[other].get("essential", True):
                return f"Container {name} waits for the end of {other}, which is essential and must not end."
            if condition == "HEALTHY" and not documents[other].get("healthCheck"):
                return f"Container {name} waits for {other} to be healthy, which has no health check."
    return _cycle(
        {
            name: [entry["containerName"] for entry in item.get("dependsOn") or ()]
            for name, item in documents.items()
        }
    )


def _cycle(edges: Mapping[str, list[str]]) -> str:
    done: set[str] = set()
    while ready := [name for name, needed in edges.items() if name not in done and done.issuperset(needed)]:
        done.update(ready)
    left = sorted(edges.keys() - done)
    return f"The dependencies of the containers {', '.join(left)} form a cycle." if left else ""
