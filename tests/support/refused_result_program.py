"""Runs in the image in place of a worker: prints for how many seconds Celery tries to store a result in vain.

All of it is Celery's own but for the pauses, which are counted instead.
"""

import logging
import time
from typing import SupportsIndex

pauses: list[float] = []


def count(seconds: float | SupportsIndex, /) -> None:
    pauses.append(float(seconds))


# Before Celery and its libraries are imported, which take it by name.
time.sleep = count

from airflow.providers.celery.executors.celery_executor import app  # noqa: E402
from celery.exceptions import BackendStoreError  # noqa: E402

logging.disable()  # a line for each try
# As in a worker, which had the database when it began.
app.conf.database_create_tables_at_setup = False
app.backend.session_manager.prepared = True
try:
    app.backend.store_result("a-task", None, "STARTED")
except BackendStoreError:
    print(sum(pauses))  # noqa: T201
