# SPDX-License-Identifier: Apache-2.0
"""Names and regular expressions of topics and groups, as MirrorMaker and Java read them.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# The topic of heartbeats on a source.
HEARTBEATS = "heartbeats"
# A name.  MirrorMaker reads every one as a pattern, in which a dot is any character: see escaped().
LITERAL = re.compile(r"[A-Za-z0-9._-]+")


def separate(patterns: Iterable[str] | None) -> list[str] | None:
    """Return each pattern for itself: MirrorMaker separates them at every comma, within brackets too, and takes blanks away."""
    if patterns is None:
        return None
    return [part.strip() for pattern in patterns for part in pattern.split(",") if part.strip()]


def escaped(patterns: Iterable[Any] | None) -> list[str] | None:
    """Return patterns in which a name stands for itself alone."""
    if patterns is None:
        return None
    return [text.replace(".", r"\.") if LITERAL.fullmatch(text) else text for text in map(str, patterns)]


def beginning(pattern: str) -> str:
    """Return the characters that every match of a pattern begins with."""
    if "|" in pattern:
        return ""
    text = ""
    for found in re.finditer(r"\\([.\-_])|([A-Za-z0-9_\-])|(.)", pattern):
        if found.group(3):
            # A quantifier belongs to the character before it.
            return text[:-1] if found.group(3) in "*?{" else text
        text += found.group(1) or found.group(2)
    return text


def carried(topic: str, topics: Iterable[str], exclude: Iterable[str]) -> bool:
    """Return whether a name matches one of the patterns and none of the excluded ones."""
    return _matches(topic, topics) and not _matches(topic, exclude)


def _matches(topic: str, patterns: Iterable[str]) -> bool:
    return any(_pattern(str(pattern)).fullmatch(topic) for pattern in patterns)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error:  # valid in Java only, perhaps: it may match anything
        return re.compile(".*")


def came_from(topic: str, alias: str, separator: str) -> bool:
    """Return whether a topic has been on the cluster of this alias, by the prefixes of the default policy."""
    return alias in topic.split(separator)[:-1]
