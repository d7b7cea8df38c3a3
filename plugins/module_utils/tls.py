# SPDX-License-Identifier: Apache-2.0
"""A connection to a port of the estate, in plain or with TLS on both sides."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator, Mapping

# Of a port in plain. The files of any other are ``ca``, and ``key`` with its certificate.
NO_TLS: Mapping[str, str] = {}


def context_of(tls: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return how a port is spoken to with these files, None for one in plain; raises OSError where they cannot be read."""
    if not tls:
        return None
    context = ssl.create_default_context(cafile=tls["ca"])
    context.load_cert_chain(tls["key"])
    return context


@contextlib.contextmanager
def connected(host: str, port: int, seconds: float, context: ssl.SSLContext | None) -> Iterator[socket.socket]:
    """Give a connection; raises OSError where there is none."""
    with socket.create_connection((host, port), timeout=seconds) as plain:
        if context is None:
            yield plain
            return
        with context.wrap_socket(plain, server_hostname=host) as connection:
            yield connection
