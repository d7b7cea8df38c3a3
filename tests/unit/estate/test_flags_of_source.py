"""Flags read from the source of a program in Go are those that the program itself shows on Linux."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

import flags

WIFI = 'const subsystem = "wifi"\nfunc init() { registerCollector(subsystem, defaultDisabled, New) }'
MDADM = 'var subsystem = "mdadm"\nfunc init() { registerCollector("raid", defaultEnabled, New) }'
SHOWN = """
Flags:
  -h, --[no-]help              Show context-sensitive help.
      --collector.textfile.directory= ...  
                               Directory to read text files with metrics from.
      --web.page-title="Prometheus and its pages"
                               Document title.
      --log.level=info         Only log messages of this severity. One of: [debug,
                               info, warn, error]
      --[no-]collector.wifi    Enable the wifi collector.
"""


def test_a_constant_is_that_of_its_own_file() -> None:
    assert flags.defined(MDADM, WIFI) == {"collector.raid": {"type": "boolean"}, "collector.wifi": {"type": "boolean"}}


def test_a_switch_and_several_values_are_known_by_how_they_are_read() -> None:
    source = """a.Flag("agent", "Run (as it is called) so.").BoolVar(&agent)
a.Flag("accept", fmt.Sprintf("One of %v", all())).
    Default(all.Strings()...).SetValue(of(&accepted))
a.Flag("level", "Of the log. One of: [debug, info].").Default("info").String()
a.Flag("depth", "How deep.").Hidden().Default("3").IntVar(&depth)"""
    assert flags.defined(source) == {
        "agent": {"type": "boolean"},
        "accept": {"type": "string", "several": True},
        "level": {"type": "string", "values": ["debug", "info"]},
        "depth": {"type": "string", "hidden": True},
    }


@pytest.mark.parametrize(
    ("name", "source", "part"),
    [
        ("wifi_linux.go", "//go:build !nowifi\n", True),
        ("exec_bsd.go", "//go:build (freebsd || dragonfly) && !noexec\n", False),
        ("thermal_darwin.go", "//go:build !nothermal\n", False),
        ("thermal_darwin_amd64.go", "", False),
        ("cpu_other.go", "//go:build !linux && !freebsd\n", False),
        ("uname.go", "//go:build (darwin || freebsd || linux) && !nouname\n", True),
        ("time.go", "//go:build !windows\n", True),
        ("main.go", "package main\n", True),
    ],
)
def test_files_for_other_systems_do_not_count(name: str, source: str, part: bool) -> None:
    assert flags.on_linux(name, source) == part


def test_an_empty_default_and_words_of_the_next_line_are_understood() -> None:
    assert flags.helped(SHOWN) == {
        "help": {"type": "boolean"},
        "collector.textfile.directory": {"type": "string", "several": True},
        "web.page-title": {"type": "string"},
        "log.level": {"type": "string", "values": ["debug", "info", "warn", "error"]},
        "collector.wifi": {"type": "boolean"},
    }
