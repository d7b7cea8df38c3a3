# SPDX-License-Identifier: Apache-2.0
"""How an estate is: what was found, and the table that shows it.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.estate.kafka.plugins.module_utils.health.findings import Finding
from ansible_collections.estate.kafka.plugins.module_utils.text import table


@dataclass
class Health:
    """The findings; the estate is well when there are no problems among them.

    ``rows`` are those of the table: component, what runs of it, details.
    """

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Return what is wrong, in English sentences; remarks are no problems."""
        return [str(finding) for finding in self.findings if finding.problem]

    def mark(self, *subject: str) -> str:
        """Return the worst mark of a subject: ``bad``, ``warn``, or '' where nothing was found."""
        marks = {mark for finding in self.findings for of, mark in finding.marks if of == subject}
        return next((mark for mark in ("bad", "warn") if mark in marks), "")

    def codes(self, *subject: str) -> list[str]:
        """Return the codes of what was found of a subject."""
        return [finding.code for finding in self.findings if subject in dict(finding.marks)]

    def row(self, what: str, running: str, detail: Sequence[str]) -> None:
        """Add a line to the table."""
        self.rows.append((what, running, ", ".join(detail)))

    def report(self) -> str:
        """Return the whole text."""
        lines = [table(["component", "running", "state"], self.rows)]
        if self.problems:
            lines += ["", f"{len(self.problems)} problem(s):", *(f"  - {line}" for line in self.problems)]
        else:
            lines += ["", "What was asked is well." if self.notes else "All is well."]
        return "\n".join([*lines, *self.notes])
