# SPDX-License-Identifier: Apache-2.0
"""How a run's progress reads: names, counts and times, what a failure says and where it comes from, the line of a step."""

from __future__ import annotations

import os
import textwrap
import time
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.secrets import SECRET


def names(hosts: list[str], limit: int = 4) -> str:
    """Host names as a person lists them: all of a few, the first of many."""
    shown = ", ".join(hosts[:limit])
    return shown if len(hosts) <= limit else f"{shown} and {len(hosts) - limit} more"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def message(result: dict[str, Any]) -> str:
    """What a failed result says, as lines for a person."""
    lines: list[str] = []
    text = result.get("msg") or result.get("censored") or result.get("reason")
    if isinstance(text, list):
        lines += [str(line) for line in text]
    elif text:
        lines.append(str(text))
    if "rc" in result and result["rc"] != 0:
        lines.append(f"exit status {result['rc']}")
    for stream in ("stderr", "module_stderr", "stdout", "module_stdout"):
        output = str(result.get(stream) or "").strip()
        if output:
            lines += [f"{stream.removeprefix('module_')}:", textwrap.indent(output, "  ")]
            break
    return "\n".join(lines) or "failed without a message"


def shortest(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def origins(error: Any) -> list[str]:
    """Source contexts of a result's error (Ansible's summary of an exception, or None), the innermost cause first.

    Each is ``Origin: file:line:column``, mostly followed by an empty line and an excerpt of the file.
    """
    contexts: list[str] = []
    event = getattr(error, "event", None)
    while event is not None:
        if event.formatted_source_context:
            contexts.append(str(event.formatted_source_context))
        event = event.chain.event if event.chain else None
    return contexts[::-1]


def where(error: Any, task_path: str, excerpts: bool = True) -> str:
    """The lines that say where a failure comes from: the origin with its line, what led there, the task's file and line."""
    lines: list[str] = []
    for found in origins(error):
        head, _, excerpt = found.partition("\n")
        place = shortest(head.removeprefix("Origin: "))
        # The task's own place, which has a column here, is said at the end.
        if place.startswith("<") or f"{place}:".startswith(f"{task_path}:") or f"Origin: {place}" in lines:
            continue
        # The last two lines of an excerpt are the one that is meant and the marker under its column.
        meant = excerpt.strip("\n").splitlines()[-2:] if excerpts and not lines else []
        lines.append(f"Origin: {place}")
        if not SECRET.search("".join(meant)):
            lines += meant
    return "\n".join([*lines, *([f"Task: {task_path}"] if task_path else [])])


class Step:
    """What one play has done so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started = time.monotonic()
        self.hosts: set[str] = set()
        self.tasks: set[str] = set()
        self.changed: dict[str, list[str]] = {}
        self.failed = 0

    def line(self, place: str, check: bool) -> str:
        changes = sum(len(hosts) for hosts in self.changed.values())
        parts = [
            f"{place} {self.name}",
            count(len(self.hosts), "host"),
            count(len(self.tasks), "task"),
        ]
        if changes:
            parts.append(f"would change {changes}" if check else f"changed {changes}")
        if self.failed:
            parts.append(f"FAILED {self.failed}")
        parts.append(duration(time.monotonic() - self.started))
        return " · ".join(parts)
