"""Files of the repository that are pages of the documentation as well, and links between them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# A link, whose text may have code in it, or code, which may have in it what looks like a link.
_LINK_OR_CODE = re.compile(
    r"(?P<text>!?\[(?:[^\]`\n]|`[^`\n]+`)*\])\((?P<target>[^)\s]+)\)|^```.*?^```|`[^`\n]+`",
    re.MULTILINE | re.DOTALL,
)
_SETTINGS = "## Settings\n"


class BrokenLinkError(Exception):
    """A link leads to a file that is not there."""


def _front(text: str) -> str:
    return text.partition(_SETTINGS)[0]


def _settings(text: str) -> str:
    # One level up, as this is a page of its own.
    return "# Settings\n" + re.sub(r"^###", "##", text.partition(_SETTINGS)[2], flags=re.MULTILINE)


@dataclass(frozen=True)
class RepositoryPage:
    """A page that is a file of the repository, or a piece of one.

    Args:
        file: The file, from the repository's root.
        page: The page, from the documentation's root.
        piece: What of the file's text is shown. All of it if left out.
    """

    file: str
    page: str
    piece: Callable[[str], str] = str

    def text(self, root: Path) -> str:
        """Returns what is shown, with links that are right where the page is."""
        return rewritten(
            self.piece((root / self.file).read_text(encoding="utf-8")), self.file, self.page, root
        )


PAGES = (
    RepositoryPage("README.md", "index.md", _front),
    RepositoryPage("README.md", "settings.md", _settings),
    RepositoryPage("modules/README.md", "library_design.md"),
    RepositoryPage("docker/README.md", "image.md"),
    RepositoryPage("localstack/README.md", "local_cloud.md"),
    RepositoryPage("CHANGELOG.md", "changelog.md"),
    RepositoryPage("CONTRIBUTING.md", "contributing.md"),
)


def places() -> Mapping[str, str]:
    """Returns the page that a link to a file leads to."""
    return {page.file: page.page for page in reversed(PAGES)}


def rewritten(text: str, file: str, page: str, root: Path) -> str:
    """Returns a text with its links as they have to be on a page.

    What leads to a file that is a page leads to that; what leads to another file of the repository has no
    link any more, for it is not a part of the documentation.

    Args:
        text: The text.
        file: The file it stands in, from the repository's root.
        page: The page it becomes, from the documentation's root.
        root: The repository.

    Raises:
        BrokenLinkError: if a link leads to a file that is not there.
    """
    return _LINK_OR_CODE.sub(lambda found: _link(found, file, page, root), text)


def _link(found: re.Match[str], file: str, page: str, root: Path) -> str:
    if found["target"] is None:
        return found[0]
    target, hash_, anchor = found["target"].partition("#")
    if not target:
        # An anchor of the same file may be on another page of it.
        return _here(found, file, page, anchor)
    if "://" in target or target.startswith("mailto:"):
        return found[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
    if not (root / path).exists():
        raise BrokenLinkError(f"{file} links to {found['target']}, and there is no {path}.")
    known = places()
    if path in known:
        to = "settings.md" if (path, anchor) == ("README.md", "settings") else known[path]
    elif path.startswith("docs/"):
        to = path.removeprefix("docs/")
    else:
        return found["text"].strip("![]")
    anchor = "" if to == "settings.md" else f"{hash_}{anchor}"
    return f"{found['text']}({posixpath.relpath(to, posixpath.dirname(page) or '.')}{anchor})"


def _here(found: re.Match[str], file: str, page: str, anchor: str) -> str:
    if file == "README.md" and anchor == "settings" and page != "settings.md":
        return f"{found['text']}(settings.md)"
    return found[0]
