"""A real browser before the deployed system."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from local_system import LocalSystem
from playwright.sync_api import HttpCredentials, Page, sync_playwright

from kf_airflow_local.chromium import chromium_executable

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MILLISECONDS = 90_000
"""How long a page may take on a machine that has much to do."""


@contextmanager
def browser_page(*, credentials: HttpCredentials | None = None, offline: bool = False) -> Iterator[Page]:
    """A page of a headless Chromium with a profile of its own.

    Args:
        credentials: For sites that ask the browser for a login, not by a page. None if left out.
        offline: Whether it has no network. It has one if left out.
    """
    # Chromium's sandbox refuses root.
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_executable(), args=[*ARGUMENTS, *unboxed]
        )
        try:
            context = browser.new_context(
                viewport={"width": 1400, "height": 900}, http_credentials=credentials, offline=offline
            )
            context.set_default_navigation_timeout(WAIT_MILLISECONDS)
            yield context.new_page()
        finally:
            browser.close()


@contextmanager
def airflow_page(system: LocalSystem) -> Iterator[Page]:
    """A page on which the administrator has logged in to Airflow's UI."""
    admin = system.secret("admin_secret_arn")
    with browser_page() as page:
        page.goto(f"{system.outputs['webserver_url']}/auth/login/")
        page.fill("input[name=username]", admin["username"])
        page.fill("input[name=password]", admin["password"])
        page.click("input[type=submit], button[type=submit]")
        page.wait_for_url(lambda url: "/auth/login" not in url, timeout=WAIT_MILLISECONDS)
        yield page
