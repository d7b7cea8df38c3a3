"""What is told of a process, and who listens on a port."""

from __future__ import annotations

import os
import socket

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host import processes
from ansible_collections.estate.kafka.plugins.module_utils.host.sockets import listeners


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("12:cpu:/docker/1\n1:name=systemd:/system.slice/kafka.service\n", "kafka.service"),
        ("0::/system.slice/kafka-connect.service\n", "kafka-connect.service"),
        ("0::/system.slice/system-x.slice/x@1.service/sub\n", "x@1.service"),
        ("0::/user.slice/user-0.slice/session-1.scope\n", ""),
    ],
)
def test_unit_of_a_process(cgroup: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "content", lambda path: cgroup)
    assert processes.unit_of(1) == unit


def test_a_listener_is_told_with_its_process_and_user() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = listeners([port])[str(port)]
        assert found["user"] == processes.user_name(os.geteuid())
        assert processes.content("/proc/self/comm").strip() in found["processes"]
    assert listeners([port]) == {}


def test_what_has_gone_has_no_user_and_no_unit() -> None:
    assert (processes.uid_of(-1), processes.unit_of(-1), processes.socket_inodes(-1)) == (-1, "", [])
    assert processes.user_name(4_000_000_000) == "4000000000"
