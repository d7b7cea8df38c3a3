#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Runs the students exercise on a host and counts at every place on the way."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exercise
short_description: The students exercise, with exact counts
version_added: 0.1.0
description:
  - Shows the rules of the schemas; sends students of each version to a topic of the source cluster unless the estate has
    them already; waits for the mirror; indexes the mirrored topic; counts by id at every place; and reads the topic with
    the old schema and with the new one.
  - After students were sent, the indexer is killed (SIGKILL) while it writes and run again.
  - A run that was cut short is completed, never sent twice.
  - Fails when a reader reads fewer records than the topic holds, when a student is lost anywhere, or doubled in the topic or in
    the index. The mirrored topic may hold a record twice after a Connect worker was killed, for the mirror sends at least once;
    the table says so, and the index is exact.
options:
  source: {description: Bootstrap servers of the cluster that the students are sent to., type: str, required: true}
  target: {description: Bootstrap servers of the cluster they are mirrored to., type: str, required: true}
  topic: {description: Topic they are sent to., type: str, required: true}
  mirrored_topic: {description: Its mirror on the target cluster., type: str, required: true}
  registry: {description: URL of the schema registry., type: str, required: true}
  elasticsearch: {description: URLs of Elasticsearch., type: list, elements: str, required: true}
  index: {description: Index of the documents., type: str, default: students}
  versions:
    description: Versions of the exercise and their number of students; v2 has phone and age, v3 is many of them.
    type: dict
    default: {v1: 100}
  send: {description: Send a new run even when the estate has one., type: bool, default: false}
  scripts: {description: Directory of the scripts on the host., type: path, required: true}
  libraries: {description: Directory of the Python libraries they import., type: path, required: true}
  log: {description: File on the host that keeps the acknowledgements of all runs., type: path, required: true}
  logins:
    description: Files on the host with the logins of a secured estate, a setting on each line; none where nobody logs in.
    type: dict
    default: {}
    suboptions:
      produce: {description: Of the producer at the source., type: path}
      read: {description: Of who counts and reads at the source., type: path}
      index: {description: Of the indexer at the target., type: path}
      registry_writer: {description: At the schema registry to register schemas., type: path}
      registry_reader: {description: At the schema registry to read them., type: path}
      elasticsearch: {description: Of the indexer at Elasticsearch., type: path}
  timeout: {description: Seconds that one step may take., type: int, default: 120}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Send, mirror and index 100 students
  estate.kafka.exercise:
    source: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"
    target: "{{ estate_topology.clusters['kafka-2'].bootstrap }}"
    topic: peter-avro01-kafka1
    mirrored_topic: src.peter-avro01-kafka1
    registry: "{{ estate_topology.schema_registry_url }}"
    elasticsearch: "{{ estate_topology.elasticsearch.urls }}"
    scripts: /opt/kafka-estate/exercise
    libraries: /opt/kafka-estate/students/current
    log: /var/lib/kafka-estate/exercise/acknowledged
"""

RETURN = r"""
versions:
  description: What was sent of each version and found at each place.
  type: list
  elements: dict
  returned: always
  sample: [{version: v1, sent: 100, upstream: 100, downstream: 100, indexed: 100, lost: 0, doubled: 0}]
rules:
  description: Compatibility of the subject, ids of the schemas, and why a wrong one was refused.
  type: dict
  returned: always
places:
  description: What was found at each place.
  type: list
  elements: dict
  returned: always
  sample: [{name: students, records: 100, distinct: 100, lost: 0, doubled: 0, others: 0}]
sent: {description: Students acknowledged that retention has not removed., type: int, returned: always}
estate_report: {description: The table for people., type: str, returned: always}
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.exercise.plan import (
    Sending,
    acknowledged,
    examine,
    problems,
    report,
    to_send,
    unread,
    version_of,
    versions,
)
from ansible_collections.estate.kafka.plugins.module_utils.host.libraries import fitting
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

# Small bulk requests for the indexer that is to be killed, so that it dies with records before and behind it.
KILLED_BATCH = 10
LAST_LINES = 8
LOGINS = ("produce", "read", "index", "registry_writer", "registry_reader", "elasticsearch")


