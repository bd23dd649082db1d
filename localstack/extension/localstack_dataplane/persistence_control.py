"""Joins `persistence` with LocalStack: loads before it serves, saves after requests and at its end."""

import logging
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localstack.aws import handlers
from localstack.constants import VERSION
from localstack.runtime.hooks import on_infra_start
from moto.iam.models import AWSManagedPolicy

from localstack_dataplane.persistence import containers
from localstack_dataplane.persistence.bodies import Bodies
from localstack_dataplane.persistence.pickling import constant, dumps, loads
from localstack_dataplane.persistence.saver import Gate, Saver
from localstack_dataplane.persistence.snapshot import SnapshotFile

LOG = logging.getLogger(__name__)

_READS = ("Get", "List", "Describe", "Head", "Receive", "BatchGet", "Lookup", "Filter", "Test", "Validate")
_TRIES = 5
_ENTERED = "dataplane_entered"
_DIRECTORY = Path(os.environ.get("DATAPLANE_STATE_DIRECTORY", "/var/lib/dataplane/state"))


class Persistence:
    """What is in memory, and on the disk.

    Args:
        directory: Where it is on the disk.
    """

    def __init__(self, directory: Path) -> None:
        self._file = SnapshotFile(directory / "state", f"localstack {VERSION}")
        self._bodies = Bodies(directory / "bodies")
        self._gate = Gate()
        self._parts: dict[str, Callable[[], Any]] = {}
        self._loaded: dict[str, Any] = {}
        self._left_out: set[tuple[str, ...]] = set()
        self.saver = Saver(self.save)

    def add(self, name: str, get: Callable[[], Any], put: Callable[[Any], None]) -> None:
        """Save something of our own, too.

        Args:
            name: What it is called in the file.
            get: Returns it.
            put: Takes it back; called at once if a state was loaded that has it.
        """
        self._parts[name] = get
        if name in self._loaded:
            put(self._loaded.pop(name))

    def load(self) -> None:
        """Read the state of the process before, if there was one."""
        self._bodies.install()
        data = self._file.read()
        if data is None:
            return
        started = time.monotonic()
        try:
            saved = loads(data, containers.find)
            containers.fill(saved["containers"])
        except Exception:
            LOG.exception("The state cannot be read: LocalStack starts empty; see %s", self._file.set_aside())
            return
        self._bodies.restore(saved["bodies"])
        self._loaded = saved["parts"]
        LOG.info("The state of the LocalStack before is here again, in %.1f s", time.monotonic() - started)

    def save(self) -> None:
        """Write the state as it is between two requests."""
        with self._gate.closed():
            bodies = self._bodies.write()
            data = self._pickled(bodies)
        self._file.write(data)
        self._bodies.prune(bodies)

    def _pickled(self, bodies: Any) -> bytes:
        for attempt in range(_TRIES):
            held = {key: value for key, value in containers.contents().items() if key not in self._left_out}
            parts = {name: get() for name, get in self._parts.items()}
            try:
                return dumps({"containers": held, "bodies": bodies, "parts": parts}, containers.names())
            except RuntimeError as error:  # a pass of a controller changed something meanwhile
                LOG.debug("The state changed while it was read (%d): %s", attempt, error)
            except (pickle.PicklingError, TypeError, AttributeError):
                self._leave_out(held)
        raise RuntimeError("The state changes all the time")

    def _leave_out(self, held: containers.Contents) -> None:
        """Find what cannot be pickled: the rest is saved all the same."""
        names = containers.names()
        for key, value in held.items():
            try:
                dumps(value, names)
            except RuntimeError:
                continue
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                LOG.warning("%s cannot be saved, a restart loses it: %s", ".".join(key), error)
                self._left_out.add(key)

    def before(self, chain: Any, context: Any, response: Any) -> None:  # noqa: ARG002 - a handler of LocalStack
        """A request that changes something waits for a save."""
        if context.service is None or context.operation is None:
            return
        if not context.operation.name.startswith(_READS) and not context.is_internal_call:
            self._gate.enter()
            setattr(context, _ENTERED, True)

    def after(self, chain: Any, context: Any, response: Any) -> None:  # noqa: ARG002 - a finalizer of LocalStack
        """It has ended, and is to be saved."""
        if getattr(context, _ENTERED, False):
            setattr(context, _ENTERED, False)
            self._gate.leave()
            self.saver.changed()


PERSISTENCE = Persistence(_DIRECTORY)


def _load() -> None:
    # 1,300 of them, three quarters of all there is.
    constant(AWSManagedPolicy, lambda policy: (policy.attachment_count, policy.default_version_id))
    PERSISTENCE.load()
    handlers.serve_custom_service_request_handlers.append(PERSISTENCE.before)
    handlers.run_custom_finalizers.append(PERSISTENCE.after)
    PERSISTENCE.saver.start()


load_state = on_infra_start(name="load_state", priority=100)(_load)
