"""The log of a plan or apply in Terraform Cloud, read while it is written."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from dataclasses import dataclass, field

CHUNK_BYTES = 65536
# What a log begins and ends with.
_BEGIN, _END = "\x02", "\x03"


@dataclass
class RunLog:
    """What is written into a log from one look to the next.

    Args:
        read: Returns at most `CHUNK_BYTES` bytes from an offset; none where nothing more is written yet.

    Attributes:
        ended: Whether all of it was read.
    """

    read: Callable[[int], bytes]
    ended: bool = False
    _offset: int = 0
    _begun: str = ""
    # A chunk may end inside a character.
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )

    def new_lines(self) -> list[str]:
        """Returns the lines that were completed since the last look; the last one also if it has no end."""
        while not self.ended and (chunk := self.read(self._offset)):
            self._offset += len(chunk)
            text = self._decoder.decode(chunk)
            self.ended = _END in text
            self._begun += text.replace(_BEGIN, "").replace(_END, "")
        *lines, rest = self._begun.split("\n")
        self._begun = "" if self.ended else rest
        return [readable(line) for line in [*lines, *([rest] if self.ended and rest else [])]]


def readable(line: str) -> str:
    """Returns a line as people read it: of Terraform's JSON, which some workspaces log, the message."""
    line = line.rstrip("\r")
    if not line.startswith("{"):
        return line
    try:
        message = json.loads(line).get("@message")
    except ValueError:
        return line
    return message if isinstance(message, str) else line
