"""What up and down do with what they find."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker.errors import APIError
from docker_double import DockerDouble
from rich.console import Console

from kf_airflow.plan_losses import Loss
from kf_airflow_local import (
    airflow,
    certificates,
    deployment,
    diagnostics,
    engine,
    host,
    images,
    localstack,
    status,
    stored_stack,
    synthesis,
    terraform,
)
from kf_airflow_local import down as going_down
from kf_airflow_local import up as going_up
from kf_airflow_local.airflow import SmokeRun
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.images import Images
from kf_airflow_local.progress import Progress
from kf_airflow_local.provider import Source
from kf_airflow_local.record import Record
from kf_airflow_local.synthesis import LocalConfiguration
from kf_airflow_local.system import System
from kf_airflow_local.up import Up
from kf_airflow_local.up_report import UpReport
from kf_airflow_local.workspace import INSTANCE, Workspace

OURS = {"localstack-dataplane.instance": INSTANCE}


class Machine:
    """A machine whose engine, Terraform and Airflow are doubles; ``changes`` is what Terraform plans."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.docker = DockerDouble()
        self.changes = True
        self.built: list[str] = []
        self.smoke_runs = 0
        self.system = System(
            Workspace(root), LocalConfiguration("http://localhost:4566", "http://localhost:8080")
        )
        self.console = Console(record=True, width=300, quiet=True)
        self.patch = monkeypatch.setattr
        references = {recipe.name: f"{recipe.name}:1" for recipe in images.RECIPES}
        self.patch(engine, "reach", lambda: self.docker)
        self.patch(engine, "ensure", lambda _: (self.docker, "answers"))
        self.patch(images, "ensure", lambda *_, dags: Images(references, self.built))
        self.patch(images, "prune", lambda *_, **__: [])
        self.patch(host, "require_program", lambda *_: None)
        self.patch(host, "require_free_port", lambda *_: None)
        self.patch(certificates, "ensure_authority", lambda _: None)
        self.patch(localstack, "start", self.start)
        self.patch(localstack, "wait_until_healthy", lambda *_: None)
        self.patch(synthesis, "synthesize", lambda *_: {})
        self.patch(synthesis, "initialize", lambda *_: Source("a mirror"))
        self.patch(terraform, "plan", lambda _: self.changes)
        self.patch(terraform, "losses", lambda _: [])
        self.patch(terraform, "apply", lambda _: "106 added")
        self.patch(deployment, "gone_back", lambda *_: [])
        self.patch(terraform, "outputs", lambda _: {"webserver_url": "http://localhost:8080"})
        self.patch(deployment, "wait_until_healthy", lambda *_: None)
        self.patch(airflow.Airflow, "wait_until_up", lambda _: None)
        self.patch(airflow, "smoke", self.smoke)
        for module in (going_up, status):
            self.patch(module, "summary", lambda *_: "the summary")
        self.patch(diagnostics, "report", lambda *_: "the diagnosis")

    def start(self, _: Any, wanted: Any, __: Workspace) -> Any:
        labels = {**OURS, "localstack-dataplane.configuration": localstack.fingerprint(wanted)}
        self.docker.networks.add(INSTANCE, OURS)
        return self.docker.containers.add(localstack.NAME, labels, attrs={"State": {"StartedAt": "now"}})

    def smoke(self, *_: Any) -> SmokeRun:
        self.smoke_runs += 1
        return SmokeRun(f"run {self.smoke_runs}", "s3://log")

    def fail(self, error: BaseException) -> None:
        """Let Terraform fail from now on."""

        def apply(_: Any) -> str:
            raise error

        self.patch(terraform, "apply", apply)

    def up(self, **options: Any) -> str:
        """Bring the system up; returns what was said."""
        self.console = Console(record=True, width=300, quiet=False, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
        try:
            Up(self.system, Progress(self.console), **options).run()
        finally:
            self.console.file.close()
        return self.console.export_text()

    def said(self, act: Callable[[Progress], Any]) -> str:
        """Return what was said while something was done."""
        with Path("/dev/null").open("w") as nowhere:
            console = Console(record=True, width=300, file=nowhere)
            act(Progress(console))
            return console.export_text()

    @property
    def record(self) -> Record | None:
        return Record.read(self.system.workspace)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_from_nothing_it_is_started_applied_and_tried(machine: Machine) -> None:
    said = machine.up()

    assert "LocalStack: started" in said
    assert "Terraform: 106 added" in said
    assert "Smoke run: run 1 succeeded" in said


def test_at_the_end_the_summary_is_shown(machine: Machine) -> None:
    assert "the summary" in machine.up()


def test_a_second_time_nothing_is_done_and_that_is_said(machine: Machine) -> None:
    machine.up()
    machine.changes = False

    said = machine.up()

    assert "Nothing to do" in said
    assert machine.smoke_runs == 1


def test_a_change_is_applied_to_what_runs_and_tried(machine: Machine) -> None:
    machine.up()

    said = machine.up()

    assert "LocalStack: runs already" in said
    assert "Nothing to do" not in said
    assert machine.smoke_runs == 2


def test_the_seconds_of_a_first_run_are_reported(machine: Machine) -> None:
    machine.built = ["kf-airflow"]

    machine.up()

    report = json.loads((machine.system.workspace.reports / "up.json").read_text())
    assert report["cold"] is True
    assert list(report["stages"]) == [
        "engine",
        "images",
        "localstack",
        "synth",
        "apply",
        "healthy",
        "smoke",
    ]


def test_a_run_that_changes_nothing_does_not_overwrite_that_report(machine: Machine) -> None:
    machine.up()
    before = (machine.system.workspace.reports / "up.json").read_text()
    machine.changes = False

    machine.up()

    assert (machine.system.workspace.reports / "up.json").read_text() == before


def test_when_localstack_is_gone_it_starts_over_and_says_so(machine: Machine) -> None:
    machine.up()
    machine.docker.containers.things.clear()
    machine.system.workspace.terraform.mkdir(parents=True, exist_ok=True)
    machine.system.workspace.state.write_text("of a system that is gone")

    said = machine.up()

    assert "Starting over: LocalStack does not run" in said
    assert not machine.system.workspace.state.exists()


def test_when_localstack_has_changed_it_starts_over_and_says_so(machine: Machine) -> None:
    machine.up()
    machine.docker.containers.things[0].labels["localstack-dataplane.configuration"] = "other"

    assert "started over: LocalStack, its extension or its ports have changed" in machine.up()


def test_an_interrupted_run_is_not_built_upon(machine: Machine) -> None:
    machine.fail(LauncherError("broken"))
    with pytest.raises(LauncherError):
        machine.up(keep=True)
    machine.patch(terraform, "apply", lambda _: "106 added")

    assert "started over: the last nox -s up did not come to its end" in machine.up()


@pytest.mark.parametrize("error", [LauncherError("broken"), KeyboardInterrupt()])
def test_a_first_run_that_fails_leaves_nothing(machine: Machine, error: BaseException) -> None:
    machine.fail(error)

    with pytest.raises(type(error)):
        machine.up()

    assert machine.docker.containers.things == []
    assert machine.docker.networks.things == []
    assert machine.record is None


def test_a_first_run_that_fails_is_diagnosed_before_it_is_removed(machine: Machine) -> None:
    machine.fail(LauncherError("broken"))

    with pytest.raises(LauncherError):
        machine.up()

    said = machine.console.export_text()
    assert said.index("the diagnosis") < said.index("was removed again")


def test_a_run_is_reported_with_its_stack_and_stages(machine: Machine, tmp_path: Path) -> None:
    machine.patch(synthesis, "synthesize", lambda *_: {"resource": {}})

    machine.up(report=tmp_path / "reports/e2e/up.json")

    report = UpReport.read(tmp_path / "reports/e2e/up.json")
    assert report.stack == {"resource": {}}
    assert [stage.name for stage in report.stages][-3:] == ["apply", "healthy", "smoke"]
    assert (report.error, report.explanation) == ("", "")


def test_a_failing_run_is_reported_with_the_stage_that_failed_and_the_diagnosis(
    machine: Machine, tmp_path: Path
) -> None:
    machine.fail(LauncherError("broken"))

    with pytest.raises(LauncherError):
        machine.up(report=tmp_path / "up.json")

    report = UpReport.read(tmp_path / "up.json")
    assert (report.stages[-1].name, report.stages[-1].outcome, report.stages[-1].good) == (
        "apply",
        "broken",
        False,
    )
    assert (report.error, report.explanation) == ("broken", "the diagnosis")


def test_a_reported_run_that_fails_on_a_running_system_is_diagnosed_too(
    machine: Machine, tmp_path: Path
) -> None:
    machine.up()
    machine.fail(LauncherError("broken"))

    with pytest.raises(LauncherError):
        machine.up(report=tmp_path / "up.json")

    assert UpReport.read(tmp_path / "up.json").explanation == "the diagnosis"


def test_an_interrupted_run_is_reported_as_that(machine: Machine, tmp_path: Path) -> None:
    machine.fail(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        machine.up(report=tmp_path / "up.json")

    assert UpReport.read(tmp_path / "up.json").error == "interrupted"


def test_a_plan_that_would_lose_data_is_refused_before_anything_is_applied(machine: Machine) -> None:
    machine.up()
    machine.fail(AssertionError("it was applied"))
    lost = Loss(address="aws_db_instance.it", kind="the database", replaced=True)
    machine.patch(terraform, "losses", lambda _: [lost])

    with pytest.raises(LauncherError, match=r"would make anew the database aws_db_instance.it") as refused:
        machine.up()

    assert str(refused.value).endswith("nox -s down, then nox -s up makes all of it anew.")


def test_a_deployment_that_ecs_took_back_fails_with_the_reason(machine: Machine) -> None:
    machine.up()
    machine.fail(LauncherError("Terraform could not apply the stack"))
    machine.patch(deployment, "gone_back", lambda *_: ["airflow"])
    machine.patch(deployment, "explain", lambda *_: "`migrate` ended with exit code 1")

    with pytest.raises(LauncherError, match="Terraform could not apply the stack\n`migrate` ended with exit"):
        machine.up()


def test_a_stored_stack_is_deployed_instead_of_the_working_tree_s(machine: Machine, tmp_path: Path) -> None:
    given: list[Any] = []
    machine.patch(stored_stack, "read", lambda path, image, _: {"from": (path.name, image)})

    def initialize(_: object, document: object, __: object) -> Source:
        given.append(document)
        return Source("a mirror")

    machine.patch(synthesis, "initialize", initialize)

    machine.up(stack=tmp_path / "0.1.0.tf.json")

    assert given == [{"from": ("0.1.0.tf.json", "kf-airflow:1")}]


def test_a_first_run_that_fails_may_be_kept(machine: Machine) -> None:
    machine.fail(LauncherError("broken"))

    with pytest.raises(LauncherError):
        machine.up(keep=True)

    assert [container.name for container in machine.docker.containers.things] == [localstack.NAME]


def test_what_terraform_said_outlives_a_failure(machine: Machine) -> None:
    def apply(_: Any) -> str:
        machine.system.workspace.log.write_text("Error: broken")
        raise LauncherError("broken")

    machine.patch(terraform, "apply", apply)

    with pytest.raises(LauncherError):
        machine.up()

    assert (machine.system.workspace.reports / "failed-up.log").read_text() == "Error: broken"


def test_a_change_that_fails_leaves_the_system_and_says_so(machine: Machine) -> None:
    machine.up()
    machine.fail(LauncherError("broken"))

    with pytest.raises(LauncherError):
        machine.up()

    assert "nox -s up goes on from here" in machine.console.export_text()
    assert machine.docker.containers.things != []


def elsewhere(machine: Machine, owner: Path) -> None:
    labels = {**OURS, "localstack-dataplane.workspace": str(owner)}
    machine.docker.containers.add(localstack.NAME, labels, attrs={"State": {"StartedAt": "then"}})


def test_the_system_of_another_clone_is_left_alone(machine: Machine, tmp_path: Path) -> None:
    owner = tmp_path / "elsewhere"
    owner.mkdir()
    elsewhere(machine, owner)

    with pytest.raises(LauncherError, match=f"The local system of {owner} runs: take it down first"):
        machine.up()
    assert [container.name for container in machine.docker.containers.things] == [localstack.NAME]


def test_down_leaves_the_system_of_another_clone_alone(machine: Machine, tmp_path: Path) -> None:
    owner = tmp_path / "elsewhere"
    owner.mkdir()
    elsewhere(machine, owner)

    with pytest.raises(LauncherError, match="take it down first"):
        machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False))
    assert [container.name for container in machine.docker.containers.things] == [localstack.NAME]


