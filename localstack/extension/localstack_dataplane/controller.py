"""What the reconciler runs."""

from typing import Protocol


class Controller(Protocol):
    """Moves one kind of resource towards what the API recorded."""

    @property
    def name(self) -> str:
        """The word that log lines and threads carry."""
        ...

    def reconcile(self) -> None:
        """Make one pass: read the desired state, observe Docker, move one step, write the truth back.

        It must return soon (no waiting for a container to become healthy: the next pass sees that)
        and may raise: the reconciler logs the reason and tries again later.
        """
        ...
