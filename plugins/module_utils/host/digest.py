# SPDX-License-Identifier: Apache-2.0
"""Digests of files, whatever their size."""

from __future__ import annotations

import hashlib
from pathlib import Path

BLOCK = 1 << 20


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file as hexadecimal text."""
    digest = hashlib.new(algorithm)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
