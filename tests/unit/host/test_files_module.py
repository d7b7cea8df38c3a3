"""The module ``files`` on a real directory: content, modes, check mode equal to the real run, nothing half-written."""

from __future__ import annotations

import base64
import errno
import getpass
import grp
import os
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.modules.files import told
from module_run import run_module

ME = {"owner": getpass.getuser(), "group": grp.getgrgid(os.getgid()).gr_name}


@pytest.fixture
def items(tmp_path: Path) -> list[dict[str, Any]]:
    return [
        {"path": str(tmp_path / "etc"), "state": "directory", "mode": "0750"},
        {"path": str(tmp_path / "etc/a.properties"), "content": "a=1\n", "mode": "0640"},
        {"path": str(tmp_path / "current"), "state": "link", "src": str(tmp_path / "etc")},
    ]


def test_first_run_makes_everything_second_changes_nothing(tmp_path: Path, items: list[dict[str, Any]], capsys: Any) -> None:
    first = run_module("files", capsys, items=items, **ME)
    assert first["changed"] and len(first["changed_paths"]) == 3
    assert (tmp_path / "current" / "a.properties").read_text() == "a=1\n"
    assert (tmp_path / "etc/a.properties").stat().st_mode & 0o777 == 0o640
    assert not run_module("files", capsys, items=items, **ME)["changed"]


def test_check_mode_tells_the_same_and_does_nothing(tmp_path: Path, items: list[dict[str, Any]], capsys: Any) -> None:
    planned = run_module("files", capsys, check=True, items=items, **ME)
    assert list(tmp_path.iterdir()) == []
    done = run_module("files", capsys, items=items, **ME)
    assert planned["changed_paths"] == done["changed_paths"]
    assert planned["diff"] == done["diff"]


def test_check_mode_works_where_the_user_is_still_missing(tmp_path: Path, items: list[dict[str, Any]], capsys: Any) -> None:
    planned = run_module("files", capsys, check=True, items=items, owner="nobody-yet", group="nobody-yet")
    assert planned["changed"] and not planned.get("failed")


def test_a_changed_mode_is_put_back(tmp_path: Path, items: list[dict[str, Any]], capsys: Any) -> None:
    run_module("files", capsys, items=items, **ME)
    (tmp_path / "etc/a.properties").chmod(0o666)
    assert run_module("files", capsys, items=items, **ME)["changed_paths"] == [str(tmp_path / "etc/a.properties")]
    assert (tmp_path / "etc/a.properties").stat().st_mode & 0o777 == 0o640


def test_a_secret_is_not_in_the_diff(tmp_path: Path, capsys: Any) -> None:
    secret = [{"path": str(tmp_path / "s"), "content": "password=hunter2\n", "secret": True}]
    result = run_module("files", capsys, items=secret, **ME)
    assert "hunter2" not in str(result["diff"])


