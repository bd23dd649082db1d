"""Airflow's task handler, but it reads as `log_page` says, a piece at a time, and never fails for S3."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from typing import Any

from airflow.utils.log.file_task_handler import (
    FileTaskHandler,
    LogType,
    StructuredLogMessage,
    _log_stream_to_parsed_log_stream,
)
from airflow.utils.log.log_stream_accumulator import LogStreamAccumulator
from airflow.utils.state import State, TaskInstanceState

from kf_airflow_runtime import served_logs
from kf_airflow_runtime.log_page import LogPages, Page, ServedLog, Try, WorkerError
from kf_airflow_runtime.log_settings import remote_folder, retention_days
from kf_airflow_runtime.log_upload import s3_client
from kf_airflow_runtime.stored_logs import CONNECT_SECONDS, READ_SECONDS, StoredLogs

_WRITING = (TaskInstanceState.RUNNING, TaskInstanceState.DEFERRED)
_ENDED = {*State.finished, TaskInstanceState.UP_FOR_RETRY, TaskInstanceState.UP_FOR_RESCHEDULE}
_LINES_IN_MEMORY = 100


class LogPageHandler(FileTaskHandler):  # type: ignore[misc]
    """Writes as Airflow's does; reads otherwise."""

    def _read(
        self, ti: Any, try_number: int, metadata: dict[str, Any] | None = None
    ) -> tuple[Iterator[Any], dict[str, Any]]:
        """Called by Airflow for each look at a log; what it returns and takes is described there."""
        page = self._page(ti, try_number)
        seen = (metadata or {}).get("log_pos")
        first = [] if seen is not None else _header(page)
        body = (message for _, _, message in _log_stream_to_parsed_log_stream(page.lines()))
        if ti.try_number != try_number or ti.state not in _WRITING:
            # Nobody asks for more than this, so nothing has to be counted before it is shown.
            shown = chain(first, islice(body, seen or 0, None), _notices(page))
            return shown, {"end_of_log": True, "log_pos": seen or 0}
        with LogStreamAccumulator(body, _LINES_IN_MEMORY) as counted:
            total, stream = counted.total_lines, counted.stream
            last = _notices(page) if seen is None else ()
            # A worker that does not answer once makes the log shorter; what was seen stays seen.
            return chain(first, islice(stream, seen or 0, None), last), {
                "end_of_log": False,
                "log_pos": max(total, seen or 0),
            }

    def _page(self, ti: Any, try_number: int) -> Page:
        path = self._render_filename(ti, try_number)
        current = ti.try_number == try_number
        of = Try(
            state=ti.state,
            writes=current and ti.state in _WRITING,
            ended=ti.end_date if not current or ti.state in _ENDED else None,
            host=ti.hostname or "",
        )
        page = _pages().page(path, of)
        if ti.state == TaskInstanceState.DEFERRED and getattr(ti, "triggerer_job", None):
            self._add_trigger(ti, path, page)
        return page

    def _add_trigger(self, ti: Any, path: str, page: Page) -> None:
        """What the trigger of a deferred task has written, which the triggerer serves."""
        url, relative = self._get_log_retrieval_url(ti, path, log_type=LogType.TRIGGER)
        try:
            served = served_logs.get(url, relative)
        except WorkerError as error:
            page.notices.append(f"The triggerer does not answer ({error}).")
            return
        if served.identity is not None:
            page.sources.append(served.url)
            page.parts.append(served)


@cache
def _pages() -> LogPages:
    # `task_logging` chooses this handler only where there is such a folder.
    remote = str(remote_folder(os.environ))
    stored = StoredLogs(lambda: s3_client(CONNECT_SECONDS, READ_SECONDS), remote)
    return LogPages(
        stored.find, _of_worker, retention_days(os.environ), lambda: datetime.now(UTC), time.sleep
    )


def _of_worker(host: str, path: str) -> ServedLog:
    return served_logs.get(served_logs.worker_url(host, path), path)


def _header(page: Page) -> list[Any]:
    """Where the lines come from, which the page folds away."""
    texts = ["::group::Log message source details", *page.sources, "::endgroup::"]
    return [StructuredLogMessage(event=text) for text in texts]


def _notices(page: Page) -> Iterator[Any]:
    """What is missing, after the lines, as reading them may show that more is."""
    for text in page.notices:
        yield StructuredLogMessage(event=text, level="warning", logger="kf_airflow.logs")