def test_the_system_of_a_clone_that_is_gone_has_no_owner(machine: Machine, tmp_path: Path) -> None:
    elsewhere(machine, tmp_path / "deleted")

    assert "started over: no earlier system is known here" not in machine.up()
    assert machine.record is not None


def test_a_record_that_was_cut_off_is_none(machine: Machine) -> None:
    machine.up()
    (machine.system.workspace.local / "system.json").write_text('{"localstack": "01')
    machine.system.smoke_record.write_text("{")

    assert machine.record is None
    assert "LocalStack: started" in machine.up()


def test_a_state_without_a_system_is_forgotten(machine: Machine) -> None:
    machine.system.workspace.terraform.mkdir(parents=True)
    machine.system.workspace.state.write_text("of a system that is gone")

    machine.up()

    assert not machine.system.workspace.state.exists()


def test_a_user_interface_that_does_not_answer_is_told(machine: Machine) -> None:
    machine.up()
    machine.changes = False

    def silent(_: Any) -> None:
        raise LauncherError("Airflow at http://localhost:8080: no answer")

    machine.patch(airflow.Airflow, "wait_until_up", silent)

    with pytest.raises(LauncherError, match="no answer"):
        machine.up()


def test_a_removal_that_the_engine_has_begun_already_is_waited_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.up()
    container = machine.docker.containers.things[0]
    looks = iter(range(3))

    def busy(**_: Any) -> None:
        raise APIError("removal of container 0123 is already in progress")

    def end(_: float) -> None:
        if next(looks) == 1:
            machine.docker.containers.things.clear()

    container.remove = busy  # type: ignore[method-assign]
    monkeypatch.setattr(time, "sleep", end)

    machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False))

    assert machine.docker.containers.things == machine.docker.networks.things == []


