# SPDX-License-Identifier: Apache-2.0
"""The C library of a machine."""

from __future__ import annotations

import os
import re


def release(text: str) -> tuple[int, ...]:
    """Return (2, 36) for ``glibc 2.36`` or ``2.36``; () for any other C library."""
    match = re.fullmatch(r"(?:glibc )?(\d+(?:\.\d+)*)", text.strip())
    return tuple(map(int, match[1].split("."))) if match else ()


def own() -> str:
    """Return name and version of the C library of this machine, such as ``glibc 2.36``; '' where it does not tell."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        return ""


def older(text: str) -> bool:
    """Say whether a glibc is older than the controller's."""
    return () < release(text) < release(own())
