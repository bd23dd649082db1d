import json
from datetime import datetime

import pytest

from kf_airflow_runtime.plain_log import PROCESS, say


def said(capfd: pytest.CaptureFixture[str]) -> dict[str, object]:
    (line,) = capfd.readouterr().out.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_an_event_is_one_line_of_json(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PROCESS, "worker")
    say("it\nbegins", event="task-began", dag_id="smoke", try_number=2)

    event = said(capfd)
    assert datetime.fromisoformat(str(event.pop("time"))).utcoffset() is not None
    assert event == {
        "level": "info",
        "process": "worker",
        "event": "task-began",
        "message": "it\nbegins",
        "dag_id": "smoke",
        "try_number": 2,
    }


def test_what_json_does_not_know_is_told_as_text(capfd: pytest.CaptureFixture[str]) -> None:
    say("it fails", level="warning", reason=OSError("reset"), text="\udce9")

    event = said(capfd)
    assert (event["level"], event["reason"], event["process"]) == ("warning", "reset", "kf-airflow")
