import re
from typing import Any

import pytest

from kf_airflow import ObservabilityOptions, TopicRef


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"emails": ("on call",)}, "emails has 'on call': allowed are e-mail addresses"),
        ({"urls": ("http://pager",)}, "urls has 'http://pager': allowed are addresses that begin with https"),
        ({"urls": ("https://a:b@pager",)}, "urls has 'https://a:b@pager': allowed are addresses"),
        ({"emails": ("a@b.org", "a@b.org")}, "emails has 'a@b.org' twice: allowed is each once"),
        ({"queue_age_minutes": 0}, "queue_age_minutes is 0: allowed are 1 to 1440"),
        ({"errors_per_minute": -1}, "errors_per_minute is -1: allowed are 0 to 10000"),
        ({"connections_percent": 101}, "connections_percent is 101: allowed are 1 to 100"),
        ({"free_storage_gib": 0}, "free_storage_gib is 0: allowed are 1 to 1024"),
        ({"memory_percent": 0}, "memory_percent is 0: allowed are 1 to 100"),
        ({"protection_minutes": 2880}, "protection_minutes is 2880: allowed are 1 to 2820"),
        (
            {"alarms": False, "emails": ("a@b.org",)},
            "alarms is false, but emails or urls say who is told: allowed is one of them",
        ),
    ],
)
def test_values_that_make_no_sense_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        ObservabilityOptions(**values)


def test_a_topic_is_an_arn() -> None:
    with pytest.raises(ValueError, match="arn is 'alarms': allowed are ARNs"):
        TopicRef(arn="alarms")
