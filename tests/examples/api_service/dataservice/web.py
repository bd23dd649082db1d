"""The process that answers requests."""

import os
import uuid
from dataclasses import asdict
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from rq import Queue, Retry
from rq.exceptions import NoSuchJobError
from rq.job import Job

from dataservice import jobs
from dataservice.records import Records
from dataservice.settings import QUEUE, Settings

PORT = 8000
CACHED_SECONDS = 5
LONGEST_SECONDS = 600
_TOTAL = "total"


def run(settings: Settings) -> None:
    """Becomes gunicorn."""
    # Its signs of life are files, and /tmp may be a disk.
    options = (
        "--bind",
        f"0.0.0.0:{PORT}",
        "--workers",
        "2",
        "--threads",
        "4",
        "--worker-tmp-dir",
        "/dev/shm",
    )
    os.execvp("gunicorn", ["gunicorn", *options, "--access-logfile", "-", "dataservice.web:made()"])  # noqa: S606


def made() -> Flask:
    """Makes the application of a worker of gunicorn."""
    return application(Settings.of(os.environ))


def application(settings: Settings) -> Flask:
    """Makes the application."""
    app = Flask(__name__)
    connection, cache, records = settings.jobs(), settings.cache(), Records(settings)
    queue = Queue(QUEUE, connection=connection)

    @app.get("/health")
    def health() -> dict[str, str]:
        # Not of PostgreSQL and Redis: while they are away, other tasks would not answer better.
        return {"status": "healthy"}

    @app.post("/jobs")
    def post_job() -> Response:
        text, seconds = _checked(request.get_json(silent=True))
        if text is None:
            return _refused('text is not one: allowed is JSON such as {"text": "one two"}')
        if seconds is None:
            return _refused(f"seconds is not a number: allowed are 0 to {LONGEST_SECONDS}")
        job = queue.enqueue(
            jobs.count_words,
            text,
            seconds,
            job_id=uuid.uuid4().hex,
            job_timeout=LONGEST_SECONDS + 60,
            retry=Retry(max=2),
        )
        return make_response(jsonify(id=job.id), 202)

    @app.get("/jobs/<id_>")
    def get_job(id_: str) -> Response:
        # First the job, which Redis forgets after a while: it is not finished before its count is written.
        try:
            status = Job.fetch(id_, connection=connection).get_status(refresh=False).value
        except NoSuchJobError:
            status = None
        count = records.count_of(id_)
        if count is not None:
            return jsonify(id=id_, status="finished", **count)
        if status is None:
            return make_response(jsonify(error=f"There is no job {id_}."), 404)
        return jsonify(id=id_, status=status)

    @app.get("/totals")
    def get_totals() -> Response:
        cached = cache.get(_TOTAL)
        if cached is None:
            total = records.last_total()
            cached = app.json.dumps(asdict(total) if total else {"jobs": None})
            cache.set(_TOTAL, cached, ex=CACHED_SECONDS)
            state = "miss"
        else:
            state = "hit"
        return Response(cached, mimetype="application/json", headers={"X-Cache": state})

    return app


def _checked(body: Any) -> tuple[str | None, float | None]:
    """Returns text and seconds of a job; None for what is not allowed."""
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return None, None
    seconds = body.get("seconds", 0)
    good = isinstance(seconds, int | float) and 0 <= seconds <= LONGEST_SECONDS
    return body["text"], seconds if good else None


def _refused(error: str) -> Response:
    return make_response(jsonify(error=error), 400)
