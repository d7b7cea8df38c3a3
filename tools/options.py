"""The options of the programs the estate installs, as the programs themselves define them: artifacts/options, written anew."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / ".collections"))

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import KINDS, Policy
from ansible_collections.estate.kafka.plugins.module_utils.store.store import Settings, Store, load_catalogue

TOOLS = Path(__file__).resolve().parent
DATA = ROOT / "artifacts/options"
Rows = dict[str, dict[str, Any]]

# How ZooKeeper reads a value, by the method that gets it -> the type.
READERS = {
    "Integer.parseInt": "int",
    "Integer.getInteger": "int",
    "Long.parseLong": "long",
    "Long.getLong": "long",
    "parseBoolean": "boolean",
    "Boolean.getBoolean": "boolean",
    "getBoolean": "boolean",
    "getDoubleProp": "double",
    "Double.parseDouble": "double",
}
# A system property counts as read by the method that follows it within so many instructions.
NEAR = 6
# ZooKeeper's client, its command line and its tools read no zoo.cfg.
SERVER = re.compile(r"org/apache/zookeeper/(server|common|metrics|audit|util|jmx|Login)")


def java(libraries: Iterable[str], source: str, *arguments: str) -> list[dict[str, Any]]:
    """Run a program of this folder with the libraries of a release; return what it prints, one JSON object a line."""
    command = ["java", "-cp", ":".join(libraries), str(TOOLS / source), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{source}:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def kafka(tree: Path) -> Iterator[tuple[str, str, Rows]]:
    """Return name of the data, version and options of each program in a release of Kafka."""
    libraries = tree / "libs"
    version = next(libraries.glob("kafka-clients-*.jar")).stem.removeprefix("kafka-clients-")
    found: dict[str, Rows] = defaultdict(dict)
    composed = []
    for row in java([f"{libraries}/*"], "KafkaOptions.java"):
        if "property" in row:
            composed.append(row["property"])
        else:
            kind = row.pop("kind")
            found[kind][row.pop("name")] = row
    for kind, rows in found.items():
        yield kind, version, rows
    for jar in libraries.glob("zookeeper-[0-9]*.jar"):
        yield "zookeeper", jar.stem.removeprefix("zookeeper-"), zookeeper(jar, libraries, composed)


def zookeeper(jar: Path, libraries: Path, composed: Iterable[str]) -> Rows:
    """Return the keys of zoo.cfg.

    ZooKeeper declares them nowhere. Its parser compares each key with a constant, and what it does with the value tells the
    type; a key it does not compare becomes the system property ``zookeeper.<key>``, so every such property that the server's
    classes read is a key too.
    """
    listed = subprocess.run(["unzip", "-Z1", str(jar)], capture_output=True, text=True, check=True).stdout.splitlines()
    classes = [name.removesuffix(".class").replace("/", ".") for name in listed if SERVER.match(name) and name.endswith(".class")]
    code = subprocess.run(
        ["javap", "-p", "-c", "-cp", f"{libraries}/*", *classes], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows: Rows = {name.removeprefix("zookeeper."): {"type": "string"} for name in composed}
    rows |= _properties(code)
    rows |= _parsed(code)
    for name, row in rows.items():
        if name.lower().endswith("password"):
            row["type"] = "password"
    return rows


def _properties(code: list[str]) -> Rows:
    rows: Rows = {}
    for index, line in enumerate(code):
        if match := re.search(r"ldc(?:_w)?\s.*// String zookeeper\.([A-Za-z0-9][\w.-]*\w)$", line):
            row = rows.setdefault(match[1], {"type": "string"})
            for after in code[index + 1 : index + 1 + NEAR]:
                if "// String zookeeper." in after or not after.strip():
                    break
                if reader := next((kind for method, kind in READERS.items() if f"{method}:" in after), ""):
                    row["type"] = reader
                    break
    return rows


def _parsed(code: list[str]) -> Rows:
    parser = next(number for number, line in enumerate(code) if re.match(r".*class \S+\.QuorumPeerConfig \{", line))
    start = next(number for number, line in enumerate(code[parser:], parser) if "void parseProperties(" in line)
    rows: Rows = {}
    name, constant, lowered = "", "", False
    for line in code[start + 1 :]:
        if "System.setProperty" in line:
            break
        if match := re.search(r"ldc\s.*// String (\S+)$", line):
            constant = match[1]
        elif "String.toLowerCase" in line:
            lowered = True
        elif "String.equals:" in line and lowered:
            # A key whose value is one of several words.
            rows[name] = {"type": "string", "values": [*rows[name].get("values", []), constant], "any_case": True}
            lowered = False
        elif "String.equals:" in line:
            name = constant
            rows[name] = {"type": "string"}
        elif name and (reader := next((kind for method, kind in READERS.items() if f"{method}:" in line), "")):
            rows[name]["type"] = reader
    return rows


def elasticsearch(tree: Path) -> Iterator[tuple[str, str, Rows]]:
    """Return the settings of a node, with those of the modules that this release has."""
    server = next((tree / "lib").glob("elasticsearch-[0-9]*.jar"))
    version = server.stem.removeprefix("elasticsearch-")
    modules = sorted(str(path) for path in (tree / "modules").glob(f"*/*-{version}.jar"))
    libraries = [f"{tree}/lib/*", *(f"{path}/*" for path in sorted((tree / "modules").iterdir()))]
    yield "node", version, {row.pop("name"): row for row in java(libraries, "ElasticsearchOptions.java", *modules)}


# By name in the catalogue: the program, and what tells its options.
PROGRAMS = {"kafka": ("kafka", kafka), "kafka-4": ("kafka", kafka), "elasticsearch": ("elasticsearch", elasticsearch)}


def text(program: str, version: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the data as JSON, one option a line, so that a new version shows as a readable diff."""
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(rows.items()))
    return f'{{\n"program": {json.dumps(program)},\n"version": {json.dumps(version)},\n"options": {{\n{lines}\n}}\n}}\n'


def main() -> None:
    """Write the data of the catalogue's versions; the store is filled with what is missing there."""
    catalogue = load_catalogue(ROOT / "artifacts", {})
    components = [catalogue[name] for name in PROGRAMS]
    policy = Policy(tuple(KINDS), require_all=False)
    store = Store(Settings(store=ROOT / ".cache/store", artifacts=ROOT / "artifacts", policy=policy, report=print))
    releases = store.ensure(components).releases
    for component in components:
        if component.name not in releases:
            raise SystemExit(f"{component.name} {component.version} is not available: make artifacts says why")
    # Data of the versions that the catalogue had before are read by nobody.
    for old in (path for program, _ in PROGRAMS.values() for path in DATA.glob(f"{program}-[0-9]*/*.json")):
        old.unlink(missing_ok=True)
    for component in components:
        program, ask = PROGRAMS[component.name]
        with tempfile.TemporaryDirectory() as folder, tarfile.open(releases[component.name]["file"]) as archive:
            archive.extractall(folder, filter="data")
            into = DATA / f"{program}-{component.version}"
            into.mkdir(parents=True, exist_ok=True)
            for name, version, rows in ask(Path(folder)):
                owner = "zookeeper" if name == "zookeeper" else program
                (into / f"{name}.json").write_text(text(owner, version, rows), encoding="utf-8")
                print(f"{into.relative_to(ROOT)}/{name}.json: {len(rows)} options of {owner} {version}")
    for old_folder in DATA.iterdir():
        if not any(old_folder.iterdir()):
            old_folder.rmdir()


if __name__ == "__main__":
    main()
