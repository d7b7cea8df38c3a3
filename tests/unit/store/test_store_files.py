"""The store on disk: fetched once, verified, resumed, built, carried and mirrored."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.store import archive as store_archive
from ansible_collections.estate.kafka.plugins.module_utils.store import sources as store_fetch
from ansible_collections.estate.kafka.plugins.module_utils.store import store as store_files
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Component,
    Policy,
    Source,
    StoreError,
    Unavailable,
    read_catalogue,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.mirror import from_mirror
from store_lab import Web, calls, component, fake_maven, serve, sha256, store, tgz
from test_store_plan import CATALOGUE, LOCK

DATA = tgz({"tool-1.0/bin/run": b"#!/bin/sh\n", "tool-1.0/lib/x.jar": os.urandom(200_000)})
LOCKED = {"tool": {"1.0": {"publisher": {"tool.tgz": sha256(DATA)}}}}


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as server:
        server.files["tool.tgz"] = DATA
        yield server


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path: Path = fake_maven(tmp_path / "client", {"x.jar": b"x", "y.jar": b"y"})
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
    return path


def published(web: Web, checksum: bool = False) -> Component:
    source = Source("publisher", url=f"{web.url}/tool.tgz", checksum=f"{web.url}/tool.sha512" if checksum else "")
    wanted: Component = component(source)
    return wanted


def test_a_locked_file_is_fetched_once_and_a_second_run_asks_nobody(web: Web, tmp_path: Path) -> None:
    first = store(tmp_path, LOCKED).ensure([published(web)])
    assert first.fetched == ["tool 1.0 from publisher"]
    assert Path(first.releases["tool"]["file"]) == tmp_path / "store/releases/tool-1.0.tar"
    web.files.clear()
    second = store(tmp_path).ensure([published(web)])
    assert second.fetched == [] and second.releases == first.releases
    assert web.asked == [("tool.tgz", "")]


def test_a_release_lost_is_built_again_from_the_download(web: Web, tmp_path: Path) -> None:
    first = store(tmp_path, LOCKED).ensure([published(web)])
    Path(first.releases["tool"]["file"]).unlink()
    assert store(tmp_path).ensure([published(web)]).releases == first.releases
    assert len(web.asked) == 1


def test_a_cut_transfer_goes_on_where_it_stopped(web: Web, tmp_path: Path) -> None:
    web.cut = [1000]
    assert store(tmp_path, LOCKED).ensure([published(web)]).fetched
    assert web.asked == [("tool.tgz", ""), ("tool.tgz", "bytes=1000-")]


def test_a_part_left_by_another_run_is_completed(web: Web, tmp_path: Path) -> None:
    directory = tmp_path / "store/downloads/tool/1.0/publisher"
    directory.mkdir(parents=True)
    (directory / "tool.tgz.part").write_bytes(DATA[:5000])
    assert store(tmp_path, LOCKED).ensure([published(web)]).fetched
    assert web.asked == [("tool.tgz", "bytes=5000-")]


@pytest.mark.parametrize("rest", [b"other" * 100, DATA + b"too long"])
def test_a_part_of_another_file_is_fetched_anew(rest: bytes, web: Web, tmp_path: Path) -> None:
    directory = tmp_path / "store/downloads/tool/1.0/publisher"
    directory.mkdir(parents=True)
    (directory / "tool.tgz.part").write_bytes(rest)
    assert store(tmp_path, LOCKED).ensure([published(web)]).fetched
    assert web.asked[-1] == ("tool.tgz", "")


def test_a_file_other_than_the_locked_one_stops_the_run(web: Web, tmp_path: Path) -> None:
    wrong = {"tool": {"1.0": {"publisher": {"tool.tgz": "0" * 64}}}}
    with pytest.raises(StoreError) as error:
        store(tmp_path, wrong).ensure([published(web)])
    for part in ("tool.tgz", "0" * 64, sha256(DATA), web.url, "artifacts-lock"):
        assert part in str(error.value)
    assert not list((tmp_path / "store").rglob("tool*.t*"))


def test_a_file_not_in_the_lock_needs_a_published_checksum(web: Web, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="refused"):
        store(tmp_path).ensure([published(web)])
    web.files["tool.sha512"] = b"0" * 128
    with pytest.raises(StoreError, match="sha512"):
        store(tmp_path).ensure([published(web, checksum=True)])
    web.files["tool.sha512"] = f"{hashlib.sha512(DATA).hexdigest()}  tool.tgz".encode()
    assert store(tmp_path).ensure([published(web, checksum=True)]).fetched


def test_sources_are_tried_in_order_and_every_reason_is_named(web: Web, maven: Path, tmp_path: Path) -> None:
    gone = Source("publisher", url=f"{web.url}/gone.tgz", checksum=f"{web.url}/gone.sha512")
    outcome = store(tmp_path).ensure([component(gone, Source("maven", into="libs"))])
    assert outcome.releases["tool"]["source"] == "maven"
    fake_maven(maven, {}, fail="Unknown host repository.invalid")
    with pytest.raises(StoreError) as error:
        store(tmp_path).ensure([component(gone, Source("maven"), name="tool", version="2.0")])
    assert f"publisher: {web.url}/gone.sha512: HTTP 404 Not Found" in str(error.value)
    assert "maven: Unknown host repository.invalid" in str(error.value)
    assert "estate_mirror_url" in str(error.value)


def test_nothing_reachable_in_a_lab_leaves_the_component_out_but_never_an_essential_one(tmp_path: Path) -> None:
    lab = Policy(("maven", "wheel"), require_all=False)
    far = component(Source("publisher", url="http://127.0.0.1:9/tool.tgz", checksum="http://127.0.0.1:9/tool.sha256"))
    outcome = store(tmp_path, policy=lab).ensure([far])
    assert outcome.releases == {}
    assert outcome.left_out["tool"] == (
        "tool 1.0 is not available: publisher: not tried, estate_artifact_sources has only maven, wheel"
    )
    with pytest.raises(StoreError, match="Connection refused"):
        store(tmp_path, policy=Policy(require_all=False)).ensure([replace(far, essential=True)])


def test_the_reason_of_a_client_is_the_line_that_says_it() -> None:
    maven = "[ERROR] [ERROR] Some problems were encountered\\n[ERROR] The build stopped -> [Help 1]\\n"
    maven += "[ERROR]     Could not transfer x: Connection refused -> [Help 2]\\n[ERROR] [Help 1] http://help"
    pip = "WARNING: Retrying after connection broken by 'Connection refused': /simple/x/\\nERROR: No matching x"
    for output, patterns in ((maven, store_fetch.MAVEN_REASONS), (pip, store_fetch.PIP_REASONS)):
        with pytest.raises(Unavailable, match=r"^(Could not transfer x: )?Connection refused$"):
            store_fetch._run(["sh", "-c", f'printf "{output}"; exit 1'], patterns)


def test_no_maven_client_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(StoreError, match="'mvn' is not installed on the controller"):
        store(tmp_path).ensure([component(Source("maven"))])


@pytest.mark.parametrize(
    "files", [{"x.jar": b"x"}, {"x.jar": b"x", "y.jar": b"y", "z.jar": b"z"}, {"x.jar": b"x", "y.jar": b"!"}]
)
def test_maven_has_to_give_exactly_the_locked_files(files: dict[str, bytes], maven: Path, tmp_path: Path) -> None:
    lock = {"tool": {"1.0": {"maven": {name: sha256(data) for name, data in files.items()}}}}
    with pytest.raises(StoreError, match=r"[yz]\.jar from maven: sha256 expected"):
        store(tmp_path, lock).ensure([component(Source("maven"))])
    assert not (tmp_path / "store/downloads/tool/1.0/maven").exists()


def test_check_mode_says_what_it_would_fetch_and_writes_nothing(web: Web, tmp_path: Path) -> None:
    lock = {"tool": {"1.0": {"publisher": {"tool.tgz": sha256(DATA), "tool-1.0.tar": "a" * 64}}}}
    outcome = store(tmp_path, lock, check_mode=True).ensure([published(web)])
    assert outcome.would_fetch == ["tool 1.0 from publisher"]
    assert outcome.releases["tool"]["sha256"] == "a" * 64
    assert web.asked == [] and not (tmp_path / "store").exists()


def test_a_damaged_release_is_found_and_replaced(web: Web, tmp_path: Path) -> None:
    release = store(tmp_path, LOCKED).ensure([published(web)]).releases["tool"]
    path = Path(release["file"])
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[600] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    # Same size and time: only a full verification can see it.
    assert store(tmp_path).ensure([published(web)]).fetched == []
    assert store(tmp_path, verify=True).ensure([published(web)]).fetched
    assert sha256(path.read_bytes()) == release["sha256"]
    path.write_bytes(path.read_bytes()[:-1])
    assert store(tmp_path).ensure([published(web)]).fetched


def test_a_carried_store_works_with_no_source_at_all(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path, LOCKED).ensure([published(web)])
    shutil.copytree(tmp_path / "store", tmp_path / "carried", copy_function=shutil.copyfile)
    shutil.rmtree(tmp_path / "store")
    shutil.rmtree(tmp_path / "carried/downloads")
    monkeypatch.setattr(store_files, "fetch", lambda *_: pytest.fail("asked a source"))
    for _ in range(2):
        outcome = store(tmp_path, store=tmp_path / "carried", policy=Policy(())).ensure([published(web)])
        assert outcome.fetched == [] and outcome.releases["tool"]["file"].startswith(str(tmp_path / "carried"))


def test_a_carried_archive_that_is_not_the_locked_one_does_not_serve(web: Web, tmp_path: Path) -> None:
    sha = store(tmp_path, LOCKED).ensure([published(web)]).releases["tool"]["sha256"]
    lock = {"tool": {"1.0": {"publisher": {"tool.tgz": sha256(DATA), "tool-1.0.tar": sha}}}}
    assert store(tmp_path, lock).ensure([published(web)]).fetched == []
    lock["tool"]["1.0"]["publisher"]["tool-1.0.tar"] = "b" * 64
    with pytest.raises(StoreError, match=f"expected {'b' * 64}, found {sha}"):
        store(tmp_path, lock).ensure([published(web)])


def test_a_mirror_serves_the_index_and_nothing_is_fetched_here(web: Web, tmp_path: Path) -> None:
    wanted = published(web)
    release = store(tmp_path, LOCKED).ensure([wanted]).releases["tool"]
    web.asked.clear()
    web.files = {"mirror/releases/index.json": (tmp_path / "store/releases/index.json").read_bytes()}
    other = component(Source("maven"), name="other")
    outcome = from_mirror([wanted, other], LOCKED, Policy(require_all=False), f"{web.url}/mirror/")
    assert outcome.releases == {"tool": release | {"file": "", "url": f"{web.url}/mirror/releases/tool-1.0.tar"}}
    assert outcome.left_out == {"other": f"other 1.0 is not available: mirror {web.url}/mirror/: not in the store"}
    assert web.asked == [("mirror/releases/index.json", "")]
    with pytest.raises(StoreError, match=r"other 1\.0 is not available"):
        from_mirror([wanted, other], LOCKED, Policy(), f"{web.url}/mirror")


@pytest.mark.parametrize("content", [None, b"<html>", b"[]", b'{"a": {"b": 1}}'])
def test_a_mirror_without_a_readable_index_is_an_error_that_names_the_variable(content: bytes | None, web: Web) -> None:
    if content is not None:
        web.files["releases/index.json"] = content
    with pytest.raises(StoreError, match="estate_mirror_url"):
        from_mirror([component()], {}, Policy(), web.url)


def test_two_runs_at_once_fetch_once(maven: Path, tmp_path: Path) -> None:
    wanted = component(Source("maven"))
    stores = [store(tmp_path) for _ in range(4)]
    threads = [threading.Thread(target=item.ensure, args=([wanted],)) for item in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls(maven) == 1
    assert store(tmp_path).ensure([wanted]).fetched == []


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def nothing(*_: Any, **__: Any) -> None:
    pass


# What is put in whose place; the process ends where it would have called it.
FAULTS: dict[str, list[tuple[Any, str, Callable[..., None]]]] = {
    "while the client copies": [(shutil, "rmtree", nothing), (os, "rename", die), (Path, "rename", die)],
    "while the archive is written": [(store_archive, "_add", die)],
    "before the archive gets its name": [(store_files, "file_digest", die)],
    "before the index knows": [(store_files.Store, "_record", die)],
}


def fill(tmp_path: Path, fault: str) -> None:
    for place, name, instead in FAULTS[fault]:
        setattr(place, name, instead)
    store(tmp_path).ensure([component(Source("maven", into="libs"))])


@pytest.mark.parametrize("fault", FAULTS)
def test_killed_half_way_nothing_half_written_is_in_use(fault: str, maven: Path, tmp_path: Path) -> None:
    store(tmp_path)
    process = get_context("fork").Process(target=fill, args=(tmp_path, fault))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "store/releases/index.json").exists()
    outcome = store(tmp_path).ensure([component(Source("maven", into="libs"))])
    assert outcome.fetched
    path = Path(outcome.releases["tool"]["file"])
    assert sha256(path.read_bytes()) == outcome.releases["tool"]["sha256"]
    assert sorted(item.name for item in path.parent.iterdir()) == ["index.json", "tool-1.0.tar"]
    assert store(tmp_path, verify=True).ensure([component(Source("maven", into="libs"))]).fetched == []


def test_the_lock_is_written_from_what_came(web: Web, maven: Path, tmp_path: Path) -> None:
    both = component(Source("publisher", url=f"{web.url}/tool.tgz"), Source("maven", into="libs"))
    outcome = store(tmp_path).update_lock([both])
    assert outcome.fetched == ["tool 1.0 from maven", "tool 1.0 from publisher"]
    lock = json.loads((tmp_path / "artifacts/lock.json").read_text())["tool"]["1.0"]
    assert lock["publisher"]["tool.tgz"] == sha256(DATA)
    assert set(lock["maven"]) == {"x.jar", "y.jar", "tool-1.0.tar"}
    # The archive of the first choice stays in the store, and a run finds all it needs.
    assert store(tmp_path).ensure([both]).fetched == []
    assert store(tmp_path).ensure([both]).releases["tool"]["sha256"] == lock["publisher"]["tool-1.0.tar"]
    assert store(tmp_path).update_lock([both]).fetched == []


def test_an_entry_of_a_source_out_of_reach_stays(maven: Path, tmp_path: Path) -> None:
    lock = {"tool": {"1.0": {"publisher": {"tool.tgz": "a" * 64}}}}
    far = component(Source("publisher", url="http://127.0.0.1:9/tool.tgz"), Source("maven"))
    outcome = store(tmp_path, lock).update_lock([far])
    assert list(outcome.left_out) == ["tool 1.0 from publisher"]
    written = json.loads((tmp_path / "artifacts/lock.json").read_text())
    assert written["tool"]["1.0"]["publisher"] == {"tool.tgz": "a" * 64} and "maven" in written["tool"]["1.0"]


def kafka_stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lack: str = "") -> tuple[dict[str, Any], Component]:
    """A Maven client with every jar of the lock (small contents), and a publisher's archive around the same jars."""
    kafka = read_catalogue(CATALOGUE, {})["kafka"]
    jars = {name: f"content of {name}".encode() for name in LOCK["kafka"][kafka.version]["maven"] if name.endswith(".jar")}
    client = fake_maven(tmp_path / "client", jars)
    monkeypatch.setenv("PATH", f"{client}{os.pathsep}{os.environ['PATH']}")
    top = f"kafka_2.13-{kafka.version}"
    more = ["bin/kafka-topics.sh", "config/server.properties", "LICENSE", "site-docs/docs.tgz", "libs/kafka-streams-3.9.2.jar"]
    files = {f"{top}/{name}": b"more" for name in more}
    files |= {f"{top}/libs/{name}": data for name, data in reversed(jars.items()) if name != lack}
    archive = tmp_path / "kafka.tgz"
    archive.write_bytes(tgz(files, executable=(f"{top}/bin/kafka-topics.sh", f"{top}/libs/{next(iter(jars))}")))
    lock = {
        "kafka": {
            kafka.version: {
                "maven": {name: sha256(data) for name, data in jars.items()},
                "publisher": {archive.name: sha256(archive.read_bytes())},
            }
        }
    }
    publisher = replace(kafka.sources[0], url=archive.as_uri(), checksum="")
    return lock, replace(kafka, sources=(publisher, *kafka.sources[1:]))


def test_kafka_from_a_stand_in_of_the_publisher_s_archive_and_from_maven_is_the_same_tree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock, kafka = kafka_stand_in(monkeypatch, tmp_path)
    made = {}
    for kind in ("publisher", "maven"):
        (tmp_path / kind / "artifacts/maven/kafka").mkdir(parents=True)
        made[kind] = store(tmp_path / kind, lock, policy=Policy((kind,))).ensure([kafka]).releases["kafka"]
        assert made[kind]["source"] == kind
    # Names, contents, modes and RELEASE: the archives are equal to the byte.
    assert made["publisher"]["sha256"] == made["maven"]["sha256"]


def test_a_publisher_s_archive_that_lacks_a_jar_does_not_serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lock, kafka = kafka_stand_in(monkeypatch, tmp_path, lack="connect-mirror-3.9.2.jar")
    with pytest.raises(StoreError, match=r"publisher: its archive lacks libs/connect-mirror-3\.9\.2\.jar"):
        store(tmp_path, lock, policy=Policy(("publisher",))).ensure([kafka])
