"""`python -m kf_airflow_runtime.own_service`: prints what replaces this task, an empty line if nothing does.

A process of its own, because it speaks TLS: in a thread of the worker's main process it could hold a lock of
OpenSSL's at the moment a process of the pool is forked, which would then never get it. It takes a quarter of
a second of CPU.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.replacement import OwnTask, own_task, replaced_by, wanted


def main() -> None:
    """Prints the answer, or ends with 1 and the reason in one line."""
    try:
        sys.stdout.write(f"{answer()}\n")
    except (ecs_agent.AgentError, BotoCoreError, ClientError, LookupError) as error:
        sys.stdout.write(" ".join(f"{type(error).__name__}: {error}".split()) + "\n")
        sys.exit(1)


def answer() -> str:
    """What replaces this task; empty if nothing does.

    Raises:
        AgentError, BotoCoreError, ClientError, LookupError: It cannot be found out.
    """
    return replaced_by(*_seen())


def is_wanted() -> bool:
    """Whether the service is to run this task's definition. For a process that runs no threads.

    Raises:
        AgentError, BotoCoreError, ClientError, LookupError: It cannot be found out.
    """
    return wanted(*_seen())


def _seen() -> tuple[Mapping[str, Any], OwnTask]:
    """The service and the task."""
    own = own_task(ecs_agent.task_metadata(os.environ[ecs_agent.METADATA]))
    ecs: Any = botocore.session.get_session().create_client(
        "ecs",
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        config=Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2}),
    )
    found = ecs.describe_services(cluster=own.cluster, services=[own.service])
    if not found["services"]:
        raise LookupError(f"there is no service {own.service}: {found['failures']}")
    return found["services"][0], own


if __name__ == "__main__":
    main()
