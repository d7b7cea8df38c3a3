# SPDX-License-Identifier: Apache-2.0
"""Filters that put configuration together: dictionaries laid over one another, items of files, members of an ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged


def refers_to(options: Mapping[str, Any], path: str) -> list[str]:
    """Return the file of secrets, in a list, if options take values out of it or its directory through a config provider."""
    directory = path.rsplit("/", 1)[0]
    return [path] if any(f":{directory}" in str(value) and "${" in str(value) for value in options.values()) else []


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


class FilterModule:
    """Registers the filters."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by name."""
        return {
            "directories": directories,
            "links": links,
            "merged": merged,
            "nested": nested,
            "refers_to": refers_to,
            "zookeeper_address": zookeeper_address,
            "zookeeper_member": zookeeper_member,
        }
