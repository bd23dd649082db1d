"""From nothing to a running Airflow whose first log is in S3."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from kf_airflow_local import (
    added_dags,
    airflow,
    certificates,
    deployment,
    diagnostics,
    engine,
    host,
    images,
    leftovers,
    localstack,
    stored_stack,
    synthesis,
    terraform,
)
from kf_airflow_local import provider as providers
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.images import AIRFLOW, BACKING, LOCALSTACK, Images
from kf_airflow_local.progress import Progress, in_words
from kf_airflow_local.record import Record, reason_to_start_over
from kf_airflow_local.summary import summary
from kf_airflow_local.system import System
from kf_airflow_local.up_report import UpReport


@dataclass
class Up:
    """One run of ``up``.

    Args:
        system: What to bring up.
        progress: Where to tell of it.
        keep: Leave what a failing run made as it is. Left out, it is removed, if the run began from nothing.
        empty: Bring up LocalStack alone, for who puts something else into it. Left out, Airflow too.
        dags: A folder of DAGs that the image has besides the repository's. None if left out.
        stack: A stored stack to deploy. That of the working tree if left out.
        report: Where to write how it went. Nowhere if left out.
    """

    system: System
    progress: Progress
    keep: bool = False
    empty: bool = False
    dags: Path | None = None
    stack: Path | None = None
    report: Path | None = None
    _fresh: bool = field(default=False, init=False)
    _changed: bool = field(default=False, init=False)
    _client: docker.DockerClient | None = field(default=None, init=False)
    _document: dict[str, Any] = field(default_factory=dict, init=False)
    _explanation: str = field(default="", init=False)

    def run(self) -> None:
        """Bring the system up, or find that it is.

        Raises:
            LauncherError: When that is not possible; what was begun from nothing is gone then.
        """
        went_wrong = ""
        try:
            self._run()
        except BaseException as error:
            went_wrong = in_words(error)
            self._fail(error)
            raise
        finally:
            if self.report:
                told = self.progress.ended, went_wrong, self._explanation
                UpReport(self._document, *told).write(self.report)

    def _run(self) -> None:
        self._check()
        dags = added_dags.read(self.dags, self.system.workspace.root) if self.dags else None
        with self.progress.stage("engine", "Container engine") as stage:
            client, stage.outcome = engine.ensure(self.system.workspace.engine)
        self._client = client
        with self.progress.stage("images", "Images") as stage:
            built = images.ensure(client, self.system.workspace.root, stage.say, dags=dags)
            stage.outcome = f"built {', '.join(built.built)}" if built.built else "up to date"
        record = self._localstack(client, built)
        if self.empty:
            return
        source = self._synthesize(built)
        record = dataclasses.replace(
            record, image=built[AIRFLOW], provider=source.name, old_provider=source.old
        )
        record.write(self.system.workspace)
        outputs = self._apply()
        with self.progress.stage("healthy", "Services") as stage:
            deployment.wait_until_healthy(self.system.aws, outputs, stage.say)
            airflow.Airflow(outputs["webserver_url"]).wait_until_up()
            stage.outcome = "all healthy"
        smoke = self._smoke(outputs)
        dataclasses.replace(record, complete=True).write(self.system.workspace)
        report = self.system.workspace.reports / ("up.json" if self._fresh else "up-again.json")
        self.progress.write(report, cold=bool(built.built))
        if not self._changed:
            self.progress.say("\nNothing to do: everything runs and is as it should be.")
        self.progress.say(summary(self.system, outputs, smoke))

    def _check(self) -> None:
        """Find out what would stop us before anything is made."""
        host.require_program(
            "terraform", "install Terraform 1.11 or newer (developer.hashicorp.com/terraform/install)"
        )
        host.require_program("node", "install Node.js 20 or newer (nodejs.org)")
        client = engine.reach()
        if client is None:
            localstack.require_free_ports(self.system.ports)
            return
        container = localstack.current(client)
        if container is not None and container.status == "running":
            localstack.require_own(container, self.system.workspace)
            return
        if left := leftovers.names(client):
            self.progress.say(f"Starting over: LocalStack does not run, {len(left)} things of it are left.")
            self.system.remove(client, lambda _: None)
        localstack.require_free_ports(self.system.ports)

    def _localstack(self, client: docker.DockerClient, built: Images) -> Record:
        workspace = self.system.workspace
        wanted = localstack.configuration(
            built[LOCALSTACK], built[BACKING], self.system.ports, os.environ.get("DATAPLANE_TIME_SCALE")
        )
        with self.progress.stage("localstack", "LocalStack") as stage:
            record = Record.read(workspace)
            container = localstack.current(client)
            reason = reason_to_start_over(container, wanted, record)
            if record is not None and reason is None and container is not None:
                localstack.wait_until_healthy(container, self.system.ports, stage.say)
                stage.outcome = "runs already"
                return record
            if record is not None or container is not None:
                stage.say(f"starting over: {reason}")
                self.system.remove(client, stage.say)
                localstack.require_free_ports(self.system.ports)
            else:
                self.system.forget()  # a state without its system, or without a record that can be read
            self._fresh = self._changed = True
            certificates.ensure_authority(workspace.certificates)
            container = localstack.start(client, wanted, workspace)
            record = Record(localstack=localstack.identity(container), image=built[AIRFLOW])
            record.write(workspace)
            localstack.wait_until_healthy(container, self.system.ports, stage.say)
            stage.outcome = f"started over: {reason}" if reason and self._started_over(reason) else "started"
            return record

    @staticmethod
    def _started_over(reason: str) -> bool:
        return not reason.startswith("no earlier system")

    def _synthesize(self, built: Images) -> providers.Source:
        workspace = self.system.workspace
        with self.progress.stage("synth", "Stack") as stage:
            document = (
                stored_stack.read(self.stack, built[AIRFLOW], workspace.certificates)
                if self.stack
                else synthesis.synthesize(workspace, built[AIRFLOW], workspace.synthesized)
            )
            self._document = document
            source = synthesis.initialize(workspace, document, stage.say)
            stage.outcome = f"synthesized; AWS provider from {source.name}"
        return source

    def _apply(self) -> dict[str, Any]:
        with self.progress.stage("apply", "Terraform") as stage:
            driver = terraform.Terraform(self.system.workspace, stage.say)
            if not terraform.plan(driver):
                stage.outcome = "no change"
                return terraform.outputs(driver)
            if lost := terraform.losses(driver):
                raise LauncherError(
                    "\n".join([*map(str, lost), "nox -s down, then nox -s up makes all of it anew."])
                )
            self._changed = True
            try:
                stage.outcome = terraform.apply(driver)
            except LauncherError as error:
                outputs = terraform.outputs(driver)
                gone_back = deployment.gone_back(self.system.aws, outputs)
                if not gone_back:
                    raise
                reason = deployment.explain(self.system.aws, outputs, gone_back)
                raise LauncherError(f"{error}\n{reason}") from error
            return terraform.outputs(driver)

    def _smoke(self, outputs: dict[str, Any]) -> airflow.SmokeRun:
        known = airflow.SmokeRun.read(self.system.smoke_record)
        with self.progress.stage("smoke", "Smoke run") as stage:
            if known is not None and not self._changed:
                stage.outcome = "succeeded earlier"
                return known
            run = airflow.smoke(self.system.aws, outputs, stage.say)
            run.write(self.system.smoke_record)
            stage.outcome = f"{run.run_id} succeeded"
            return run

    def _fail(self, error: BaseException) -> None:
        """Explain what can be explained, and leave nothing half-made."""
        if self._client is None:
            return
        say: Callable[[str], None] = self.progress.say
        interrupted = isinstance(error, KeyboardInterrupt)
        if (self._fresh or self.report) and not interrupted:
            self._explanation = diagnostics.report(self._client, self.system.aws)
            self.progress.console.print(self._explanation, markup=False)
        log = self.system.workspace.log
        if log.is_file():
            kept = self.system.workspace.reports / "failed-up.log"
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, kept)
            say(f"What Terraform said is in {kept}.")
        if not self._fresh:
            say("The system is as this run left it: nox -s up goes on from here, nox -s down removes it.")
        elif self.keep:
            say("What was made is left as it is: nox -s down removes it.")
        else:
            try:
                self.system.remove(self._client, lambda _: None)
            except (LauncherError, docker.errors.DockerException) as second:
                say(f"Not everything could be removed ({second}): run nox -s down.")
            else:
                say("What this run had made was removed again; the images stay for the next one.")
