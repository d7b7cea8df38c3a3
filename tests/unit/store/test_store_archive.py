"""Trees and archives: what is unpacked, and that the packed release depends on nothing but the tree."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.digest import file_digest
from ansible_collections.estate.kafka.plugins.module_utils.store.archive import pack, place
from store_lab import tgz, zipped


def tree(path: Path) -> list[str]:
    return sorted(str(item.relative_to(path)) for item in path.rglob("*") if not item.is_dir())


@pytest.mark.parametrize(("make", "name"), [(tgz, "a.tgz"), (zipped, "a.zip"), (tgz, "a.tar.gz")])
def test_one_top_level_directory_is_dropped_and_the_exec_bit_stays(make: object, name: str, tmp_path: Path) -> None:
    assert callable(make)
    (tmp_path / name).write_bytes(make({"tool-1/bin/run": b"#!", "tool-1/lib/x.jar": b"x"}, executable=("tool-1/bin/run",)))
    place(tmp_path / name, tmp_path / "tree")
    assert tree(tmp_path / "tree") == ["bin/run", "lib/x.jar"]
    assert os.access(tmp_path / "tree/bin/run", os.X_OK)
    assert (tmp_path / "tree/lib/x.jar").stat().st_mode & 0o777 == 0o644


def test_an_archive_without_a_top_level_directory_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(tgz({"./run.jar": b"r", "./lib/x.jar": b"x"}))
    place(tmp_path / "a.tgz", tmp_path / "tree")
    assert tree(tmp_path / "tree") == ["lib/x.jar", "run.jar"]


def test_a_wheel_becomes_site_packages(tmp_path: Path) -> None:
    wheel = tmp_path / "pkg-1-py3-none-any.whl"
    wheel.write_bytes(zipped({"pkg/__init__.py": b"", "pkg-1.data/platlib/ext.so": b"so", "pkg-1.data/scripts/run": b"#!"}))
    place(wheel, tmp_path / "tree")
    assert tree(tmp_path / "tree") == ["ext.so", "pkg/__init__.py"]


def test_any_other_file_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "agent.jar").write_bytes(zipped({"x": b"x"}))
    place(tmp_path / "agent.jar", tmp_path / "tree")
    assert file_digest(tmp_path / "tree/agent.jar") == file_digest(tmp_path / "agent.jar")


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out"])
def test_a_path_out_of_the_tree_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(tgz({"ok": b"", name: b"x"}))
    with pytest.raises(ValueError, match="leads out"):
        place(tmp_path / "a.tgz", tmp_path / "deep" / "tree")
    assert not (tmp_path / "out").exists() and not (tmp_path / "deep" / "out").exists()


@pytest.mark.parametrize(("target", "fine"), [("../lib/x", True), ("../../etc/passwd", False), ("/etc/passwd", False)])
def test_links_stay_inside(target: str, fine: bool, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        info = tarfile.TarInfo("bin/x")
        info.type, info.linkname = tarfile.SYMTYPE, target
        tar.addfile(info)
        tar.addfile(tarfile.TarInfo("other"))
    if fine:
        place(tmp_path / "a.tar", tmp_path / "tree")
        assert (tmp_path / "tree/bin/x").readlink() == Path(target)
    else:
        with pytest.raises(ValueError, match="leads out"):
            place(tmp_path / "a.tar", tmp_path / "tree")


def test_the_release_depends_on_the_tree_alone(tmp_path: Path) -> None:
    digests = []
    for number, order in enumerate((["b", "a/x", "a/run"], ["a/run", "a/x", "b"])):
        root = tmp_path / str(number)
        for name in order:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(name)
            (root / name).chmod((0o700 if name == "a/run" else 0o600) | (0o022 * number))
            os.utime(root / name, (number, number))
        (root / "link").symlink_to("b")
        digests.append(pack(root, tmp_path / f"{number}.tar", "tool 1.0"))
    assert digests[0] == digests[1] == file_digest(tmp_path / "0.tar") == file_digest(tmp_path / "1.tar")


def test_what_a_release_looks_like(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "run").write_text("x")
    (root / "bin" / "run").chmod(0o700)
    pack(root, tmp_path / "a.tar", "tool 1.0", "few modules")
    with tarfile.open(tmp_path / "a.tar") as tar:
        members = tar.getmembers()
        assert [member.name for member in members] == ["bin", "bin/run", "RELEASE"]
        assert [oct(member.mode) for member in members] == ["0o755", "0o755", "0o644"]
        assert {(member.uid, member.gid, member.mtime, member.uname) for member in members} == {(0, 0, 0, "")}
        release = tar.extractfile("RELEASE")
        assert release is not None
        first, second = release.read().decode().splitlines()
    assert first.startswith("tool 1.0 ") and len(first.split()[2]) == 64
    assert second == "few modules"
