"""What a release has done so far, so that a second run goes on where the first one ended."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """A release that was begun.

    Args:
        parent: The commit it was begun on.
        commit: The release's commit, which no branch has yet.
        digest: The digest of the image in the registry. Empty until it is there.
    """

    parent: str
    commit: str
    digest: str = ""

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """Return what was written, or None where nothing was."""
        return cls(**json.loads(path.read_text())) if path.is_file() else None

    def write(self, path: Path) -> None:
        """Keep it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")
