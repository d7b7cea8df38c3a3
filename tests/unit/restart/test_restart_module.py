"""The module ``restart`` against an ensemble that answers on this machine, and a systemd that notes what it is told."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from module_run import run_module

MODES = ["follower", "leader", "follower"]
SYSTEMCTL = """#!/bin/sh
case "$1" in
  show) printf '%s\\n' ActiveState=active SubState=running NRestarts=0 ExecMainStartTimestampMonotonic=0 NeedDaemonReload=no ;;
  *) echo "$*" >> {told} ;;
esac
"""
Restart = Callable[..., tuple[dict[str, Any], list[str]]]


@pytest.fixture
def ensemble() -> Iterator[list[str]]:
    """Addresses of three ZooKeeper servers; the second one leads."""

    def answers(mode: str) -> type[socketserver.BaseRequestHandler]:
        class Server(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                assert self.request.recv(4) == b"srvr"
                self.request.sendall(f"Zookeeper version: 3.8.4\nMode: {mode}\n".encode())

        return Server

    with ExitStack() as stack:
        servers = [stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), answers(mode))) for mode in MODES]
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
        yield [f"127.0.0.1:{server.server_address[1]}" for server in servers]


@pytest.fixture
def restart(ensemble: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Restart:
    """Return a function that restarts the server of an index; it returns the result and what systemd was told."""
    told = tmp_path / "told"
    (tmp_path / "systemctl").write_text(SYSTEMCTL.format(told=told))
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def run(index: int, **options: Any) -> tuple[dict[str, Any], list[str]]:
        told.write_text("")
        member = {"member": ensemble[index], "servers": ensemble}
        host, port = ensemble[index].split(":")
        probe = {"kind": "zookeeper", "host": host, "port": int(port)}
        result = run_module("restart", capsys, name="zookeeper", kind="zookeeper", member=member, probe=probe, **options)
        return result, told.read_text().splitlines()

    return run


def test_the_leader_of_a_healthy_ensemble_goes_last(restart: Restart) -> None:
    result, told = restart(1, defer_last=True)
    assert result["deferred"] and not result["changed"] and told == []
    for index in (0, 2):
        result, told = restart(index, defer_last=True)
        assert result["changed"] and not result["deferred"] and told == ["restart zookeeper"]
    result, told = restart(1, defer_last=False)
    assert result["changed"] and told == ["restart zookeeper"]
