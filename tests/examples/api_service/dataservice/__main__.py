"""Runs the process that the first argument names: `web`, `worker`, `scheduler`, `migrate` or `alive`."""

import os
import sys
from importlib import import_module

from dataservice.settings import Settings, SettingsError

PROCESSES = ("web", "worker", "scheduler", "migrate", "alive")


def main(arguments: list[str]) -> None:
    if len(arguments) < 1 or arguments[0] not in PROCESSES:
        sys.exit(f"The first argument is {arguments[:1]}: allowed are {', '.join(PROCESSES)}.")
    try:
        settings = Settings.of(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    # Not before, so that each process loads only what it needs.
    import_module(f"dataservice.{arguments[0]}").run(settings, *arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
