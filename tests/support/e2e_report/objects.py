"""Who may do what with the objects of a bucket, as IAM policies and the settings for access logs say."""

import json
import re
from collections.abc import Iterator

from e2e_report.synthesized import SynthesizedStack

_VERBS = {"s3:GetObject": "read", "s3:PutObject": "write", "s3:DeleteObject": "delete"}
_BUCKET = re.compile(r"\$\{(aws_s3_bucket\.[\w-]+)\.arn\}/(.*?)/?\*?$")


def uses(stack: SynthesizedStack) -> Iterator[tuple[str, str, str]]:
    """Yields who uses a bucket, the bucket, and what for; both as Terraform's addresses."""
    services: dict[str, list[str]] = {}
    for address, arguments in stack.of("aws_ecs_service"):
        task = stack.arguments(stack.address(arguments["task_definition"]))
        services.setdefault(stack.address(task.get("task_role_arn")), []).append(address)
    done: dict[tuple[str, str], dict[str, list[str]]] = {}
    for _, policy in stack.of("aws_iam_role_policy"):
        for service in services.get(stack.address(policy["role"]), []):
            for bucket, folder, verb in _allowed(str(policy["policy"])):
                verbs = done.setdefault((service, bucket), {}).setdefault(folder, [])
                verbs += [] if verb in verbs else [verb]
    for (service, bucket), folders in done.items():
        words = [f"{folder}: {', '.join(verbs)}" for folder, verbs in sorted(folders.items())]
        yield service, bucket, "; ".join(words)
    for address, balancer in stack.of("aws_lb"):
        if logs := balancer.get("access_logs"):
            yield address, stack.address(logs["bucket"]), "access logs"
    for _, logging in stack.of("aws_s3_bucket_logging"):
        yield stack.address(logging["bucket"]), stack.address(logging["target_bucket"]), "access logs"


def _allowed(policy: str) -> Iterator[tuple[str, str, str]]:
    """Yields the bucket, the folder and the verb of everything that a policy allows with objects."""
    for statement in json.loads(policy)["Statement"]:
        for resource in statement["Resource"]:
            if found := _BUCKET.match(resource):
                for action in statement["Action"]:
                    if action in _VERBS:
                        yield found[1], found[2] or "everything", _VERBS[action]