def test_a_network_that_docker_does_not_let_go_of_is_said_to_need_the_engine_restarted(
    machine: Machine,
) -> None:
    network = machine.docker.networks.add(INSTANCE, OURS)

    def held(**_: Any) -> None:
        raise APIError(f"error while removing network: network {INSTANCE} has active endpoints")

    network.remove = held  # type: ignore[method-assign]

    with pytest.raises(LauncherError, match="or restart the engine; then run nox -s down again"):
        machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False))


def test_a_taken_port_is_found_before_anything_is_made(machine: Machine) -> None:
    def taken(*_: Any) -> None:
        raise LauncherError("Port 4566 is taken")

    machine.patch(host, "require_free_port", taken)

    with pytest.raises(LauncherError, match="Port 4566 is taken"):
        machine.up()
    assert not machine.system.workspace.local.exists()


def test_down_removes_containers_networks_and_files(machine: Machine) -> None:
    machine.up()

    machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False))

    assert machine.docker.containers.things == machine.docker.networks.things == []
    assert not machine.system.workspace.local.exists()


def test_down_says_that_the_images_stay(machine: Machine) -> None:
    said = machine.said(
        lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False)
    )

    assert "the newest stay, as a cache" in said


def test_down_without_an_engine_removes_the_files(machine: Machine) -> None:
    machine.up()
    machine.patch(engine, "reach", lambda: None)

    machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False))

    assert not machine.system.workspace.local.exists()


