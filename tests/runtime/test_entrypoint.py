import json
import os
import subprocess
import sys
from typing import Any

import pytest

from kf_airflow_runtime import certificates, entrypoint, privileges
from kf_airflow_runtime.refusal import RefusalError

METADATA = {
    "KF_AIRFLOW_DATABASE_HOST",
    "KF_AIRFLOW_DATABASE_PORT",
    "KF_AIRFLOW_DATABASE_NAME",
    "KF_AIRFLOW_DATABASE_USERNAME",
    "KF_AIRFLOW_DATABASE_PASSWORD",
}
BROKER = {"KF_AIRFLOW_BROKER_HOST", "KF_AIRFLOW_BROKER_PORT", "KF_AIRFLOW_BROKER_TLS"}
MASTER = {"KF_AIRFLOW_MASTER_USERNAME", "KF_AIRFLOW_MASTER_PASSWORD"}
RESULTS = {"KF_AIRFLOW_RESULTS_USERNAME", "KF_AIRFLOW_RESULTS_PASSWORD"}


def environment(name: str, environ: dict[str, str]) -> dict[str, str]:
    return entrypoint.environment(entrypoint.COMMANDS[name], environ, {})


def test_the_commands_are_the_containers_of_the_task_definitions_and_two_by_hand() -> None:
    assert set(entrypoint.COMMANDS) - {"rotate-fernet-key", "downgrade"} == {
        "dag-processor",
        "flower",
        "metrics",
        "migrate",
        "scheduler",
        "triggerer",
        "webserver",
        "worker",
    }


def test_webserver_is_the_api_server_behind_a_proxy() -> None:
    assert entrypoint.COMMANDS["webserver"].argv == ("airflow", "api-server", "--proxy-headers")


