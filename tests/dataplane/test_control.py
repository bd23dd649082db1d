"""Controls: what AWS does by itself, done on demand."""

import json

import pytest

from localstack_dataplane.control import ControlError, Controls


def refuse(request):
    raise ControlError(f"{request['task']} is unknown")


def fail(request):
    raise KeyError("x")


@pytest.fixture
def controls():
    controls = Controls()
    controls.add("echo", POST=lambda request: {"asked": request}, GET=lambda _: None)
    controls.add("refuse", POST=refuse)
    controls.add("fail", POST=fail)
    return controls


def test_a_control_gets_the_json_of_the_request(controls):
    answer = controls.answer("POST", "echo", json.dumps({"task": "t"}).encode())
    assert answer == (200, {"asked": {"task": "t"}})


def test_without_a_body_it_gets_an_empty_object(controls):
    assert controls.answer("POST", "echo", b"") == (200, {"asked": {}})


def test_what_it_need_not_say_is_an_empty_object(controls):
    assert controls.answer("GET", "echo", b"") == (200, {})


def test_what_it_refuses_is_told(controls):
    assert controls.answer("POST", "refuse", b'{"task": "t"}') == (400, {"message": "t is unknown"})


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("POST", "nothing", b"", 404),
        ("PUT", "echo", b"", 405),
        ("POST", "echo", b"{", 400),
        ("POST", "echo", b"[]", 400),
        ("POST", "fail", b"", 500),
    ],
)
def test_what_cannot_be_answered_has_a_status_of_its_own(controls, method, name, body, status):
    assert controls.answer(method, name, body)[0] == status
