# SPDX-License-Identifier: Apache-2.0
"""The quorum of a cluster's controllers, asked with Kafka's requests DescribeQuorum and DescribeCluster on their own port."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.estate.kafka.plugins.module_utils.kafka.wire import (
    ProtocolError,
    Reader,
    RefusedError,
    answered,
    exchange,
    message,
    read,
)
from ansible_collections.estate.kafka.plugins.module_utils.tls import NO_TLS

DESCRIBE_QUORUM, VERSION = 55, 2
DESCRIBE_CLUSTER = 60
# Who is asked for with DescribeCluster: controllers, not brokers.
CONTROLLERS = 2
TOPIC = "__cluster_metadata"
SECONDS = 3.0
# Milliseconds that a controller may be behind the leader and count as one that has caught up; it fetches twice a second.
CAUGHT_UP_MS = 5000
NOT_LEADER = 6


@dataclass(frozen=True)
class Replica:
    """A controller or broker that follows the metadata log.

    ``behind`` is in milliseconds, None where it has never caught up. ``directory`` is the id of the directory that its log is in,
    '' in a static quorum: a node that has lost its disk comes back with another one.
    """

    id: int
    end: int
    behind: int | None
    directory: str = ""

    @property
    def caught_up(self) -> bool:
        """Whether it had the whole log a moment ago."""
        return self.behind is not None and self.behind < CAUGHT_UP_MS

    @property
    def key(self) -> tuple[int, str]:
        """What it is known by: never by the number of its node alone."""
        return self.id, self.directory


@dataclass(frozen=True)
class Quorum:
    """What the leader says; ``addresses`` has ``host:port`` of voters by their id."""

    leader: int
    epoch: int
    voters: tuple[Replica, ...]
    observers: tuple[Replica, ...]
    addresses: Mapping[int, str] = field(default_factory=dict)

    @property
    def static(self) -> bool:
        """Whether the voters stand in the controllers' files (``kraft.version`` 0), so that none can be added or removed."""
        return not any(one.directory for one in self.voters)

    def replica(self, node: int) -> Replica | None:
        """Return what follows of a node, None where the leader does not know it: the latest of its directories."""
        found = [one for one in (*self.voters, *self.observers) if one.id == node]
        return min(found, key=lambda one: float("inf") if one.behind is None else one.behind, default=None)


@dataclass(frozen=True)
class View:
    """The quorum, None where no controller says that it leads; and why each address that did not answer did not.

    ``refused`` are those of them that are there and do not let the toolkit in, or ask.
    """

    quorum: Quorum | None
    silent: Mapping[str, str]
    refused: Mapping[str, str] = field(default_factory=dict)


def told_no(refused: Mapping[str, str]) -> str:
    """Return the sentence for controllers that do not let the toolkit ask: whether anyone leads is not known then."""
    return "; ".join(f"controller {address} refuses the toolkit ({why})" for address, why in refused.items())


def ask(addresses: Sequence[str], seconds: float = SECONDS, tls: Mapping[str, str] = NO_TLS) -> View:
    """Ask each controller (``host:port``) whether it leads; all are asked, so that those that are silent are known.

    Where none of them does, they are asked for the controllers they know, and those are asked too: the leader may be one that
    the inventory no longer has, or not yet. ``tls`` are the files with which they are asked.
    """
    view = _asked(addresses, seconds, tls)
    if view.quorum is None and (others := _others((one for one in addresses if one not in view.silent), tls)):
        return replace(view, quorum=_asked([address for address in others if address not in addresses], seconds, tls).quorum)
    return view


def _asked(addresses: Sequence[str], seconds: float, tls: Mapping[str, str]) -> View:
    found: Quorum | None = None
    silent, refused = {}, {}
    for address in addresses:
        try:
            answer = describe(address, seconds, tls)
        except (OSError, ProtocolError) as error:
            silent[address] = str(error) or type(error).__name__
            if isinstance(error, RefusedError):
                refused[address] = silent[address]
        else:
            if answer is not None and (found is None or answer.epoch > found.epoch):
                found = answer
    return View(found, silent, refused)


