"""Grafana's configuration, read back by the rules of go-ini, and where it is plain by Python's own reader."""

from __future__ import annotations

import configparser

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from format_values import CASES, TEXT, generated

ini = FilterModule().filters()["ini"]


def go_ini(text: str) -> dict[str, str]:
    """Return ``section.key: value`` as gopkg.in/ini.v1 reads it without options, which is how Grafana calls it."""
    found: dict[str, str] = {}
    section, at, lines = "", 0, text.split("\n")
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            section = line[1 : line.rindex("]")]
            continue
        key, _, raw = lines[at - 1].partition("=")
        value = raw.lstrip()
        quote = '"""' if value.startswith('"""') and len(value) > 3 else "`" if value.startswith("`") else ""
        if quote:
            rest = value[len(quote) :]
            while quote not in rest.rpartition("\n")[2]:
                rest += "\n" + lines[at]
                at += 1
            value = rest[: rest.rindex(quote)]
        else:
            value = value.strip()
            assert not value.endswith("\\"), "the next line belongs to it"
            comment = min([value.find(mark) for mark in "#;" if mark in value], default=len(value))
            value = value[:comment].strip()
            for mark in "'\"":
                if len(value) > 1 and value[0] == mark and value.find(mark, 1) == len(value) - 1:
                    value = value[1:-1]
        found[f"{section}.{key.strip()}".lstrip(".")] = value
    return found


def held(value: str) -> bool:
    return "\n" not in value or "`" not in value or not ('"""' in value or value.startswith("\n"))


def test_grafana_reads_what_was_given() -> None:
    given = {f"s{number % 7}.key{number}": value for number, value in enumerate([*generated(TEXT, 800), *CASES]) if held(value)}
    assert go_ini(ini(given)) == given


def test_plain_values_stay_as_they_were_and_other_readers_agree() -> None:
    options = {
        "server.root_url": "http://a.b:3000/",
        "security.admin_password": "$__file{/etc/grafana/admin-password}",
        "auth.anonymous.enabled": False,
        "server.http_port": 3000,
        "smtp.from_name": 'Team "Kafka" 50%',
        "smtp.folder": "c:\\d",
        "gone.x": None,
    }
    text = ini(options)
    assert text.splitlines()[1:] == [
        *("[auth.anonymous]", "enabled = false", "", "[security]", "admin_password = $__file{/etc/grafana/admin-password}", ""),
        *("[server]", "root_url = http://a.b:3000/", "http_port = 3000", ""),
        *("[smtp]", 'from_name = Team "Kafka" 50%', "folder = c:\\d"),
    ]
    other = configparser.ConfigParser(interpolation=None)
    other.read_string(text)
    assert other["smtp"]["from_name"] == go_ini(text)["smtp.from_name"] == 'Team "Kafka" 50%'
    assert other["smtp"]["folder"] == go_ini(text)["smtp.folder"] == "c:\\d"


@pytest.mark.parametrize("name", ["a.b c", "a.b=c", "a.#b", "a].b", "a.b:c", "a.", "a\nb.c"])
def test_a_name_that_no_ini_file_holds_is_refused(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match="letters"):
        ini({name: "x"})


@pytest.mark.parametrize("value", ['hunter2`\n"""', "\nhunter2`", "\n`hunter2\n"])
def test_a_value_that_no_ini_file_holds_is_refused_by_name(value: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"security\.x") as error:
        ini({"security.x": value})
    assert "hunter2" not in str(error.value)
