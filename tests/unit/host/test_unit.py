"""Whether a running process started with the files that are on disk, and the probes that wait for it."""

from __future__ import annotations

import hashlib
import json
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import Probe, four_letter_word
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import (
    ENDS,
    Unit,
    changed_since_start,
    ends,
    hopeless,
    last_start,
    reload_state,
    serves_nobody,
    unloaded,
    with_runtime,
    within,
)

RECORD = "aaa  /etc/kafka/server.properties\nbbb  /etc/systemd/system/kafka.service\n"


def test_the_same_files_need_no_restart() -> None:
    assert changed_since_start(RECORD, {"/etc/kafka/server.properties": "aaa", "/etc/systemd/system/kafka.service": "bbb"}) == []


@pytest.mark.parametrize("digest", ["ccc", ""])
def test_a_changed_file_makes_a_restart_due(digest: str) -> None:
    assert changed_since_start(RECORD, {"/etc/kafka/server.properties": digest}) == ["/etc/kafka/server.properties"]


def test_a_file_that_came_later_makes_a_restart_due() -> None:
    assert changed_since_start(RECORD, {"/etc/kafka/log4j.properties": "ddd"}) == ["/etc/kafka/log4j.properties"]


def test_a_process_without_record_is_restarted_once() -> None:
    assert changed_since_start("", {"/etc/kafka/server.properties": "aaa"}) == ["/etc/kafka/server.properties"]


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


def state(active: str, sub: str, restarts: int = 0, started: float = 0) -> dict[str, str]:
    return {
        "ActiveState": active,
        "SubState": sub,
        "NRestarts": str(restarts),
        "ExecMainStartTimestampMonotonic": str(int(started * 1e6)),
        "Result": "exit-code",
    }


@pytest.mark.parametrize(
    ("shown", "nobody"),
    [
        (state("active", "running", 0, 990), False),
        (state("active", "running", 7, 100), False),
        (state("active", "running", 1, 990), False),
        (state("active", "running", 3, 990), True),
        (state("activating", "auto-restart", 0, 990), True),
        (state("activating", "start", 0, 0), False),
        (state("deactivating", "stop-sigterm", 0, 0), False),
        (state("failed", "failed"), True),
        (state("inactive", "dead"), True),
    ],
)
def test_what_does_not_run_or_ends_over_and_over_serves_nobody(shown: dict[str, str], nobody: bool) -> None:
    assert serves_nobody(shown, 1000) is nobody


def test_a_unit_that_ended_often_and_serves_again_is_asked_about(tmp_path: Path, zookeeper: int) -> None:
    """Its restart would take something away now."""
    loops = state("active", "running", 5, time.monotonic() - 1)
    unit = Unit(Host([loops], [], tmp_path / "x"), "zookeeper", [])
    assert not unit.serves_nobody(Probe("zookeeper", port=zookeeper))
    assert unit.serves_nobody(Probe("zookeeper", port=1))
    assert not unit.serves_nobody(Probe()), "nobody can tell"


def test_the_end_of_a_process_counts_before_it_is_started_again() -> None:
    assert [ends(state("active", "running", 2)), ends(state("activating", "auto-restart", 2))] == [2, 3]


@pytest.mark.parametrize(
    ("first", "now", "expected"),
    [(0, 2, False), (0, 3, True), (5, 6, False), (5, 7, True), (1, 3, True), (5, 5, False)],
)
def test_a_process_that_ends_for_the_third_time_will_not_come_up(first: int, now: int, expected: bool) -> None:
    """What it needed may have been missing before the wait: one end there says nothing, whatever came before."""
    assert hopeless(first, now) is expected


class Failed(Exception):
    """The module ended as failed."""


class Host:
    """A module on a host whose unit goes through the given states, and writes to its log at each start.

    The first starts, so many as are ``registered``, find the broker before them still in ZooKeeper.
    """

    def __init__(
        self, states: list[dict[str, str]], journal: Sequence[Mapping[str, Any]], log: Path, registered: int = 0
    ) -> None:
        self.states, self.journal, self.log, self.asked, self.registered = states, journal, log, 0, registered

    def run_command(self, command: list[str], **_: Any) -> tuple[int, str, str]:
        if command[0] == "journalctl":
            return 0, "\n".join(map(json.dumps, self.journal)), ""
        shown = self.states[min(self.asked, len(self.states) - 1)]
        if shown["SubState"] == "auto-restart":
            with self.log.open("a") as file:
                file.write(f"ERROR start {shown['NRestarts']} failed\n")
                if int(shown["NRestarts"]) < self.registered:
                    file.write("org.apache.zookeeper.KeeperException$NodeExistsException: KeeperErrorCode = NodeExists\n")
        self.asked += 1
        return 0, "\n".join(f"{key}={value}" for key, value in shown.items()), ""

    def fail_json(self, msg: str, **_: Any) -> None:
        raise Failed(msg)


def starts(count: int) -> list[dict[str, str]]:
    """Return the states of a unit that starts and ends so often."""
    return [
        one
        for number in range(count)
        for one in (state("active", "running", number), state("activating", "auto-restart", number))
    ]


