# SPDX-License-Identifier: Apache-2.0
"""Trees and archives of the artefact store: unpacking what sources give, packing what hosts get."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ansible_collections.estate.kafka.plugins.module_utils.host.digest import BLOCK

# What the readers of archives raise for one that is damaged, cut short, or something else than its name says.
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile, NotImplementedError)


class ArchiveError(Exception):
    """An archive that cannot be read; the message is the reason."""


@dataclass(frozen=True)
class Member:
    """A file or link of an archive; ``open`` gives the content of a file, ``link`` is the target of a link."""

    path: PurePosixPath
    executable: bool
    link: str
    open: Callable[[], IO[bytes]]


class _Hashing(io.RawIOBase):
    """Writes through to a file and keeps the sha256 of what was written."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.sha256 = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        return self.out.write(data)

    def tell(self) -> int:
        return self.out.tell()


def place(file: Path, tree: Path, keep: Callable[[str], bool] = lambda path: True) -> None:
    """Put a downloaded file into a tree: archives and wheels unpacked, anything else copied.

    A single top-level directory of an archive is dropped. ``keep`` gets each path inside the archive (after that).
    Raises ValueError for a path or link that leads out of the tree, and ArchiveError for an archive that cannot be read.
    """
    tree.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".whl":
        with _damage_named(), _members(file) as members:
            _write([moved for member in members if (moved := _site_packages(member))], tree)
    elif file.name.endswith((".tar.gz", ".tgz", ".tar", ".zip")):
        with _damage_named(), _members(file) as members:
            _write((member for member in _without_top(members) if keep(str(member.path))), tree)
    else:
        shutil.copyfile(file, tree / file.name)


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        raise ArchiveError(f"it is damaged or no such archive ({error or type(error).__name__})") from error


def place_package(file: Path, files: Mapping[str, str], tree: Path) -> list[str]:
    """Put files of a Debian package into a tree, path in the package -> path in the tree; return the paths it lacks.

    Raises ArchiveError for a package that cannot be read.
    """
    lacking = set(files)
    with _damage_named(), tempfile.TemporaryFile() as contents:
        command = ["dpkg-deb", "--fsys-tarfile", str(file)]
        try:
            subprocess.run(command, stdout=contents, stderr=subprocess.PIPE, text=True, check=True)
        except FileNotFoundError as error:
            raise ArchiveError("'dpkg-deb' is not installed on the controller") from error
        except subprocess.CalledProcessError as error:
            raise ArchiveError(" ".join(error.stderr.split()) or f"dpkg-deb ended with {error.returncode}") from error
        contents.seek(0)
        with tarfile.open(fileobj=contents) as archive:
            for info in archive:
                path = info.name.removeprefix("./")
                if path in lacking and info.isfile():
                    lacking.remove(path)
                    _write([replace(_tar_member(archive, info), path=PurePosixPath(files[path]))], tree)
    return sorted(lacking)


@contextmanager
def _members(file: Path) -> Iterator[list[Member]]:
    if file.suffix in (".zip", ".whl"):
        with zipfile.ZipFile(file) as archive:
            yield [_zip_member(archive, info) for info in archive.infolist() if not info.is_dir()]
    else:
        with tarfile.open(file) as archive:
            yield [_tar_member(archive, info) for info in archive if not info.isdir()]


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    mode = info.external_attr >> 16
    link = archive.read(info).decode() if stat.S_ISLNK(mode) else ""
    return Member(PurePosixPath(info.filename), bool(mode & 0o100), link, lambda: archive.open(info))


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    def content() -> IO[bytes]:
        stream = archive.extractfile(info)
        if stream is None:
            raise ValueError(f"{info.name} is neither a file nor a link")
        return stream

    return Member(PurePosixPath(info.name), bool(info.mode & 0o100), info.linkname if info.issym() else "", content)


def _without_top(members: list[Member]) -> list[Member]:
    if len({member.path.parts[0] for member in members}) != 1 or any(len(member.path.parts) < 2 for member in members):
        return members
    return [Member(PurePosixPath(*item.path.parts[1:]), item.executable, item.link, item.open) for item in members]


def _site_packages(member: Member) -> Member | None:
    """Return where a member of a wheel lies in site-packages; None for scripts, headers and data."""
    top, *rest = member.path.parts
    if not top.endswith(".data"):
        return member
    if rest[0] not in ("purelib", "platlib"):
        return None
    return Member(PurePosixPath(*rest[1:]), member.executable, member.link, member.open)


def _write(members: Iterable[Member], tree: Path) -> None:
    for member in members:
        target = tree / _inside(member.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if member.link:
            _inside(member.path.parent / member.link)
            target.symlink_to(member.link)
            continue
        with member.open() as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, BLOCK)
        target.chmod(0o755 if member.executable else 0o644)


def _inside(path: PurePosixPath) -> PurePosixPath:
    """Return the path without dots; raises ValueError when it is absolute or leads out of the tree."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part in ("..", "/"):
            raise ValueError(f"{path} leads out of the archive")
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def pack(tree: Path, archive: Path, title: str, note: str = "") -> str:
    """Write the tree as an uncompressed tar that depends on nothing but the arguments, and return its sha256.

    Sorted, time 0, owner 0, modes 0755 or 0644. Its last member is RELEASE: ``<title> <sha256 of all before it>``, and
    the note, if any, on a line of its own.
    """
    with archive.open("wb") as out:
        stream = _Hashing(out)
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path in sorted(tree.rglob("*")):
                _add(tar, path, str(path.relative_to(tree)))
            lines = [f"{title} {stream.sha256.hexdigest()}", note]
            text = "".join(f"{line}\n" for line in lines if line).encode()
            info = tarfile.TarInfo("RELEASE")
            info.size, info.mode = len(text), 0o644
            tar.addfile(info, io.BytesIO(text))
        return stream.sha256.hexdigest()


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    info = tarfile.TarInfo(name)
    if path.is_symlink():
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
        tar.addfile(info)
    elif path.is_dir():
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(info)
    else:
        status = path.stat()
        # Publishers differ in whether a jar is executable; it never has to be.
        executable = status.st_mode & 0o100 and path.suffix != ".jar"
        info.size, info.mode = status.st_size, 0o755 if executable else 0o644
        with path.open("rb") as content:
            tar.addfile(info, content)
