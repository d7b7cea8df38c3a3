# SPDX-License-Identifier: Apache-2.0
"""One port asked from outside: which TLS it speaks, whom it shows, and whether it answers somebody without a login.

Each probe is one handshake or one harmless request.  Nothing is logged in, nothing is changed.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
import struct
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

TIMEOUT_SECONDS = 3.0
BANNER_SECONDS = 0.5
THREADS = 8
ANSWER_BYTES, MAX_BYTES = 4096, 1 << 16
# Of TLS up to 1.2: a record with parts of a handshake, and its messages.
HANDSHAKE, SERVER_HELLO, CERTIFICATES, CERTIFICATE_REQUEST = 22, 2, 11, 13
# Suites without secrecy or authentication, and those that are broken.
WEAK_CIPHERS = "aNULL:eNULL:EXPORT:RC4:3DES:DES:MD5:@SECLEVEL=0"
ANY_CIPHERS = "DEFAULT:@SECLEVEL=0"
MECHANISM = b"SCRAM-SHA-512"
SASL_HANDSHAKE, ILLEGAL_SASL_STATE, UNSUPPORTED_MECHANISM = 17, 34, 33
OPEN, LOGIN, CERTIFICATE, CLOSED, UNKNOWN = "open", "login", "certificate", "closed", "unknown"
REDIRECTS = (301, 302, 303, 307, 308)
# What a port says: what it is, and how that was seen.
Said = tuple[str, str]


def probe_all(targets: Sequence[Mapping[str, Any]], timeout: float = TIMEOUT_SECONDS) -> list[dict[str, Any]]:
    """Return what each target answers, in the same order; see :func:`probe`.

    ``timeout`` is in seconds, for each question.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda target: probe(target, timeout), targets))