def test_a_broker_whose_registration_still_stands_is_waited_for(tmp_path: Path) -> None:
    """It was killed, or stopped while it started, and ZooKeeper takes it for alive until its session ends."""
    log = tmp_path / "server.log"
    host = Host(starts(ENDS + 3), [], log, registered=ENDS + 2)
    with pytest.raises(Failed, match=rf"^kafka: ERROR start {ENDS + 2} failed\n.*ended {ENDS + 3} times"):
        Unit(host, "kafka", [str(log)]).wait(Probe("tcp", port=1), 60)


def test_a_unit_that_keeps_ending_is_reported_with_its_own_error_first(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("ERROR of another day\n")
    unit = Unit(Host(starts(9), [], log), "kafka", [str(log)])
    with pytest.raises(Failed) as failed:
        unit.wait(Probe("tcp", port=1), 60)
    first, second, *_ = str(failed.value).splitlines()
    assert first == f"kafka: ERROR start {ENDS - 1} failed", "that of the last start"
    assert f"ended {ENDS} times" in second and "another day" not in str(failed.value)


def test_a_unit_that_systemd_gave_up_is_reported_at_once(tmp_path: Path) -> None:
    journal = [{"MESSAGE": "no such option: -z", "_TRANSPORT": "stdout", "_SYSTEMD_INVOCATION_ID": "a"}]
    unit = Unit(Host([state("active", "running"), state("failed", "failed", 5)], journal, tmp_path / "x"), "kafka", [])
    with pytest.raises(Failed, match=r"^kafka: no such option: -z\nthe service stopped"):
        unit.wait(Probe("tcp", port=1), 60)


def entry(text: object, start: str = "", transport: str = "stdout") -> str:
    return json.dumps({"MESSAGE": text, "_SYSTEMD_INVOCATION_ID": start, "_TRANSPORT": transport})


def test_of_a_journal_the_last_start_counts() -> None:
    systemd = entry("kafka.service: Main process exited", transport="journal")
    earlier, later = entry("old", "a"), entry([110, 101, 119], "b")
    assert last_start("\n".join([earlier, systemd, later, systemd, "no json"])) == ["new"]
    assert last_start("\n".join([earlier, systemd])) == ["old"], "the last start has said nothing"
    assert last_start(systemd) == ["kafka.service: Main process exited"]


@pytest.mark.parametrize(("priority", "told"), [("4", []), ("3", ["no cgroup"])])
def test_a_warning_on_the_way_to_the_process_is_not_its_error(priority: str, told: list[str]) -> None:
    on_the_way = {"MESSAGE": "no cgroup", "SYSLOG_IDENTIFIER": "(java)", "PRIORITY": priority, "_TRANSPORT": "journal"}
    assert last_start(json.dumps(on_the_way)) == told


def test_a_java_is_watched_with_its_release(tmp_path: Path) -> None:
    """An update of the same path changes that file, and so does another Java behind the same link."""
    for version in ("17", "21"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin/java").write_text("launcher")
        (tmp_path / version / "release").write_text(f"JAVA_VERSION={version}")
    link = tmp_path / "java"
    link.symlink_to(tmp_path / "17/bin/java")
    release = tmp_path / "17/release"
    assert with_runtime(["/etc/x", str(link)]) == ["/etc/x", str(link), str(release)]

    def current() -> dict[str, str]:
        return {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in with_runtime([str(link)])}

    started = "".join(f"{digest}  {path}\n" for path, digest in current().items())
    assert changed_since_start(started, current()) == []
    release.write_text("JAVA_VERSION=17.0.1")
    assert changed_since_start(started, current()) == [str(release)]
    link.unlink()
    link.symlink_to(tmp_path / "21/bin/java")
    assert changed_since_start(started, current()) == [str(tmp_path / "21/release")]
    (tmp_path / "21/release").unlink()
    assert with_runtime([str(link)]) == [str(link)]


class Telling(Probe):
    """A process that tells of its reloads: whether the last succeeded and when one last did, the last answer again and again."""

    def __init__(self, *answers: tuple[int, float]) -> None:
        super().__init__("http", port=1)
        object.__setattr__(self, "answers", list(answers))

    def metrics(self) -> str:
        good, when = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]  # type: ignore[attr-defined]
        return f"p_config_last_reload_successful {good}\np_config_last_reload_success_timestamp_seconds {when}\n"


def test_a_reload_that_is_refused_is_told_without_a_record_too(tmp_path: Path) -> None:
    unit = Unit(Host([state("active", "running")], [], tmp_path / "x"), "surely-no-such-unit", [])
    with pytest.raises(Failed, match="did not take over its new configuration"):
        unit.reload(Telling((0, 1.0)), "p", 0.1)


def test_a_reload_is_waited_for_until_the_process_tells_of_it(tmp_path: Path) -> None:
    unit = Unit(Host([state("active", "running")], [], tmp_path / "x"), "surely-no-such-unit", [])
    unit.reload(Telling((1, 1.0), (1, 1.0), (1, 2.0)), "p", 60)
    with pytest.raises(Failed, match="did not take over its new configuration"):
        unit.reload(Telling((1, 1.0), (0, 1.0)), "p", 60)
