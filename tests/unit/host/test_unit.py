"""Whether a running process started with the files that are on disk, and the probes that wait for it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import (
    Probe,
    four_letter_word,
    reload_state,
    stale,
    unloaded,
    within,
)

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


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ({"/etc/p/a.yml": "aaa", "/etc/p/b.yml": "bbb"}, []),
        ({"/etc/p/a.yml": "new", "/etc/p/b.yml": "bbb"}, ["/etc/p/a.yml"]),
        ({"/etc/p/a.yml": "aaa"}, ["/etc/p/b.yml"]),
        ({"/etc/p/a.yml": "aaa", "/etc/p/b.yml": "bbb", "/etc/p/c.yml": "ccc"}, ["/etc/p/c.yml"]),
    ],
)
def test_a_reload_is_due_for_files_that_came_changed_or_went(now: dict[str, str], due: list[str]) -> None:
    assert unloaded("aaa  /etc/p/a.yml\nbbb  /etc/p/b.yml\n", now) == due


def test_what_lies_in_a_directory() -> None:
    assert within("/etc/p/rules/a.yml", ["/etc/p"]) and within("/etc/p", ["/etc/p"])
    assert not within("/etc/prometheus", ["/etc/p"])


def test_a_process_tells_of_its_reload() -> None:
    metrics = (
        "# TYPE p_config_last_reload_successful gauge\np_config_last_reload_successful 0\n"
        "p_config_last_reload_success_timestamp_seconds 1.7e+09\n"
    )
    assert reload_state(metrics, "p") == (False, 1.7e9)
    with pytest.raises(ValueError, match="q_config_last_reload_successful"):
        reload_state(metrics, "q")


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
