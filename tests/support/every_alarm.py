"""A deployment of which everything is watched."""

from kf_airflow import Observed

OBSERVED = Observed(
    cluster_name="kf",
    airflow="kf-airflow",
    workers={"kf-worker": ("default", "slow"), "kf-gpu": ("gpu", "slow")},
    others=("kf-flower",),
    database="kf",
    max_connections=200,
    cache_nodes=("kf-001", "kf-002"),
    load_balancer="app/kf/1",
    target_groups={
        "kf-airflow": "targetgroup/a/1",
        "kf-worker": "targetgroup/w/1",
        "kf-gpu": "targetgroup/g/1",
    },
)
