from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from kf_airflow_runtime import connections
from kf_airflow_runtime.refusal import RefusalError

BUNDLE = "/run/ca bundle.pem"


def test_the_metadata_url_holds_the_login_escaped(environ: dict[str, str]) -> None:
    url = urlsplit(connections.metadata(environ, BUNDLE)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    assert (unquote(url.username or ""), unquote(url.password or "")) == ("meta@x", "p%/@:s w?rd&")
    assert (url.scheme, url.hostname, url.port, url.path) == (
        "postgresql+psycopg2",
        "db.example",
        5432,
        "/air%20flow",
    )


def test_the_metadata_url_asks_for_the_right_server_under_a_trusted_authority(
    environ: dict[str, str],
) -> None:
    url = urlsplit(connections.metadata(environ, BUNDLE)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    query = parse_qs(url.query)
    assert (query["sslmode"], query["sslrootcert"]) == (["verify-full"], [BUNDLE])


@pytest.mark.parametrize("composed", [connections.metadata, connections.results])
def test_a_database_that_is_gone_without_a_word_is_noticed(environ: dict[str, str], composed: Any) -> None:
    for name, url in composed(environ, BUNDLE).items():
        if "psycopg2" in url:
            query = parse_qs(urlsplit(url).query)
            waits = int(query["keepalives_idle"][0]) + 3 * int(query["keepalives_interval"][0])
            assert (waits, query["keepalives_count"]) == (30, ["3"]), name
            assert query["tcp_user_timeout"] == ["30000"], name
            assert query["connect_timeout"] == ["10"]


def test_the_asynchronous_url_says_tls_in_the_words_of_asyncpg(environ: dict[str, str]) -> None:
    composed = connections.metadata(environ, BUNDLE)
    url = urlsplit(composed["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"])
    assert (url.scheme, url.query) == ("postgresql+asyncpg", "ssl=verify-full")
    assert composed["PGSSLROOTCERT"] == BUNDLE


def test_the_keywords_of_libpq_are_not_escaped(environ: dict[str, str]) -> None:
    assert connections.dsn(environ, connections.DATABASE_LOGIN, BUNDLE) == {
        "host": "db.example",
        "port": 5432,
        "dbname": "air flow",
        "user": "meta@x",
        "password": "p%/@:s w?rd&",
        "sslmode": "verify-full",
        "sslrootcert": BUNDLE,
    }


def test_the_master_login_is_asked_for_by_its_own_variables(environ: dict[str, str]) -> None:
    dsn = connections.dsn(environ, connections.MASTER_LOGIN, BUNDLE)
    assert (dsn["user"], dsn["password"]) == ("master", "rot/ated")


def test_without_a_proxy_the_database_itself_is_where_all_go(environ: dict[str, str]) -> None:
    assert connections.direct(environ) == environ


def test_the_database_itself_is_reached_past_a_proxy(environ: dict[str, str]) -> None:
    environ["KF_AIRFLOW_MASTER_HOST"] = "behind.example"
    assert connections.direct(environ)["KF_AIRFLOW_DATABASE_HOST"] == "behind.example"


@pytest.mark.parametrize(
    ("reason", "refused"),
    [
        ('FATAL: password authentication failed for user "u"', True),
        ("FATAL: The password that was provided for the role u is wrong.", True),
        ("This RDS proxy has no credentials for the role u.", False),
        ("Connection refused", False),
    ],
)
def test_a_wrong_password_is_known_from_the_server_s_sentence(reason: str, refused: bool) -> None:
    assert connections.login_refused(reason) is refused


def test_results_are_written_by_their_own_role(environ: dict[str, str]) -> None:
    url = urlsplit(connections.results(environ, BUNDLE)["AIRFLOW__CELERY__RESULT_BACKEND"])
    assert (url.scheme, url.username, unquote(url.password or "")) == (
        "db+postgresql+psycopg2",
        "results",
        "r'es/ult",
    )


def test_a_broker_with_tls_is_verified_without_a_client_certificate(environ: dict[str, str]) -> None:
    assert connections.broker(environ, BUNDLE) == {
        "AIRFLOW__CELERY__BROKER_URL": "rediss://:tok%2Fen%401@redis.example:6379/0",
        "AIRFLOW__CELERY__SSL_ACTIVE": "True",
        "AIRFLOW__CELERY__SSL_MUTUAL_TLS": "False",
        "AIRFLOW__CELERY__SSL_CACERT": BUNDLE,
    }


def test_a_broker_without_tls_is_plain_redis(environ: dict[str, str]) -> None:
    environ["KF_AIRFLOW_BROKER_TLS"] = "false"
    assert connections.broker(environ, BUNDLE) == {
        "AIRFLOW__CELERY__BROKER_URL": "redis://:tok%2Fen%401@redis.example:6379/0",
        "AIRFLOW__CELERY__SSL_ACTIVE": "False",
    }


def test_a_broker_that_asks_for_no_password_gets_none(environ: dict[str, str]) -> None:
    del environ["KF_AIRFLOW_BROKER_PASSWORD"]
    url = connections.broker(environ, BUNDLE)["AIRFLOW__CELERY__BROKER_URL"]
    assert url == "rediss://redis.example:6379/0"


def test_an_empty_broker_password_is_not_taken_for_none(environ: dict[str, str]) -> None:
    environ["KF_AIRFLOW_BROKER_PASSWORD"] = ""
    with pytest.raises(RefusalError, match="KF_AIRFLOW_BROKER_PASSWORD is not set: it comes from"):
        connections.broker(environ, BUNDLE)


def test_flower_asks_for_its_login(environ: dict[str, str]) -> None:
    assert connections.flower(environ) == {"AIRFLOW__CELERY__FLOWER_BASIC_AUTH": "flower:pet:al"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("KF_AIRFLOW_FLOWER_PASSWORD", "a,b"), ("KF_AIRFLOW_FLOWER_USERNAME", "a:b")],
)
def test_a_flower_login_that_flower_would_cut_is_refused(
    environ: dict[str, str], name: str, value: str
) -> None:
    environ[name] = value
    with pytest.raises(RefusalError, match="KF_AIRFLOW_FLOWER_USERNAME"):
        connections.flower(environ)
