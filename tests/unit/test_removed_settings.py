import re

import pytest

from kf_airflow.configuration import VARIABLES
from kf_airflow.owned_variables import REASONS, SETTINGS
from kf_airflow.removed_options import REMOVED, REMOVED_SECTIONS, REPLACEMENTS, STILL_READ
from kf_airflow.removed_settings import SECTIONS, checked_variables, problems

NOT_AN_OPTION = "is not an option of Airflow 3.3"


@pytest.mark.parametrize(
    "name",
    [
        "AIRFLOW__EMAIL__FROM_EMAIL",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL",
        # Read, though nothing else of its section is.
        "AIRFLOW__WEBSERVER__LOG_REQUEST_CLOCK_GRACE",
        # A section of somebody's plugin.
        "AIRFLOW__MY_PLUGIN__SWITCH",
        "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH",
        "AIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ID",
        "AIRFLOW__CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS__CLIENT-CONFIG",
        "AIRFLOW__TEAM_A___CELERY__OPERATION_TIMEOUT",
        "AIRFLOW_CONN_CORE__X",
        "AIRFLOW_VAR_CORE",
        "AIRFLOW_HOME",
        "AIRFLOW_CORE_TEAM",
        "PATH",
        "https_proxy",
    ],
)
def test_a_variable_that_is_read_and_free_is_allowed(name: str) -> None:
    assert problems([name]) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("AIRFLOW__WEBSERVER__COOKIE_SECURE", f"{NOT_AN_OPTION}: use AIRFLOW__FAB__COOKIE_SECURE"),
        ("AIRFLOW__WEBSERVER__PAGE_SIZE", f"{NOT_AN_OPTION}: use AIRFLOW__API__FALLBACK_PAGE_LIMIT"),
        ("AIRFLOW__WEBSERVER__BASE_URL", f"{NOT_AN_OPTION}: use base_url"),
        ("AIRFLOW__SCHEDULER__MAX_THREADS", f"{NOT_AN_OPTION}: use configuration.parsing_processes"),
        (
            "AIRFLOW__CORE__REMOTE_LOGGING",
            f"{NOT_AN_OPTION}: remove it, for AIRFLOW__LOGGING__REMOTE_LOGGING is set by the library, "
            "as logs go to the bucket, with the role of the task; a bucket of your own can be brought",
        ),
    ],
)
def test_what_has_another_name_is_refused_with_what_to_use(name: str, problem: str) -> None:
    assert problems([name]) == [f"{name} {problem}"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("AIRFLOW__CORE__TASK_RUNNER", ""),
        ("AIRFLOW__CORE__CHECK_SLAS", ", as deadline alerts, which DAGs declare, came in place of SLAs"),
        (
            "AIRFLOW__SMTP__SMTP_PASSWORD",
            ", as name and password belong in the connection smtp_default",
        ),
        ("AIRFLOW__WEBSERVER__RBAC", ""),
        ("AIRFLOW__KUBERNETES__NAMESPACE", ", as this deployment has Celery's workers"),
    ],
)
def test_what_has_no_replacement_is_refused_with_what_there_is_to_know(name: str, hint: str) -> None:
    assert problems([name]) == [f"{name} {NOT_AN_OPTION} and has no replacement: remove it{hint}"]


@pytest.mark.parametrize("setting", VARIABLES)
def test_what_has_a_setting_of_its_own_is_refused_with_its_name(setting: str) -> None:
    variable = VARIABLES[setting]

    assert problems([variable]) == [f"{variable} has a setting of its own: use configuration.{setting}"]


@pytest.mark.parametrize("variable", REASONS)
def test_what_the_library_sets_for_itself_is_refused_with_the_reason(variable: str) -> None:
    assert problems([variable]) == [f"{variable} is set by the library: remove it, {REASONS[variable]}"]


