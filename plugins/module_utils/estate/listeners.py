# SPDX-License-Identifier: Apache-2.0
"""Listeners of brokers and workers against one another, their ports, and what their clients are told.  Pure.

A broker refuses to start, or nobody reaches it, where these do not fit; so they are looked at before a host is touched.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import LOCALHOST
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Undefined

# (variable, what was found, what to do)
Mistake = tuple[str, Any, str]
Value = Callable[[str], Any]

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
FORM = re.compile(r"(?P<name>[A-Za-z0-9._-]+)://(?P<host>\[[0-9A-Fa-f:.]*\]|[^\[\]:/\s]*):(?P<port>\d{1,5})")
EVERYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True)
class Listener:
    """One ``NAME://host:port``."""

    text: str
    name: str
    host: str
    port: int


def loopback(host: str) -> bool:
    """Return whether an address or name is that of the loopback interface on every host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") in LOCALHOST


def broker(host: str, alone: bool, value: Value, options: Mapping[str, Any], taken: Mapping[int, str]) -> Iterator[Mistake]:
    """Yield what is wrong with the listeners of a broker.

    ``alone`` says that nothing else of the estate has to reach it, ``options`` are those that people set for it, ``taken`` has
    the ports of everything on the host with their variables.
    """
    own = ("kafka_broker_listeners", "kafka_broker_advertised_listeners")
    port = value("kafka_broker_port")
    texts = [_as_strings(value(variable), host, port) for variable in own]
    # A port that is none is told by itself.
    if None in texts or not isinstance(port, int) or not 0 < port < 65536:
        return
    listeners: list[Listener] = []
    advertised: list[Listener] = []
    for variable, found, into in zip(own, texts, (listeners, advertised)):
        yield from _parsed(variable, found or (), into, "PLAINTEXT://:9092 or CLIENT://broker1.example.com:9092")
    if len(listeners) < len(texts[0] or ()) or len(advertised) < len(texts[1] or ()):
        return
    yield from _twice("kafka_broker_listeners", listeners)
    for one in listeners:
        if one.port != port and one.port in taken:
            yield "kafka_broker_listeners", one.text, f"{taken[one.port]} has port {one.port} too: choose another for one of them"
    protocols = _protocols(options)
    for one in listeners:
        if protocols is not None and one.name.upper() not in protocols:
            yield (
                "kafka_broker_listeners",
                one.text,
                f"Name its protocol in listener.security.protocol.map of kafka_broker_config: {one.name}:PLAINTEXT, beside those "
                "of all other listeners",
            )
    for name, protocol in _wrong_protocols(options):
        yield (
            "kafka_broker_config.listener.security.protocol.map",
            Found(f"{protocol!r} for {name}"),
            f"Kafka knows {', '.join(PROTOCOLS)}",
        )
    yield from _own_port("kafka_broker_port", port, listeners, own[0])
    if not alone:
        yield from _only_here("kafka_broker_listeners", [one for one in listeners if one.port == port])
    names = {one.name.upper() for one in listeners}
    for one in advertised:
        if one.name.upper() not in names:
            yield own[1], one.text, f"The broker has no listener {one.name}: there are {', '.join(sorted(names))}"
        elif one.host.strip("[]") in EVERYWHERE or (not alone and loopback(one.host.strip("[]"))):
            yield own[1], one.text, f"Clients are sent there: write a name or an address that they reach, such as {host}"
    if all(one.name.upper() in names for one in advertised):
        yield from _between_brokers(options, names, {one.name.upper() for one in advertised})


def advertised_by(host: str, value: Value) -> list[Listener]:
    """Return the advertised listeners of a broker as far as they have the form of one."""
    found: list[Listener] = []
    list(_parsed("", _as_strings(value("kafka_broker_advertised_listeners"), host, value("kafka_broker_port")) or (), found, ""))
    return found


def worker(alone: bool, value: Value) -> Iterator[Mistake]:
    """Yield what is wrong with the listeners of a Connect worker."""
    variable, port = "kafka_connect_listeners", value("kafka_connect_port")
    texts = _as_strings(value(variable), "", port)
    if texts is None or not isinstance(port, int) or not 0 < port < 65536:
        return
    listeners: list[Listener] = []
    yield from _parsed(variable, texts, listeners, "http://:8083")
    if len(listeners) < len(texts):
        return
    for one in listeners:
        if one.name.lower() not in ("http", "https"):
            yield variable, one.text, "Write http:// or https:// before it"
    plain = [one for one in listeners if one.name.lower() == "http"]
    for number, one in enumerate(listeners):
        if one.port in (other.port for other in listeners[:number]):
            yield variable, one.text, f"Another listener has port {one.port} too: choose another"
    yield from _own_port("kafka_connect_port", port, plain, f"{variable} with http")
    if not alone:
        yield from _only_here(variable, [one for one in plain if one.port == port])


def _as_strings(value: Any, host: str, port: Any) -> list[str] | None:
    """Return listeners as a host has them; None where that is only known during the run.

    The defaults of the roles are templates of the host's name and of the port.
    """
    if not isinstance(value, list) or any(isinstance(one, Undefined) for one in value):
        return None
    texts = [re.sub(r"\{\{ kafka_\w+_port \}\}", str(port), str(one)) for one in value]
    texts = [text.replace("{{ inventory_hostname }}", f"[{host}]" if host.count(":") > 1 else host) for text in texts]
    return None if any("{{" in text for text in texts) else texts


def _parsed(variable: str, texts: Sequence[str], into: list[Listener], example: str) -> Iterator[Mistake]:
    for text in texts:
        match = FORM.fullmatch(text)
        if match and 0 < int(match["port"]) < 65536:
            into.append(Listener(text, match["name"], match["host"], int(match["port"])))
        else:
            yield variable, text, f"Write NAME://host:port with a port from 1 to 65535, such as {example}"


def _twice(variable: str, listeners: Sequence[Listener]) -> Iterator[Mistake]:
    names: set[str] = set()
    ports: set[int] = set()
    for one in listeners:
        if one.name.upper() in names:
            yield variable, one.text, f"Another listener is called {one.name} too: give each a name of its own"
        if one.port in ports:
            yield variable, one.text, f"Another listener has port {one.port} too: choose another"
        names.add(one.name.upper())
        ports.add(one.port)


def _own_port(variable: str, port: int, listeners: Sequence[Listener], where: str) -> Iterator[Mistake]:
    if all(one.port != port for one in listeners):
        shown = ", ".join(one.text for one in listeners) or "none"
        yield (
            variable,
            port,
            f"No entry of {where} has this port ({shown}), and everything else of the estate comes there: let them agree",
        )


def _only_here(variable: str, listeners: Sequence[Listener]) -> Iterator[Mistake]:
    for one in listeners:
        if loopback(one.host.strip("[]")):
            yield variable, one.text, "No other host reaches it there: leave the address out, or write one of the host's own"


def _protocols(options: Mapping[str, Any]) -> set[str] | None:
    """Return the names of listeners that have a protocol; None where only the run knows."""
    given = options.get("listener.security.protocol.map")
    if given is None:
        return set(PROTOCOLS)
    if isinstance(given, (list, tuple)):
        given = ",".join(map(str, given))
    if not isinstance(given, str):
        return None
    return {pair.partition(":")[0].strip().upper() for pair in given.split(",")}


def _wrong_protocols(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the listeners, with their protocols, for which the map names none that Kafka has."""
    given = options.get("listener.security.protocol.map")
    pairs = given if isinstance(given, (list, tuple)) else given.split(",") if isinstance(given, str) else ()
    for pair in map(str, pairs):
        name, _, protocol = (part.strip() for part in pair.rpartition(":"))
        if "{{" not in pair and pair.strip() and protocol.upper() not in PROTOCOLS:
            yield name or pair, protocol


