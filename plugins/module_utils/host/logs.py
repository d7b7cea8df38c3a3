# SPDX-License-Identifier: Apache-2.0
"""What a service that ends says of the reason: found in its journal and logs, and shown without stack traces and repeats."""

from __future__ import annotations

import re
from collections.abc import Sequence

LEVEL = re.compile(r"\b(ERROR|FATAL|CRITICAL|SEVERE|emerg|crit)\b|\blevel=(error|fatal)\b")
# A line of a stack trace that names no error.
FRAME = re.compile(r"^\s+at |^\s*\.\.\. \d+ (more|common frames)|^\s+File \"")
# The error itself: `java.io.IOException: No space left`, with or without what stands before it.
THROWN = re.compile(
    r"^\s*(?:Exception in thread \"[^\"]*\"\s+)?(?P<cause>Caused by: )?"
    r"(?P<error>(?:[\w$]+\.)*[\w$]+(?:Exception|Error)(?::.*)?)$"
)
# How programs without levels, the Java launcher for one, word it.
PLAIN = re.compile(r"error|exception|unrecognized|could not|cannot|can't|not found|no such|denied|refused|invalid|failed", re.I)
# What is another in each repeat of the same line: times, ids of processes, addresses.
VARIES = re.compile(r"\d+|0x[0-9a-f]+")
LINE_LENGTH = 400


def culprit(lines: Sequence[str]) -> str:
    """Return why a service ended, in its own words; '' when it does not say.

    ``lines`` are those of its last start, oldest first. Of messages of an error the first with an exception counts, for what
    follows is a consequence of it, and of its causes the deepest; without one the first error, and without levels the first line
    that sounds like one.
    """
    messages = _messages(lines)
    errors = [message for message in messages if LEVEL.search(message[0])]
    for head, *rest in [*(message for message in errors if _thrown(message)), *errors, *filter(_thrown, messages)]:
        thrown = _thrown([head, *rest])
        causes = [one["error"] for one in thrown if one["cause"]]
        why = causes[-1] if causes else thrown[0]["error"] if thrown else ""
        return _short(head.strip() if why in head else f"{head.strip()}: {why}")
    return next((_short(line.strip()) for line in lines if PLAIN.search(line)), "")


def condensed(lines: Sequence[str], most: int) -> list[str]:
    """Return the last lines, without the frames of stack traces; of lines that only differ in numbers the last one, counted."""
    seen: dict[str, tuple[str, int]] = {}
    for line in lines:
        if line.strip() and not FRAME.match(line):
            key = VARIES.sub("#", line)
            # At its last place.
            _, times = seen.pop(key, ("", 0))
            seen[key] = line, times + 1
    shown = [_short(line.rstrip()) + (f"  ({times} times)" if times > 1 else "") for line, times in seen.values()]
    return shown[-most:]


def _messages(lines: Sequence[str]) -> list[list[str]]:
    """Return lines in groups: a message, and the exceptions and frames that belong to it."""
    groups: list[list[str]] = []
    for line in lines:
        if groups and (FRAME.match(line) or THROWN.match(line)):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _thrown(message: Sequence[str]) -> list[re.Match[str]]:
    return [found for line in message if (found := THROWN.match(line))]


def _short(line: str) -> str:
    return line if len(line) <= LINE_LENGTH else f"{line[:LINE_LENGTH]} …"
