import re
from typing import Any

import pytest

from kf_airflow import OidcOptions

PROVIDER: dict[str, Any] = {
    "issuer": "https://login.example.org",
    "authorization_endpoint": "https://login.example.org/authorize",
    "token_endpoint": "https://login.example.org/token",
    "user_info_endpoint": "https://login.example.org/userinfo",
    "client_id": "kf-airflow",
    "client_secret_arn": "arn:secret",
}


def test_a_login_is_good_for_twelve_hours_and_asks_who_the_user_is_alone() -> None:
    options = OidcOptions(**PROVIDER)

    assert (options.session_timeout_seconds, options.scope, options.client_secret_key) == (
        43200,
        "openid",
        "client_secret",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"issuer": "http://login.example.org"}, "issuer is 'http://login.example.org': allowed is an https"),
        ({"authorization_endpoint": "login"}, "authorization_endpoint is 'login': allowed is an https URL"),
        ({"token_endpoint": "https://"}, "token_endpoint is 'https://': allowed is an https URL"),
        ({"user_info_endpoint": "https://["}, "user_info_endpoint is 'https://[': allowed is an https URL"),
        ({"client_id": ""}, "client_id is '': allowed is a value"),
        ({"client_secret_arn": ""}, "client_secret_arn is '': allowed are ARNs"),
        ({"client_secret_key": 'a"]}'}, "client_secret_key is 'a\"]}': allowed are letters, digits"),
        ({"scope": "email"}, "scope is 'email': allowed are scopes with openid among them"),
        ({"session_timeout_seconds": 0}, "session_timeout_seconds is 0: allowed are 1 to 604800"),
        ({"exempt_paths": ("health",)}, "exempt_paths has 'health': allowed are patterns such as /api/*"),
        (
            {"exempt_paths": ("/a", "/b", "/c", "/d")},
            "exempt_paths has 4 patterns: allowed are 3",
        ),
    ],
)
def test_a_login_that_cannot_work_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        OidcOptions(**{**PROVIDER, **values})
