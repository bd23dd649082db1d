"""Removes what ``up`` made."""

import shutil

from kf_airflow_local import engine, images, leftovers, localstack
from kf_airflow_local.progress import Progress
from kf_airflow_local.workspace import Workspace


def bring_down(workspace: Workspace, progress: Progress, *, everything: bool) -> None:
    """Remove containers, volumes, networks and local state.

    The images stay, as the cache that makes the next ``up`` quick, and so does the engine, even one that
    ``up`` started: it holds them.

    Args:
        workspace: Where the state is.
        progress: Where to tell of it.
        everything: Remove the images too, and stop an engine that ``up`` started.

    Raises:
        LauncherError: When what runs was brought up from another clone: nothing is removed then.
    """
    client = engine.reach()
    running = localstack.current(client) if client else None
    if running is not None and running.status == "running":
        localstack.require_own(running, workspace)
    if client is None:
        progress.say("No container engine answers; what a run left in it goes with the next nox -s up.")
    else:
        with progress.stage("containers", "Containers, volumes and networks") as stage:
            count = len(leftovers.names(client))
            leftovers.remove_everything(client, stage.say)
            stage.outcome = f"{count} removed" if count else "none were left"
        with progress.stage("images", "Images") as stage:
            removed = images.prune(client, keep_newest=not everything)
            kept = "none kept" if everything else "the newest stay, as a cache (-- --all removes them)"
            stage.outcome = f"{len(removed)} removed; {kept}"
    with progress.stage("files", "Local state") as stage:
        if workspace.local.is_dir():
            shutil.rmtree(workspace.local)
            stage.outcome = f"{workspace.local.relative_to(workspace.root)} removed"
        else:
            stage.outcome = "none was left"
    if everything:
        with progress.stage("engine", "Container engine") as stage:
            stage.outcome = engine.stop(workspace.engine)
            shutil.rmtree(workspace.engine, ignore_errors=True)
    elif (workspace.engine / "dockerd.pid").is_file():
        progress.say("The container engine that nox -s up started goes on (nox -s down -- --all stops it).")
