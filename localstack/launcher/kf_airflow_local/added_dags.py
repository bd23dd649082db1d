"""DAGs that somebody tries out: they go into the image beside those of the repository."""

from pathlib import Path

from kf_airflow_local.errors import LauncherError

IMAGE_FOLDER = "dags"


def read(folder: Path, root: Path) -> dict[str, bytes]:
    """Return the files of a folder of DAGs, by the path each has in the build context of the image.

    Args:
        folder: Where the DAGs are, with the modules that they import. Hidden files and compiled code are left
            out.
        root: Root of the repository.

    Raises:
        LauncherError: When there is no DAG in it, or a file would take the place of one of the repository.
    """
    if not folder.is_dir():
        raise LauncherError(f"--dags is {str(folder)!r}, which is no folder: name one with DAGs in it.")
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
    )
    if not any(path.suffix == ".py" for path in paths):
        raise LauncherError(f"--dags is {str(folder)!r}, which has no Python file in it.")
    found = {f"{IMAGE_FOLDER}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in paths}
    if taken := sorted(path for path in found if (root / path).exists()):
        raise LauncherError(
            f"--dags is {str(folder)!r}, whose {taken[0].removeprefix(f'{IMAGE_FOLDER}/')} is also in "
            f"{IMAGE_FOLDER}/: rename it."
        )
    return found
