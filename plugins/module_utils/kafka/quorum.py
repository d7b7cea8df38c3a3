# SPDX-License-Identifier: Apache-2.0
"""The quorum of a cluster's controllers, asked with Kafka's request DescribeQuorum on the controllers' own port.

librdkafka has no such call, and kafka-python begins with one that controllers do not answer; so the few bytes are written here.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DESCRIBE_QUORUM, VERSION = 55, 1
TOPIC = b"__cluster_metadata"
SECONDS = 3.0
# Milliseconds that a controller may be behind the leader and count as one that has caught up; it fetches twice a second.
CAUGHT_UP_MS = 5000
NOT_LEADER = 6


class ProtocolError(Exception):
    """An answer that is none."""


@dataclass(frozen=True)
class Replica:
    """A controller or broker that follows the metadata log; ``behind`` in milliseconds, None where it has never caught up."""

    id: int
    end: int
    behind: int | None

    @property
    def caught_up(self) -> bool:
        """Whether it had the whole log a moment ago."""
        return self.behind is not None and self.behind < CAUGHT_UP_MS


@dataclass(frozen=True)
class Quorum:
    """What the leader says."""

    leader: int
    epoch: int
    voters: tuple[Replica, ...]
    observers: tuple[Replica, ...]

    def replica(self, node: int) -> Replica | None:
        """Return a voter or observer, None where the leader does not know it."""
        return next((one for one in (*self.voters, *self.observers) if one.id == node), None)


@dataclass(frozen=True)
class View:
    """The quorum, None where no controller says that it leads; and why each address that did not answer did not."""

    quorum: Quorum | None
    silent: Mapping[str, str]


def ask(addresses: Sequence[str], seconds: float = SECONDS) -> View:
    """Ask each controller (``host:port``) whether it leads; all are asked, so that those that are silent are known."""
    found: Quorum | None = None
    silent = {}
    for address in addresses:
        try:
            answer = describe(address, seconds)
        except (OSError, ProtocolError) as error:
            silent[address] = str(error) or type(error).__name__
        else:
            if answer is not None and (found is None or answer.epoch > found.epoch):
                found = answer
    return View(found, silent)


def describe(address: str, seconds: float = SECONDS) -> Quorum | None:
    """Return what one controller says of the quorum, None where it does not lead; raises OSError and ProtocolError."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as connection:
        connection.sendall(request())
        size = struct.unpack(">i", _exactly(connection, 4))[0]
        return parsed(_exactly(connection, size))


def _exactly(connection: socket.socket, count: int) -> bytes:
    chunks = b""
    while len(chunks) < count:
        chunk = connection.recv(min(65536, count - len(chunks)))
        if not chunk:
            raise ProtocolError(
                "the connection was closed before the answer was complete: another listener than the controllers'?"
            )
        chunks += chunk
    return chunks


def request() -> bytes:
    """Return the request, with its length before it."""
    client = b"kafka-estate"
    header = struct.pack(">hhih", DESCRIBE_QUORUM, VERSION, 1, len(client)) + client + b"\0"
    # One topic with one partition; compact arrays and strings have their length + 1, each structure ends with its tags.
    body = b"\x02" + bytes([len(TOPIC) + 1]) + TOPIC + b"\x02" + struct.pack(">i", 0) + b"\0" + b"\0" + b"\0"
    return struct.pack(">i", len(header + body)) + header + body


def parsed(answer: bytes) -> Quorum | None:
    """Return the quorum out of an answer, None where the controller does not lead; raises ProtocolError."""
    try:
        return _quorum(_Reader(answer))
    except (struct.error, IndexError) as error:
        raise ProtocolError(f"an answer that is not Kafka's: {error}") from error


def _quorum(reader: _Reader) -> Quorum | None:
    if reader.number("i") != 1:
        raise ProtocolError("an answer to another request")
    reader.tags()
    if code := reader.number("h"):
        raise ProtocolError(f"error code {code} of Kafka's protocol")
    found = None
    for _ in range(reader.length()):
        reader.skip(reader.length())
        for _ in range(reader.length()):
            reader.number("i")
            code = reader.number("h")
            leader, epoch, _ = reader.number("i"), reader.number("i"), reader.number("q")
            voters, observers = reader.replicas(), reader.replicas()
            reader.tags()
            if code not in (0, NOT_LEADER):
                raise ProtocolError(f"error code {code} of Kafka's protocol")
            if not code:
                found = Quorum(leader, epoch, *_timed(leader, voters, observers))
        reader.tags()
    return found


Row = tuple[int, int, int, int]


def _timed(leader: int, voters: list[Row], observers: list[Row]) -> tuple[tuple[Replica, ...], tuple[Replica, ...]]:
    """Return the replicas with what they are behind, by the clock of the leader, whose own entry is of now."""
    now = next((fetched for node, _, fetched, _ in voters if node == leader), -1)

    def replica(row: Row) -> Replica:
        node, end, _, caught_up = row
        return Replica(node, end, 0 if node == leader else now - caught_up if caught_up >= 0 and now >= 0 else None)

    return tuple(map(replica, voters)), tuple(map(replica, observers))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, kind: str) -> Any:
        size = struct.calcsize(f">{kind}")
        value = struct.unpack(f">{kind}", self.data[self.at : self.at + size])[0]
        self.at += size
        return value

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def length(self) -> int:
        """Return the length of a compact array or string."""
        return max(0, self.varint() - 1)

    def skip(self, count: int) -> None:
        self.at += count

    def tags(self) -> None:
        for _ in range(self.varint()):
            self.varint()
            self.skip(self.varint())

    def replicas(self) -> list[Row]:
        rows = []
        for _ in range(self.length()):
            rows.append((self.number("i"), self.number("q"), self.number("q"), self.number("q")))
            self.tags()
        return rows
