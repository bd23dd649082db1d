"""What a production environment does not risk unless it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kf_airflow.image_reference import parse_image

if TYPE_CHECKING:
    from kf_airflow.options import ServiceOptions
    from kf_airflow.settings import Settings

# Of the Kids First environments (dev, qa, prd) the one whose loss is a loss.
PRODUCTION = "prd"


@dataclass(frozen=True, kw_only=True)
class Risk:
    """A setting under which production may lose data, or stands still when one thing fails.

    Args:
        key: The setting.
        value: What it is, as in TOML.
        allowed: What it would have to be.
        taken: Whether it is set so that the risk is there.
    """

    key: str
    value: str
    allowed: str
    taken: bool


def risks(settings: Settings) -> list[Risk]:
    """Returns every risk there is, taken or not; what is brought is its owner's to protect."""
    found: list[Risk] = []

    def look(key: str, value: object, allowed: str, *, taken: bool) -> None:
        found.append(Risk(key=key, value=str(value).lower(), allowed=allowed, taken=taken))

    def switch(key: str, value: bool, *, good: bool) -> None:
        look(key, value, str(good).lower(), taken=value is not good)

    look(
        "image",
        settings.image,
        "an image with a digest (@sha256:...), for a tag may come to mean another one",
        taken=parse_image("image", settings.image).digest is None,
    )
    days = settings.secret_recovery_window_days
    look("secret_recovery_window_days", days, "7 to 30", taken=days == 0)
    existing = settings.existing
    if existing.network is None and existing.network_lookup is None:
        nat = settings.network.nat
        look(
            "network.nat",
            nat,
            "per-az or none, for all tasks lose the outside with the zone of a single NAT gateway",
            taken=nat == "single",
        )
    if existing.database is None:
        database = settings.database
        switch("database.multi_az", database.multi_az, good=True)
        switch("database.deletion_protection", database.deletion_protection, good=True)
        switch("database.final_snapshot", database.final_snapshot, good=True)
        days = database.backup_retention_days
        look("database.backup_retention_days", days, "1 and more", taken=days < 1)
    if existing.broker is None:
        broker = settings.broker
        look("broker.replicas", broker.replicas, "1 and more", taken=broker.replicas < 1)
        look(
            "broker.automatic_failover",
            broker.fails_over,
            "true",
            taken=broker.replicas > 0 and not broker.fails_over,
        )
        switch("broker.tls", broker.tls, good=True)
        switch("broker.auth", broker.auth, good=True)
    if existing.bucket is None:
        switch("storage.force_destroy", settings.storage.force_destroy, good=False)
    if existing.load_balancer is None:
        ingress = settings.ingress
        switch("ingress.deletion_protection", ingress.deletion_protection, good=True)
        look(
            "ingress.certificate_arn",
            ingress.certificate_arn or "not set",
            "a certificate, for without one logins cross the network in clear",
            taken=ingress.certificate_arn is None,
        )
    airflow = settings.airflow
    look("airflow.count", airflow.count, "2 and more", taken=airflow.count < 2)
    fewest = airflow.min_count
    look("airflow.min_count", fewest, "2 and more", taken=fewest is not None and fewest < 2)
    fewest = _fewest_by_schedule(airflow)
    look(
        "airflow.schedules",
        f"a range from {fewest} on",
        "2 and more",
        taken=fewest is not None and fewest < 2,
    )
    for key, pool in {
        "worker": settings.worker,
        **{f"worker_pools.{name}": pool for name, pool in settings.worker_pools.items()},
    }.items():
        look(
            f"{key}.on_demand_base",
            pool.base,
            "1 and more, or a spot_percent under 100, for Spot may take all workers at once",
            taken=pool.spot_percent == 100 and pool.base < 1,
        )
    return found


def _fewest_by_schedule(airflow: ServiceOptions) -> int | None:
    """Returns the fewest tasks that a schedule leaves; None if there are no schedules."""
    return min(
        (
            schedule.counts(name, lowest=airflow.lowest_count, highest=airflow.highest_count)[0]
            for name, schedule in airflow.schedules.items()
        ),
        default=None,
    )


def problems(settings: Settings, *, file: str) -> list[str]:
    """Returns a sentence for each risk that production takes without saying so, and for each misnamed one.

    Args:
        settings: The settings of an environment.
        file: Where they come from.
    """
    known = risks(settings)
    names = [risk.key for risk in known]
    unknown = [
        f"{file}: accepted_risks has {name!r}: allowed are {', '.join(names)}."
        for name in settings.accepted_risks
        if name not in names
    ]
    if settings.environment != PRODUCTION:
        return unknown
    return unknown + [
        f"{file}: {risk.key} is {risk.value}: allowed in {PRODUCTION} is {risk.allowed}, "
        f"or accepted_risks with {risk.key!r} in it."
        for risk in known
        if risk.taken and risk.key not in settings.accepted_risks
    ]