class StepError(Exception):
    """A script that failed."""


class Exercise:
    """The scripts of the exercise, run with the module's parameters."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.timeout: int = params["timeout"]
        self.log = Path(params["log"])
        libraries = str(fitting(Path(params["libraries"])))
        self.environment = {**os.environ, "PYTHONPATH": libraries, "PYTHONDONTWRITEBYTECODE": "1"}

    def _login(self, service: str, name: str) -> list[str]:
        """Return the words that name the file with a login; none where nobody logs in."""
        path = (self.params.get("logins") or {}).get(name)
        return [f"--{service}-login", path] if path else []

    def _kafka(self, side: str, name: str) -> list[str]:
        return ["--bootstrap-servers", self.params[side], *self._login("kafka", name)]

    def _registry(self, name: str) -> list[str]:
        return ["--registry", self.params["registry"], *self._login("registry", f"registry_{name}")]

    def _elasticsearch(self) -> list[str]:
        return ["--elasticsearch", ",".join(self.params["elasticsearch"]), *self._login("elasticsearch", "elasticsearch")]

    def _command(self, script: str, *words: str) -> list[str]:
        return [sys.executable, str(Path(self.params["scripts"]) / f"{script}.py"), *words, "--timeout", str(self.timeout)]

    def _run(self, script: str, *words: str, text: str = "") -> dict[str, Any]:
        """Run a script to its end, with ``text`` as its standard input, and return its result."""
        command = self._command(script, *words)
        try:
            done = subprocess.run(
                command,
                env=self.environment,
                input=text,
                capture_output=True,
                text=True,
                timeout=self.timeout * 3,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StepError(f"{script}.py did not end within {self.timeout * 3} s") from error
        if done.returncode:
            raise StepError(f"{script}.py failed:\n" + "\n".join(done.stderr.strip().splitlines()[-LAST_LINES:]))
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def count_source(self) -> dict[str, Any]:
        """Return the ids in the topic that students are sent to."""
        return self._run("count", *self._kafka("source", "read"), "--topic", self.params["topic"])

    def count_target(self, at_least: int) -> dict[str, Any]:
        """Return the ids in the mirrored topic, once it holds so many."""
        words = ["--topic", self.params["mirrored_topic"], "--at-least", str(at_least)]
        return self._run("count", *self._kafka("target", "index"), *words)

    def count_index(self) -> dict[str, Any]:
        """Return the ids in the index."""
        return self._run("count", *self._elasticsearch(), "--index", self.params["index"])

    def acknowledgements(self) -> str:
        """Return the log of all runs."""
        return self.log.read_text() if self.log.is_file() else ""

    def rules(self) -> dict[str, Any]:
        """Return what the registry says of the schemas."""
        return self._run("rules", *self._registry("writer"), "--topic", self.params["topic"])

    def read(self, version: str) -> dict[str, Any]:
        """Read the topic with one schema."""
        words = [*self._kafka("source", "read"), *self._registry("reader"), "--quiet"]
        return self._run("consume", *words, "--topic", self.params["topic"], "--version", version)

    def send(self, version: str, sending: Sending) -> int:
        """Send students; return how many were acknowledged."""
        words = [*self._kafka("source", "produce"), *self._registry("writer")]
        words += ["--topic", self.params["topic"], "--version", version, "--run", sending.run, "--count", str(sending.count)]
        words += ["--acknowledged", str(self.log)]
        if len(sending.numbers) == sending.count:
            return int(self._run("produce", *words)["sent"])
        # There may be more than a command line takes.
        return int(self._run("produce", *words, "--numbers", "-", text="\n".join(map(str, sending.numbers)))["sent"])

    def _indexer(self) -> list[str]:
        words = [*self._kafka("target", "index"), *self._registry("reader")]
        words += ["--topic", self.params["mirrored_topic"], "--index", self.params["index"]]
        return [*words, *self._elasticsearch(), "--until-end"]

    def index(self) -> int:
        """Index what the mirror has brought; return the number of documents written."""
        return int(self._run("index", *self._indexer())["indexed"])

    def index_and_kill(self) -> bool:
        """Start the indexer and kill it after its first documents; return whether it was killed in its work."""
        command = self._command("index", *self._indexer(), "--batch", str(KILLED_BATCH))
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            watchdog = threading.Timer(self.timeout, process.kill)
            watchdog.start()
            working = any("indexed" in line for line in process.stderr or ())
            process.kill()
            watchdog.cancel()
        return working and process.returncode < 0


def perform(exercise: Exercise) -> dict[str, Any]:
    """Run the whole exercise and return the module's result."""
    params = exercise.params
    rules = exercise.rules()
    upstream = exercise.count_source()
    every, _ = acknowledged(exercise.acknowledgements(), _low(upstream))
    known = {*every, *upstream["ids"]}
    notes = []
    for version, count in sorted(params["versions"].items()):
        sending = to_send(known, int(count), params["send"], time.strftime(f"{version}-%Y%m%dT%H%M%S"))
        if sending:
            notes.append(f"{exercise.send(version, sending)} students of run {sending.run} were sent now.")
    sent = bool(notes)
    if sent:
        upstream = exercise.count_source()
    else:
        notes = ["Nothing was sent: the estate has the students already."]
    _, kept = acknowledged(exercise.acknowledgements(), _low(upstream))
    downstream = exercise.count_target(len(set(upstream["ids"])))
    if sent:
        killed = exercise.index_and_kill()
        notes.append("The indexer was killed while it wrote, and run again." if killed else "The indexer ended before its kill.")
    exercise.index()
    indexed = exercise.count_index()
    own = {key for key in upstream["ids"] if version_of(key)}
    expected = kept | own
    mirrored = f"topic {params['mirrored_topic']}"
    places = [
        examine(f"topic {params['topic']}", upstream["ids"], expected),
        examine(mirrored, downstream["ids"], expected),
        examine(f"index {params['index']}", indexed["ids"], expected),
    ]
    found = versions(expected, upstream["ids"], downstream["ids"], indexed["ids"])
    read = {role: int(exercise.read(version)["read"]) for role, version in (("old", "v1"), ("new", "v2"))}
    notes += [f"A reader with the {role} schema read {count} records of the topic." for role, count in read.items()]
    notes.append(f"Compatibility is {rules['compatibility']}. A wrong schema was refused: {rules['refused']}")
    result = {
        "changed": sent,
        "sent": len(expected),
        "versions": [asdict(version) for version in found],
        "places": [asdict(place) for place in places],
        "rules": {key: rules[key] for key in ("compatibility", "ids", "refused")},
        "estate_report": report(found, places, notes),
    }
    if wrong := [*problems(places, mirrored), *unread(read, len(upstream["ids"]))]:
        return {**result, "failed": True, "msg": "exercise: not every student is everywhere exactly once: " + "; ".join(wrong)}
    return result


def _low(counted: dict[str, Any]) -> dict[int, int]:
    return {int(partition): offset for partition, offset in counted["low"].items()}


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "source": {"type": "str", "required": True},
            "target": {"type": "str", "required": True},
            "topic": {"type": "str", "required": True},
            "mirrored_topic": {"type": "str", "required": True},
            "registry": {"type": "str", "required": True},
            "elasticsearch": {"type": "list", "elements": "str", "required": True},
            "index": {"type": "str", "default": "students"},
            "versions": {"type": "dict", "default": {"v1": 100}},
            "send": {"type": "bool", "default": False},
            "scripts": {"type": "path", "required": True},
            "libraries": {"type": "path", "required": True},
            "log": {"type": "path", "required": True},
            "logins": {"type": "dict", "default": {}, "options": {name: {"type": "path"} for name in LOGINS}},
            "timeout": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=False, skipped=True, msg="the exercise sends and indexes records: nothing of it in check mode")
    try:
        result = perform(Exercise(module.params))
    except (StepError, NoAnswerError, OSError) as error:
        module.fail_json(msg=f"exercise: {error}")
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
