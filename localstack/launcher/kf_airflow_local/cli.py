"""The launcher's commands, which the sessions of nox with the same names run."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from docker.errors import DockerException

from kf_airflow_local import (
    aws,
    cdktf_cli,
    certificates,
    chromium,
    diagnostics,
    doctor,
    engine,
    images,
    service_logs,
    services,
    shell,
    stored_stack,
)
from kf_airflow_local import down as going_down
from kf_airflow_local import status as state
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.progress import Progress
from kf_airflow_local.system import System
from kf_airflow_local.up import Up
from kf_airflow_local.workspace import Workspace

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def begin(context: typer.Context) -> None:
    """Bring up Airflow on LocalStack, on this machine."""
    # The doctor is the one who looks at the user's own account.
    if context.invoked_subcommand != "doctor":
        aws.isolate()


@app.command()
def up(
    *,
    keep: Annotated[bool, typer.Option(help="Leave what a failing run made as it is.")] = False,
    empty: Annotated[bool, typer.Option(help="LocalStack alone, without Airflow in it.")] = False,
    dags: Annotated[
        Path | None,
        typer.Option(help="A folder of DAGs to try out, beside those in dags/.", show_default=False),
    ] = None,
    last_release: Annotated[
        bool, typer.Option("--last-release", help="The last release's stack, not this working tree's.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="A file to write how it went to: stages, stack, logs.", show_default=False),
    ] = None,
) -> None:
    """Bring up what does not run; from nothing to a smoke run whose log is in S3."""
    workspace = Workspace()
    stack = stored_stack.newest(workspace.root) if last_release else None
    system = System.of(workspace)
    Up(system, Progress(), keep=keep, empty=empty, dags=dags, stack=stack, report=report).run()


@app.command()
def down(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="The images too, and the engine if nox -s up started it.")
    ] = False,
) -> None:
    """Remove containers, volumes, networks and local state."""
    going_down.bring_down(Workspace(), Progress(), everything=everything)


@app.command()
def status() -> None:
    """Say what runs, how it is and where it is found; fails unless all of it is healthy."""
    if not state.show(System.of(Workspace()), Progress()):
        raise typer.Exit(3)


@app.command()
def image() -> None:
    """Build the images that are missing or out of date, and print their references."""
    progress = Progress()
    with progress.stage("engine", "Container engine") as stage:
        client, stage.outcome = engine.ensure(Workspace().engine)
    with progress.stage("images", "Images") as stage:
        built = images.ensure(client, Workspace().root, stage.say)
        stage.outcome = f"built {', '.join(built.built)}" if built.built else "up to date"
    for reference in built.references.values():
        progress.say(f"  {reference}")


@app.command("store-stack")
def store_stack() -> None:
    """Store this working tree's stack as that of its version, for the upgrade test of what comes after it."""
    Progress().say(f"  {stored_stack.store_own(Workspace())}")


@app.command("certificates")
def authority() -> None:
    """Make the local certificate authority, which the local environment's settings name."""
    certificates.ensure_authority(Workspace().certificates)


@app.command()
def browser() -> None:
    """Make sure that there is a Chromium for the end-to-end tests."""
    progress = Progress()
    with progress.stage("browser", "Browser") as stage:
        stage.outcome = chromium.ensure()


@app.command("doctor")
def examine() -> None:
    """Look for what could keep the system from coming up, and say what to do; fails if there is something."""
    progress, good = Progress(), True
    for finding in doctor.examine(System.of(Workspace()), os.environ):
        progress.finding(finding.what, finding.said, good=finding.good)
        good = good and finding.good
    if not good:
        raise typer.Exit(1)


@app.command()
def logs(
    service: Annotated[
        str | None, typer.Argument(help="Such as scheduler, worker, database or localstack.")
    ] = None,
    *,
    lines: Annotated[int, typer.Option(help="How many lines of each container.", min=0)] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written.")] = False,
) -> None:
    """Print the log of a service; of all of them what explains a failure: events, states and last words."""
    console = Progress().console
    if service is None:
        system = System.of(Workspace())
        console.print(diagnostics.report(engine.client(), system.aws), markup=False)
        return
    containers = services.containers_of(engine.client(), service)
    if follow:
        service_logs.follow(containers, lines, lambda line: console.print(line, markup=False))
        return
    for line in service_logs.tail(containers, lines):
        console.print(line, markup=False)


@app.command("shell", context_settings={"ignore_unknown_options": True})
def enter(
    service: Annotated[str, typer.Argument(help="Such as scheduler, worker, database or localstack.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="What to run instead of a shell.")] = None,
) -> None:
    """Open a shell in the newest container of a service, or run something there."""
    words = shell.command(engine.client(), service, arguments or [], terminal=sys.stdin.isatty())
    shell.open_shell(words)


@app.command("cdktf-app")
def cdktf_app() -> None:
    """Be the --app of cdktf (``cdktf deploy --app "python -m kf_airflow_local cdktf-app"``)."""
    cdktf_cli.write_app(Workspace(), os.environ.get("CDKTF_OUTDIR", "cdktf.out"))


def main() -> None:
    """Run a command; what goes wrong is told in a sentence."""
    try:
        app()
    except LauncherError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None
    except DockerException as error:
        typer.secho(f"The container engine refused: {error}", fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        raise SystemExit(130) from None
