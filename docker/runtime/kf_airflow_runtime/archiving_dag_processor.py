"""What Airflow's DAG processor does besides, for bundles of archives.

It puts the archive of its DAGs into S3 before it writes anything that refers to it, leaves the word to the
DAG processor of a newer deployment, keeps the code of each version of a DAG, and deletes old archives.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from airflow.dag_processing.manager import DagFileProcessorManager
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagcode import DagCode
from airflow.utils.session import create_session
from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy import select

from kf_airflow_runtime import archive_pruning, ecs_agent, own_service
from kf_airflow_runtime.archive_references import referred_versions
from kf_airflow_runtime.dag_bundle import ArchivedDagBundle
from kf_airflow_runtime.dag_turn import DagTurn, Turn

SOURCE_KEY = "kf_airflow_source"
"""Beside what Airflow reads of a serialized DAG: if it differs, that is another version of the DAG."""
_LONGEST_PAUSE_SECONDS = 30.0
_TURN_SECONDS = 1.0


class ArchivingDagProcessor(DagFileProcessorManager):  # type: ignore[misc]
    """Airflow's manager, which waits in its loop while it may not parse; its heartbeat goes on."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._turns: dict[str, DagTurn] = {}
        self._said: dict[str, str] = {}
        self._published: set[str] = set()
        self._pruned: set[str] = set()

    def _queue_requested_files_for_parsing(self) -> None:
        """The first of the loop that claims or writes anything."""
        for bundle in self._dag_bundles:
            if isinstance(bundle, ArchivedDagBundle):
                self._await_turn(bundle)
        super()._queue_requested_files_for_parsing()

    def persist_parsing_result(
        self, *, bundle_name: str, bundle_version: str | None, parsing_result: Any, session: Any, **rest: Any
    ) -> None:
        """Writes what was parsed, unless another version holds by now."""
        if bundle_name in self._turns:
            # The row is locked until all is written, so that no other version comes to hold meanwhile.
            holds = select(DagBundleModel.version).where(DagBundleModel.name == bundle_name)
            if session.scalar(holds.with_for_update(read=True)) != bundle_version:
                self.log.info("What was parsed of %s is dropped: another version holds now", bundle_name)
                return
            for dag in parsing_result.serialized_dags:
                _distinguish(dag)
        super().persist_parsing_result(
            bundle_name=bundle_name,
            bundle_version=bundle_version,
            parsing_result=parsing_result,
            session=session,
            **rest,
        )

    def _await_turn(self, bundle: ArchivedDagBundle) -> None:
        """Returns when the bundle's DAGs may be parsed and their archive is in S3."""
        pause = 1.0
        while True:
            turn = self._turn(bundle)
            if turn is Turn.WAIT:
                # It may be deleted before it is this one's turn again.
                self._published.discard(bundle.name)
                self._wait(_TURN_SECONDS)
            elif bundle.name not in self._published and not self._publish(bundle):
                # Nothing is parsed that refers to an archive which nobody could fetch later.
                self._wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                break
        if turn is Turn.TAKE:
            # As if it had just started: whatever it wrote before was overwritten.
            self._bundle_versions.pop(bundle.name, None)
            self.request_bundle_refresh(bundle.name)
        elif bundle.name not in self._pruned:
            self._pruned.add(bundle.name)
            self._prune(bundle)

    def _turn(self, bundle: ArchivedDagBundle) -> Turn:
        known = self._turns.get(bundle.name)
        if known is None:
            in_ecs = ecs_agent.METADATA in os.environ
            known = DagTurn(bundle.own_version, own_service.is_wanted if in_ecs else None)
            self._turns[bundle.name] = known
        state = self.get_bundle_state(bundle.name)
        turn = known.next(state.version if state else None)
        said = ""
        if turn is Turn.WAIT:
            why = f"ECS cannot be asked: {known.problem}" if known.problem else "ECS wants another task"
            said = f"nothing is parsed here, as other DAGs than {bundle.own_version} hold and {why}"
        elif turn is Turn.TAKE:
            said = f"the DAGs of version {bundle.own_version} are to hold"
        if said != self._said.get(bundle.name, ""):
            self._said[bundle.name] = said
            self.log.info(
                "Bundle %s: %s", bundle.name, said or f"the DAGs of version {bundle.own_version} hold"
            )
        return turn

    def _publish(self, bundle: ArchivedDagBundle) -> bool:
        """Sees to it that the archive is in S3; says whether it is."""
        try:
            # Half of the time, so that it is never old enough to be deleted while it is new to somebody.
            fresh_days = bundle.retention_days / 2
            put = bundle.store.publish(bundle.own_version, bundle.folder, fresh_days=fresh_days)
        except (BotoCoreError, ClientError, OSError) as error:
            self.log.warning(
                "Bundle %s: no DAG is parsed until the archive %s is in the bucket %s, but: %s",
                *(bundle.name, bundle.store.key(bundle.own_version), bundle.store.bucket),
                " ".join(f"{type(error).__name__}: {error}".split()),
            )
            return False
        self._published.add(bundle.name)
        self.log.info(
            "Bundle %s: the archive %s %s",
            *(bundle.name, bundle.store.key(bundle.own_version), "was put into S3" if put else "is in S3"),
        )
        return True

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.heartbeat()
            time.sleep(min(left, _TURN_SECONDS))

    def _prune(self, bundle: ArchivedDagBundle) -> None:
        """Deletes old archives. What goes wrong is said and left for the next start."""
        try:
            with create_session() as session:
                gone = prune(bundle, lambda versions: referred_versions(session, versions))
        except Exception:
            self.log.exception("Old archives could not be deleted; the next start tries again")
        else:
            self.log.info("%d old archives were deleted: %s", len(gone), ", ".join(gone) or "none")


def prune(bundle: ArchivedDagBundle, referred: Callable[[list[str]], set[str]]) -> list[str]:
    """Deletes archives of a bundle that are old and that nothing refers to; returns their versions.

    Args:
        bundle: The bundle.
        referred: Which of some versions something in the database refers to.
    """
    old = archive_pruning.candidates(
        bundle.store.stored(),
        current=bundle.own_version,
        retention_days=bundle.retention_days,
        now=datetime.now(UTC),
    )
    if not old:
        return []
    unused = archive_pruning.without_reference(old, referred([archive.version for archive in old]))
    return [archive.version for archive in unused if bundle.store.delete(archive)]


def _distinguish(dag: Any) -> None:
    """Makes a DAG whose file has changed another version, even if its tasks look the same from outside.

    Airflow else keeps the version and puts the new code into it, also for runs that began on the old one.
    """
    dag.data[SOURCE_KEY] = DagCode.dag_source_hash(DagCode.get_code_from_file(dag.fileloc))
