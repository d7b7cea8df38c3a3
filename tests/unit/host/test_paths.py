"""Directories and files that are made have their modes under any umask; files are replaced as a whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import fixed_umask, make_directories, write_whole


@pytest.fixture(params=[0o022, 0o027, 0o077, 0o000], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_parents_are_open_and_the_last_has_the_wanted_mode(umask: int, tmp_path: Path) -> None:
    path = tmp_path / "opt" / "kafka" / "data"
    assert make_directories(path, 0o750) == [tmp_path / "opt", tmp_path / "opt" / "kafka", path]
    assert [mode(item) for item in (path.parent.parent, path.parent, path)] == [0o755, 0o755, 0o750]


def test_what_is_there_stays_as_it_is(umask: int, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there").chmod(0o710)
    (tmp_path / "link").symlink_to("there")
    assert make_directories(tmp_path / "there") == []
    assert make_directories(tmp_path / "link" / "new") == [tmp_path / "link" / "new"]
    assert mode(tmp_path / "there") == 0o710
    assert mode(tmp_path / "there" / "new") == 0o755


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        make_directories(tmp_path / "file" / "below")
    with pytest.raises(OSError, match="file"):
        make_directories(tmp_path / "file")


def test_a_link_to_nowhere_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(OSError, match="link"):
        make_directories(tmp_path / "link")


def test_files_of_other_programs_are_readable_within_the_block(umask: int, tmp_path: Path) -> None:
    with fixed_umask():
        (tmp_path / "file").write_text("")
    assert mode(tmp_path / "file") == 0o644
    assert os.umask(umask) == umask


def test_a_file_is_replaced_as_a_whole_with_its_mode_and_nothing_is_left_beside_it(umask: int, tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text("old")
    seen: list[tuple[str, int]] = []

    def prepare(draft: Path) -> None:
        seen.append((path.read_text(), mode(draft)))

    write_whole(path, b"new", 0o640, prepare)
    assert (path.read_text(), mode(path)) == ("new", 0o640)
    assert seen == [("old", 0o600)], "nobody else reads it before it has its mode"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_prepared_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "app.conf"
    path.write_text("old")

    def prepare(draft: Path) -> None:
        raise PermissionError(draft)

    with pytest.raises(PermissionError):
        write_whole(path, b"new", prepare=prepare)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
