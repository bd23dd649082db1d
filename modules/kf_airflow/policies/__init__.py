"""IAM policies, as plain data.

Every statement names its resources. A `*` is where IAM knows no resource for the action.
"""

from kf_airflow.policies.buckets import (
    deliver_bucket_logs,
    deliver_load_balancer_logs,
    keep_archives,
    read_and_write_objects,
    read_objects,
    refuse_plain_http,
    tls_only,
)
from kf_airflow.policies.documents import Statement, allow, document
from kf_airflow.policies.flow_logs import assumed_by_flow_logs, write_flow_logs
from kf_airflow.policies.keys import decrypt, encrypt_and_decrypt, key_policy
from kf_airflow.policies.metrics import count_tasks, publish_metrics, see_protections
from kf_airflow.policies.stores import assumed_by_monitoring, assumed_by_proxy, write_monitoring
from kf_airflow.policies.tasks import (
    assumed_by_ecs_tasks,
    describe_own_service,
    execute_commands,
    protect_own_task,
    pull,
    read_secrets,
    write_logs,
)
from kf_airflow.policies.topics import published_by_alarms, published_by_events, topic_key_policy

__all__ = [
    "Statement",
    "allow",
    "assumed_by_ecs_tasks",
    "assumed_by_flow_logs",
    "assumed_by_monitoring",
    "assumed_by_proxy",
    "count_tasks",
    "decrypt",
    "deliver_bucket_logs",
    "deliver_load_balancer_logs",
    "describe_own_service",
    "document",
    "encrypt_and_decrypt",
    "execute_commands",
    "keep_archives",
    "key_policy",
    "protect_own_task",
    "publish_metrics",
    "published_by_alarms",
    "published_by_events",
    "pull",
    "read_and_write_objects",
    "read_objects",
    "read_secrets",
    "refuse_plain_http",
    "see_protections",
    "tls_only",
    "topic_key_policy",
    "write_flow_logs",
    "write_logs",
    "write_monitoring",
]
