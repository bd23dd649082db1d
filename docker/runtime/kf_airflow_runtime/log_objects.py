"""How logs are kept in S3: one object for each file that a worker has written, sent again when it has grown.

The object is called as the file is, which Airflow's other readers expect. A try that went on elsewhere, as a
rescheduled or deferred task does, has a file on each worker: the first to come gets the name, the others add
to it. No object is ever read to be written, so two workers cannot spoil each other's, and whatever became of
an answer, sending again writes the same bytes under the same name.
"""

import hashlib
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

IDENTITY = "log-identity"
ENDED = "log-ended"
_BEGINNING_BYTES = 65536
_DIGITS = 20  # of a time: year to microsecond
_UNKNOWN = "0" * _DIGITS
_TIMESTAMP = re.compile(rb'"timestamp": ?"([0-9T:.-]+)')
_OWN_KEY = re.compile(rf"\.([0-9]{{{_DIGITS}}}-[0-9a-f]{{8}})\.log$")


def identity(beginning: bytes) -> str | None:
    """Whose log it is, by its first line: when it was written, to the microsecond, and what it says.

    In the order of their identities logs are in the order of time.

    Args:
        beginning: The first bytes of a log; 64 KiB, or all there are.

    Returns:
        None if the first line is not complete yet.
    """
    line, newline, _ = beginning[:_BEGINNING_BYTES].partition(b"\n")
    if not newline and len(line) < _BEGINNING_BYTES:
        return None
    stamp = _TIMESTAMP.search(line)
    began = _digits(stamp.group(1).decode()) if stamp else _UNKNOWN
    return f"{began}-{hashlib.sha256(line).hexdigest()[:8]}"


def identity_in(key: str) -> str | None:
    """The identity that a key made by `own_key` holds; None if it holds none."""
    found = _OWN_KEY.search(key)
    return found.group(1) if found else None


def identity_at(written: datetime) -> str:
    """The place, among identities, of an object that has none, by when it was written."""
    return f"{_digits(written.astimezone(UTC).isoformat())}-"


def beginning_size() -> int:
    """How many bytes `identity` wants."""
    return _BEGINNING_BYTES


def own_key(key: str, name: str) -> str:
    """The key of a log whose plain key another file of the same try has.

    Args:
        key: The plain key, which it begins with: that is what Airflow lists.
        name: The log's identity.
    """
    return f"{key}.{name}.log"


def bucket_and_prefix(remote: str) -> tuple[str, str]:
    """The parts of `[logging] remote_base_log_folder`.

    Args:
        remote: `s3://<bucket>/<prefix>`.
    """
    parts = urlsplit(remote)
    return parts.netloc, parts.path.strip("/")


def key_of(prefix: str, path: str) -> str:
    """The plain key of a log.

    Args:
        prefix: What all keys begin with; nothing if empty.
        path: The log's place below the folder of logs.
    """
    return f"{prefix}/{path}" if prefix else path


def _digits(time: str) -> str:
    """A time in ISO 8601 as digits that sort as times do."""
    day_and_time, _, fraction = time.partition("+")[0].partition(".")
    return "".join(re.findall("[0-9]", day_and_time))[:14].ljust(14, "0") + fraction.ljust(6, "0")[:6]
