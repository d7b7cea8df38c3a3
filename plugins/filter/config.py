"""Filters that print configuration: merged dictionaries as properties files, lists of members as connect strings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.yaml.dumper import AnsibleDumper
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged

HEADER = "# Written by kafka-estate from the inventory; changes made here are lost.\n"

DOCUMENTATION = r"""
name: properties
short_description: A dictionary as the text of a Java properties file
"""


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(_text(key, item) for item in value)
    if isinstance(value, Mapping):
        raise AnsibleFilterError(f"option '{key}': a properties file holds no dictionaries, and this is one")
    text = str(value).replace("\\", "\\\\").replace("\n", "\\n")
    # Java leaves blanks before a value out.
    return f"\\{text}" if text.startswith((" ", "\t")) else text


def properties(options: Mapping[str, Any]) -> str:
    """Return ``key=value`` lines in the given order; null removes a key, lists are joined by commas."""
    return lines([f"{key}={_text(key, value)}" for key, value in options.items() if value is not None])


def yaml_text(options: Mapping[str, Any]) -> str:
    """Return the options as a YAML file, in the given order; null removes a key."""
    plain = {key: value for key, value in options.items() if value is not None}
    return HEADER + str(yaml.dump(plain, Dumper=AnsibleDumper, default_flow_style=False, sort_keys=False))


def refers_to(options: Mapping[str, Any], path: str) -> list[str]:
    """Return the file of secrets, in a list, if options take values out of it or its directory through a config provider."""
    directory = path.rsplit("/", 1)[0]
    return [path] if any(f":{directory}" in str(value) and "${" in str(value) for value in options.values()) else []


def lines(values: Sequence[str]) -> str:
    """Return a file with one value on each line."""
    return HEADER + "".join(f"{value}\n" for value in values)


def ini(options: Mapping[str, Any]) -> str:
    """Return an ini file from ``section.option`` names; null removes an option."""
    sections: dict[str, list[str]] = {}
    for name, value in options.items():
        section, _, key = name.rpartition(".")
        if value is not None:
            sections.setdefault(section, []).append(f"{key} = {_text(name, value)}")
    return HEADER + "\n".join(
        "\n".join([f"[{section}]", *found]) + "\n" if section else "\n".join(found) + "\n"
        for section, found in sorted(sections.items())
    )


def hocon(options: Mapping[str, Any]) -> str:
    """Return ``path = value`` lines of a HOCON file, values in JSON; null removes an option."""
    return lines([f"{key} = {json.dumps(value)}" for key, value in options.items() if value is not None])


def nested(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of the form ``a.b.c: value`` as mappings within mappings, the way some YAML files want them."""
    result: dict[str, Any] = {}
    for name, value in options.items():
        *path, last = str(name).split(".")
        place = result
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return result


def zookeeper_member(server: Mapping[str, Any]) -> str:
    """Return the value of ``server.N`` in zoo.cfg for one server of the topology."""
    return f"{server['host']}:{server['peer_port']}:{server['election_port']}"


def zookeeper_address(server: Mapping[str, Any]) -> str:
    """Return the client address ``host:port`` of one server of the topology."""
    return f"{server['host']}:{server['client_port']}"


def directories(paths: Sequence[str], owner: str, mode: str = "0750") -> list[dict[str, str]]:
    """Return the items of the module ``files`` for private directories of one owner."""
    return [{"path": path, "state": "directory", "owner": owner, "mode": mode} for path in paths]


def links(names: Sequence[str], directory: str, src: str) -> list[dict[str, str]]:
    """Return the items of the module ``files`` for links of these names in a directory, all to one file."""
    return [{"path": f"{directory}/{name}", "state": "link", "src": src} for name in names]


def flags(options: Mapping[str, Any], dashes: str = "--") -> list[str]:
    """Return command line flags as a unit file holds them; true gives ``--name``, false ``--no-name``, a list repeats it."""
    found: list[str] = []
    for name, value in options.items():
        if isinstance(value, bool):
            found.append(f"{dashes}{name}" if value else f"{dashes}no-{name}")
        elif isinstance(value, (list, tuple)):
            found += [f"{dashes}{name}={item}" for item in value]
        elif value is not None:
            found.append(f"{dashes}{name}={value}")
    return [_unit_word(flag) for flag in found]


def _unit_word(word: str) -> str:
    """Return one word of a command as systemd reads it back: ``%`` and ``$`` doubled, quoted where it must be."""
    if not word.isprintable():
        raise AnsibleFilterError(f"flag {word!r}: a unit file holds no line ends or control characters in a command")
    plain = word.replace("%", "%%").replace("$", "$$")
    if re.search(r"[\s'\"\\;]", plain):
        plain = '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return plain


class FilterModule:
    """Registers the filters."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by name."""
        return {
            "directories": directories,
            "flags": flags,
            "hocon": hocon,
            "ini": ini,
            "lines": lines,
            "links": links,
            "merged": merged,
            "nested": nested,
            "properties": properties,
            "refers_to": refers_to,
            "yaml": yaml_text,
            "zookeeper_address": zookeeper_address,
            "zookeeper_member": zookeeper_member,
        }
