# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an inventory, and how it is told: host, variable, what was found, remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

# Hosts named in one message.
NAMED = 4


@dataclass(frozen=True)
class Undefined:
    """The value of a variable, or of something inside it, that cannot be templated from the inventory alone.

    ``later`` says that it may be known during the run: it refers to facts of the host, or is encrypted and there is no password.
    """

    reason: str
    later: bool = False
    remedy: str = "Write a value that follows from the inventory alone"
    # How it was written, with file and line.
    written: str = ""

    def __str__(self) -> str:
        return f"{self.written}{', ' if self.written else ''}a template that fails: {self.reason}"


class Found(str):
    """A finding in words, shown as it is rather than as a quoted value.

    ``inside`` is the place in the variable that it is about, such as ``[2].name``, where the variable is named without it.
    """

    inside: str

    def __new__(cls, text: str, inside: str = "") -> Found:
        """Make it; its text is a string like any other."""
        self = super().__new__(cls, text)
        self.inside = inside
        return self


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where, which variable, what was found, and what to do."""

    host: str
    variable: str
    found: str
    remedy: str


def render(problems: Iterable[Problem]) -> list[str]:
    """Return one line for each different problem, naming every host that has it."""
    hosts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for problem in problems:
        names = hosts[(problem.variable, problem.found, problem.remedy)]
        if problem.host not in names:
            names.append(problem.host)
    return [
        f"{shorten(names, NAMED)}: {variable}: found {found}. {remedy}." for (variable, found, remedy), names in hosts.items()
    ]
