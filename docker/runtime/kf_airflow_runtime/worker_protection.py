"""The threads of the worker that tell ECS when tasks run, and look whether it is being replaced.

Neither calls Celery, logs, or speaks TLS: the process forks. What they find out the event loop reads in
`work`.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from celery import bootsteps

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.protection import Protection
from kf_airflow_runtime.work import Work, work
from kf_airflow_runtime.worker_measure import Measure

LOOK_SECONDS = 60.0
"""How often a busy worker asks ECS whether it is being replaced: a deployment takes minutes anyway. Each time
is up to a fifth earlier or later, so that the workers of a service do not ask all at once."""

_LOOK_TIMEOUT_SECONDS = 45.0
_LOOK = (sys.executable, "-m", "kf_airflow_runtime.own_service")


class ProtectionStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's worker that starts both threads, where ECS runs the container.

    It starts after the pool, so that the first processes of the pool are forked before there is a thread.
    """

    requires = ("celery.worker.components:Pool",)

    def start(self, _worker: Any) -> None:
        """Starts them; they end with the process."""
        agent_uri, metadata_uri = os.environ.get(ecs_agent.AGENT), os.environ.get(ecs_agent.METADATA)
        if agent_uri:
            threading.Thread(target=protect, args=(agent_uri, work), name="protection", daemon=True).start()
        if metadata_uri:
            threading.Thread(target=look_for_successor, args=(work,), name="successor", daemon=True).start()


def protect(agent_uri: str, work: Work, environ: Mapping[str, str] = os.environ) -> None:
    """Tells ECS what `Protection` decides, and CloudWatch for how long, until the worker is told to end.

    Nobody asks any more then.
    """
    protection = Protection(time.monotonic)
    # Nobody else knows since when: ECS says until when, and any other process may have begun later.
    measure = Measure(lambda: {"ProtectedSeconds": protection.seconds}, environ)
    while not work.terminated:
        # Before the look, so that what changes during it is not missed.
        work.changed.clear()
        wish = protection.wish(busy=work.busy)
        if wish is not None:
            try:
                ecs_agent.tell(agent_uri, wish)
            except ecs_agent.AgentError as error:
                said, level = protection.refused(str(error)), "warning"
            else:
                said, level = protection.granted(wish), "info"
            if said:
                say(said, event="task-protection", level=level)
            continue
        measure.turn()
        pauses = [pause for pause in (protection.pause(), measure.pause()) if pause is not None]
        work.changed.wait(min(pauses, default=None))


def look_for_successor(work: Work) -> None:
    """Asks now and then, while it matters, and says in `work` when the worker is to take no more messages.

    It matters while the worker is busy, since ECS stops a worker that is not, and while it takes no messages:
    a deployment that was rolled back wants it to go on.
    """
    complained = False
    while not work.terminated:
        time.sleep(LOOK_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - not for secrecy
        if work.busy or work.replaced:
            answer, problem = _successor()
            if answer is not None:
                work.replaced = answer
            if problem and not complained:
                say(
                    f"replacement: ECS did not say whether this task is being replaced: {problem}",
                    event="replacement-unknown",
                    level="warning",
                )
            complained = bool(problem)


def _successor() -> tuple[str | None, str]:
    """What replaces this task, as far as is known, and why it is not known."""
    try:
        found = subprocess.run(
            _LOOK,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            timeout=_LOOK_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, repr(error)
    text = found.stdout.decode(errors="replace").strip()
    return (text, "") if found.returncode == 0 else (None, text or f"exit code {found.returncode}")
