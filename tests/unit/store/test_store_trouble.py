"""What goes wrong around the store: media that cannot be written, archives that are none, one failure beside others."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import fixed_umask
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Component,
    Policy,
    Source,
    StoreError,
    Target,
    Unavailable,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.mirror import from_mirror
from ansible_collections.estate.kafka.plugins.module_utils.store.outcome import Outcome
from ansible_collections.estate.kafka.plugins.module_utils.store.sources import download, read_text
from ansible_collections.estate.kafka.plugins.module_utils.store.store import Store
from store_lab import Web, component, fake_maven, serve, sha256, store, tgz, zipped

GOOD = tgz({"tool-1.0/bin/run": b"#!/bin/sh\n", "tool-1.0/lib/x.jar": os.urandom(50_000)}, executable=("tool-1.0/bin/run",))
NOBODY = 65534


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        yield server


def published(web: Web, file: str, data: bytes, **fields: Any) -> Component:
    web.files[file] = data
    web.files[f"{file}.sha256"] = f"{sha256(data)}  {file}\n".encode()
    wanted: Component = component(Source("publisher", url=f"{web.url}/{file}", checksum=f"{web.url}/{file}.sha256"), **fields)
    return wanted


@pytest.fixture
def media(web: Web, tmp_path: Path) -> Iterator[Path]:
    """A filled store that was copied, so that its files have new times, where nobody may write."""
    store(tmp_path).ensure([published(web, "tool.tgz", GOOD)])
    web.files.clear()
    place = Path(tempfile.mkdtemp())
    try:
        shutil.copytree(tmp_path / "store/releases", place / "store/releases", copy_function=shutil.copyfile)
        shutil.copytree(tmp_path / "artifacts", place / "artifacts")
        for path in (place, *place.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield place
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(place)


@contextmanager
def without_rights() -> Iterator[None]:
    """Root may write everywhere; for this block it is nobody."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def on(media: Path, tmp_path: Path, **settings: Any) -> Store:
    result: Store = store(tmp_path, **{"store": media / "store", "artifacts": media / "artifacts", **settings})
    return result


def test_a_complete_store_on_media_that_cannot_be_written_serves(media: Path, web: Web, tmp_path: Path) -> None:
    before = (media / "store/releases/index.json").read_bytes()
    wanted = component(Source("publisher", url=f"{web.url}/tool.tgz", checksum=f"{web.url}/tool.tgz.sha256"))
    carried = on(media, tmp_path)
    with without_rights():
        outcome = carried.ensure([wanted])
    assert outcome.fetched == [] and outcome.left_out == {}
    assert outcome.releases["tool"]["file"] == str(media / "store/releases/tool-1.0.tar")
    assert (media / "store/releases/index.json").read_bytes() == before


@pytest.mark.parametrize("lost", ["component", "file"])
def test_what_such_a_store_lacks_is_named(lost: str, media: Path, web: Web, tmp_path: Path) -> None:
    wanted = [component(Source("publisher", url=f"{web.url}/tool.tgz", checksum=f"{web.url}/tool.tgz.sha256"))]
    if lost == "component":
        wanted.append(component(Source("maven"), name="other", version="2"))
    else:
        (media / "store/releases").chmod(0o755)
        (media / "store/releases/tool-1.0.tar").unlink()
        (media / "store/releases").chmod(0o555)
    carried = on(media, tmp_path)
    with without_rights(), pytest.raises(StoreError) as error:
        carried.ensure(wanted)
    name = "other 2" if lost == "component" else "tool 1.0"
    reason = "not in the store" if lost == "component" else "its file is missing or damaged"
    assert str(error.value).startswith(f"{name} is not available: {media}/store: {reason}")
    assert f"{media}/store cannot be written (Permission denied)" in str(error.value)
    lenient = on(media, tmp_path, policy=Policy(require_all=False))
    with without_rights():
        assert list(lenient.ensure(wanted).left_out) == ["other" if lost == "component" else "tool"]


