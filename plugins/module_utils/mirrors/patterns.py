# SPDX-License-Identifier: Apache-2.0
"""Names and regular expressions of topics and groups, as MirrorMaker and Java read them.  Pure functions."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

# The topic of heartbeats on a source.
HEARTBEATS = "heartbeats"
# A name.  MirrorMaker reads every one as a pattern, in which a dot is any character: see escaped().
LITERAL = re.compile(r"[A-Za-z0-9._-]+")
# What Java may read in another way than Python: quoted text, and brackets and && in a class.
OTHERWISE = re.compile(r"\\Q|&&|\[[^\]]*\[")
# What Java may take where Python does not: its own escapes, groups with a ?, and quantifiers after nothing or one another.
JAVA_ONLY = re.compile(r"\\[A-Za-z]|\(\?|[*+?}]\+|[\^$][*+?]|(^|[*+?}|(^$])\{")
# How Python begins to say that a regular expression has no end, which holds for Java too.
OPEN = ("missing )", "unbalanced parenthesis", "unterminated character set", "bad escape (end of pattern)")


def separate(patterns: Iterable[str] | None) -> list[str] | None:
    """Return each pattern for itself: MirrorMaker separates them at every comma, within brackets too, and takes blanks away."""
    if patterns is None:
        return None
    return [part.strip() for pattern in patterns for part in pattern.split(",") if part.strip()]


def java_mistake(pattern: str) -> str:
    """Return why Java refuses a regular expression, '' where it does not or where that cannot be told without Java.

    Python's own check decides where both languages mean the same. Taken without a check is what only Java knows: its escapes
    such as ``\\p{..}`` and ``\\Q..\\E``, ``&&`` and brackets in a class, what stands in groups with a ``?``, and ``a{1}{2}``.
    """
    if OTHERWISE.search(pattern):
        return ""
    for found in re.finditer(r"\\[pPx]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|(\{)(?P<rest>[^}]*\}?)", pattern):
        if found.group(1) and not re.fullmatch(r"\d+(,\d*)?\}", found["rest"]):
            return f"'{{' without a number and '}}' after it, at {pattern[found.start() :]!r}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError) as error:
        return "" if JAVA_ONLY.search(pattern) and not str(error).startswith(OPEN) else str(error)
    return ""


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