def _others(addresses: Iterable[str], tls: Mapping[str, str]) -> list[str]:
    for address in addresses:
        try:
            return registered(address, tls=tls)
        except (OSError, ProtocolError):
            continue
    return []


def describe(address: str, seconds: float = SECONDS, tls: Mapping[str, str] = NO_TLS) -> Quorum | None:
    """Return what one controller says of the quorum, None where it does not lead; raises OSError and ProtocolError."""
    return parsed(exchange(address, request(), seconds, tls))


def registered(address: str, seconds: float = SECONDS, tls: Mapping[str, str] = NO_TLS) -> list[str]:
    """Return the addresses of all controllers that one of them knows; raises OSError and ProtocolError."""
    body = struct.pack(">?b", False, CONTROLLERS) + b"\0"
    return read(exchange(address, message(DESCRIBE_CLUSTER, 1, body), seconds, tls), controllers_of)


def request() -> bytes:
    """Return the request, with its length before it."""
    # One topic with one partition; compact arrays and strings have their length + 1, each structure ends with its tags.
    topic = bytes([len(TOPIC) + 1]) + TOPIC.encode()
    body = b"\x02" + topic + b"\x02" + struct.pack(">i", 0) + b"\0" + b"\0" + b"\0"
    return message(DESCRIBE_QUORUM, VERSION, body)


def parsed(answer: bytes) -> Quorum | None:
    """Return the quorum out of an answer, None where the controller does not lead; raises ProtocolError."""
    return read(answer, _quorum)


def controllers_of(reader: Reader) -> list[str]:
    """Return the addresses out of the body of an answer to DescribeCluster.

    Raises ProtocolError where the answer is an error.
    """
    reader.number("i")  # milliseconds of throttling
    code = reader.number("h")
    answered(code, reader.text())
    reader.number("b")  # the kind of endpoint, the cluster's id, and who leads
    reader.text()
    reader.number("i")
    found = []
    for _ in range(reader.length()):
        reader.number("i")
        found.append(f"{reader.text()}:{reader.number('i')}")
        reader.text()  # a rack
        reader.tags()
    return found


def _quorum(reader: Reader) -> Quorum | None:
    code = reader.number("h")
    answered(code, reader.text())
    found = None
    for _ in range(reader.length()):
        reader.text()
        for _ in range(reader.length()):
            reader.number("i")
            code, said = reader.number("h"), reader.text()
            leader, epoch, _ = reader.number("i"), reader.number("i"), reader.number("q")
            voters, observers = _replicas(reader), _replicas(reader)
            reader.tags()
            if code != NOT_LEADER:
                answered(code, said)
            if not code:
                found = leader, epoch, *_timed(leader, voters, observers)
        reader.tags()
    addresses = _addresses(reader)
    reader.tags()
    return Quorum(*found, addresses) if found else None


def _addresses(reader: Reader) -> dict[int, str]:
    found: dict[int, str] = {}
    for _ in range(reader.length()):
        node = reader.number("i")
        for _ in range(reader.length()):
            reader.text()  # the listener's name
            found.setdefault(node, f"{reader.text()}:{reader.number('H')}")
            reader.tags()
        reader.tags()
    return found


# Id, directory, end of its log, when it last fetched, when it last had everything.
Row = tuple[int, str, int, int, int]


def _replicas(reader: Reader) -> list[Row]:
    rows = []
    for _ in range(reader.length()):
        rows.append((reader.number("i"), reader.uuid(), reader.number("q"), reader.number("q"), reader.number("q")))
        reader.tags()
    return rows


def _timed(leader: int, voters: list[Row], observers: list[Row]) -> tuple[tuple[Replica, ...], tuple[Replica, ...]]:
    """Return the replicas with what they are behind, by the clock of the leader, whose own entry is of now.

    A leader that was just removed is among the observers for a moment; one that votes can have an older entry there.
    """
    leads = next((row for row in (*voters, *observers) if row[0] == leader), None)
    now = leads[3] if leads else -1

    def replica(row: Row) -> Replica:
        node, directory, end, _, caught_up = row
        behind = 0 if row is leads else now - caught_up if caught_up >= 0 and now >= 0 else None
        return Replica(node, end, behind, directory)

    return tuple(map(replica, voters)), tuple(map(replica, observers))
