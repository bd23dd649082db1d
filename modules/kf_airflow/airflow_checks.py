"""What the parts may be asked for, each by itself, and Airflow could not live with."""

from __future__ import annotations

from kf_airflow.options import BrokerOptions, IngressOptions, NetworkOptions, ServiceOptions

_EVICTION = "maxmemory-policy"
_NO_EVICTION = "noeviction"


def check_broker(options: BrokerOptions) -> None:
    """Refuses a broker that drops tasks when its memory is full, instead of refusing new ones.

    Raises:
        ValueError: if it does.
    """
    policy = options.parameters.get(_EVICTION, _NO_EVICTION)
    if policy != _NO_EVICTION:
        raise ValueError(
            f"parameters of broker has {_EVICTION} {policy!r}: allowed is {_NO_EVICTION}, for a full broker "
            "would drop tasks that wait"
        )


def check_schedules(airflow: ServiceOptions) -> None:
    """Refuses a schedule that leaves no webserver, whose execution API running tasks depend on.

    Raises:
        ValueError: if there is one.
    """
    for name, schedule in airflow.schedules.items():
        fewest, most = schedule.counts(name, lowest=airflow.lowest_count, highest=airflow.highest_count)
        if fewest == 0:
            key = "max_count" if most == 0 else "min_count"
            raise ValueError(
                f"{key} of the schedule {name!r} of airflow is 0: allowed are 1 to {airflow.highest_count}, "
                "for running tasks need a webserver all the time"
            )


def check_login(ingress: IngressOptions, network: NetworkOptions) -> None:
    """Refuses a login whose provider the load balancer cannot reach.

    Raises:
        ValueError: if it cannot.
    """
    if ingress.oidc is not None and ingress.internal and network.nat == "none":
        raise ValueError(
            "oidc is set: allowed with a nat of single or per-az, or with internal = false, for an internal "
            "load balancer asks the provider of the login by way of a NAT gateway, and nat is none"
        )
