"""What Flask, in which FAB has its login, is told; FAB reads it from here (`[fab] config_file`)."""

import os

from kf_airflow_runtime.flask_key import flask_key

SECRET_KEY = flask_key(os.environ)
# Nothing sets flask-login's cookie that stands for a session, yet it would be taken. No cookie has this name:
# in what a browser sends, a name ends at the first such sign.
REMEMBER_COOKIE_NAME = "="
