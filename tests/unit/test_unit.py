"""Whether a running process started with the files that are on disk, and the probes that wait for it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.unit import Probe, four_letter_word, stale

RECORD = "aaa  /etc/kafka/server.properties\nbbb  /etc/systemd/system/kafka.service\n"


def test_the_same_files_need_no_restart() -> None:
    assert stale(RECORD, {"/etc/kafka/server.properties": "aaa", "/etc/systemd/system/kafka.service": "bbb"}) == []


@pytest.mark.parametrize("digest", ["ccc", ""])
def test_a_changed_file_makes_a_restart_due(digest: str) -> None:
    assert stale(RECORD, {"/etc/kafka/server.properties": digest}) == ["/etc/kafka/server.properties"]


def test_a_file_that_came_later_makes_a_restart_due() -> None:
    assert stale(RECORD, {"/etc/kafka/log4j.properties": "ddd"}) == ["/etc/kafka/log4j.properties"]


def test_a_process_without_record_is_restarted_once() -> None:
    assert stale("", {"/etc/kafka/server.properties": "aaa"}) == ["/etc/kafka/server.properties"]


class FourLetterWords(socketserver.BaseRequestHandler):
    """Answers like a ZooKeeper server: one word, one answer, connection closed."""

    def handle(self) -> None:
        word = self.request.recv(16).decode()
        self.request.sendall(b"Zookeeper version: 3.8.4\nMode: leader\n" if word == "srvr" else b"not executed")


@pytest.fixture
def zookeeper() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), FourLetterWords) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_zookeeper_that_serves_is_seen(zookeeper: int) -> None:
    assert Probe("zookeeper", port=zookeeper).failure() == ""
    assert four_letter_word("127.0.0.1", zookeeper, "ruok") == "not executed"


@pytest.mark.parametrize("kind", ["tcp", "http", "zookeeper"])
def test_a_closed_port_is_a_failure_with_its_reason(kind: str) -> None:
    assert "refused" in Probe(kind, port=1).failure()


def test_the_probe_says_what_it_waits_for() -> None:
    assert str(Probe("http", "h", 8083, "/connectors", (200, 401))) == "http://h:8083/connectors to answer 200/401"
