"""`isolation`: proves that a task can neither read Airflow's database nor log in. Run by hand."""

import logging
import os
from contextlib import closing
from urllib.parse import urljoin

import psycopg2
import requests
from airflow.sdk import dag, task
from sqlalchemy.engine import make_url

# Where connections, variables and sessions of users are kept, and the passwords of PostgreSQL's roles.
FORBIDDEN_TABLES = ("connection", "variable", "dag_run", "ab_user", "session", "pg_authid")
SECRETS = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
# The administrator is the first.
USERS = range(1, 11)

log = logging.getLogger(__name__)


@dag(
    dag_id="isolation",
    description="Proves that tasks can neither read Airflow's database nor log in; started by hand",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    default_args={"retries": 0},
    tags=["platform"],
)
def isolation() -> None:
    """Tries each way to the database, and to a login, that a worker has the means for."""

    @task
    def look_for_secrets() -> None:
        found = [name for name in SECRETS if name in os.environ]
        # Airflow itself puts something there that is no database.
        if "@" in os.environ.get(URL, ""):
            found.append(URL)
        if found:
            raise RuntimeError(f"a task sees {', '.join(found)}")
        log.info("ISOLATION none of %s", ", ".join((*SECRETS, URL)))

    @task
    def read_tables() -> None:
        """Logs in with what a worker has, the role for Celery's results, and asks for more."""
        url = make_url(os.environ["AIRFLOW__CELERY__RESULT_BACKEND"].removeprefix("db+"))
        login = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg2.connect(login)) as mine:
            mine.autocommit = True
            for statement in (
                *(f"SELECT * FROM {table} LIMIT 1" for table in FORBIDDEN_TABLES),  # noqa: S608 - ours
                "CREATE TABLE public.trespass (id int)",
                "SET ROLE airflow_metadata",
                "SET ROLE airflow",
            ):
                try:
                    mine.cursor().execute(statement)
                except psycopg2.errors.InsufficientPrivilege as refusal:
                    log.info("ISOLATION refused: %s: %s", statement, str(refusal).splitlines()[0])
                else:
                    raise RuntimeError(f"a task may {statement}")

    @task
    def read_by_airflow() -> None:
        """Asks Airflow itself for a session, as code written for Airflow 2 does."""
        from airflow.utils.session import create_session  # Airflow refuses it to some at import already
        from sqlalchemy import text

        try:
            with create_session() as session:
                session.execute(text("SELECT * FROM dag_run LIMIT 1"))
        except Exception as refusal:
            log.info("ISOLATION refused: %s", str(refusal).splitlines()[0])
        else:
            raise RuntimeError("a task may use Airflow's session")

    @task
    def forge_logins() -> None:
        """Signs what would stand for a login, with the key a worker has for the logs it serves."""
        from flask_login import encode_cookie

        page = urljoin(os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"], "/auth/")
        for user in USERS:
            cookie = encode_cookie(str(user), key=os.environ["AIRFLOW__API__SECRET_KEY"])
            answer = requests.get(
                page, headers={"Cookie": f"remember_token={cookie}"}, allow_redirects=False, timeout=30
            )
            # Whoever is logged in gets a token of the API there.
            if "_token" in answer.cookies:
                raise RuntimeError(f"a task may log in as user {user}")
            # It leads everybody on: another answer is none to this question.
            if answer.status_code != requests.codes.found:
                raise RuntimeError(f"{page} answers {answer.status_code}, so nothing is proven")
            log.info("ISOLATION refused: a login as user %s", user)

    look_for_secrets() >> read_tables() >> read_by_airflow() >> forge_logins()


isolation()
