"""The first bytes of a file that may grow meanwhile, as a stream that is read a piece at a time."""

import io
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from kf_airflow_runtime.log_objects import beginning_size, identity


class LogPiece(io.RawIOBase):
    """What there is of a log now.

    Args:
        path: The log.
        ended: Whether nobody writes it any more. While somebody does, only whole lines count.

    Attributes:
        size: How many bytes it has.
        identity: Whose log it is; None if there is nothing to tell by.

    Raises:
        OSError: It cannot be read.
    """

    def __init__(self, path: Path, *, ended: bool) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._position = 0
        size = os.fstat(self._file.fileno()).st_size
        self.size = size if ended else self._whole_lines(size)
        beginning = os.pread(self._file.fileno(), min(self.size, beginning_size()), 0)
        # A log that ended within its first line has no other.
        self.identity = identity(beginning) or (identity(beginning + b"\n") if ended and beginning else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves to where the next read begins."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, begin + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Returns the next bytes, at most as many as asked for."""
        left = max(0, self.size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        parts = []
        while wanted and (part := os.pread(self._file.fileno(), wanted, self._position)):
            parts.append(part)
            self._position += len(part)
            wanted -= len(part)
        return b"".join(parts)

    def _whole_lines(self, size: int) -> int:
        """How many of the bytes come before the end of the last whole line."""
        end = size
        while end:
            begin = max(0, end - beginning_size())
            newline = os.pread(self._file.fileno(), end - begin, begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
            end = begin
        return 0
