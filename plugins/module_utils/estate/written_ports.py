# SPDX-License-Identifier: Apache-2.0
"""Ports that a component listens on because an option, a flag or the environment says so, and no variable of its own.  Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.hatches import FLAGS_OF_JAVA
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_values import as_written, is_known
from ansible_collections.estate.kafka.plugins.module_utils.estate.program_flags import of_words

# Linux gives ports below this one to root alone, or to a process that is granted it.
FIRST_FREE = 1024
MAX_PORT = 65535
# By role: options whose value is a port, or ends in one, on which the component listens itself.
OPTIONS: dict[str, re.Pattern[str]] = {
    "zookeeper": re.compile(r"admin\.serverPort|clientPort|secureClientPort|metricsProvider\.http(s)?Port"),
    "kafka_connect": re.compile(r"admin\.listeners"),
    "elasticsearch": re.compile(r"remote_cluster\.port|transport\.profiles\.[^.]+\.port"),
    "kibana": re.compile(r"server\.ssl\.redirectHttpFromPort"),
}
# What switches one of these options on, by role: the toolkit leaves it off.
SWITCHES = {"zookeeper": ("admin.enableServer", "admin.serverPort")}
LISTEN = re.compile(r"(.+\.)?listen-address")
AT_THE_END = re.compile(r"(?:^|:)(\d+)/?$")
JAVA = (
    re.compile(r"-Dcom\.sun\.management\.jmxremote\.(?:rmi\.)?port=(\d+)"),
    re.compile(r"-agentlib:jdwp=\S*\baddress=(?:[^,\s]*:)?(\d+)"),
    re.compile(r"-Xrunjdwp:\S*\baddress=(?:[^,\s]*:)?(\d+)"),
    # Of the JMX exporter: host and port before the file of its rules.
    re.compile(r"-javaagent:[^=\s]+=(?:[^:\s]+:|\[[^\]\s]*\]:)?(\d+):/"),
)


@dataclass(frozen=True)
class Written:
    """One port, the place where it is written, and what stands there."""

    place: str
    found: Any
    port: int


def of_component(
    role: str, options: Mapping[str, Any], place_of: Callable[[str], str], value_of: Callable[[str], Any]
) -> Iterator[Written]:
    """Yield the ports of one component.

    ``options`` are those that people set, with dotted names; ``place_of`` returns the variable of one, ``value_of`` the value
    of a variable. What only the run knows is passed over.
    """
    switch, switched = SWITCHES.get(role, ("", ""))
    for name, value in options.items():
        off = name == switched and as_written(options.get(switch)).lower() != "true"
        listens = role in OPTIONS and OPTIONS[role].fullmatch(name)
        if listens and not off and is_known(value):
            yield from _at_the_end(f"{place_of(name)}.{name}", value)
    flags = value_of(f"{role}_flags")
    for flag in of_words(f"{role}_flags", flags if isinstance(flags, list) else ()):
        if LISTEN.fullmatch(flag.name) and isinstance(flag.value, str):
            yield from _at_the_end(flag.place, flag.value)
    words = value_of(f"{role}_jvm_flags")
    places = [(f"{role}_jvm_flags[{number}]", word) for number, word in enumerate(words if isinstance(words, list) else ())]
    environment = value_of(f"{role}_environment")
    given = environment.items() if isinstance(environment, Mapping) else ()
    places += [(f"{role}_environment.{name}", word) for name, word in given if name in FLAGS_OF_JAVA]
    yield from _of_java(places)


def privileged(ports: Collection[int], listeners: Any) -> bool:
    """Return whether a component listens on a port that its own user gets only where the unit grants it."""
    found = [AT_THE_END.search(str(one)) for one in listeners] if isinstance(listeners, list) else []
    return any(0 < port < FIRST_FREE for port in (*ports, *(int(match[1]) for match in found if match)))


def _at_the_end(place: str, value: Any) -> Iterator[Written]:
    for one in as_written(value).split(","):
        if match := AT_THE_END.search(one.strip()):
            yield Written(place, value, int(match[1]))


def _of_java(places: Iterable[tuple[str, Any]]) -> Iterator[Written]:
    seen: set[tuple[bool, int]] = set()
    for place, words in places:
        for pattern in JAVA if isinstance(words, str) else ():
            for match in pattern.finditer(words):
                # JMX and its RMI may share one.
                key = (pattern is JAVA[0], int(match[1]))
                if key not in seen or not key[0]:
                    yield Written(place, words, int(match[1]))
                seen.add(key)
