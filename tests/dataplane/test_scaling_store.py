import pickle

from localstack_dataplane.application_autoscaling.model import Activity
from localstack_dataplane.application_autoscaling.store import ScalingStore

PLACE = ("111122223333", "us-east-1")


def test_a_store_takes_in_what_another_had() -> None:
    before, after = ScalingStore(), ScalingStore()
    key = ("ecs", "service/cluster/app", "ecs:service:DesiredCount")
    before.add_activity(*PLACE, Activity(key=key, description="Setting desired count to 2", cause="alarm"))

    after.restore(pickle.loads(pickle.dumps(before.contents())))  # noqa: S301 - ours

    assert [activity.to_api() for activity in after.activities(*PLACE)] == [
        activity.to_api() for activity in before.activities(*PLACE)
    ]
