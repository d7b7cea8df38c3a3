"""Finalised features: what a declaration means, what is refused, and that a raise leaves every topic's minimum alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features import client
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.client import Features, supported
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.plan import (
    RELEASES,
    Member,
    Raise,
    fallen,
    levels,
    plan,
    refusals,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.wire import ProtocolError, compact, read
from ansible_collections.estate.kafka.plugins.modules.features import reconcile

ELR = "eligible.leader.replicas.version"
NEW = {name: (0, level) for name, level in RELEASES["4.3"].items()}
OLD = {name: (0, level) for name, level in RELEASES["3.9"].items()}


def members(**supports: Mapping[str, tuple[int, int]]) -> list[Member]:
    return [Member(name.replace("_", " "), found) for name, found in supports.items()]


def test_a_release_means_its_levels_and_single_ones_count_more() -> None:
    wanted, problems = levels({"release": "4.3", "levels": {ELR: 0, "metadata.version": "29"}})
    assert problems == [] and wanted == {**RELEASES["4.3"], ELR: 0, "metadata.version": 29}
    assert levels({"levels": {"kraft.version": 1}}) == ({"kraft.version": 1}, [])


@pytest.mark.parametrize("declared", [{}, {"levels": {"metadata.version": "4.3-IV0"}}, {"levels": {"kraft.version": True}}])
def test_what_is_no_declaration_is_refused(declared: dict[str, Any]) -> None:
    assert len(levels(declared)[1]) == 1


def test_only_what_is_higher_is_raised() -> None:
    assert plan(RELEASES["4.3"], RELEASES["4.3"]) == []
    assert plan(RELEASES["4.2"], RELEASES["4.1"]) == [
        Raise("metadata.version", 27, 29),
        Raise("share.version", 0, 1),
        Raise("streams.version", 0, 1),
    ]
    assert "for good: no older version" in str(Raise("metadata.version", 27, 29))


def test_members_that_do_not_run_the_new_version_are_named() -> None:
    wanted = {"metadata.version": 30, "share.version": 1}
    lines = refusals(wanted, RELEASES["3.9"], members(broker_1=NEW, broker_3=OLD, controller_3001=NEW))
    assert len(lines) == 2 and all("broker 3" in line and "broker 1" not in line for line in lines)
    assert "metadata.version: 30 is declared, and these support less: broker 3 (21)" in lines[0]
    assert refusals(wanted, RELEASES["3.9"], members(broker_1=NEW)) == []


def test_one_that_cannot_be_asked_stops_everything() -> None:
    (line,) = refusals({"share.version": 1}, {}, [*members(broker_1=NEW), Member("controller 3002", {}, "refused")])
    assert "controller 3002 could not be asked" in line


def test_below_what_is_finalised_and_unknown_features_are_refused() -> None:
    (line,) = refusals({"metadata.version": 21}, RELEASES["4.3"], members(broker_1=NEW))
    assert "21 is declared and 30 is finalised" in line
    (line,) = refusals({"metadata.versoin": 30}, RELEASES["4.3"], members(broker_1=NEW))
    assert "no member knows this feature; there are eligible" in line


def test_a_minimum_that_fell_is_told_with_its_remedy() -> None:
    (line,) = fallen({"a": 2, "b": 1, "gone": 2}, {"a": 1, "b": 1, "new": 1})
    assert line.startswith("a: min.insync.replicas fell from 2 to 1") and line.endswith("min.insync.replicas=2")


class Live(Features):
    """A cluster whose minimum is what the controllers' file says once ELR is on."""

    def __init__(self, finalised: Mapping[str, int], minimum: int = 2) -> None:
        super().__init__({}, 0.3)
        self.levels, self.minimum, self.sent, self.asked = dict(finalised), minimum, list[Raise](), 0

    def finalised(self, broker: int | None = None) -> dict[str, int]:
        return dict(self.levels)

    def members(self, brokers: Sequence[int], controllers: Sequence[Mapping[str, Any]]) -> list[Member]:
        self.asked += 1
        return members(broker_1=NEW, controller_3001=NEW)

    def send(self, actions: Sequence[Raise], only_validate: bool) -> list[tuple[Raise, str]]:
        if any(one.feature == "group.version" for one in actions):
            return [(one, "INVALID_UPDATE_VERSION") for one in actions]
        if not only_validate:
            self.sent += actions
            self.levels.update({one.feature: one.new for one in actions})
        return []

    def minimums(self) -> dict[str, int]:
        return {"a": self.minimum if self.levels.get(ELR) else 2}


def run(live: Live, declared: dict[str, Any], check: bool = False) -> dict[str, Any]:
    return reconcile(live, declared, [1], [{"id": 3001, "host": "h", "port": 9095}], check)


def test_check_mode_shows_what_a_run_does_and_a_second_run_asks_nobody() -> None:
    live, declared = Live(RELEASES["4.1"]), {"release": "4.3"}
    said = run(live, declared, True)
    assert live.sent == [] and said["changed"] and "for good" in said["estate_report"]
    done = run(live, declared)
    assert said == done and [one.feature for one in live.sent] == ["metadata.version", "share.version", "streams.version"]
    live.asked = 0
    again = run(live, declared)
    assert not again["changed"] and again["actions"] == [] and live.asked == 0 and again["finalised"] == RELEASES["4.3"]


def test_a_raise_that_lowers_a_minimum_fails() -> None:
    done = run(Live(RELEASES["4.0"], minimum=1), {"release": "4.1"})
    assert done["failed"] and done["changed"] and "a: min.insync.replicas fell from 2 to 1" in done["msg"]
    assert not run(Live(RELEASES["4.0"]), {"release": "4.1"}).get("failed")


def test_what_the_controllers_would_not_take_is_told_before_anything_changes() -> None:
    live = Live(RELEASES["3.9"])
    for check in (True, False):
        done = run(live, {"release": "4.0"}, check)
        assert done["failed"] and "the controllers would not take it; nothing was changed" in done["msg"] and live.sent == []


def test_what_a_controller_supports_is_read_from_its_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    features = b"\x02" + compact("kraft.version") + b"\0\0\0\1" + b"\0"
    tags = b"\x02" + bytes([1, 8]) + b"\0" * 8 + bytes([0, len(features)]) + features
    answer = b"\0\0\0\1" + b"\0\0" + b"\x02" + b"\0\1\0\0\0\x11" + b"\0" + b"\0\0\0\0" + tags
    monkeypatch.setattr(client, "exchange", lambda address, request, seconds, tls: answer)
    found = client._controller({"id": 3001, "host": "h", "port": 9095}, {})
    assert found == Member("controller 3001", {"kraft.version": (0, 1)})

    def refused(address: str, request: bytes, seconds: float, tls: Mapping[str, str]) -> bytes:
        raise OSError(f"{address} refused")

    monkeypatch.setattr(client, "exchange", refused)
    assert client._controller({"id": 3001, "host": "h", "port": 9095}, {}).error == "h:9095 refused"
    with pytest.raises(ProtocolError, match="error code 35"):
        read(b"\0\0\0\1\0\0\x23", supported)