def _between_brokers(options: Mapping[str, Any], names: set[str], advertised: set[str]) -> Iterator[Mistake]:
    given, protocol = (options.get(f"{name}") for name in ("inter.broker.listener.name", "security.inter.broker.protocol"))
    if isinstance(given, Undefined) or isinstance(protocol, Undefined):
        return
    if given is not None and protocol is not None:
        yield (
            "kafka_broker_config.security.inter.broker.protocol",
            protocol,
            "Kafka takes this or inter.broker.listener.name, not both: remove one",
        )
        return
    used = str(given or protocol or "PLAINTEXT").upper()
    if used not in names or used not in advertised:
        found = Found(f"{', '.join(sorted(names & advertised))}, and no {used}, by which brokers reach one another")
        yield (
            "kafka_broker_listeners",
            found,
            "Add that listener, here and to kafka_broker_advertised_listeners, or name one of these in "
            "inter.broker.listener.name of kafka_broker_config",
        )
        return
    control = options.get("control.plane.listener.name")
    if isinstance(control, str) and (control.upper() not in advertised or control.upper() == used):
        others = ", ".join(sorted(advertised - {used})) or "none yet"
        yield (
            "kafka_broker_config.control.plane.listener.name",
            control,
            f"Name an advertised listener that brokers do not use among themselves: there are {others}",
        )
