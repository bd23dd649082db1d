"""One pass over several resources, in which one that fails does not stop the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from localstack_dataplane.containers import DockerError
from localstack_dataplane.pki import AuthorityError

LOG = logging.getLogger(__name__)
Item = TypeVar("Item")


class PassError(RuntimeError):
    """Some resources could not be moved; the message names each with its reason."""


def each(items: Iterable[Item], step: Callable[[Item], None], name: Callable[[Item], str]) -> None:
    """Do one step for every item.

    Args:
        items: Resources.
        step: What to do with each.
        name: How the message calls it.

    Raises:
        PassError: At least one step failed; all were tried.
    """
    failures = []
    for item in items:
        try:
            step(item)
        except (DockerError, AuthorityError, PassError) as error:
            failures.append(f"{name(item)}: {error}")
    if failures:
        raise PassError("; ".join(failures))