def probe(target: Mapping[str, Any], timeout: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """Return what a port says of itself.

    ``target`` has ``host`` (a name for TLS), ``address``, ``port`` and ``speaks`` (kafka, zookeeper, quorum, http or '').
    In the result ``answer`` is open, login, certificate, closed or unknown, ``how`` says what was seen, and ``tls`` is None or
    has ``version``, ``cipher``, ``certificate`` (DER in Base64), ``old`` and ``weak``: whether TLS 1.1 or weaker, and weak
    suites are taken; None there is not known. ``timeout`` is in seconds, for each question.
    """
    result = {"host": target["host"], "port": target["port"], "address": target["address"], "tls": None}
    try:
        with closing(_connected(target, timeout)) as plain:
            banner = b"" if target.get("speaks") else _banner(plain)
    except OSError as error:
        return {**result, "answer": CLOSED, "how": _why(error)}
    if banner.startswith(b"SSH-"):
        return {**result, "answer": LOGIN, "how": "SSH"}
    # A server of Kafka or ZooKeeper notes every plain request at its TLS port as a failed login, one of HTTP answers it.
    first_plain = target.get("speaks") in ("", "http") or target.get("plain")
    if first_plain and (said := _asked_plain(target, timeout)):
        return {**result, "answer": said[0], "how": said[1]}
    tls, said = _asked_tls(target, timeout)
    if tls:
        return {**result, "tls": tls, "answer": said[0], "how": said[1]}
    said = None if first_plain else _asked_plain(target, timeout)
    if said:
        return {**result, "answer": said[0], "how": said[1]}
    if target.get("speaks") == "quorum":
        return {**result, "answer": OPEN, "how": "plain, any server may connect"}
    return {**result, "answer": UNKNOWN, "how": "plain, it does not say who may use it"}


def _connected(target: Mapping[str, Any], timeout: float) -> socket.socket:
    return socket.create_connection((target["address"], target["port"]), timeout)


def _banner(plain: socket.socket) -> bytes:
    """Return what a server says before it is asked."""
    plain.settimeout(BANNER_SECONDS)
    try:
        return plain.recv(64)
    except OSError:
        return b""


def _why(error: OSError) -> str:
    if isinstance(error, (TimeoutError, socket.timeout)):  # two classes before Python 3.10
        return "no answer in time"
    return (error.strerror or str(error) or type(error).__name__).lower()


def _requests(speaks: str) -> Iterator[Callable[[socket.socket, str], Said | None]]:
    """Yield the requests that are worth sending to a port, the likeliest first."""
    known = {"kafka": _kafka, "zookeeper": _zookeeper, "http": _http}
    if speaks == "quorum":
        return
    yield from [known[speaks]] if speaks in known else [_http, _kafka, _zookeeper]


def _asked_plain(target: Mapping[str, Any], timeout: float) -> Said | None:
    for request in _requests(target.get("speaks", "")):
        try:
            with closing(_connected(target, timeout)) as plain:
                if said := request(plain, target["host"]):
                    return said
        except OSError:
            continue
    return None


def _asked_tls(target: Mapping[str, Any], timeout: float) -> tuple[dict[str, Any] | None, Said]:
    """Return what is seen of TLS, or None where there is none, and what the port says over it."""
    tls: dict[str, Any] | None = None
    said: Said = (UNKNOWN, "TLS, it does not say who may use it")
    context = _context() or ssl._create_unverified_context()
    requests = list(_requests(target.get("speaks", ""))) or [_silent]
    for request in requests:
        try:
            plain = _connected(target, timeout)
            with closing(plain), closing(context.wrap_socket(plain, server_hostname=target["host"])) as secure:
                tls = tls or _seen(secure)
                _refused_later(secure, timeout)
                if found := request(secure, target["host"]):
                    said = found
                    break
        except ssl.SSLError as error:
            # What comes before the handshake is over is an answer of TLS only where it is an alert.
            if tls is None and "ALERT" not in (error.reason or ""):
                return None, said
            if tls is None:
                tls, wanted = _refused_early(target, timeout)
                if wanted:
                    said = (CERTIFICATE, "refused without a certificate")
                    break
            if wants_certificate(error):
                said = (CERTIFICATE, "refused without a certificate")
                break
            said = (UNKNOWN, f"TLS, {(error.reason or 'error').lower().replace('_', ' ')}")
        except OSError:
            if tls is None:
                return None, said
    if tls is not None:
        tls["old"] = _takes(target, timeout, _context(ssl.TLSVersion.TLSv1_1))
        tls["weak"] = _takes(target, timeout, _context(ssl.TLSVersion.TLSv1_2, WEAK_CIPHERS))
    return tls, said


def _refused_early(
    target: Mapping[str, Any], timeout: float, context: ssl.SSLContext | None = None
) -> tuple[dict[str, Any], bool]:
    """Return what a server shows that ends the handshake, and whether it asked for a certificate before.

    Up to TLS 1.2 all of this is sent in clear; Python shows nothing of a handshake that failed.
    """
    tls = {"version": "", "cipher": "", "certificate": ""}
    wanted = False
    context = context or _context(ssl.TLSVersion.TLSv1_2) or ssl._create_unverified_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = context.wrap_bio(incoming, outgoing, server_hostname=target["host"])
    received = b""
    try:
        with closing(_connected(target, timeout)) as plain:
            while len(received) < MAX_BYTES:
                try:
                    secure.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    plain.sendall(outgoing.read())
                part = plain.recv(ANSWER_BYTES)
                if not part:
                    break
                received += part
                incoming.write(part)
    except OSError:
        pass
    for kind, body in handshake_messages(received):
        if kind == SERVER_HELLO:
            tls["version"] = {0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2"}.get(int.from_bytes(body[:2], "big"), "")
        elif kind == CERTIFICATES:
            size = int.from_bytes(body[3:6], "big")
            tls["certificate"] = base64.b64encode(body[6 : 6 + size]).decode()
        wanted = wanted or kind == CERTIFICATE_REQUEST
    return tls, wanted


def handshake_messages(received: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each message of a handshake up to TLS 1.2 that is complete among bytes of a server."""
    stream, at = b"", 0
    while at + 5 <= len(received) and received[at] == HANDSHAKE:
        size = int.from_bytes(received[at + 3 : at + 5], "big")
        stream += received[at + 5 : at + 5 + size]
        at += 5 + size
    at = 0
    while at + 4 <= len(stream):
        size = int.from_bytes(stream[at + 1 : at + 4], "big")
        if at + 4 + size > len(stream):
            return
        yield stream[at], stream[at + 4 : at + 4 + size]
        at += 4 + size


def wants_certificate(error: ssl.SSLError) -> bool:
    """Return whether a server ended a connection because it showed no certificate."""
    return "CERTIFICATE" in (error.reason or "") and "ALERT" in (error.reason or "")


def _context(newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED, ciphers: str = ANY_CIPHERS) -> ssl.SSLContext | None:
    """Return how to look at a server that is not trusted: every version up to ``newest``; None where this host cannot."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
            context.set_ciphers(ciphers)
    except (ssl.SSLError, ValueError):
        return None
    return context


def _takes(target: Mapping[str, Any], timeout: float, context: ssl.SSLContext | None) -> bool | None:
    """Return whether a server takes what this context offers; None where it cannot be offered."""
    if context is None:
        return None
    try:
        with closing(_connected(target, timeout)) as plain, context.wrap_socket(plain, server_hostname=target["host"]):
            return True
    except ssl.SSLZeroReturnError:
        # Java's own server of https says good-bye in the middle of a handshake that it does not want.
        return False
    except ssl.SSLError as error:
        reason = error.reason or ""
        if wants_certificate(error) or ("ALERT" in reason and _refused_early(target, timeout, context)[1]):
            return True
        return False if "ALERT" in reason or "UNSUPPORTED" in reason else None
    except OSError:
        return False


def _seen(secure: ssl.SSLSocket) -> dict[str, Any]:
    cipher = secure.cipher()
    certificate = secure.getpeercert(binary_form=True) or b""
    return {
        "version": secure.version() or "",
        "cipher": cipher[0] if cipher else "",
        "certificate": base64.b64encode(certificate).decode(),
    }


def _read(connection: socket.socket, size: int = ANSWER_BYTES) -> bytes:
    """Return the beginning of an answer; raises ssl.SSLError where TLS itself refuses, and returns b'' where nothing comes."""
    try:
        return connection.recv(size)
    except ssl.SSLError:
        raise
    except OSError:
        return b""


def _refused_later(secure: ssl.SSLSocket, timeout: float) -> None:
    """Wait for what TLS 1.3 says of a missing certificate, which comes after the handshake; raises ssl.SSLError where it comes.

    A request sent before could be answered by a broken connection, which says nothing.
    """
    if secure.version() == "TLSv1.3":
        secure.settimeout(BANNER_SECONDS)
        _read(secure)
        secure.settimeout(timeout)


def _silent(connection: socket.socket, host: str) -> Said | None:
    """Ask nothing."""
    return None


def _kafka(connection: socket.socket, host: str) -> Said | None:
    """Begin a login and leave: a listener that wants none says so."""
    body = struct.pack(">hhih", SASL_HANDSHAKE, 1, 1, 5) + b"audit" + struct.pack(">h", len(MECHANISM)) + MECHANISM
    connection.sendall(struct.pack(">i", len(body)) + body)
    return sasl_answer(_read(connection))


def sasl_answer(answer: bytes) -> Said | None:
    """Return what Kafka's answer to the beginning of a login says; None where it is none."""
    if len(answer) < 14:
        return None
    correlation, code, count = struct.unpack(">ihi", answer[4:14])
    if correlation != 1 or code not in (0, UNSUPPORTED_MECHANISM, ILLEGAL_SASL_STATE):
        return None
    if code == ILLEGAL_SASL_STATE:
        return OPEN, "Kafka, asks for no login"
    names, at = [], 14
    for _ in range(max(0, min(count, 20))):
        (size,) = struct.unpack(">h", answer[at : at + 2].ljust(2, b"\0"))
        names.append(answer[at + 2 : at + 2 + size].decode(errors="replace"))
        at += 2 + size
    return LOGIN, f"Kafka, login by {', '.join(names) or 'SASL'}"


def _zookeeper(connection: socket.socket, host: str) -> Said | None:
    connection.sendall(b"srvr")
    answer = _read(connection)
    known = (b"Zookeeper version", b"not executed because", b"not currently serving")
    return (OPEN, "ZooKeeper, answers srvr") if any(one in answer for one in known) else None


def _http(connection: socket.socket, host: str) -> Said | None:
    # A name with a line break in it is no host.
    name = re.sub(r"[^\w.:\[\]-]", "", host)
    connection.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\nUser-Agent: audit\r\nAccept: */*\r\n\r\n".encode())
    return http_answer(_read(connection))


def http_answer(answer: bytes) -> Said | None:
    """Return what an answer of HTTP says of who may ask; None where it is none, or says that TLS is wanted."""
    status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    if not status:
        return None
    code, text = int(status[1]), answer.decode(errors="replace").lower()
    place = re.search(r"^location:\s*(\S+)", text, re.MULTILINE)
    if code in (401, 403):
        return LOGIN, f"HTTP {code}"
    if code == 400 and ("to an https server" in text or "sent to https port" in text):
        return None
    if code == 400 and "certificate" in text:
        return CERTIFICATE, "HTTP 400 without a certificate"
    if code in REDIRECTS and place and re.search(r"log-?in|sign-?in|oauth|saml|auth", place[1]):
        return LOGIN, f"HTTP {code} to its login"
    if code in REDIRECTS and place and place[1].startswith("https:"):
        return UNKNOWN, f"HTTP {code} to https"
    return OPEN, f"HTTP {code} without a login"