@pytest.mark.parametrize("suffix", ["_CMD", "_SECRET"])
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("AIRFLOW__CORE__FERNET_KEY", "is set by the library"),
        ("AIRFLOW__API_AUTH__JWT_SECRET", "is set by the library"),
        ("AIRFLOW__CORE__SQL_ALCHEMY_CONN", NOT_AN_OPTION),
        ("AIRFLOW__SMTP__SMTP_PASSWORD", NOT_AN_OPTION),
    ],
)
def test_to_say_where_a_value_is_counts_as_saying_it(name: str, problem: str, suffix: str) -> None:
    assert [
        sentence.startswith(f"{name}{suffix} {problem}") for sentence in problems([f"{name}{suffix}"])
    ] == [True]


def test_what_is_said_for_a_team_is_looked_at_as_well() -> None:
    assert problems(["AIRFLOW__TEAM_A___CORE__PARALLELISM"]) == [
        "AIRFLOW__TEAM_A___CORE__PARALLELISM has a setting of its own: use configuration.parallelism"
    ]


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("AIRFLOW_CORE__LOAD_EXAMPLES", "AIRFLOW__CORE__LOAD_EXAMPLES"),
        ("AIRFLOW__CORE_LOAD_EXAMPLES", "AIRFLOW__CORE__LOAD_EXAMPLES"),
        ("AIRFLOW___CORE__LOAD_EXAMPLES", "AIRFLOW__CORE__LOAD_EXAMPLES"),
        ("AIRFLOW__CORE___LOAD_EXAMPLES_", "AIRFLOW__CORE__LOAD_EXAMPLES"),
        ("airflow__core__load_examples", "AIRFLOW__CORE__LOAD_EXAMPLES"),
        ("AIRFLOW__common.io__XCOM_OBJECTSTORAGE_PATH", "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH"),
        ("AIRFLOW__API_AUTH_JWT_LEEWAY", "AIRFLOW__API_AUTH__JWT_LEEWAY"),
        ("AIRFLOW__LOAD_EXAMPLES", "AIRFLOW__SECTION__OPTION"),
        ("AIRFLOW__CORE__", "AIRFLOW__SECTION__OPTION"),
    ],
)
def test_a_name_that_is_misspelt_is_refused_with_the_right_spelling(name: str, spelling: str) -> None:
    assert problems([name]) == [f"{name} is not spelt as Airflow reads it: use {spelling}"]


def test_the_right_spelling_may_be_refused_as_well() -> None:
    assert problems(["airflow__core__parallelism"]) == [
        "airflow__core__parallelism is not spelt as Airflow reads it, and AIRFLOW__CORE__PARALLELISM "
        "has a setting of its own: use configuration.parallelism"
    ]


def test_every_mistake_is_said_in_the_order_of_the_names() -> None:
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"AIRFLOW__CORE__TASK_RUNNER {NOT_AN_OPTION} and has no replacement: remove it; "
            "AIRFLOW__TRIGGERER__CAPACITY has a setting of its own: use configuration.triggerer_capacity"
        ),
    ):
        checked_variables(
            {"AIRFLOW__TRIGGERER__CAPACITY": "1", "AIRFLOW__CORE__TASK_RUNNER": "x", "AIRFLOW_HOME": "/"}
        )


def test_good_variables_pass() -> None:
    checked_variables({"AIRFLOW__EMAIL__FROM_EMAIL": "airflow@example.org"})


def test_an_option_is_in_one_of_the_tables_alone() -> None:
    assert (
        set(REPLACEMENTS) & set(REMOVED),
        set(STILL_READ) & {*REPLACEMENTS, *REMOVED},
        set(SETTINGS) & set(REASONS),
    ) == (set(), set(), set())


def test_no_replacement_is_itself_gone() -> None:
    gone = {*REPLACEMENTS, *REMOVED}

    assert [
        new for new in REPLACEMENTS.values() if new in gone or new.split(".")[0] in REMOVED_SECTIONS
    ] == []


def test_every_section_that_a_table_names_is_known() -> None:
    named = {key.split(".")[0] for key in (*REPLACEMENTS.values(), *STILL_READ)}
    owned = {variable.lower().split("__")[1] for variable in (*SETTINGS, *REASONS)}

    assert {*named, *owned} - set(SECTIONS) == set()
