"""What the references in a synthesized stack could stand for: ARNs and names as AWS would give them."""

import re

ACCOUNT = "111122223333"
REGION = "us-east-1"

_REFERENCE = re.compile(r"\$\{(?P<type>(?:data\.|ephemeral\.)?\w+)\.(?P<id>[\w-]+)\.(?P<attribute>[^{}]+)\}")

_ARNS = {
    "aws_cloudwatch_log_group": f"logs:{REGION}:{ACCOUNT}:log-group:{{id}}",
    "aws_db_instance": f"rds:{REGION}:{ACCOUNT}:db:{{id}}",
    "aws_db_proxy": f"rds:{REGION}:{ACCOUNT}:db-proxy:prx-0123456789abcdef0",
    "aws_ecs_cluster": f"ecs:{REGION}:{ACCOUNT}:cluster/{{id}}",
    "aws_elasticache_replication_group": f"elasticache:{REGION}:{ACCOUNT}:replicationgroup:{{id}}",
    "aws_iam_role": f"iam::{ACCOUNT}:role/{{id}}",
    "aws_kms_key": f"kms:{REGION}:{ACCOUNT}:key/11112222-3333-4444-5555-666677778888",
    "aws_lb": f"elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/{{id}}/0123456789abcdef",
    "aws_s3_bucket": "s3:::{id}",
    "aws_secretsmanager_secret": f"secretsmanager:{REGION}:{ACCOUNT}:secret:{{id}}-AbCdEf",
    "aws_sns_topic": f"sns:{REGION}:{ACCOUNT}:{{id}}",
    "aws_secretsmanager_secret_version": f"secretsmanager:{REGION}:{ACCOUNT}:secret:{{id}}-AbCdEf",
    "aws_vpc": f"ec2:{REGION}:{ACCOUNT}:vpc/vpc-0123456789abcdef0",
}
_VALUES = {
    ("aws_caller_identity", "account_id"): ACCOUNT,
    ("aws_db_instance", "master_user_secret[0].secret_arn"): (
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!db-{{id}}-AbCdEf"
    ),
    ("aws_ecs_cluster_capacity_providers", "cluster_name"): "kf-airflow",
    ("aws_partition", "dns_suffix"): "amazonaws.com",
    ("aws_partition", "partition"): "aws",
    ("aws_region", "id"): REGION,
    ("aws_region", "name"): REGION,
    ("aws_region", "region"): REGION,
}
_NAMES = {"bucket", "cluster_name", "id", "name", "name_prefix"}


def resolved(text: str) -> str:
    """Returns a text of the stack with an example in place of each reference.

    Raises:
        LookupError: for a reference that has none yet.
    """
    return _REFERENCE.sub(_example, text)


def _example(match: re.Match[str]) -> str:
    type_ = match["type"].removeprefix("data.")
    id_ = match["id"].lower().replace("_", "-")
    attribute = match["attribute"]
    if (type_, attribute) in _VALUES:
        return _VALUES[type_, attribute].format(id=id_)
    if type_ in _ARNS and attribute in {"arn", "secret_arn", "target_key_arn"}:
        return "arn:aws:" + _ARNS[type_].format(id=id_)
    if attribute in _NAMES:
        return id_
    message = f"{match[0]} has no example: give it one in tests/support/example_values.py"
    raise LookupError(message)
