"""What the parts know of each other: plain values, whoever made the thing."""

from kf_airflow.refs.broker import BrokerRef
from kf_airflow.refs.bucket import BucketRef
from kf_airflow.refs.cluster import ClusterRef
from kf_airflow.refs.consumers import Consumer, Target
from kf_airflow.refs.database import DatabaseRef
from kf_airflow.refs.key import KeyRef
from kf_airflow.refs.load_balancer import LoadBalancerRef
from kf_airflow.refs.network import NetworkRef
from kf_airflow.refs.secrets import CredentialsRef, SecretKey
from kf_airflow.refs.service import ServiceRef
from kf_airflow.refs.topic import TopicRef

__all__ = [
    "BrokerRef",
    "BucketRef",
    "ClusterRef",
    "Consumer",
    "CredentialsRef",
    "DatabaseRef",
    "KeyRef",
    "LoadBalancerRef",
    "NetworkRef",
    "SecretKey",
    "ServiceRef",
    "Target",
    "TopicRef",
]
