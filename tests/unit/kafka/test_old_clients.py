"""Clients that Kafka 4 would not understand, found in what brokers of 3.9 log of them."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.old_clients import lines_of, old_clients
from ansible_collections.estate.kafka.plugins.modules import upgrade_check

NOW = datetime(2026, 11, 30, 21, 0, 0)


def line(client: str = "shop", api: str = "FETCH", version: int = 3, minutes: int = 1, connection: str = "", **more: Any) -> str:
    told = {
        "isForwarded": False,
        "requestHeader": {
            "requestApiKey": 1,
            "requestApiVersion": version,
            "clientId": client,
            "requestApiKeyName": api,
            "requestApiVersionDeprecated": True,
        },
        "request": {"topics": [{"topic": "{braces} (kafka.request.logger)"}]},
        "connection": connection or "172.18.0.3:9092-172.18.0.9:41234-5",
        "principal": "User:ANONYMOUS",
        "clientInformation": {"softwareName": "unknown", "softwareVersion": "unknown"},
        **more,
    }
    when = NOW - timedelta(minutes=minutes)
    return (
        f"[{when:%Y-%m-%d %H:%M:%S},123] INFO Completed request:{json.dumps(told, separators=(',', ':'))} (kafka.request.logger)"
    )


def told(*lines: str, hours: int = 24) -> list[str]:
    return [str(one) for one in old_clients(lines, NOW - timedelta(hours=hours))]


def test_a_client_is_named_once_by_address_name_and_software() -> None:
    known = {"softwareName": "sarama", "softwareVersion": "1.2"}
    assert told(
        line(),
        line(minutes=5),
        line(api="PRODUCE", version=2),
        line(client="", connection="[fd00::3]:9092-[fd00::9]:4123-0", clientInformation=known, principal="User:old"),
    ) == [
        "172.18.0.9, client id 'shop', User:ANONYMOUS, software unknown: FETCH 3, PRODUCE 2; last at 2026-11-30 20:59:00",
        "[fd00::9], client id '', User:old, sarama 1.2: FETCH 3; last at 2026-11-30 20:59:00",
    ]


def test_what_is_older_than_asked_for_or_broken_off_does_not_count() -> None:
    assert told(line(minutes=3000)) == []
    assert told(line()[:200], line()[:200] + "} (kafka.request.logger)", "[2026-11-30 20:59:00,1] INFO all is well (kafka)") == []


def test_lines_come_from_the_log_and_what_was_rotated_out_of_it(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(f"[2026-11-30 20:59:00,1] INFO all is well\n{line('now')}\n")
    (tmp_path / "server.log.1").write_text(f"{line('before')}\n")
    (tmp_path / "server.log.2").write_text(f"{line('long ago')}\n")
    (tmp_path / "other.log.1").write_text(f"{line('of another')}\n")
    os.utime(tmp_path / "server.log.2", (0, 0))
    found = old_clients(lines_of(log, NOW - timedelta(hours=24)), NOW - timedelta(hours=24))
    assert {one.client_id for one in found} == {"now", "before"}
    with pytest.raises(OSError):
        list(lines_of(tmp_path / "gone.log", NOW))


class Asked:
    """Brokers that need no connection."""

    def __init__(self, *_: Any) -> None:
        pass

    def __enter__(self) -> Asked:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def params(log: Path, installed: str = "3.9.2", version: str = "4.3.1") -> dict[str, Any]:
    broker = {"id": 1, "version": installed, "log": str(log)}
    return {"client": {}, "timeout": 5, "version": version, "broker": broker, "hours": 24}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "server.log"
    path.write_text(line().replace("2026-11-30 20:59:00", f"{datetime.now():%Y-%m-%d %H:%M:%S}") + "\n")
    return path


def test_only_the_step_from_3_to_4_looks_for_them(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade_check, "Requests", Asked)
    monkeypatch.setattr(upgrade_check, "level_of", lambda *_: "INFO")
    (found,) = upgrade_check.cut_off(params(log))
    assert found.startswith("broker 1 was asked by 172.18.0.9, client id 'shop'")
    for installed, version in (("4.2.1", "4.3.1"), ("4.3.1", "3.9.2"), ("", "4.3.1"), ("3.9.1", "3.9.2")):
        assert upgrade_check.cut_off(params(log, installed, version)) == []
    assert upgrade_check.cut_off({**params(log), "broker": None}) == []


def test_what_nobody_knows_is_told(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade_check, "Requests", Asked)
    monkeypatch.setattr(upgrade_check, "level_of", lambda *_: "WARN")
    (silent,) = upgrade_check.cut_off(params(log))
    assert "logs no requests of old clients (level of kafka.request.logger: WARN)" in silent
    monkeypatch.setattr(upgrade_check, "level_of", lambda *_: "INFO")
    (gone,) = upgrade_check.cut_off(params(log.parent / "gone.log"))
    assert gone.startswith("nobody knows whether old clients ask broker 1: ")

    def refuses(*_: Any) -> str:
        raise ClusterError("nobody there")

    monkeypatch.setattr(upgrade_check, "level_of", refuses)
    assert upgrade_check.cut_off(params(log)) == ["nobody knows whether old clients ask broker 1: nobody there"]
