# SPDX-License-Identifier: Apache-2.0
"""Requests of Kafka's protocol to the controllers' own port, byte by byte.

librdkafka has no call for what controllers are asked, and kafka-python begins with a request that they do not answer.
"""

from __future__ import annotations

import base64
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.tls import NO_TLS, connected, context_of

CLIENT = b"kafka-estate"
# CLUSTER_AUTHORIZATION_FAILED
NOT_AUTHORIZED = 31
Item = TypeVar("Item")


class ProtocolError(Exception):
    """An answer that is none."""


class RefusedError(ProtocolError):
    """A controller that is there, and lets nobody in with this certificate, or has no right for it; or no certificate to show."""


def message(key: int, version: int, body: bytes) -> bytes:
    """Return a request, with its length before it; each structure of ``body`` ends with its tags."""
    header = struct.pack(">hhih", key, version, 1, len(CLIENT)) + CLIENT + b"\0"
    return struct.pack(">i", len(header + body)) + header + body


def compact(text: str | None) -> bytes:
    """Return a compact string, which has its length + 1 before it; None has 0."""
    raw = b"" if text is None else text.encode()
    return varint(0 if text is None else len(raw) + 1) + raw


def varint(value: int) -> bytes:
    """Return a number in as many groups of seven bits as it needs."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def exchange(address: str, request: bytes, seconds: float, tls: Mapping[str, str] = NO_TLS) -> bytes:
    """Return the answer of a controller (``host:port``) without its length; raises OSError and ProtocolError."""
    host, _, port = address.rpartition(":")
    try:
        context = context_of(tls)
    except OSError as error:
        raise RefusedError(f"{tls['ca']} or {tls['key']} cannot be read ({error})") from error
    try:
        with connected(host.strip("[]"), int(port), seconds, context) as connection:
            try:
                connection.sendall(request)
            except OSError:
                # Who is refused is told so, and cut off: the words are there to be read, whether the request went out or not.
                connection.recv(1)
                raise
            return _exactly(connection, struct.unpack(">i", _exactly(connection, 4))[0])
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        # It ended in the middle, which says nothing of who asks.
        raise
    except ssl.SSLError as error:
        raise RefusedError(f"TLS: {error}") from error


def answered(code: int, said: str = "") -> None:
    """Raise ProtocolError for the error code of an answer, RefusedError where a right is missing."""
    if code == NOT_AUTHORIZED:
        raise RefusedError(f"no right to ask: {said}" if said else "no right to ask")
    if code:
        raise ProtocolError(f"error code {code} of Kafka's protocol" + (f": {said}" if said else ""))


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


def read(answer: bytes, parse: Callable[[Reader], Item]) -> Item:
    """Return what ``parse`` makes of an answer's body; raises ProtocolError where it is none."""
    try:
        reader = Reader(answer)
        if reader.number("i") != 1:
            raise ProtocolError("an answer to another request")
        reader.tags()
        return parse(reader)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ProtocolError(f"an answer that is not Kafka's: {error}") from error


class Reader:
    """The bytes of an answer, read from its beginning on."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, kind: str) -> Any:
        """Return a number of this kind of ``struct``."""
        size = struct.calcsize(f">{kind}")
        value = struct.unpack(f">{kind}", self.data[self.at : self.at + size])[0]
        self.at += size
        return value

    def varint(self) -> int:
        """Return a number in groups of seven bits."""
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

    def text(self) -> str:
        """Return a compact string, '' for none."""
        return self._taken(self.length()).decode()

    def uuid(self) -> str:
        """Return an id as Kafka writes it, '' for the one that stands for none."""
        raw = self._taken(16)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=") if any(raw) else ""

    def skip(self, count: int) -> None:
        """Go over so many bytes."""
        self._taken(count)

    def _taken(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) < count:
            raise IndexError("it ends too early")
        self.at += count
        return found

    def tags(self) -> None:
        """Go over the tags at the end of a structure."""
        for _ in range(self.varint()):
            self.varint()
            self._taken(self.varint())


def uuid_bytes(text: str) -> bytes:
    """Return the bytes of an id as Kafka writes it."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
