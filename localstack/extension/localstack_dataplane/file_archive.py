"""Files as Docker takes them."""

import io
import tarfile
from collections.abc import Mapping


def file_archive(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """A tar archive of files, which belong to root.

    Args:
        files: Absolute path -> content and mode, such as `(b"...", 0o600)`.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, (content, mode) in files.items():
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(content), mode
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
