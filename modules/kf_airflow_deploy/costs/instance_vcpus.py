"""How many vCPUs an RDS instance class has, by which AWS charges for what goes with an instance."""

from __future__ import annotations

import re

from kf_airflow_deploy.errors import DeployError

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
_SMALL = ("micro", "small", "medium", "large")
_SIZE = re.compile(r"db\.[a-z0-9]+\.(?:(?P<times>\d*)xlarge|(?P<small>[a-z]+))")


def vcpus(instance_class: object) -> int:
    """Returns the vCPUs of an instance class.

    Raises:
        DeployError: if it is not named as instance classes are.
    """
    found = _SIZE.fullmatch(str(instance_class))
    if found and found["small"] in _SMALL:
        return 2
    if found and found["small"] is None:
        return 4 * int(found["times"] or 1)
    raise DeployError(
        f"The instance class is {instance_class!r}: allowed are those of RDS, such as db.m7g.large."
    )
