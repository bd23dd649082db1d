import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kf_airflow_runtime import dag_archive
from kf_airflow_runtime.dag_archive import DamagedArchiveError, FolderError, pack, unpack, version_of


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    """A folder of DAGs."""
    folder = tmp_path / "dags"
    (folder / "helpers").mkdir(parents=True)
    (folder / "one.py").write_text("print('A')\n")
    (folder / "helpers/sql.txt").write_text("select 1\n")
    return folder


def packed(folder: Path) -> io.BytesIO:
    stream = io.BytesIO()
    pack(folder, stream)
    stream.seek(0)
    return stream


def unpacked(stream: io.BytesIO, tmp_path: Path, version: str) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    unpack(stream, folder, version)
    return folder


def archive_of(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    stream.seek(0)
    return stream


def test_what_is_packed_and_unpacked_is_the_same_version(dags: Path, tmp_path: Path) -> None:
    (dags / "run.sh").write_text("#!/bin/sh\n")
    (dags / "run.sh").chmod(0o700)
    version = version_of(dags)
    found = unpacked(packed(dags), tmp_path, version)

    assert version_of(found) == version
    assert (found / "helpers/sql.txt").read_text() == "select 1\n"
    assert [(found / name).stat().st_mode & 0o777 for name in ("run.sh", "one.py")] == [0o755, 0o644]


def test_a_version_fits_airflow_s_columns_and_a_key(dags: Path) -> None:
    assert dag_archive.is_version(version_of(dags))


def test_two_archives_of_one_folder_are_the_same_bytes(dags: Path) -> None:
    assert packed(dags).read() == packed(dags).read()


def _touch(dags: Path) -> None:
    os.utime(dags / "one.py", (1, 1))


def _restrict(dags: Path) -> None:
    (dags / "one.py").chmod(0o600)


def _compile(dags: Path) -> None:
    (dags / "__pycache__").mkdir()
    (dags / "__pycache__/one.cpython-313.pyc").write_bytes(b"x")
    (dags / "old.pyc").write_bytes(b"x")


def _add_empty_folder(dags: Path) -> None:
    (dags / "empty").mkdir()


def _write_in_another_order(dags: Path) -> None:
    content = (dags / "one.py").read_bytes()
    (dags / "one.py").unlink()
    (dags / "one.py").write_bytes(content)


@pytest.mark.parametrize("change", [_touch, _restrict, _compile, _add_empty_folder, _write_in_another_order])
def test_what_is_no_content_makes_no_version(dags: Path, change: Callable[[Path], None]) -> None:
    before = version_of(dags)
    change(dags)

    assert version_of(dags) == before


def _edit(dags: Path) -> None:
    (dags / "one.py").write_text("print('B')\n")


def _rename(dags: Path) -> None:
    (dags / "one.py").rename(dags / "two.py")


def _make_executable(dags: Path) -> None:
    (dags / "one.py").chmod(0o744)


def _edit_helper(dags: Path) -> None:
    (dags / "helpers/sql.txt").write_text("select 2\n")


@pytest.mark.parametrize("change", [_edit, _rename, _make_executable, _edit_helper])
def test_what_a_task_could_notice_makes_another_version(dags: Path, change: Callable[[Path], None]) -> None:
    before = version_of(dags)
    change(dags)

    assert version_of(dags) != before


def test_the_version_is_the_same_on_every_machine(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text("pass\n")

    assert version_of(tmp_path) == "1552cf70dbfeb6e6cc5bf8277e0fe8524ec83eca6a4dfd624d7319649c80278c"


def test_what_a_link_leads_to_is_as_if_it_were_there(dags: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "one.py").symlink_to(dags / "one.py")
    (linked / "helpers").symlink_to(dags / "helpers")

    assert version_of(linked) == version_of(dags)


def test_a_link_that_leads_back_is_refused(dags: Path) -> None:
    (dags / "helpers/again").symlink_to(dags)

    with pytest.raises(FolderError, match=r"has the link .*/helpers/again, which leads back to itself"):
        version_of(dags)


def test_a_link_that_leads_nowhere_is_refused(dags: Path) -> None:
    (dags / "gone.py").symlink_to("/nowhere")

    with pytest.raises(FolderError, match=r"gone\.py, which is neither file nor folder"):
        version_of(dags)


def test_a_folder_with_too_much_in_it_is_refused(dags: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dag_archive, "MAXIMUM_FILES", 1)

    with pytest.raises(FolderError, match=r"has 2 files with 0\.0 MiB: allowed are 1 with 256 MiB"):
        version_of(dags)


@pytest.mark.parametrize("path", ["../out.py", "/etc/out.py", "a/../../out.py", "a//b.py", "./a.py"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, path: str) -> None:
    stream = archive_of((tarfile.TarInfo(path), b"x"))

    with pytest.raises(DamagedArchiveError, match="is no path below its folder"):
        unpacked(stream, tmp_path, "0" * 64)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("link")
    member.type, member.linkname = kind, "/etc/passwd"

    with pytest.raises(DamagedArchiveError, match="'link' in it is no file"):
        unpacked(archive_of((member, b"")), tmp_path, "0" * 64)


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    stream = archive_of((tarfile.TarInfo("a"), b"x"), (tarfile.TarInfo("a/b"), b"x"))

    with pytest.raises(DamagedArchiveError, match="two of its files have one path"):
        unpacked(stream, tmp_path, "0" * 64)


def test_a_small_archive_of_very_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dag_archive, "MAXIMUM_BYTES", 1000)
    stream = archive_of((tarfile.TarInfo("big"), b"0" * 1001))

    with pytest.raises(DamagedArchiveError, match="more than 20000 files or 1000 bytes"):
        unpacked(stream, tmp_path, "0" * 64)


def test_a_header_that_unpacks_to_very_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dag_archive, "MAXIMUM_BYTES", 1000)
    monkeypatch.setattr(dag_archive, "_OVERHEAD_BYTES", 0)
    stream = io.BytesIO(gzip.compress(b"\0" * 100_000))

    with pytest.raises(DamagedArchiveError, match="it has more than 1000 bytes"):
        unpacked(stream, tmp_path, "0" * 64)


def test_other_content_than_its_name_says_is_refused(dags: Path, tmp_path: Path) -> None:
    stream = packed(dags)
    found = version_of(dags)

    with pytest.raises(DamagedArchiveError, match=f"its content has the hash {found}"):
        unpacked(stream, tmp_path, "0" * 64)


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


@pytest.mark.parametrize("damage", [_cut, _flip, lambda data: b"no archive", lambda data: b""])
def test_damage_is_noticed(dags: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    (dags / "more.txt").write_bytes(os.urandom(10_000))
    version = version_of(dags)

    with pytest.raises(DamagedArchiveError):
        unpacked(io.BytesIO(damage(packed(dags).read())), tmp_path, version)
