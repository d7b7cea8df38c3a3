# SPDX-License-Identifier: Apache-2.0
"""Reads the checksum files that publishers put beside their archives.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Unavailable

ALGORITHMS = {64: "sha256", 128: "sha512"}
# SHA256 (name) = hex, as BSD and openssl write it.
BSD = re.compile(r"[A-Za-z0-9-]+ ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9a-fA-F]+)")
# hex  name, or hex *name for a file read as binary.
GNU = re.compile(r"\\?(?P<digest>[0-9a-fA-F]+)[ \t]+\*?(?P<name>\S.*)")
# name: HEX IN GROUPS, which go on in lines that are indented: gpg --print-md.
GROUPED = re.compile(r"^(?P<name>\S[^:\n]*):(?P<digest>[0-9a-fA-F \t]*(?:\n[ \t][0-9a-fA-F \t]+)*)$", re.MULTILINE)


def published_checksum(text: str, file: str) -> tuple[str, str]:
    """Return (algorithm, hex digest) for ``file`` from the text of a published checksum file.

    Reads ``<hex>`` alone, lines of ``<hex>  <name>`` or ``<hex> *<name>``, of ``SHA256 (<name>) = <hex>``, and
    ``<name>: <HEX IN GROUPS>`` over several lines. A name counts without the directory before it, and as a whole. The
    strongest digest is taken.
    Raises Unavailable when there is no sha256 or sha512 for the file in it, or two that differ.
    """
    text = text.lstrip("\ufeff").replace("\r", "")
    words = text.split()
    # A digest without a name is about the file beside it; two of them could be about anything.
    found = {words[0]} if len(words) == 1 else {digest for name, digest in _entries(text) if name.rpartition("/")[2] == file}
    known = {digest.lower() for digest in found if re.fullmatch(r"[0-9a-fA-F]+", digest) and len(digest) in ALGORITHMS}
    for length in sorted(ALGORITHMS, reverse=True):
        digests = [digest for digest in known if len(digest) == length]
        if len(digests) > 1:
            raise Unavailable(f"the published checksum has {len(digests)} different ones for {file}")
        if digests:
            return ALGORITHMS[length], digests[0]
    raise Unavailable(f"the published checksum has no sha256 or sha512 for {file}")


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        entry = BSD.fullmatch(line.strip()) or GNU.fullmatch(line.strip())
        if entry:
            yield entry["name"], entry["digest"]
    for entry in GROUPED.finditer(text):
        yield entry["name"], "".join(entry["digest"].split())
