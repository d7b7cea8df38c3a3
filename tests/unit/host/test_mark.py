"""The mark of a run on a host: one run has it, and only that run or one that replaces it writes or removes it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.mark import MarkFile, heard_of

OURS, THEIRS = {"id": "ours", "who": "ann@one"}, {"id": "theirs", "who": "bob@two"}


@pytest.fixture
def file(tmp_path: Path) -> MarkFile:
    return MarkFile(tmp_path / "run")


def test_the_first_run_has_it_and_the_second_learns_of_the_first(file: MarkFile) -> None:
    before = time.time()
    assert file.take(OURS) is None
    found = file.take(THEIRS)
    assert found is not None and found["who"] == "ann@one" and before - 1 <= found["since"] <= time.time()
    assert 0 <= found["idle"] < 10


def test_the_same_run_may_take_it_again_and_keeps_its_since(file: MarkFile) -> None:
    file.take(OURS)
    first = json.loads(file.path.read_text())
    assert file.take(OURS) is None
    assert json.loads(file.path.read_text()) == first


def test_a_run_is_replaced_only_by_who_names_it(file: MarkFile) -> None:
    file.take(OURS)
    assert file.take(THEIRS, "another") is not None
    assert file.take(THEIRS, "ours") is None
    found = file.take(OURS, "another")
    assert found is not None and found["id"] == "theirs"


def test_only_its_own_run_removes_it(file: MarkFile) -> None:
    file.release("ours")  # none is there
    file.take(OURS)
    file.release("theirs")
    assert file.read() is not None
    file.release("ours")
    assert file.read() is None and file.take(THEIRS) is None


def test_of_many_runs_at_the_same_moment_one_has_it(file: MarkFile) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda number: file.take({"id": str(number)}), range(16)))
    assert found.count(None) == 1
    kept = file.read()
    assert kept is not None and {one["id"] for one in found if one} == {kept["id"]}


def test_it_is_read_by_everybody_whatever_the_umask(file: MarkFile) -> None:
    before = os.umask(0o077)
    try:
        file.take(OURS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o644 and stat.S_IMODE(file.folder.stat().st_mode) == 0o755


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"text"'])
def test_what_no_run_has_written_holds_nobody_up(file: MarkFile, content: str) -> None:
    file.folder.mkdir()
    file.path.write_text(content)
    assert file.read() is None and file.take(OURS) is None


def test_a_sign_of_its_run_ends_the_silence_and_makes_no_mark(file: MarkFile) -> None:
    heard_of(file.folder)
    assert not file.folder.exists()
    file.take(OURS)
    os.utime(file.path, (0, time.time() - 500))
    found = file.read()
    assert found is not None and found["idle"] >= 500
    heard_of(file.folder)
    found = file.read()
    assert found is not None and found["idle"] < 100


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_login_without_rights_sees_it_and_is_told_that_it_may_not_write() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        file = MarkFile(Path(name) / "run")
        file.take(OURS)
        os.seteuid(65534)
        try:
            found = file.read()
            with pytest.raises(PermissionError):
                file.take(THEIRS, "ours")
            with pytest.raises(PermissionError):
                file.release("ours")
            heard_of(file.folder)
        finally:
            os.seteuid(0)
    assert found is not None and found["who"] == "ann@one"
