"""Root becomes the image's user: `aws ecs execute-command` is root, whatever the task definition says."""

import os
import pwd
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

from kf_airflow_runtime import certificates


def drop(environ: MutableMapping[str, str], folder: Path = certificates.BUNDLE.parent) -> None:
    """Becomes the owner of the folder the container's processes write to.

    Else a command by hand would leave files behind that they cannot write. Who is not root stays who he is,
    and so does root without the capability to change.

    Args:
        environ: `HOME` is set in it, to the user's.
        folder: The folder.
    """
    if os.getuid() != 0:
        return
    owner = folder.stat()
    if owner.st_uid == 0:
        return
    with suppress(PermissionError):
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
        with suppress(KeyError):
            environ["HOME"] = pwd.getpwuid(owner.st_uid).pw_dir
