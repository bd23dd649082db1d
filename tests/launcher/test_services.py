"""Logs and shells of services, by what people call them."""

import json
import os
import sys
from typing import Any

import pytest
from docker_double import DockerDouble, Thing

from kf_airflow_local import cli, engine, host, service_logs, services, shell
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.localstack import LABEL, NAME
from kf_airflow_local.workspace import INSTANCE

OURS = {f"{LABEL}.instance": INSTANCE}


class Machine(DockerDouble):
    """An engine with containers of the local system in it."""

    def task(self, container: str, made: str, **options: Any) -> Thing:
        labels = {
            **OURS,
            f"{LABEL}.kind": "ecs-container",
            f"{LABEL}.container": container,
            f"{LABEL}.service": f"{INSTANCE}-{container}",
        }
        return self.containers.add(f"{container}-{made}", labels, attrs={"Created": made}, **options)

    def store(self, kind: str, **options: Any) -> Thing:
        return self.containers.add(kind, {**OURS, f"{LABEL}.kind": kind}, **options)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(engine, "client", lambda: made)
    return made


def named(machine: Machine, service: str) -> list[str]:
    return [str(one.name) for one in services.containers_of(machine, service)]  # type: ignore[arg-type]


def test_a_container_of_a_task_is_called_as_there_and_the_newest_comes_first(machine: Machine) -> None:
    machine.task("worker", "1")
    machine.task("worker", "2")
    machine.task("scheduler", "3")

    assert named(machine, "worker") == ["worker-2", "worker-1"]
    assert named(machine, f"{INSTANCE}-worker") == ["worker-2", "worker-1"]


@pytest.mark.parametrize(
    ("kind", "service"), [("rds", "database"), ("elasticache", "broker"), ("elbv2", "load-balancer")]
)
def test_stores_are_called_by_what_they_are_for(machine: Machine, kind: str, service: str) -> None:
    machine.store(kind)

    assert named(machine, service) == [kind]


def test_localstack_is_called_so(machine: Machine) -> None:
    machine.containers.add(NAME, OURS)

    assert named(machine, "localstack") == [NAME]


def test_a_service_that_is_not_there_is_told_with_those_that_are(machine: Machine) -> None:
    machine.task("worker", "1")
    machine.store("rds")
    machine.store("ecs-task-pause")

    with pytest.raises(LauncherError, match="no service 'werker': there are database, worker"):
        named(machine, "werker")


def test_where_nothing_runs_it_says_how_to_change_that(machine: Machine) -> None:
    with pytest.raises(LauncherError, match="Nothing runs: nox -s up brings it up"):
        named(machine, "worker")


def event(**values: Any) -> str:
    return json.dumps({"time": "12:00:00", "process": "worker", "message": "it goes on", **values})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("plain words", "plain words"),
        (event(), "12:00:00 worker: it goes on"),
        (
            event(level="info", task_id="a", try_number=2),
            "12:00:00 worker: it goes on (task_id=a, try_number=2)",
        ),
        ('{"other": 1}', '{"other": 1}'),
        ("{no json", "{no json"),
    ],
)
def test_an_event_is_read_as_its_sentence_and_all_else_as_it_is(line: str, text: str) -> None:
    assert service_logs.readable(line) == text


class Writer:
    """A container that has written lines."""

    def __init__(self, name: str, *lines: str) -> None:
        self.name, self.lines = name, lines

    def logs(self, *, tail: int, timestamps: bool = False, **options: Any) -> Any:
        text = "\n".join(
            line if timestamps else line.partition(" ")[2] for line in self.lines[-tail:]
        ).encode()
        return iter([text]) if options.get("stream") else text


def test_the_lines_of_several_containers_come_by_their_time() -> None:
    writers: list[Any] = [Writer("a", "1 one", "4 four"), Writer("b", "2 two", "3 three")]

    assert list(service_logs.tail(writers, 100)) == ["a | one", "b | two", "b | three", "a | four"]


def test_the_lines_of_one_container_come_without_its_name() -> None:
    writers: list[Any] = [Writer("a", "1 one", "2 two")]

    assert list(service_logs.tail(writers, 1)) == ["two"]


def test_who_follows_sees_all_until_everybody_has_ended() -> None:
    shown: list[str] = []
    writers: list[Any] = [Writer("a", "1 one"), Writer("b", "2 two")]
    service_logs.follow(writers, 100, shown.append)

    assert sorted(shown) == ["a | one", "b | two"]


def test_a_shell_is_opened_in_the_newest_container_that_runs(machine: Machine) -> None:
    machine.task("worker", "2", status="exited")
    machine.task("worker", "1")
    client: Any = machine

    words = shell.command(client, "worker", (), terminal=True)
    assert words[:6] == ["docker", "exec", "--interactive", "--tty", "worker-1", "sh"]


def test_something_else_can_be_run_without_a_terminal(machine: Machine) -> None:
    machine.task("worker", "1")
    client: Any = machine

    assert shell.command(client, "worker", ("airflow", "version"), terminal=False) == [
        *("docker", "exec", "--interactive", "worker-1"),
        *("airflow", "version"),
    ]


def test_without_a_container_that_runs_it_says_where_to_look(machine: Machine) -> None:
    machine.task("worker", "1", status="exited")
    client: Any = machine

    with pytest.raises(LauncherError, match="No container of worker runs: nox -s logs -- worker says"):
        shell.command(client, "worker", (), terminal=True)


def test_the_commands_take_what_stands_behind_them(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.task("worker", "1")
    opened: list[list[str]] = []
    monkeypatch.setattr(host, "require_program", lambda *_: None)
    monkeypatch.setattr(os, "execvp", lambda _, words: opened.append(words))
    monkeypatch.setattr(sys, "argv", ["kf_airflow_local", "shell", "worker", "airflow", "info", "--verbose"])
    with pytest.raises(SystemExit):
        cli.main()

    assert opened[0][-4:] == ["worker-1", "airflow", "info", "--verbose"]
