"""The lines of a log that comes in pieces of bytes."""

from collections.abc import Iterable, Iterator

PIECE_BYTES = 65536


def lines(pieces: Iterable[bytes], *, ended: bool) -> Iterator[str]:
    """The lines, without their ends; one at a time is in memory.

    Bytes that are no UTF-8 are shown as replacement characters.

    Args:
        pieces: The log.
        ended: Whether what follows the last end of a line is one: it is not while somebody writes it.
    """
    begun: list[bytes] = []
    for piece in pieces:
        first, *others = piece.split(b"\n")
        begun.append(first)
        if others:
            yield _text(begun)
            yield from (_text([line]) for line in others[:-1])
            begun = [others[-1]]
    if ended and any(begun):
        yield _text(begun)


def _text(parts: list[bytes]) -> str:
    return b"".join(parts).decode("utf-8", errors="replace")
