# SPDX-License-Identifier: Apache-2.0
"""The part of the report's page about the last audit: from its file to tables.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import RESULTS, SENTENCES, STATEMENTS, shown
from ansible_collections.estate.kafka.plugins.module_utils.audit.judge import ANSWERS
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import SHUT
from ansible_collections.estate.kafka.plugins.module_utils.audit.words import (
    ANSWERS_KO,
    RESULTS_KO,
    SENTENCES_KO,
    STATEMENTS_KO,
    korean,
)
from ansible_collections.estate.kafka.plugins.module_utils.report.words import Words
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

MARKS = {"pass": "ok", "fail": "bad", "unknown": "unknown"}
PORT_MARKS = {"open": "bad", "unknown": "unknown"}


@dataclass(frozen=True)
class Row:
    """A row with the mark of its state; the cells are texts."""

    mark: str
    cells: Sequence[str]


@dataclass(frozen=True)
class AuditPart:
    """What is shown of an audit: its mark and verdict, when it was, statements, what is wrong, and all ports."""

    mark: str
    verdict: str
    written: str
    statements: Sequence[Row]
    findings: Sequence[Row]
    ports: Sequence[Row]
    notes: Sequence[str]


def audit_part(document: Mapping[str, Any], hosts: Sequence[str], words: Words) -> AuditPart | None:
    """Return what the file of an audit says; None where there is none, or it is about other hosts.

    ``document`` is as ``audit.judge.Audit.document`` makes it.
    """
    if not document or not set(document["hosts"]) & set(hosts):
        return None
    in_korean = words.language == "ko"
    statements, results = (STATEMENTS_KO, RESULTS_KO) if in_korean else (STATEMENTS, RESULTS)
    found = [
        Row(
            MARKS[one["result"]],
            [str(statement["number"]), results[one["result"]], shorten(one["hosts"], 3), *_said(one, words)],
        )
        for statement in document["statements"]
        for one in statement["findings"]
        if one["result"] != "pass"
    ]
    passed = sum(one["result"] == "pass" for one in document["statements"])
    shut = sum(port["answer"] in SHUT for port in document["ports"])
    numbers = {"passed": passed, "all": len(document["statements"]), "shut": shut, "ports": len(document["ports"])}
    failed = any(one["result"] == "fail" for one in document["statements"]) or shut < len(document["ports"])
    return AuditPart(
        mark="ok" if document["good"] else "bad" if failed else "unknown",
        verdict=words["audit_verdict"].format(**numbers),
        written=words["written"].format(time=datetime.fromisoformat(document["written"]).strftime("%Y-%m-%d %H:%M %Z")),
        statements=[
            Row(MARKS[one["result"]], [f"{one['number']} · {statements[one['number']]}", results[one["result"]]])
            for one in document["statements"]
        ],
        findings=found,
        ports=_ports(document, words),
        notes=[words["audit_unreachable"].format(host=host, error=error) for host, error in document["unreachable"].items()],
    )


def _said(one: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """Return evidence and remedy of a finding."""
    if words.language != "ko":
        return one["evidence"], one["remedy"]
    values = {
        name: [korean(item) for item in value] if isinstance(value, list) else korean(value)
        for name, value in one["values"].items()
    }
    evidence, remedy = SENTENCES_KO[one["code"]] if one["code"] in SENTENCES else (one["evidence"], one["remedy"])
    texts = {name: words._value(value) for name, value in values.items()}
    return evidence.format(**{**shown(values), **texts}), remedy.format(**{**shown(values), **texts})


def _ports(document: Mapping[str, Any], words: Words) -> list[Row]:
    """Return the ports, equal ones of several hosts as one, the open ones first."""
    answers = ANSWERS_KO if words.language == "ko" else ANSWERS
    order = {"open": 0, "unknown": 1}
    found: dict[tuple[str, ...], list[str]] = {}
    for port in sorted(document["ports"], key=lambda one: (order.get(one["answer"], 2), one["port"], one["host"])):
        strange = document["has_matrix"] and not port["purpose"] and port["answer"] != "local"
        name = f"{port['port']}/udp" if port["protocol"] == "udp" else str(port["port"])
        how = korean(port["how"]) if words.language == "ko" else port["how"]
        says = answers[port["answer"]] + ("" if port["answer"] == "local" else f" ({how})")
        key = (port["answer"], name, port["process"] or "-", port["user"], says, words["audit_strange"] if strange else "")
        found.setdefault(key, []).append(port["host"])
    return [Row(PORT_MARKS.get(answer, "ok"), [*cells, shorten(hosts, 3)]) for (answer, *cells), hosts in found.items()]
