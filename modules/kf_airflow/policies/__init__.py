"""IAM policies, as plain data.

Every statement names its resources. The one `*` is where IAM knows no resource for the action.
"""

from kf_airflow.policies.buckets import read_and_write_objects, read_objects, tls_only
from kf_airflow.policies.documents import Statement, allow, document
from kf_airflow.policies.tasks import assumed_by_ecs_tasks, pull, read_secrets, write_logs

__all__ = [
    "Statement",
    "allow",
    "assumed_by_ecs_tasks",
    "document",
    "pull",
    "read_and_write_objects",
    "read_objects",
    "read_secrets",
    "tls_only",
    "write_logs",
]
