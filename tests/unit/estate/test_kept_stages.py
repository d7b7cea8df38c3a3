"""The profile of hosts as they were found against that of the inventory, and the stages between open and secured."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.stages import kept_stages

PLAIN = ["PLAINTEXT://:9092", "PLAINTEXT://{host}:9092"]


def carried(component: str = "kafka_broker", secured: bool = True, ports: dict[str, int] | None = None) -> dict[str, Any]:
    row = {"component": component, "data_dirs": ["/data"], "ports": ports or {}, "stage": {"port": 9092}}
    return {"secured": secured, "components": [row]}


def seen(
    written: str,
    running: str = "",
    component: str = "kafka_broker",
    host: str = "one",
    options: tuple[str, ...] = (),
    **more: Any,
) -> dict[str, Any]:
    stage = {"written": written, "running": running or written, "options": ["listeners", *options]}
    stage["listens"] = [text.format(host=host) for text in PLAIN]
    return {"disks": {"/data": {"live": True}}, "stages": {component: {**stage, **more}}}


def found(observed: dict[str, Any], moves: bool = False, **placed: Any) -> list[str]:
    return render(kept_stages({host: carried(**placed) for host in observed}, observed, moves)[0])


def test_a_live_estate_is_not_moved_by_a_word() -> None:
    assert found({"one": seen("closed")}) == found({"one": seen("open")}, secured=False) == []
    (closing,) = found({"one": seen("open")})
    assert closing.startswith(
        "one: security_profile: found 'secured' in the inventory, and data of an estate that is open in /data. "
        "playbooks/secure.yml moves a live estate"
    )
    (opening,) = found({"one": seen("closed")}, secured=False)
    assert opening.startswith(
        "one: security_profile: found 'open' in the inventory, and data of an estate that is secured in /data"
    )


def test_what_has_no_stages_is_told_by_the_authorities_that_it_trusts() -> None:
    def one(secured: bool, authorities: dict[str, str], live: bool = True) -> list[str]:
        observed = {"disks": {"/data": {"live": live}}, "authorities": authorities}
        return found({"one": observed}, component="elasticsearch", secured=secured)

    trusts = {"elasticsearch-ca.pem": "0" * 64}
    assert one(True, trusts) == one(False, {}) == one(True, {}, live=False) == []
    # An installation that ended before its first start goes on.
    assert one(True, trusts, live=False) == []
    assert len(one(True, {})) == len(one(False, trusts)) == 1


def test_on_its_way_every_member_stays_where_it_is_and_only_the_move_ends_what_was_begun() -> None:
    problems, stages = kept_stages({"one": carried()}, {"one": seen("watched")}, False)
    assert (problems, stages) == ([], {"one": {"kafka_broker": "watched"}})
    (other,) = found({"one": seen("watched")}, secured=False)
    assert "on its way to 'secured' (stage watched)" in other
    (half,) = found({"one": seen("between", "beside")})
    assert "runs in stage 'beside', and a file of stage 'between'" in half and "playbooks/secure.yml again" in half
    apart = found({"one": seen("between"), "two": seen("beside", host="two")})
    assert len(apart) == 2 and "and others in stage beside" in apart[0]
    fresh = seen("", host="two") | {"disks": {"/data": {"live": False}}}
    (new,) = [line for line in found({"one": seen("between"), "two": fresh}) if line.startswith("two")]
    assert "which is a new one" in new
    assert found({"one": seen("between", "beside"), "two": seen("beside", host="two")}, moves=True) == []


@pytest.mark.parametrize(
    ("observed", "placed", "said"),
    [
        (
            seen("open", component="kafka_connect"),
            {"component": "kafka_connect"},
            "kafka_connect, and playbooks/secure.yml moves",
        ),
        (seen("open"), {"ports": {"kafka_broker_jmx_exporter_port": 7071}}, "does not move agents"),
        (seen("open"), {"ports": {"kafka_broker_secured_port": 9092}}, "one port cannot be open and secured"),
        (seen("open"), {"secured": False}, "set security_profile: secured"),
        (seen(""), {}, "a kafka_broker that was never installed"),
        (seen("open", options=("authorizer.class.name",)), {}, "a live kafka_broker with authorizer.class.name"),
        (seen("open", listens=["PLAINTEXT://:9092", "OTHER://x:1"]), {}, "OTHER://x:1 instead of PLAINTEXT://:9092"),
    ],
)
def test_what_the_move_would_break_is_refused_by_name(observed: dict[str, Any], placed: dict[str, Any], said: str) -> None:
    # A second member is on its way: the estate is not there yet.
    other = carried(), seen("beside", host="two")
    problems, _ = kept_stages({"one": carried(**placed), "two": other[0]}, {"one": observed, "two": other[1]}, True)
    assert any(said in line for line in render(problems)), render(problems)


def test_what_was_closed_is_none_of_the_moves_business() -> None:
    assert found({"one": seen("closed")}, moves=True, ports={"kafka_broker_jmx_exporter_port": 7071}) == []
