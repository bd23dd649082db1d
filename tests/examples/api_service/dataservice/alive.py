"""The health check of workers and schedulers: whether Redis has heard of them lately."""

import socket
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from rq import Worker
from rq.cron import CronScheduler

from dataservice.settings import Settings

# Both tell of themselves at least once a minute.
_LATELY = timedelta(minutes=2)


def run(settings: Settings, process: str) -> None:
    """Ends with 1 unless the `worker` or `scheduler` of this host is alive."""
    kind: Any = {"worker": Worker, "scheduler": CronScheduler}[process]
    mine = [one for one in kind.all(connection=settings.jobs()) if one.hostname == socket.gethostname()]
    heard = [one.last_heartbeat for one in mine if one.last_heartbeat is not None]
    if not any(_aware(moment) > datetime.now(UTC) - _LATELY for moment in heard):
        sys.exit(f"Redis has not heard of this {process} lately: {heard}")


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
