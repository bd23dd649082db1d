"""The browser of the end-to-end tests: found, or installed."""

import shutil
import subprocess
import sys
from pathlib import Path

from kf_airflow_local import host
from kf_airflow_local.errors import LauncherError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium_executable() -> str | None:
    """Return the program of a Chromium on the PATH, or None where only Playwright's own may be there."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def ensure() -> str:
    """Make sure that there is a Chromium: the machine's, the distribution's, or Playwright's.

    Returns:
        What was found or done, in a few words.

    Raises:
        LauncherError: When there is none and none can be installed.
    """
    if found := chromium_executable():
        return f"browser {Path(found).name} is there"
    if host.may_install() and host.distribution() == "debian":
        host.install("chromium")
        return "browser chromium installed from the distribution"
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise LauncherError(
            f"No Chromium is on the PATH and Playwright could not download one ({' '.join(last)}): "
            "install Chromium or Chrome and try again."
        )
    return "browser chromium installed by Playwright"
