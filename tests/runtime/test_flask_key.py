from collections.abc import Mapping

import pytest
from flask import Flask
from project import ROOT

from kf_airflow_runtime.flask_key import flask_key

JWT_SECRET = "AIRFLOW__API_AUTH__JWT_SECRET"
ENVIRON = {JWT_SECRET: "j" * 64, "AIRFLOW__API__SECRET_KEY": "s" * 64}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Flask as FAB sets it up: its key is the one of the API until it reads the file of the image."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    app = Flask(__name__)
    app.secret_key = ENVIRON["AIRFLOW__API__SECRET_KEY"]
    app.config.from_pyfile(str(ROOT / "docker/airflow/webserver_config.py"))
    return app


def test_all_webservers_have_the_same_key() -> None:
    assert flask_key(ENVIRON) == flask_key(dict(ENVIRON))


@pytest.mark.parametrize(
    ("changed", "same"), [({JWT_SECRET: "k" * 64}, False), ({"AIRFLOW__API__SECRET_KEY": "t" * 64}, True)]
)
def test_the_key_follows_from_the_jwt_secret_alone(changed: Mapping[str, str], same: bool) -> None:
    assert (flask_key({**ENVIRON, **changed}) == flask_key(ENVIRON)) is same


def test_the_key_has_256_bits_and_is_not_the_jwt_secret() -> None:
    assert len(bytes.fromhex(flask_key(ENVIRON))) == 32
    assert ENVIRON[JWT_SECRET] not in flask_key(ENVIRON)


@pytest.mark.parametrize("environ", [{}, {JWT_SECRET: ""}, {"AIRFLOW__API__SECRET_KEY": "s" * 64}])
def test_without_a_jwt_secret_nobody_can_know_the_key(environ: Mapping[str, str]) -> None:
    assert flask_key(environ) != flask_key(environ)
    assert len(bytes.fromhex(flask_key(environ))) == 32


def test_flask_signs_with_a_key_that_workers_do_not_have(app: Flask) -> None:
    assert app.secret_key == flask_key(ENVIRON)
    assert app.secret_key != ENVIRON["AIRFLOW__API__SECRET_KEY"]


@pytest.mark.parametrize(
    "cookies", ["remember_token=1|0", "==1|0", "=1|0", '"="=1|0', "%3D=1|0", "a=b; ===1"]
)
def test_no_cookie_is_taken_for_a_login_that_is_remembered(app: Flask, cookies: str) -> None:
    with app.test_request_context(headers={"Cookie": cookies}) as context:
        assert app.config["REMEMBER_COOKIE_NAME"] not in context.request.cookies
