"""What was run where: the record of a whole run of tests/run, and the table, the page and the badge that are made of it.

``record`` reads the closing lines of tests/run from its input and the parts' logs, and writes ``results.json`` beside them;
``summary`` prints the table, ``badge`` the badge, ``page`` writes both into docs/.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import scenarios
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import width_of

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / ".cache/tests"
PAGE, BADGE = ROOT / "docs/tests.md", ROOT / "docs/tests.svg"
BEGIN, END = "<!-- Written by `make results`. -->", "<!-- End of what `make results` writes. -->"
COUNTS = ("passed", "failed", "errors", "skipped", "rerun")
NONE = "\N{EN DASH}"
LINE = re.compile(r"^(\S+) +(passed|FAILED) +(\d+) s$", re.MULTILINE)

# What a part shows when it passes; a scenario's name is its part's without "molecule-".
SHOWS = {
    "unit": "every decision: checks, plans, messages, modules and pages, without a host",
    "lint": "style, types, shell scripts, defaults against their documentation, `ansible-test sanity`",
    "integration": "bad input stops a run before a host is changed; systemd and nginx read the files; the installed collection",
    "cores": "unit tests, syntax, documentation and a real run under the releases of ansible-core that the lock does not hold",
    "site": "the whole reference estate: exercise, alerts, dashboards, flows, moves; runs that are killed, hosts that are down",
    "combined": "brokers that are their own controllers: one is killed, one loses its metadata, a roll with the active one last",
    "consoles": "the roles of Grafana, CMAK, AKHQ and Kibana, with stand-ins for the programs",
    "elasticsearch": "a single node as its clients and its operator see it",
    "exporters": "a host that was built without agents and exporters gets them; Elasticsearch is away",
    "hosts": "the ten steps of README, by SSH with `sudo` and a password, on hosts as their installers leave them",
    "java": "Java comes where there is none, and stays where it is",
    "kafka_broker": "three brokers as a client, an operator and the audit see them; restarts one by one",
    "kafka_connect": "two workers, connectors, a flow that is exactly once while a worker is killed",
    "kafka_controller": "a cluster without ZooKeeper: voters come, go, are replaced; workers, mirrors and a registry around it",
    "monitoring": "Prometheus, Alertmanager and blackbox exporter as their users see them, and what must not take them down",
    "objects": "topics, users, ACLs and quotas, on a broker with an authorizer and logins",
    "schema_registry": "the registry, to a client that knows Confluent's interface only",
    "secured": "ZooKeeper, brokers and Connect with TLS, logins and rights, attacked by a host that belongs to nobody; the audit",
    "zookeeper": "an ensemble of three; two runs at once, the second of which is refused",
}


def counts(log: str) -> dict[str, int]:
    """Return how many tests passed, failed and so on, of all the pytest runs that a log holds; empty where it holds none."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log)
    found: dict[str, int] = {}
    for line in re.findall(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s", plain, re.MULTILINE):
        for number, word in re.findall(r"(\d+) ([a-z]+)", line):
            kind = "errors" if word == "error" else word
            if kind in COUNTS:
                found[kind] = found.get(kind, 0) + int(number)
    return found


def parts(closing: str, logs: Path) -> list[dict[str, Any]]:
    """Return the parts of a run: ``name``, ``result``, ``seconds``, ``tests``, and of a scenario ``hosts`` and ``programs``."""
    known = scenarios.scenarios()
    result = []
    for part, outcome, seconds in LINE.findall(closing):
        if part == "all":
            continue
        name, log = part.removeprefix("molecule-"), logs / f"{part}.log"
        tests = counts(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else {}
        one = {"name": name, "result": outcome.lower(), "seconds": int(seconds), "tests": tests}
        result.append(one | (scenarios.installs(name) if name in known else {}))
    return result


def git(folder: Path, *words: str) -> str:
    """Return what git says in a folder."""
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def record(closing: str, logs: Path) -> dict[str, Any]:
    """Return the record of a run; raises ValueError where the closing lines are not those of a whole run."""
    total = next((match for match in LINE.findall(closing) if match[0] == "all"), None)
    found = parts(closing, logs)
    if not total or not found:
        raise ValueError("the input has no closing lines of tests/run: 'zookeeper passed 120 s' and so on, 'all' last")
    ended = max(path.stat().st_mtime for path in logs.glob("*.log"))
    return {
        "commit": git(logs, "rev-parse", "HEAD"),
        "changed": bool(git(logs, "status", "--porcelain")),
        "ended": datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%d %H:%M"),
        "seconds": int(total[2]),
        "machine": {
            "system": platform.freedesktop_os_release()["PRETTY_NAME"],
            "processors": len(os.sched_getaffinity(0)),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        },
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
        "parts": found,
    }


def tests_of(part: Mapping[str, Any]) -> str:
    """Return a part's tests in words, such as ``25, 1 failed``; ``26, 1 once more`` where one had to be repeated."""
    tests = part["tests"]
    if not tests:
        return NONE
    extra = [
        f"{tests[kind]} {word}"
        for kind, word in (("failed", "failed"), ("errors", "errors"), ("rerun", "once more"))
        if tests.get(kind)
    ]
    return ", ".join([f"{tests.get('passed', 0):,}", *extra])


def row(part: Mapping[str, Any]) -> str:
    """Return the row of a part; its programs without those of which there are none."""
    programs = ", ".join(f"{name.removesuffix('-4')} {number}" for name, number in part.get("programs", {}).items())
    result = part["result"] if part["result"] == "passed" else f"**{part['result']}**"
    cells = [f"`{part['name']}`", SHOWS.get(part["name"], ""), ", ".join(part.get("hosts", [])) or NONE, programs or NONE]
    return f"| {' | '.join([*cells, result, tests_of(part), str(part['seconds'])])} |"


def total(found: Iterable[Mapping[str, Any]], kind: str) -> int:
    """Return how many tests of all parts passed, failed or the like."""
    return sum(part["tests"].get(kind, 0) for part in found)


def summary(run: Mapping[str, Any], note: str = "") -> str:
    """Return what was run where in Markdown: a paragraph and a table."""
    found, machine = run["parts"], run["machine"]
    good = sum(part["result"] == "passed" for part in found)
    again = total(found, "rerun")
    first = "none had to be repeated" if not again else f"{again} of them only when repeated"
    said = (
        f"**{good} of {len(found)} parts passed**, with {total(found, 'passed'):,} tests, {first}, in {run['seconds'] // 60} "
        f"minutes. Commit `{run['commit'][:12]}`{' with changes that were not committed' if run['changed'] else ''}; "
        f"{run['ended']} UTC; {machine['system']}, {machine['processors']} processors, {machine['memory_gib']} GiB of memory; "
        f"Python {run['python']}, ansible-core {run['ansible_core']}. {note}"
    )
    lines = [
        textwrap.fill(said.strip(), 120, break_long_words=False, break_on_hyphens=False),
        "",
        "| part | what it shows | hosts | programs | result | tests | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(row(part) for part in found),
    ]
    return "\n".join(lines) + "\n"


def badge(run: Mapping[str, Any] | None) -> str:
    """Return the badge, an SVG: how many tests passed or how many parts failed, and the day; or that there is no record."""
    label, message, colour = "tests", "no whole run on record", "#555"
    if run:
        bad = sum(part["result"] != "passed" for part in run["parts"])
        said = f"{bad} of {len(run['parts'])} parts failed" if bad else f"{total(run['parts'], 'passed'):,} passed"
        message, colour = f"{said} · {run['ended'].partition(' ')[0]}", "#b3261e" if bad else "#1b7f3b"
    left, right = (round(width_of(words, 11) + 12) for words in (label, message))
    texts = "".join(
        f'<text x="{x:g}" y="14">{escape(words)}</text>' for x, words in ((left / 2, label), (left + right / 2, message))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{label}: {message}">'
        f'<rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">{texts}</g></svg>\n'
    )


def page(text: str, table: str) -> str:
    """Return the page with another table between its two marks; raises ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.relative_to(ROOT)} has to have the lines '{BEGIN}' and '{END}'")
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("record", "summary", "badge", "page"))
    parser.add_argument("results", nargs="?", type=Path, default=LOGS / "results.json", help="the record; beside the parts' logs")
    parser.add_argument("--note", default="", help="a sentence for the reader, such as what else the machine did")
    options = parser.parse_args()
    if options.what == "record":
        run = record(sys.stdin.read(), options.results.parent)
        options.results.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
        return 0
    if not options.results.is_file():
        print(f"{options.results}: there is no record. A whole run writes it: make test", file=sys.stderr)
        return 1
    run = json.loads(options.results.read_text(encoding="utf-8"))
    if options.what == "page":
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), summary(run, options.note)), encoding="utf-8")
        BADGE.write_text(badge(run), encoding="utf-8")
    else:
        print(summary(run) if options.what == "summary" else badge(run), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
