import re
from collections.abc import Mapping

import pytest

from kf_airflow.airflow_checks import check_broker, check_login, check_schedules
from kf_airflow.options import (
    BrokerOptions,
    IngressOptions,
    NetworkOptions,
    OidcOptions,
    Schedule,
    ServiceOptions,
)

NIGHT = "cron(0 20 ? * MON-FRI *)"

OIDC = OidcOptions(
    issuer="https://login.example.org",
    authorization_endpoint="https://login.example.org/authorize",
    token_endpoint="https://login.example.org/token",
    user_info_endpoint="https://login.example.org/me",
    client_id="airflow",
    client_secret_arn="arn:aws:secretsmanager:us-east-1:111122223333:secret:oidc-AbCdEf",
)


def _airflow(schedule: Schedule, *, min_count: int | None = None) -> ServiceOptions:
    return ServiceOptions(
        cpu=1024, memory_mib=4096, count=2, min_count=min_count, max_count=4, schedules={"night": schedule}
    )


@pytest.mark.parametrize("parameters", [{}, {"maxmemory-policy": "noeviction"}, {"timeout": "60"}])
def test_a_broker_that_keeps_its_tasks_is_good(parameters: Mapping[str, str]) -> None:
    check_broker(BrokerOptions(parameters=parameters))


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-lru", "volatile-ttl", ""])
def test_a_broker_that_drops_tasks_is_refused(policy: str) -> None:
    message = f"parameters of broker has maxmemory-policy {policy!r}: allowed is noeviction, for a full"

    with pytest.raises(ValueError, match=re.escape(message)):
        check_broker(BrokerOptions(parameters={"maxmemory-policy": policy}))


def test_a_schedule_may_leave_airflow_one_task() -> None:
    check_schedules(_airflow(Schedule(schedule=NIGHT, min_count=1, max_count=1)))


@pytest.mark.parametrize(
    ("airflow", "message"),
    [
        (
            _airflow(Schedule(schedule=NIGHT, min_count=0, max_count=0)),
            "max_count of the schedule 'night' of airflow is 0: allowed are 1 to 4, for running tasks need",
        ),
        (
            _airflow(Schedule(schedule=NIGHT, min_count=0)),
            "min_count of the schedule 'night' of airflow is 0: allowed are 1 to 4, for running tasks need",
        ),
        (
            _airflow(Schedule(schedule=NIGHT), min_count=0),
            "min_count of the schedule 'night' of airflow is 0: allowed are 1 to 4, for running tasks need",
        ),
    ],
)
def test_a_schedule_that_leaves_airflow_no_task_is_refused(airflow: ServiceOptions, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check_schedules(airflow)


@pytest.mark.parametrize(
    ("ingress", "network"),
    [
        (IngressOptions(oidc=OIDC), NetworkOptions(nat="single")),
        (
            IngressOptions(oidc=OIDC, internal=False, allowed_cidrs=("10.0.0.0/8",)),
            NetworkOptions(nat="none"),
        ),
        (IngressOptions(), NetworkOptions(nat="none")),
    ],
)
def test_a_login_whose_provider_is_reached_is_good(ingress: IngressOptions, network: NetworkOptions) -> None:
    check_login(ingress, network)


def test_a_login_whose_provider_is_not_reached_is_refused() -> None:
    message = (
        "oidc is set: allowed with a nat of single or per-az, or with internal = false, for an internal load"
    )

    with pytest.raises(ValueError, match=re.escape(message)):
        check_login(IngressOptions(oidc=OIDC), NetworkOptions(nat="none"))