def test_new_times_of_a_carried_store_are_kept_where_it_can_be_written(media: Path, web: Web, tmp_path: Path) -> None:
    shutil.copytree(media / "store", tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        path.chmod(0o755)
    os.utime(tmp_path / "copy/releases/tool-1.0.tar", ns=(1, 1))
    wanted = component(Source("publisher", url=f"{web.url}/tool.tgz", checksum=f"{web.url}/tool.tgz.sha256"))
    store(tmp_path, store=tmp_path / "copy").ensure([wanted])
    index = json.loads((tmp_path / "copy/releases/index.json").read_text())
    assert index["tool-1.0.tar"]["mtime_ns"] == 1


def cut_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("tool/x")
        info.size = 100_000
        tar.addfile(info, io.BytesIO(bytes(100_000)))
    return out.getvalue()[:5000]


def broken_zip() -> bytes:
    data = bytearray(zipped({"tool/x": b"content" * 100}))
    data[60] ^= 0xFF
    return bytes(data)


BROKEN = {
    "a page of a proxy": ("tool.tgz", b"<html>login first</html>"),
    "cut in the middle": ("tool.tgz", GOOD[: len(GOOD) // 2]),
    "nothing": ("tool.tgz", b""),
    "a tar cut": ("tool.tar", cut_tar()),
    "another compression, damaged": ("tool.tar", lzma.compress(gzip.decompress(GOOD))[:30_000]),
    "a zip cut": ("tool.zip", zipped({"tool/x": b"content" * 100})[:-30]),
    "a zip with turned bits": ("tool.zip", broken_zip()),
    "a wheel that is none": ("tool.whl", b"PK\x03\x04 no"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_an_archive_that_cannot_be_read_is_a_reason_and_the_next_source_serves(
    kind: str, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, data = BROKEN[kind]
    wanted = published(web, name, data)
    with pytest.raises(StoreError, match=rf"is not available: publisher: {name}: it is damaged or no such archive"):
        store(tmp_path).ensure([wanted])
    # It is not kept: the publisher may have mended it.
    assert not list((tmp_path / "store/downloads").rglob(name))
    maven = fake_maven(tmp_path / "client", {"x.jar": b"x"})
    monkeypatch.setenv("PATH", f"{maven}{os.pathsep}{os.environ['PATH']}")
    outcome = store(tmp_path).ensure([replace(wanted, sources=(*wanted.sources, Source("maven")))])
    assert outcome.releases["tool"]["source"] == "maven"


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo 'dpkg-deb: error: not a Debian archive' >&2; exit 2", "not a Debian archive"), (None, "'dpkg-deb' is not installed")],
)
def test_a_package_that_cannot_be_read_is_a_reason(
    script: str | None, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = tmp_path / "clients"
    clients.mkdir()
    (clients / "apt-get").write_text("#!/bin/sh\n: > tool_1.0_amd64.deb\n")
    if script:
        (clients / "dpkg-deb").write_text(f"#!/bin/sh\n{script}\n")
    for path in clients.iterdir():
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(clients))
    with pytest.raises(StoreError, match=rf"package: tool_1\.0_amd64\.deb: .*{reason}"):
        store(tmp_path).ensure([component(Source("package", package="tool", files={"usr/bin/tool": "tool"}))])


def test_what_was_under_way_when_another_failed_is_kept(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, bad = published(web, "slow.tgz", GOOD, name="slow"), published(web, "bad.tgz", GOOD, name="bad")
    web.files["bad.tgz.sha256"] = f"{'0' * 64}  bad.tgz\n".encode()
    failed = threading.Event()
    obtain = Store._obtain

    def in_order(self: Store, wanted: Component) -> object:
        if wanted.name == "slow":
            assert failed.wait(10)
            return obtain(self, wanted)
        try:
            return obtain(self, wanted)
        finally:
            failed.set()

    monkeypatch.setattr(Store, "_obtain", in_order)
    with pytest.raises(StoreError, match=r"bad\.tgz"):
        store(tmp_path).ensure([slow, bad])
    web.asked.clear()
    assert store(tmp_path).ensure([slow]).fetched == []
    assert web.asked == []


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o000], ids=oct)
def test_modes_are_the_same_under_any_umask(umask: int, web: Web, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        with fixed_umask():
            store(tmp_path).ensure([published(web, "tool.tgz", GOOD)])
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "store").rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644}


def test_builds_for_several_pythons_stand_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client ``pip`` is stood in for: it gives one wheel, named after the Python that it is asked for."""
    (tmp_path / "artifacts/wheels").mkdir(parents=True)
    (tmp_path / "artifacts/wheels/tool.txt").write_text("tool==1.0 --hash=sha256:0\n")
    (tmp_path / "artifacts/wheels/tool-3.9.txt").write_text("tool==1.0 --hash=sha256:9\n")
    wheel = zipped({"tool/__init__.py": b""})
    (tmp_path / "wheel").write_bytes(wheel)
    pip = tmp_path / "pip"
    pip.write_text(
        '#!/bin/sh\necho "$@" >> ' + f"{tmp_path}/asked\n"
        "while [ $# -gt 0 ]; do case $1 in --python-version) v=${2%.*};; --dest) d=$2;; esac; shift; done\n"
        f'if [ $v = 3.13 ]; then echo "ERROR: No matching distribution" >&2; exit 1; fi; cp {tmp_path}/wheel $d/tool-$v.whl\n'
    )
    pip.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(pip))
    tool = component(Source("wheel", package="tool"))
    builds = [tool.built_for(Target(python), [f"host-{python}"]) for python in ("3.9", "3.11")]
    outcome: Outcome = store(tmp_path).ensure(builds)
    assert {tag: build["version"] for tag, build in outcome.releases["tool"]["builds"].items()} == {
        "cp39-x86_64": "1.0-cp39-x86_64",
        "cp311-x86_64": "1.0-cp311-x86_64",
    }
    asked = (tmp_path / "asked").read_text()
    assert f"--python-version 3.9.2 --dest {tmp_path}/store/downloads/tool/1.0-cp39-x86_64/wheel.part" in asked
    assert "wheels/tool-3.9.txt" in asked and "wheels/tool.txt" in asked
    assert store(tmp_path).ensure(builds).releases == outcome.releases
    with pytest.raises(
        StoreError, match=r"\(for Python 3\.13 on x86_64: new\) is not available: wheel: No matching distribution"
    ):
        store(tmp_path).ensure([*builds, tool.built_for(Target("3.13"), ["new"])])


def test_a_mirror_is_asked_without_the_proxy_of_the_environment(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = published(web, "tool.tgz", GOOD)
    store(tmp_path).ensure([wanted])
    web.files["releases/index.json"] = (tmp_path / "store/releases/index.json").read_bytes()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert from_mirror([wanted], {}, Policy(), web.url).releases["tool"]["url"] == f"{web.url}/releases/tool-1.0.tar"


def test_a_publisher_is_asked_by_the_proxy_of_the_environment_also_where_a_transfer_goes_on(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has the publisher's name here: only the proxy can bring the file."""
    url = "http://publisher.invalid/tool.tgz"
    web.files["http://publisher.invalid/tool.tgz"] = GOOD
    web.cut = [len(GOOD) // 2]
    monkeypatch.setenv("http_proxy", web.url)
    monkeypatch.delenv("no_proxy", raising=False)
    part = tmp_path / "tool.tgz.part"
    download(url, part)
    assert part.read_bytes() == GOOD
    assert web.asked == [(url, ""), (url, f"bytes={len(GOOD) // 2}-")]
    monkeypatch.delenv("http_proxy")
    with pytest.raises(Unavailable, match=r"publisher\.invalid"):
        read_text(url)
