# SPDX-License-Identifier: Apache-2.0
"""From the connectors a Connect cluster has and those it should have to the changes between them.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.connector import VERBS, Connector
from ansible_collections.estate.kafka.plugins.module_utils.connect.settings import wrong_settings
from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at
from ansible_collections.estate.kafka.plugins.module_utils.secrets import is_reference
from ansible_collections.estate.kafka.plugins.module_utils.text import as_strings, nested

CONNECTOR_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "config": {"type": "dict"},
    "state": {"type": "str", "choices": ["running", "paused", "stopped", "absent"], "default": "running"},
}

# What the inventory writes and what Connect calls it.
ABSENT = "ABSENT"
STATES = {"running": "RUNNING", "paused": "PAUSED", "stopped": "STOPPED", "absent": ABSENT}
# What makes a connector read its secrets again.
RESTART_ALL = "restart all tasks of"
TRACE_LINES = 6
IDLE = "connector is RUNNING and has no task: it found nothing to do"


@dataclass(frozen=True)
class Wanted:
    """A connector as the inventory has it."""

    name: str
    config: Mapping[str, str]
    state: str = "RUNNING"
    # What is wrong with settings that cannot be written as text.
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list; null leaves a setting out."""
        config = {key: value for key, value in as_strings(params.get("config")).items() if value is not None}
        problems = nested(params.get("config"))
        if config.pop("name", params["name"]) != params["name"]:
            problems.append("name is another one than the connector's, which is the one that counts; leave it out")
        return cls(params["name"], config, STATES[params["state"]], tuple(problems))


@dataclass(frozen=True)
class Action:
    """A step: ``create``, ``update``, ``restart`` what failed, RESTART_ALL, ``resume``, ``pause``, ``stop`` or ``delete``."""

    kind: str
    connector: str

    def __str__(self) -> str:
        return f"{self.kind} {self.connector}"


def refusals(wanted: Sequence[Wanted], restart: Iterable[str] = ()) -> list[Refusal]:
    """Return what is wrong with the list itself; ``restart`` has the names of connectors to restart."""
    present = {connector.name for connector in wanted if connector.state != ABSENT}
    problems = [Refusal(f"{name}: restart names it, but it is not listed; list it") for name in sorted({*restart} - present)]
    seen: set[str] = set()
    for number, connector in enumerate(wanted):
        if connector.name in seen:
            problems.append(Refusal.about(connector.name, number, "listed twice; keep one entry"))
        seen.add(connector.name)
        if not connector.name.strip() or not connector.name.isprintable():
            line = at(".name", "not a name; use letters, digits, '.', '_' and '-'")
            problems.append(Refusal.about(f"connector {connector.name!r}", number, line))
        if connector.state != ABSENT:
            problems += [Refusal.about(connector.name, number, line) for line in _wrong_settings(connector)]
    return problems


def _wrong_settings(connector: Wanted) -> list[str]:
    """Return what can never work among the settings; Connect itself judges the rest."""
    problems: list[str] = [at(".config", f"config: {line}") for line in connector.problems]
    if not connector.config.get("connector.class"):
        problems.append(at(".config", "config has no connector.class; name the connector's Java class"))
    tasks = connector.config.get("tasks.max", "1")
    if not is_reference(tasks) and not re.fullmatch(r"\+?0*[1-9]\d*", tasks.strip()):
        problems.append(at(".config.tasks.max", f"tasks.max is {tasks!r}; write a whole number of at least 1"))
    # What has no form as text cannot be judged as one.
    return problems if connector.problems else [*problems, *wrong_settings(connector.config)]


def not_installed(wanted: Iterable[Wanted], plugins: Iterable[str]) -> list[str]:
    """Return the connectors whose class no worker has; Connect takes the short name of a class too."""
    classes = sorted(plugins)
    short = {name.rsplit(".", 1)[-1] for name in classes}
    known = {*classes, *short, *(name[: -len("Connector")] for name in short if name.endswith("Connector"))}
    return [
        f"{connector.name}: the workers have no class {connector.config['connector.class']}; they have {', '.join(classes)}"
        for connector in wanted
        if connector.config["connector.class"] not in known
    ]


def listed(wanted: Iterable[Wanted]) -> dict[str, bool]:
    """Return the connectors of the list, and of each whether it is to be absent."""
    return {connector.name: connector.state == ABSENT for connector in wanted}


