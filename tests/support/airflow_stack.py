"""What Airflow made of a stack: its containers' environment, and who may connect to what."""

from synthesis import Synthesized

SERVICES = ("airflow", "worker", "flower")


def container_environment(stack: Synthesized, service: str, container: str) -> dict[str, str]:
    definition = stack.containers(f"airflow/{service}/task-definition")[container]
    return {variable["name"]: variable["value"] for variable in definition["environment"]}


def rules_into(stack: Synthesized, path: str) -> set[tuple[str, int]]:
    """Who may connect to the security group at a construct path: the ids of the rules, and the ports."""
    group = next(
        name
        for name, resource in stack.document["resource"]["aws_security_group"].items()
        if resource["//"]["metadata"]["path"].endswith(f"/{path}")
    )
    return {
        (resource["//"]["metadata"]["path"].split("/")[-1], resource["from_port"])
        for resource in stack.document["resource"]["aws_vpc_security_group_ingress_rule"].values()
        if resource["security_group_id"] == f"${{aws_security_group.{group}.id}}"
    }
