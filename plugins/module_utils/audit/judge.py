# SPDX-License-Identifier: Apache-2.0
"""The judge of an audit: from the facts of hosts and the answers of their ports to findings.  Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.estate import Estate
from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import (
    ALL,
    FAIL,
    PASS,
    RESULTS,
    STATEMENTS,
    UNKNOWN,
    Finding,
    Group,
    grouped,
)
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import SHUT, Port, all_ports, purposes
from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import OPEN
from ansible_collections.estate.kafka.plugins.module_utils.audit.statements import findings
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten, table

STRANGE = "not in the port matrix"
NO_MATRIX = "-"


@dataclass
class Audit:
    """What an audit found of its hosts: findings, every port, and the hosts that could not be asked, each with the reason."""

    hosts: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    unreachable: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    has_matrix: bool = True

    def result(self, statement: int) -> str:
        """Return pass, fail or unknown; what is not known of any host never counts as pass."""
        results = {one.result for one in self.findings if one.statement == statement}
        if FAIL in results:
            return FAIL
        return UNKNOWN if UNKNOWN in results or not results or self.unreachable else PASS

    @property
    def results(self) -> dict[int, str]:
        """Return the result of every statement."""
        return {number: self.result(number) for number in ALL}

    @property
    def shut(self) -> int:
        """Return the number of ports that answer nobody without a login."""
        return sum(port.answer in SHUT for port in self.ports)

    @property
    def good(self) -> bool:
        """Return whether every statement holds and no port is open or not known."""
        return set(self.results.values()) == {PASS} and self.shut == len(self.ports)

    @property
    def verdict(self) -> str:
        """Return one line with all numbers."""
        results = list(self.results.values())
        parts = [f"{results.count(PASS)} of {len(results)} statements pass", f"{results.count(FAIL)} fail"]
        parts += [f"{results.count(UNKNOWN)} not known", f"ports closed to strangers: {self.shut} of {len(self.ports)}"]
        return ", ".join(parts)

    @property
    def groups(self) -> list[Group]:
        """Return the findings, equal ones of several hosts as one."""
        return grouped(self.findings)

    def report(self) -> str:
        """Return the whole text."""
        groups = self.groups
        rows = [
            (number, STATEMENTS[number], RESULTS[result], _seen([one for one in groups if one.statement == number]))
            for number, result in self.results.items()
        ]
        lines = [
            table(["", "statement", "result", "seen"], rows),
            "",
            table(PORT_COLUMNS, port_rows(self.ports, self.has_matrix)),
        ]
        wrong = [one for one in groups if one.result != PASS]
        lines += ["", f"{self.verdict}."]
        lines += [f"  - {host} cannot be asked, so nothing is known of it: {why}" for host, why in self.unreachable.items()]
        for one in wrong:
            where = f"{shorten(one.hosts, 3)}: " if one.hosts else ""
            lines.append(
                f"  - {one.statement} {RESULTS[one.result]}: {where}{one.evidence}{f'; {one.remedy}' if one.remedy else ''}"
            )
        if self.skipped:
            lines.append(f"Not asked in this run: {', '.join(self.skipped)}.")
        if not self.has_matrix:
            lines.append("The inventory describes no estate of this toolkit, so there is no matrix of ports to compare with.")
        return "\n".join(lines)

    def document(self, written: datetime) -> dict[str, Any]:
        """Return everything as plain data, for a file of JSON."""
        groups = self.groups
        return {
            "written": written.isoformat(timespec="seconds"),
            "good": self.good,
            "verdict": self.verdict,
            "unreachable": self.unreachable,
            "skipped": self.skipped,
            "hosts": self.hosts,
            "has_matrix": self.has_matrix,
            "statements": [
                {
                    "number": number,
                    "statement": STATEMENTS[number],
                    "result": result,
                    "findings": [
                        {
                            "result": one.result,
                            "code": one.code,
                            "hosts": list(one.hosts),
                            "values": dict(one.values),
                            "evidence": one.evidence,
                            "remedy": one.remedy,
                        }
                        for one in groups
                        if one.statement == number
                    ],
                }
                for number, result in self.results.items()
            ],
            "ports": [
                {key: value for key, value in vars(port).items() if key not in ("tls", "pid")}
                | {"tls": {key: value for key, value in port.tls.items() if key != "certificate"} if port.tls else None}
                for port in self.ports
            ],
        }


PORT_COLUMNS = ["port", "process", "user", "what for", "answers", "on"]
ANSWERS = {
    "open": "ANYBODY",
    "login": "a login",
    "certificate": "a certificate",
    "closed": "nobody from other hosts",
    "local": "loopback only",
    "unknown": "not known",
}


def port_rows(ports: Sequence[Port], has_matrix: bool) -> list[tuple[str, ...]]:
    """Return the rows of the table of ports, equal ones of several hosts as one, the open ones first."""
    order = {OPEN: 0, "unknown": 1}
    found: dict[tuple[Any, ...], list[str]] = {}
    for port in sorted(ports, key=lambda one: (order.get(one.answer, 2), one.port, one.host)):
        purpose = port.purpose or (STRANGE if has_matrix and port.answer != "local" else NO_MATRIX)
        how = "" if port.answer == "local" else f" ({port.how})"
        name = f"{port.port}/udp" if port.protocol == "udp" else str(port.port)
        key = (name, port.process or "not known", port.user, purpose, ANSWERS[port.answer] + how)
        found.setdefault(key, []).append(port.host)
    return [(*key, shorten(hosts, 3)) for key, hosts in found.items()]


def _seen(groups: Sequence[Group]) -> str:
    """Return how much was seen of a statement; what is about no host in its own words."""
    if all(not one.hosts and one.result == PASS for one in groups):
        return ", ".join(one.evidence for one in groups)
    parts = []
    for result, word in ((FAIL, "fail"), (UNKNOWN, "not known"), (PASS, "pass")):
        if number := sum(max(1, len(one.hosts)) for one in groups if one.result == result):
            parts.append(f"{number} {word}")
    return ", ".join(parts)


def assess(
    topology: Mapping[str, Any],
    hosts: Mapping[str, Mapping[str, Any] | str],
    probes: Mapping[str, Sequence[Mapping[str, Any]] | str],
    machines: Sequence[str] = (),
    ssh_port: int = 22,
) -> Audit:
    """Judge an estate.

    ``topology`` is {} where the inventory describes no estate of this toolkit.  ``hosts`` has the facts of each host of the run,
    or why there are none; ``probes`` what each of them was told by the ports that it asked, or why it could not ask.
    ``machines`` are principals, or patterns of them, that are known to be no people.
    """
    told = {host: facts for host, facts in hosts.items() if not isinstance(facts, str)}
    ports = all_ports(told, probes, purposes(topology, ssh_port))
    placed = {row["host"] for row in topology["components"]} if topology else set()
    return Audit(
        hosts=sorted(hosts),
        findings=findings(Estate(told, ports, machines)),
        ports=ports,
        unreachable={host: facts for host, facts in hosts.items() if isinstance(facts, str)},
        skipped=sorted(placed - set(hosts)),
        has_matrix=bool(topology),
    )