def unlisted(current: Iterable[str], wanted: Iterable[Wanted]) -> list[str]:
    """Return the connectors that are there and not listed."""
    return sorted(set(current) - set(listed(wanted)))


def plan(
    current: Mapping[str, Connector], wanted: Iterable[Wanted], restart: Collection[str] = (), gone: Iterable[str] = ()
) -> list[Action]:
    """Return the steps, those of one connector after each other; ``gone`` has the names of those to delete, which go last."""
    actions = []
    for connector in wanted:
        found = current.get(connector.name)
        if connector.state == ABSENT:
            continue
        if found is None:
            actions.append(Action("create", connector.name))
            continue
        if dict(found.config) != dict(connector.config):
            actions.append(Action("update", connector.name))
        elif connector.name in restart and connector.state == found.target() == "RUNNING":
            actions.append(Action(RESTART_ALL, connector.name))
        elif found.failed() and connector.state == "RUNNING":
            actions.append(Action("restart", connector.name))
        if found.target() != connector.state:
            actions.append(Action(VERBS[connector.state], connector.name))
    return actions + [Action("delete", name) for name in gone]


def applied(current: Mapping[str, Connector], wanted: Iterable[Wanted], actions: Iterable[Action]) -> dict[str, Connector]:
    """Return the connectors as they will be after the steps."""
    by_name = {connector.name: connector for connector in wanted}
    states = {verb: state for state, verb in VERBS.items()}
    result = dict(current)
    for action in actions:
        if action.kind == "delete":
            result.pop(action.connector, None)
            continue
        target = by_name[action.connector]
        found = result.get(action.connector)
        if action.kind == "create":
            result[action.connector] = Connector(target.config, target.state)
        elif found and action.kind == "update":
            result[action.connector] = Connector(target.config, found.target())
        elif found and action.kind in states:
            result[action.connector] = Connector(found.config, states[action.kind])
    return result


def invalid(answer: Mapping[str, Any], config: Mapping[str, str]) -> list[str]:
    """Return what Connect's validation found, one line for each setting; a secret it looked up is not repeated."""
    lines = []
    for value in (entry["value"] for entry in answer.get("configs", [])):
        if value.get("errors"):
            said, written = "; ".join(value["errors"]), config.get(value["name"], "")
            secret = value.get("value")
            lines.append(f"{value['name']}: {said.replace(secret, written) if secret and '${' in written else said}")
    return lines


def hidden(answer: Mapping[str, Any]) -> set[str]:
    """Return the settings that the connector itself declares as passwords."""
    return {entry["definition"]["name"] for entry in answer.get("configs", []) if entry["definition"]["type"] == "PASSWORD"}


def unsettled(found: Connector | None, state: str) -> list[str]:
    """Return what a connector lacks of its wanted state, the end of a failed task's trace included."""
    if state == ABSENT:
        return [] if found is None else ["still there"]
    if found is None:
        return ["not there"]
    problems = []
    if found.state != state:
        problems.append(f"connector is {found.state} instead of {state}{_reason(found.trace)}")
    if state == "RUNNING" and not found.tasks and not problems and not found.may_idle():
        problems.append(IDLE)
    if state == "STOPPED" and found.tasks:
        problems.append(f"{len(found.tasks)} tasks are not stopped yet")
    elif state != "STOPPED":
        problems += [
            f"task {number} is {task} instead of {state}{_reason(trace)}"
            for number, (task, trace) in sorted(found.tasks.items())
            if task != state and not (state == "PAUSED" and task == "FAILED")
        ]
    return problems


def remarks(found: Connector | None, state: str) -> list[str]:
    """Return what is worth saying of a connector in its wanted state: a task that had failed stays so while it is paused."""
    if found is None or state != "PAUSED":
        return []
    return [
        f"task {number} is FAILED, and is restarted when the connector is resumed by this list{_reason(trace)}"
        for number, (task, trace) in sorted(found.tasks.items())
        if task == "FAILED"
    ]


def _reason(trace: str) -> str:
    """Return the telling lines of a Java trace: its first line and the causes."""
    lines = trace.strip().splitlines()
    telling = [line.strip() for line in lines[:1] + [line for line in lines[1:] if line.startswith("Caused by:")]]
    return "".join(f"\n      {line}" for line in telling[:TRACE_LINES])
