"""The command-line flags of the programs that the estate starts with them: artifacts/options/<program>-<version>/flags.json.

Without arguments, the programs that the store holds are asked for their own help, which is what a distribution's package has:

    python tools/flags.py

Of the catalogue's version, which a machine may not be able to get, the source is asked: a folder with the program's source in
that version, such as what `go mod download -json github.com/prometheus/node_exporter@v1.12.1` names as its Dir:

    python tools/flags.py node-exporter 1.12.1 FOLDER
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from options import DATA, ROOT, Rows, text

# By name in the catalogue: how the program is started in its release.
PROGRAMS = {
    "prometheus": ["prometheus"],
    "alertmanager": ["alertmanager"],
    "blackbox-exporter": ["blackbox_exporter"],
    "node-exporter": ["node_exporter"],
    "elasticsearch-exporter": ["elasticsearch_exporter"],
    "kafka-exporter": ["kafka_exporter"],
    "consumer-group-exporter": [sys.executable, "-m", "prometheus_kafka_consumer_group_exporter"],
}
# Where the program itself is within its source; what lies beside it are other programs, such as amtool.
PLACES = {"prometheus": ["docs/command-line/prometheus.md", "cmd/prometheus/main.go"], "alertmanager": ["cmd/alertmanager"]}
FLAG = re.compile(
    r"^ +(?:-\w(?: \S+)?, ?)?--(?P<no>\[no-\])?(?P<name>[A-Za-z][\w.-]*)(?P<value>=\"[^\"]*\"|=\S*| \S+)?"
    r"(?P<several> \.\.\.)?(?P<help>  .*)?$"
)
ONE_OF = re.compile(r"One of: \[([^\]]+)\]")
DOCUMENTED = re.compile(r"--(?P<name>[a-z][\w.-]*)</code>(?P<several> <code.*\.\.\..*?)? \| (?P<help>.*) \| (?P<default>.*) \|$")
# In the source of a program in Go: a flag, what follows in the chain of its calls, a flag of the Kafka exporter, and a collector
# by its name or by a constant.
KINGPIN = re.compile(r'(?:\.Flag\(|(?:server|agent)OnlyFlag\(a,)\s*"(?P<name>[a-z][\w.-]*)"')
CALL = re.compile(r"\.\s*(?P<name>\w+)\(")
TO_FLAG = re.compile(r'toFlag(?P<kind>\w+)\(\s*"(?P<name>[a-z][\w.-]*)"')
COLLECTOR = re.compile(r'registerCollector\(\s*(?:"(?P<name>[\w-]+)"|(?P<constant>\w+))\s*,')
# Go builds a file for some systems only: by the end of its name, or by a line at its top.
ELSEWHERE = {*("aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "netbsd", "openbsd"), "plan9"}
ELSEWHERE |= {"solaris", "wasip1", "windows"}
BUILD = re.compile(r"^//go:build (.+)$", re.MULTILINE)
TEXT = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`')
# What the libraries add that all of them use, by how the source calls them.
TOOLKIT: dict[str, Rows] = {
    r'flag\.AddFlags\([\w.]+,\s*"': {
        "web.listen-address": {"type": "string", "several": True},
        "web.config.file": {"type": "string"},
        "web.systemd-socket": {"type": "boolean"},
    },
    r"flag\.AddFlags\([\w.]+,\s*&?[a-zA-Z]": {
        "log.level": {"type": "string", "values": ["debug", "info", "warn", "error"]},
        "log.format": {"type": "string", "values": ["logfmt", "json"]},
    },
}
ALWAYS: Rows = {"help": {"type": "boolean"}, "version": {"type": "boolean"}}


def helped(shown: str) -> Rows:
    """Return the flags that a program shows when it is asked for help."""
    rows: Rows = {}
    name = ""
    for line in shown.splitlines():
        if match := FLAG.match(line):
            name = match["name"]
            plain = match["no"] or not (match["value"] or "").startswith(("=", " "))
            rows[name] = {"type": "boolean" if plain else "string"} | ({"several": True} if match["several"] else {})
        elif name:
            rows[name]["help"] = f"{rows[name].get('help', '')} {line.strip()}"
        if name and match and match["help"]:
            rows[name]["help"] = match["help"].strip()
    for row in rows.values():
        if words := ONE_OF.search(row.pop("help", "")):
            row["values"] = [word.strip() for word in words[1].split(",")]
    return rows


def documented(page: str) -> Rows:
    """Return the flags in the table of a page that Prometheus writes of itself."""
    rows: Rows = {}
    for line in page.splitlines():
        if match := DOCUMENTED.search(line):
            row: dict[str, Any] = {"type": "boolean" if match["default"] in ("`true`", "`false`") else "string"}
            if match["several"]:
                row["several"] = True
            if words := ONE_OF.search(match["help"]):
                row["values"] = [word.strip() for word in words[1].split(",")]
            rows[match["name"]] = row
    return rows


def _calls(source: str, start: int) -> dict[str, str]:
    """Return the calls that follow one another from the bracket at ``start``, such as ``Default``, with their arguments."""
    found: dict[str, str] = {}
    name, begin, depth, at = "", start, 0, start
    while at < len(source):
        if match := TEXT.match(source, at):
            at = match.end()
            continue
        depth += {"(": 1, ")": -1}.get(source[at], 0)
        at += 1
        if depth == 0:
            found[name] = source[begin:at]
            following = CALL.match(source, at)
            if not following:
                break
            name, begin = following["name"], following.end() - 1
            at = begin
    return found


def on_linux(name: str, source: str) -> bool:
    """Return whether a file of Go's is part of a program for Linux."""
    if {*name.removesuffix(".go").split("_")[1:]} & ELSEWHERE:
        return False
    wanted = re.findall(r"!?\w+", found[1]) if (found := BUILD.search(source)) else []
    return "!linux" not in wanted and ("linux" in wanted or not {*wanted} & ELSEWHERE)


