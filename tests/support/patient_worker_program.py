"""Runs in the image in place of a worker, without a broker: ends well once Celery has tried 500 times.


All of it is Celery's own but for the pauses, which are left out.
"""

import sys
import time
from types import SimpleNamespace


def go_on(_seconds: object) -> None:
    if consumer.broker_connection_retry_attempt >= 500:
        sys.exit(0)


# Before Celery and its libraries are imported, which take it by name.
time.sleep = go_on

from airflow.providers.celery.executors.celery_executor import app  # noqa: E402
from celery.worker.consumer import Consumer  # noqa: E402

consumer = SimpleNamespace(app=app, first_connection_attempt=False, broker_connection_retry_attempt=0)
Consumer.ensure_connected(consumer, app.connection_for_read())