def test_down_says_that_an_engine_it_started_goes_on(machine: Machine) -> None:
    directory = machine.system.workspace.engine
    directory.mkdir(parents=True)
    (directory / "dockerd.pid").write_text("1")

    said = machine.said(
        lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=False)
    )

    assert "goes on (nox -s down -- --all stops it)" in said


def test_down_may_stop_the_engine_that_up_started(machine: Machine) -> None:
    directory = machine.system.workspace.engine
    directory.mkdir(parents=True)
    (directory / "dockerd.pid").write_text("4711")
    ended: list[tuple[int, str]] = []

    def terminate(pid: int, name: str) -> bool:
        ended.append((pid, name))
        return True

    machine.patch(host, "terminate", terminate)

    machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=True))

    assert ended == [(4711, "dockerd")]
    assert not directory.exists()


def test_down_leaves_an_engine_that_ran_before(machine: Machine) -> None:
    said = machine.said(lambda shown: going_down.bring_down(machine.system.workspace, shown, everything=True))

    assert "left running: it was not started by nox -s up" in said


def test_status_says_that_nothing_runs(machine: Machine) -> None:
    healthy: list[bool] = []

    said = machine.said(lambda shown: healthy.append(status.show(machine.system, shown)))

    assert "Nothing runs: nox -s up brings it up." in said
    assert healthy == [False]


def test_status_shows_each_service(machine: Machine) -> None:
    machine.up()
    machine.system.workspace.terraform.mkdir(parents=True, exist_ok=True)
    machine.system.workspace.state.touch()
    machine.patch(localstack, "available_services", lambda _: localstack.NEEDED_SERVICES)
    found = [
        deployment.Service(name, desired=1, running=1, healthy=1, event=f"{name} is steady")
        for name in deployment.COMPONENTS
    ]
    machine.patch(deployment, "look", lambda *_: found)
    machine.patch(airflow.Airflow, "is_up", lambda _: True)
    healthy: list[bool] = []

    said = machine.said(lambda shown: healthy.append(status.show(machine.system, shown)))

    assert "worker is steady" in said
    assert healthy == [True]