@pytest.mark.parametrize("state", ["file", "link", "absent"])
def test_a_directory_is_never_replaced_or_removed(tmp_path: Path, capsys: Any, state: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/segment.log").write_text("records")
    item = {"path": str(tmp_path / "data"), "state": state, "content": "x", "src": "/elsewhere"}
    result = run_module("files", capsys, items=[item], **ME)
    assert result["failed"] and str(tmp_path / "data") in result["msg"]
    assert (tmp_path / "data/segment.log").read_text() == "records"


def test_an_unknown_owner_is_named_before_anything_is_written(tmp_path: Path, capsys: Any) -> None:
    result = run_module("files", capsys, items=[{"path": str(tmp_path / "a"), "content": ""}], owner="nobody-yet", group="root")
    assert result["failed"] and "nobody-yet" in result["msg"]
    assert not (tmp_path / "a").exists()


def test_a_binary_file_is_written_as_it_is_and_then_left_alone(tmp_path: Path, capsys: Any) -> None:
    path, content = tmp_path / "store.p12", bytes(range(256))
    item = {"path": str(path), "content": base64.b64encode(content).decode(), "binary": True}
    first = run_module("files", capsys, items=[item], **ME)
    assert first["changed"] and path.read_bytes() == content
    assert not run_module("files", capsys, items=[item], **ME)["changed"]


def checked(tmp_path: Path, text: str, command: str = "/usr/bin/grep") -> list[dict[str, Any]]:
    return [
        {"path": str(tmp_path / "first"), "content": "first\n"},
        {"path": str(tmp_path / "second"), "content": text, "validate": [command, "-q", "good", "%s"]},
    ]


@pytest.mark.parametrize("check", [False, True])
def test_a_file_its_own_command_refuses_keeps_the_whole_list_from_being_written(tmp_path: Path, check: bool, capsys: Any) -> None:
    (tmp_path / "second").write_text("good and running\n")
    result = run_module("files", capsys, check=check, items=checked(tmp_path, "wrong\n"), **ME)
    assert result["failed"] and f"{tmp_path}/second: refused by grep, nothing was changed" in result["msg"]
    assert not (tmp_path / "first").exists()
    assert (tmp_path / "second").read_text() == "good and running\n"


def test_a_file_its_own_command_accepts_is_written(tmp_path: Path, capsys: Any) -> None:
    result = run_module("files", capsys, items=checked(tmp_path, "good\n"), **ME)
    assert len(result["changed_paths"]) == 2
    # What does not change is not asked about.
    assert not run_module("files", capsys, items=checked(tmp_path, "good\n", command="/nowhere"), **ME)["changed"]


def test_in_check_mode_a_command_that_is_not_installed_yet_checks_nothing(tmp_path: Path, capsys: Any) -> None:
    result = run_module("files", capsys, check=True, items=checked(tmp_path, "wrong\n", command="/nowhere"), **ME)
    assert len(result["changed_paths"]) == 2 and not result.get("failed")


@pytest.mark.parametrize("mode", [0o644, 644, 420, "u=rw", "0649", "64", True, "0o644", " 0644"])
def test_a_mode_that_may_mean_another_one_is_refused_first(tmp_path: Path, capsys: Any, mode: object) -> None:
    items = [{"path": str(tmp_path / "a"), "content": "x"}, {"path": str(tmp_path / "b"), "content": "x", "mode": mode}]
    result = run_module("files", capsys, items=items, **ME)
    assert result["failed"] and str(tmp_path / "b") in result["msg"] and "in quotes" in result["msg"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("mode", "wanted"), [("0640", 0o640), ("640", 0o640), ("2750", 0o2750), ("0000", 0)])
def test_a_mode_in_quotes_is_octal(tmp_path: Path, capsys: Any, mode: str, wanted: int) -> None:
    run_module("files", capsys, items=[{"path": str(tmp_path / "a"), "state": "directory", "mode": mode}], **ME)
    assert (tmp_path / "a").stat().st_mode & 0o7777 == wanted


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o022, 0o000])
def test_no_mode_depends_on_the_umask(tmp_path: Path, umask: int, capsys: Any) -> None:
    items = [
        {"path": str(tmp_path / "opt/kafka/3.9.2"), "state": "directory"},
        {"path": str(tmp_path / "data1/deep/kafka"), "state": "directory", "mode": "0750"},
        {"path": str(tmp_path / "opt/kafka/a"), "content": "a"},
        {"path": str(tmp_path / "opt/kafka/secret"), "content": "s", "mode": "0600", "secret": True},
    ]
    before = os.umask(umask)
    try:
        run_module("files", capsys, items=items, **ME)
    finally:
        os.umask(before)
    modes = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o7777 for path in tmp_path.rglob("*")}
    assert modes == {
        "opt": 0o755,
        "opt/kafka": 0o755,
        "opt/kafka/3.9.2": 0o755,
        "data1": 0o755,
        "data1/deep": 0o755,
        "data1/deep/kafka": 0o750,
        "opt/kafka/a": 0o644,
        "opt/kafka/secret": 0o600,
    }


def test_a_full_disk_is_told_with_the_path_and_what_is_free() -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/var/lib/new/file")
    said = told(error, Path("/var/lib/new/file"))
    assert "No space left on device: '/var/lib/new/file'" in said
    assert re.search(r"\d+ MiB are free on the file system of /var/lib: make room", said)


@pytest.mark.parametrize("check", [False, True])
def test_a_link_to_what_is_not_installed_is_refused_before_anything_is_written(tmp_path: Path, check: bool, capsys: Any) -> None:
    """As where the configuration alone is written for a release that is not there yet."""
    items = [
        {"path": str(tmp_path / "a"), "content": "a"},
        {"path": str(tmp_path / "current"), "state": "link", "src": str(tmp_path / "2.0")},
        {"path": str(tmp_path / "tool"), "state": "link", "src": str(tmp_path / "current/bin/tool")},
    ]
    result = run_module("files", capsys, check=check, items=items, **ME)
    if check:  # what would be installed before is not there yet
        assert len(result["changed_paths"]) == 3
        return
    assert result["failed"] and f"link to {tmp_path}/2.0, which is not there" in result["msg"] and "install" in result["msg"]
    assert "tool" not in result["msg"] and list(tmp_path.iterdir()) == []
    (tmp_path / "2.0").mkdir()
    assert len(run_module("files", capsys, items=items, **ME)["changed_paths"]) == 3


def test_users_and_groups_that_are_not_there_are_all_named_first(tmp_path: Path, capsys: Any) -> None:
    items = [
        {"path": str(tmp_path / "a"), "content": "a", **ME},
        {"path": str(tmp_path / "b"), "content": "b", "owner": "nobody-yet"},
        {"path": str(tmp_path / "c"), "state": "directory", "group": "none-yet"},
        {"path": str(tmp_path / "gone"), "state": "absent", "owner": "who"},
    ]
    result = run_module("files", capsys, items=items, **ME)
    assert "owner 'nobody-yet'" in result["msg"] and "group 'none-yet'" in result["msg"] and "'who'" not in result["msg"]
    assert list(tmp_path.iterdir()) == []
