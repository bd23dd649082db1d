"""What is watched, from when on somebody is told, and who."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kf_airflow.checks import between, once
from kf_airflow.tables import Table

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_URL = re.compile(r"https://[^\s@]+")


@dataclass(frozen=True, kw_only=True)
class ObservabilityOptions(Table):
    """What is watched in CloudWatch, and who is told.

    Each alarm costs some 0.10 USD a month, each metric that is published 0.30, the key of the topic 1; an
    account's first three dashboards cost nothing, each further one 3.

    Args:
        dashboard: Whether there is a dashboard. True if left out.
        alarms: Whether there are alarms. True if left out.
        emails: Who is told by e-mail; each has to answer the mail in which AWS asks. Nobody if left out.
        urls: What is told by POST, such as a pager: addresses that begin with `https://` and confirm SNS's
            subscription. Nothing if left out.
        queue_age_minutes: How long the first task of a queue may wait for a worker, 1 to 1440 min, but less
            than `task_queued_timeout_seconds`, after which it is sent again and begins to wait anew. 5 if
            left out, or half of that: a pool that begins with no worker has one within two minutes.
        errors_per_minute: How many answers a minute may be server errors (5xx), 0 to 10000; it is too many
            for three of five minutes. 5 if left out.
        connections_percent: What share of the database's connections may be in use, 1 to 100. 80 if left out.
        free_storage_gib: How much room the database has to have left, in GiB, 1 to 1024. 2 if left out: RDS
            enlarges what may grow at a tenth, which is 2 GiB of the smallest.
        memory_percent: What share of a broker's memory may be in use, 1 to 100. 80 if left out: one that is
            full takes no more tasks.
        protection_minutes: How long a worker may be kept from being stopped, 1 to 2820 min (47 h), for after
            48 h it no longer keeps itself. 1440, a day, if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    dashboard: bool = True
    alarms: bool = True
    emails: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    queue_age_minutes: int | None = None
    errors_per_minute: int = 5
    connections_percent: int = 80
    free_storage_gib: int = 2
    memory_percent: int = 80
    protection_minutes: int = 24 * 60

    def __post_init__(self) -> None:
        _check_addresses("emails", self.emails, _EMAIL, "e-mail addresses")
        _check_addresses("urls", self.urls, _URL, "addresses that begin with https://")
        if self.queue_age_minutes is not None:
            between("queue_age_minutes", self.queue_age_minutes, 1, 24 * 60)
        between("errors_per_minute", self.errors_per_minute, 0, 10_000)
        between("connections_percent", self.connections_percent, 1, 100)
        between("free_storage_gib", self.free_storage_gib, 1, 1024)
        between("memory_percent", self.memory_percent, 1, 100)
        between("protection_minutes", self.protection_minutes, 1, 47 * 60)
        if (self.emails or self.urls) and not self.alarms:
            raise ValueError("alarms is false, but emails or urls say who is told: allowed is one of them")


def _check_addresses(key: str, values: tuple[str, ...], pattern: re.Pattern[str], allowed: str) -> None:
    once(key, values)
    for value in values:
        if not pattern.fullmatch(value):
            raise ValueError(f"{key} has {value!r}: allowed are {allowed}")
