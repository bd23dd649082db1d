"""What the place of a log says of its task: `[logging] log_filename_template`, as Airflow has it."""

import re
from pathlib import PurePosixPath

_NAMES = ("dag_id", "run_id", "task_id")
_NUMBER = re.compile(r"\d+")


def ids_in(path: str) -> dict[str, str | int]:
    """The ids of the task instance whose log it is, called as in the events about tasks.

    Args:
        path: Its place below the folder of logs. One that says less has fewer ids.
    """
    said = dict(part.split("=", 1) for part in PurePosixPath(path).parts if "=" in part)
    ids: dict[str, str | int] = {name: said[name] for name in _NAMES if name in said}
    if said.get("map_index", "").isdecimal():
        ids["map_index"] = int(said["map_index"])
    # The number of the try, before `.log` and what follows that.
    if attempt := _NUMBER.match(said.get("attempt", "")):
        ids["try_number"] = int(attempt[0])
    return ids