@pytest.mark.parametrize("name", ["scheduler", "dag-processor", "triggerer"])
def test_what_ends_without_its_database_starts_when_that_lets_it_in(name: str) -> None:
    assert entrypoint.COMMANDS[name].argv[1:4] == (
        *("-m", "kf_airflow_runtime.after_login"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    )


def test_a_worker_starts_when_there_is_something_to_work_for() -> None:
    assert entrypoint.COMMANDS["worker"].argv[1:3] == ("-m", "kf_airflow_runtime.worker_start")


def test_worker_neither_mingles_nor_gossips() -> None:
    assert entrypoint.COMMANDS["worker"].argv[3:] == (
        "airflow",
        "celery",
        "worker",
        "--without-mingle",
        "--without-gossip",
    )


def test_no_command_names_those_known() -> None:
    with pytest.raises(
        RefusalError, match="dag-processor, downgrade, flower, metrics, migrate, rotate-fernet-key"
    ) as refusal:
        entrypoint.command([])
    assert refusal.value.exit_code == 64


def test_an_unknown_command_is_named_with_those_known() -> None:
    with pytest.raises(
        RefusalError, match="Unknown command 'bash': this image knows dag-processor, downgrade"
    ) as refusal:
        entrypoint.command(["bash"])
    assert refusal.value.exit_code == 64


def test_a_worker_needs_no_login_of_the_metadata_database_and_no_key_that_decrypts_it() -> None:
    needs = set(entrypoint.COMMANDS["worker"].needs())
    assert not needs & {
        "KF_AIRFLOW_DATABASE_USERNAME",
        "KF_AIRFLOW_DATABASE_PASSWORD",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
    }


@pytest.mark.parametrize("name", sorted(set(entrypoint.COMMANDS) - {"migrate"}))
def test_the_master_login_is_needed_by_migrate_alone(name: str) -> None:
    assert set(entrypoint.COMMANDS["migrate"].needs()) >= MASTER
    assert not MASTER & set(entrypoint.COMMANDS[name].needs())


def test_a_worker_needs_results_broker_and_execution_api() -> None:
    needs = set(entrypoint.COMMANDS["worker"].needs())
    assert needs >= RESULTS | BROKER | {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__API__SECRET_KEY"}


def test_the_scheduler_needs_metadata_results_and_broker() -> None:
    assert set(entrypoint.COMMANDS["scheduler"].needs()) >= METADATA | RESULTS | BROKER


@pytest.mark.parametrize("name", ["webserver", "dag-processor", "triggerer"])
def test_what_does_not_queue_needs_no_broker(name: str) -> None:
    assert not BROKER & set(entrypoint.COMMANDS[name].needs())


def test_flower_needs_only_the_broker_and_its_login() -> None:
    assert set(entrypoint.COMMANDS["flower"].needs()) == BROKER | {
        "KF_AIRFLOW_FLOWER_USERNAME",
        "KF_AIRFLOW_FLOWER_PASSWORD",
    }


def test_a_secret_is_in_the_environment_only_as_part_of_a_url(environ: dict[str, str]) -> None:
    kept = environment("scheduler", environ)
    assert not [name for name in kept if name.startswith("KF_AIRFLOW_") and name.endswith("_PASSWORD")]


def test_migrate_keeps_the_secrets_it_hands_on(environ: dict[str, str]) -> None:
    assert environment("migrate", environ)["KF_AIRFLOW_ADMIN_PASSWORD"] == "secret"


def test_migrate_reaches_the_database_itself_past_a_proxy(environ: dict[str, str]) -> None:
    environ["KF_AIRFLOW_MASTER_HOST"] = "behind.example"
    made = environment("migrate", environ)
    assert made["KF_AIRFLOW_DATABASE_HOST"] == "behind.example"
    assert "@behind.example:5432/" in made["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]


def test_what_runs_goes_through_the_proxy(environ: dict[str, str]) -> None:
    environ["KF_AIRFLOW_MASTER_HOST"] = "behind.example"
    url = environment("scheduler", environ)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert "@db.example:5432/" in url


def test_airflow_itself_logs_in_with_its_own_role(environ: dict[str, str]) -> None:
    assert "//meta%40x:" in environment("migrate", environ)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]


def test_a_worker_has_an_in_memory_database_in_place_of_the_metadata(environ: dict[str, str]) -> None:
    assert environment("worker", environ)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "sqlite://"


@pytest.mark.parametrize("command", ["worker", "scheduler", "flower"])
def test_whoever_speaks_to_the_broker_has_our_configuration_of_celery(
    command: str, environ: dict[str, str]
) -> None:
    name = "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS"
    assert environment(command, environ)[name] == "kf_airflow_runtime.celery_config.CELERY_CONFIG"


def test_what_the_container_says_outright_wins(environ: dict[str, str]) -> None:
    environ["AIRFLOW__CELERY__BROKER_URL"] = "redis://elsewhere"
    assert environment("worker", environ)["AIRFLOW__CELERY__BROKER_URL"] == "redis://elsewhere"


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> list[Any]:
    """The arguments of the call that would replace the process."""
    arguments: list[Any] = []
    monkeypatch.setattr(os, "execvpe", lambda *call: arguments.extend(call))
    monkeypatch.setattr(os, "environ", environ)
    monkeypatch.setattr(certificates, "write", lambda _: {"SSL_CERT_FILE": "bundle"})
    monkeypatch.setattr(privileges, "drop", lambda _: None)
    return arguments


def test_main_becomes_the_process(monkeypatch: pytest.MonkeyPatch, became: list[Any]) -> None:
    monkeypatch.setattr(sys, "argv", ["kf-airflow", "flower", "--conf", "x"])
    entrypoint.main()
    program, argv, kept = became
    assert (program, argv) == ("airflow", ["airflow", "celery", "flower", "--conf", "x"])
    assert kept["SSL_CERT_FILE"] == "bundle"


def test_keys_are_rotated_with_the_environment_of_a_process(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], became: list[Any]
) -> None:
    environ["AIRFLOW__CORE__FERNET_KEY"] = "new,old"
    monkeypatch.setattr(sys, "argv", ["kf-airflow", "rotate-fernet-key"])
    entrypoint.main()
    assert became[1] == ["airflow", "rotate-fernet-key"]
    assert became[2]["AIRFLOW__CORE__FERNET_KEY"] == "new,old"
    assert became[2]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("postgresql+psycopg2://")


def test_one_key_alone_is_not_rotated(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], became: list[Any]
) -> None:
    monkeypatch.setattr(sys, "argv", ["kf-airflow", "rotate-fernet-key"])
    with pytest.raises(SystemExit) as ended:
        entrypoint.main()
    assert (ended.value.code, became) == (78, [])
    assert (
        "must have the new one first and the old one behind it"
        in json.loads(capfd.readouterr().out)["message"]
    )


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kf_airflow_runtime.entrypoint", *arguments],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def event(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The only line that it has written."""
    (line,) = ended.stdout.splitlines()
    assert ended.stderr == ""
    told: dict[str, Any] = json.loads(line)
    return told


def test_an_unknown_command_exits_with_64_and_no_traceback() -> None:
    ended = run("webservr")
    told = event(ended)
    assert (ended.returncode, told["exit_code"]) == (64, 64)
    assert (told["event"], told["level"], told["process"]) == ("refused", "warning", "kf-airflow")
    assert told["message"].startswith("Unknown command 'webservr': this image knows ")


def test_missing_variables_exit_with_78_and_a_sentence_each() -> None:
    ended = run("flower")
    told = event(ended)
    assert (ended.returncode, told["exit_code"], told["process"]) == (78, 78, "flower")
    assert told["message"].splitlines()[0] == (
        "KF_AIRFLOW_BROKER_HOST is not set: it comes from the plain environment of the task definition"
        " (modules/kf_airflow/environment.py)."
    )
    assert len(told["message"].splitlines()) == 5


def test_the_entrypoint_imports_nothing_that_has_to_be_installed() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import sys, kf_airflow_runtime.entrypoint; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert not {"airflow", "celery", "psycopg2", "sqlalchemy", "http", "ssl"} & set(ended.stdout.split())
