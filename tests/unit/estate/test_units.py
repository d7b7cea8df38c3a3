"""Settings of a unit that systemd would pass over are told where another one is meant; those of a newer systemd are not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.hatches import mistakes
from ansible_collections.estate.kafka.plugins.module_utils.estate.units import misspelt
from hypothesis import given
from hypothesis import strategies as st
from real_estate import DEFINITIONS

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from units import dumped

KNOWN = DEFINITIONS.units


@pytest.mark.parametrize(
    ("unit", "remedy"),
    [
        ({"Service": {"LimitNOFIL": 5}}, "Write LimitNOFILE"),
        ({"Service": {"memorymax": "4G"}}, "Write MemoryMax"),
        ({"Service": {"Requires": "x.service"}}, "Write it in section Unit"),
        ("[Unit]\n# note\nRestartSec=5\n", "Write it in section Service"),
        ("[Service]\nEnvironment=A=1 \\\n  B=2\nEnviromentFile=/x\n", "Write EnvironmentFile"),
    ],
)
def test_a_setting_that_is_another_one(unit: Any, remedy: str) -> None:
    ((_, _, said),) = misspelt(unit, KNOWN)
    assert said.startswith(remedy)


@pytest.mark.parametrize(
    "unit",
    [
        *({}, "", None, {"Foreign": {"A": 1}}, {"Service": "no mapping"}),
        {"Service": {"Nice": 5, "X-Mine": 1, "QuiteNewThing": "yes"}},
    ],
)
def test_what_is_known_new_or_told_elsewhere(unit: Any) -> None:
    assert list(misspelt(unit, KNOWN)) == []


@given(st.sampled_from(sorted(KNOWN)), st.data())
def test_no_setting_of_systemd_is_told(section: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(KNOWN[section]), unique=True))
    assert list(misspelt({section: dict.fromkeys(names, "x")}, KNOWN)) == []


def test_what_systemd_prints_of_itself_is_read() -> None:
    shown = "[Unit]\nAfter=UNIT [...]\n\n[Service]\nNice=NICE\nExecStart=PATH [ARGUMENT [...]]\n\n[Swap]\nWhat=PATH\n"
    assert dumped(shown) == {"Unit": ["After"], "Service": ["ExecStart", "Nice"]}


@pytest.mark.parametrize(
    ("start", "wrong"),
    [("/bin/x", True), (["/bin/x"], True), (["", "/bin/x", "/bin/y"], True), (["", "/bin/x"], False), ("", True), (None, False)],
)
def test_a_service_has_one_command(start: Any, wrong: bool) -> None:
    found = mistakes({"role": "zookeeper", "unit": {"Service": {"ExecStart": start, "Nice": 5}}})
    assert [place for place, *_ in found] == (["zookeeper_unit.Service.ExecStart"] if wrong else [])


@pytest.mark.parametrize(
    ("mode", "wrong"), [(416, True), (640, True), ("0640", False), ("640", False), (None, False), (True, True)]
)
def test_a_mode_is_digits_in_quotes(mode: Any, wrong: bool) -> None:
    found = mistakes({"role": "zookeeper", "files": [{"path": "/etc/x", "content": "a", "mode": mode}]})
    assert [place for place, *_ in found] == (["zookeeper_files[0].mode"] if wrong else [])