def defined(*sources: str) -> Rows:
    """Return the flags that a program in Go defines; a constant is that of its own file, where that has one."""
    rows: Rows = {}
    source = "\n".join(sources)
    for match in KINGPIN.finditer(source):
        calls = _calls(source, source.index("(", match.start()))
        rows[match["name"]] = {"type": "boolean" if {"Bool", "BoolVar"} & {*calls} else "string"}
        # Several defaults are those of a flag that may stand several times.
        if {"Strings", "StringsVar"} & {*calls} or calls.get("Default", "").endswith("...)"):
            rows[match["name"]]["several"] = True
        if words := ONE_OF.search(calls[""]):
            rows[match["name"]]["values"] = [word.strip() for word in words[1].split(",")]
        if "Hidden" in calls:
            # No help shows it, so one version that does not know it here may have it all the same.
            rows[match["name"]]["hidden"] = True
    for match in TO_FLAG.finditer(source):
        rows[match["name"]] = {"type": "boolean" if match["kind"].startswith("Bool") else "string"}
        if match["kind"].startswith("Strings"):
            rows[match["name"]]["several"] = True
    for own in sources:
        for match in COLLECTOR.finditer(own):
            constant = re.search(rf'\b{match["constant"]}\s*=\s*"([\w-]+)"', own + source) if match["constant"] else None
            if name := match["name"] or (constant and constant[1]):
                rows[f"collector.{name}"] = {"type": "boolean"}
    for call, more in TOOLKIT.items():
        if re.search(call, source):
            rows |= {name: dict(row) for name, row in more.items() if name not in rows}
    return rows


def of_source(program: str, folder: Path) -> Rows:
    """Return the flags of a program by its source."""
    found = []
    for place in PLACES.get(program, ["."]):
        path = folder / place
        files = [path] if path.is_file() else sorted(path.rglob("*.go"))
        texts = {one: one.read_text(encoding="utf-8") for one in files if "vendor" not in one.parts}
        found += [text for one, text in texts.items() if not one.name.endswith("_test.go") and on_linux(one.name, text)]
    rows = defined(*found)
    for name, row in documented("\n".join(found)).items() if program == "prometheus" else ():
        # The page shows no default of a switch that has none, so the source says better what is one.
        rows[name] = row | rows.get(name, {})
    return rows | ALWAYS


def asked() -> Iterator[tuple[str, str, Rows]]:
    """Return name, version and flags of each program that the store holds."""
    for program, command in PROGRAMS.items():
        for archive in sorted((ROOT / ".cache/store/releases").glob(f"{program}-[0-9]*.tar")):
            version = archive.stem.removeprefix(f"{program}-").split("-")[0]
            with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as release:
                release.extractall(folder, filter="data")
                start = command if len(command) > 1 else [str(Path(folder, *command))]
                environment = {**os.environ, "PYTHONPATH": folder, "COLUMNS": "500"}
                done = subprocess.run(
                    [*start, "--help"], capture_output=True, text=True, check=False, env=environment, cwd=folder
                )
                rows = helped(done.stdout + done.stderr)
                for row in rows.values() if len(command) > 1 else ():
                    # A program in Python has no --no-… beside a switch.
                    row["type"] = "switch" if row["type"] == "boolean" else row["type"]
                yield program, version, rows


def write(program: str, version: str, rows: Rows) -> None:
    """Write the data of one program; without flags it is no program of these."""
    if len(rows) < len(PROGRAMS):
        raise SystemExit(f"{program} {version}: only {len(rows)} flags were found: {', '.join(rows)}")
    path = DATA / f"{program}-{version}" / "flags.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(program, version, rows), encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(rows)} flags of {program} {version}")


def main() -> None:
    """Write the data that the arguments ask for."""
    if len(sys.argv) == 4:
        program, version, folder = sys.argv[1:]
        write(program, version, of_source(program, Path(folder)))
        return
    for program, version, rows in asked():
        write(program, version, rows)


if __name__ == "__main__":
    main()
