"""The module ``release``: versions side by side, never overwritten, never half of one."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from contextlib import redirect_stdout, suppress
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.estate.kafka.plugins.modules import release
from http_server import serving
from module_run import run_module


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs/a.jar").write_bytes(b"jar")
    path = tmp_path / "kafka-1.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(tmp_path / "libs", "libs")
    return path


def item(archive: Path, dest: Path, **release: str) -> dict[str, Any]:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return {"release": {"version": "1.0", "sha256": digest, **release}, "dest": str(dest), "archive": str(archive)}


def test_it_is_unpacked_once(archive: Path, tmp_path: Path, capsys: Any) -> None:
    dest = tmp_path / "opt"
    assert run_module("release", capsys, items=[item(archive, dest)])["changed"]
    assert (dest / "1.0/libs/a.jar").read_bytes() == b"jar"
    assert not run_module("release", capsys, items=[item(archive, dest)])["changed"]


def test_without_the_archive_it_asks_for_it(archive: Path, tmp_path: Path, capsys: Any) -> None:
    wanted = item(archive, tmp_path / "opt")
    del wanted["archive"]
    result = run_module("release", capsys, items=[wanted])
    assert result["wanted"] == [0] and not result["changed"]


def test_check_mode_says_so_and_unpacks_nothing(archive: Path, tmp_path: Path, capsys: Any) -> None:
    result = run_module("release", capsys, check=True, items=[item(archive, tmp_path / "opt")])
    assert result["changed"] and not (tmp_path / "opt").exists()


def test_a_wrong_checksum_installs_nothing(archive: Path, tmp_path: Path, capsys: Any) -> None:
    result = run_module("release", capsys, items=[item(archive, tmp_path / "opt", sha256="0" * 64)])
    assert result["failed"] and "expected " + "0" * 64 in result["msg"]
    assert not (tmp_path / "opt/1.0").exists()


def test_half_of_an_earlier_try_is_replaced(archive: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "opt/.1.0.partial").mkdir(parents=True)
    (tmp_path / "opt/.1.0.partial/half.jar").write_text("half")
    assert run_module("release", capsys, items=[item(archive, tmp_path / "opt")])["changed"]
    assert sorted(path.name for path in (tmp_path / "opt/1.0").iterdir()) == [".release-sha256", "libs"]


def unpack(together: Any, results: Any, arguments: dict[str, Any]) -> None:
    """Run the module when all others are there to run it too."""
    together.wait()
    with patch_module_args(arguments), redirect_stdout(StringIO()) as said, suppress(SystemExit):
        release.main()
    results.put(said.getvalue())


def test_runs_at_the_same_time_leave_one_whole_tree(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive, "w") as tar:
        for number in range(5000):
            tar.addfile(tarfile.TarInfo(f"libs/{number}.jar"))
    context = get_context("fork")
    together, said = context.Barrier(3), context.Queue()
    arguments = {"items": [item(archive, tmp_path / "opt")]}
    runs = [context.Process(target=unpack, args=(together, said, arguments)) for _ in range(3)]
    for run in runs:
        run.start()
    results = [json.loads(said.get(timeout=300)) for _ in runs]
    for run in runs:
        run.join()
    assert not [result for result in results if result.get("failed")]
    assert len(list((tmp_path / "opt/1.0/libs").iterdir())) == 5000


def test_another_build_of_the_version_is_refused(archive: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "opt/1.0").mkdir(parents=True)
    result = run_module("release", capsys, items=[item(archive, tmp_path / "opt")])
    assert result["failed"] and "never overwritten" in result["msg"]


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o000], ids=oct)
def test_a_service_can_read_its_program_whatever_the_umask(umask: int, archive: Path, tmp_path: Path, capsys: Any) -> None:
    before = os.umask(umask)
    try:
        run_module("release", capsys, items=[item(archive, tmp_path / "opt/kafka-estate/python")])
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "opt", *(tmp_path / "opt").rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644}


def test_a_mirror_is_asked_directly(archive: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with serving(lambda request: (200, (tmp_path / request.path[1:]).read_bytes())) as url:
        wanted = item(archive, tmp_path / "opt", url=f"{url}/{archive.name}")
        del wanted["archive"]
        assert run_module("release", capsys, items=[wanted])["changed"]
    assert (tmp_path / "opt/1.0/libs/a.jar").read_bytes() == b"jar"
