"""Files that the store takes out of packages of the controller's distribution."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    Source,
    StoreError,
)
from store_lab import component, sha256, store

PACKAGE = Source("package", package="tool", files={"usr/bin/distribution-tool": "tool", "usr/share/doc/notes": "NOTES"})


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for apt-get and dpkg-deb: the one gives a package, the other its contents."""
    given = tmp_path / "distribution"
    given.mkdir()
    with tarfile.open(given / "package", "w") as tar:
        for name, mode in (("./usr/bin/distribution-tool", 0o755), ("./usr/share/doc/notes", 0o644), ("./etc/unwanted", 0o644)):
            info = tarfile.TarInfo(name)
            info.mode, info.mtime, info.size = mode, 1_700_000_000, 4
            tar.addfile(info, io.BytesIO(b"text"))
    clients = {
        "apt-get": f'echo "$@" > {given}/asked; test -f {given}/package || {{ echo "E: no such version" >&2; exit 100; }}\n'
        f"cp {given}/package ./tool_1.0-5_amd64.deb",
        "dpkg-deb": 'cat "$2"',
    }
    for name, script in clients.items():
        (given / name).write_text(f"#!/bin/sh\n{script}\n")
        (given / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{given}:{os.environ['PATH']}")
    return given


def test_a_package_gives_the_wanted_files_under_their_new_names(distribution: Path, tmp_path: Path) -> None:
    outcome = store(tmp_path).ensure([component(PACKAGE)])
    assert (distribution / "asked").read_text() == "--quiet download tool:amd64=1.0*\n"
    with tarfile.open(outcome.releases["tool"]["file"]) as tar:
        assert {member.name: member.mode for member in tar} == {"tool": 0o755, "NOTES": 0o644, "RELEASE": 0o644}


def test_other_files_of_a_package_need_no_other_download(distribution: Path, tmp_path: Path) -> None:
    store(tmp_path).ensure([component(PACKAGE)])
    (distribution / "asked").unlink()
    more = component(replace(PACKAGE, files={"usr/bin/distribution-tool": "tool", "etc/unwanted": "conf/wanted"}))
    outcome = store(tmp_path).ensure([more])
    with tarfile.open(outcome.releases["tool"]["file"]) as tar:
        assert set(tar.getnames()) == {"tool", "conf", "conf/wanted", "RELEASE"}
    assert not (distribution / "asked").exists()


def test_the_lock_has_the_package_as_it_came(distribution: Path, tmp_path: Path) -> None:
    store(tmp_path).update_lock([component(PACKAGE)])
    name, digest = "tool_1.0-5_amd64.deb", sha256((distribution / "package").read_bytes())
    assert json.loads((tmp_path / "artifacts/lock.json").read_text()) == {"tool": {"1.0": {"package": {name: digest}}}}
    assert store(tmp_path).ensure([component(PACKAGE)]).fetched == []


def test_a_package_with_the_name_of_the_locked_one_and_other_bytes_stops_the_run(distribution: Path, tmp_path: Path) -> None:
    lock = {"tool": {"1.0": {"package": {"tool_1.0-5_amd64.deb": "a" * 64}}}}
    with pytest.raises(StoreError, match=rf"tool_1\.0-5_amd64\.deb from package: sha256 expected {'a' * 64}"):
        store(tmp_path, lock).ensure([component(PACKAGE)])
    assert not (tmp_path / "store/downloads/tool/1.0/package").exists()


def test_a_package_that_the_distribution_renewed_is_taken_on_its_signature(distribution: Path, tmp_path: Path) -> None:
    lock = {"tool": {"1.0": {"package": {"tool_1.0-4_amd64.deb": "a" * 64}}}}
    assert store(tmp_path, lock).ensure([component(PACKAGE)]).fetched == ["tool 1.0 from package"]
    assert store(tmp_path).ensure([component(PACKAGE)]).fetched == []


def test_what_an_earlier_version_of_the_toolkit_kept_of_a_package_is_fetched_anew(distribution: Path, tmp_path: Path) -> None:
    kept = tmp_path / "store/downloads/tool/1.0/package/tool_1.0-5_amd64.tar"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert store(tmp_path).ensure([component(PACKAGE)]).fetched
    assert not kept.exists()


def test_a_package_the_distribution_lacks_or_that_lacks_a_file_is_a_reason(distribution: Path, tmp_path: Path) -> None:
    other = component(replace(PACKAGE, files={"usr/bin/other": "other"}))
    with pytest.raises(StoreError, match="the package has no file usr/bin/other"):
        store(tmp_path).ensure([other])
    (distribution / "package").unlink()
    shutil.rmtree(tmp_path / "store/downloads")
    with pytest.raises(StoreError, match=r"no such version .*package lists current"):
        store(tmp_path).ensure([component(PACKAGE)])
