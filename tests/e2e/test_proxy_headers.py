"""Behind a load balancer that ends TLS, the webserver believes what that says of the browser's request."""

import json
from typing import Any

import pytest
from container_programs import run_in
from local_system import LocalSystem

pytestmark = pytest.mark.e2e

_ASK = """
import http.client, json
asked = {
    "Host": "airflow.example.org",
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}
connection = http.client.HTTPConnection("127.0.0.1", 8080)
connection.request("GET", "/auth/login", headers=asked)
answer = connection.getresponse()
print(json.dumps([answer.status, answer.getheader("Location")]))
"""


def test_the_login_stays_on_https_and_does_not_loop(system: LocalSystem) -> None:
    answer: Any = json.loads(run_in(system.container("webserver"), "python3", "-c", _ASK))

    assert answer == [308, "https://airflow.example.org/auth/login/"]
