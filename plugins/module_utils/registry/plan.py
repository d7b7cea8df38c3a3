# SPDX-License-Identifier: Apache-2.0
"""From the subjects a schema registry has and those it should have to the changes between them.  Pure functions."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion, chosen, unconfirmed
from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at
from ansible_collections.estate.kafka.plugins.module_utils.registry.avro import avro_mistakes

LEVELS = (
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
    "NONE",
)
# In the list: no level of the subject's own, so that of the registry holds.
INHERITED = "default"
TYPES = ("AVRO", "JSON", "PROTOBUF")
# What registries take for the latest version of a reference.
LATEST = -1
# How the registry's own level is called in a diff; no subject can have the name.
WHOLE = "(all subjects)"

SUBJECT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "schema": {"type": "raw"},
    "schema_file": {"type": "str"},
    "schema_type": {"type": "str", "choices": list(TYPES), "default": "AVRO"},
    "references": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "subject": {"type": "str", "required": True},
            "version": {"type": "int", "required": True},
        },
    },
    "compatibility": {"type": "str", "choices": [*LEVELS, INHERITED]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


@dataclass(frozen=True)
class Schema:
    """A schema as registries take it; references are (name, subject, version)."""

    text: str
    kind: str = "AVRO"
    references: tuple[tuple[str, str, int], ...] = ()

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Schema:
        """Build it from a registry's answer, which leaves out what is usual."""
        references = tuple((one["name"], one["subject"], int(one["version"])) for one in answer.get("references") or [])
        return cls(answer["schema"], answer.get("schemaType") or "AVRO", references)

    def body(self) -> dict[str, Any]:
        """Return it as a request has it."""
        named = [{"name": name, "subject": subject, "version": version} for name, subject, version in self.references]
        return {"schema": self.text, "schemaType": self.kind, "references": named}

    def meaning(self) -> Any:
        """Return what two spellings of one schema have in common."""
        return (self.kind, self.references, self.text.strip() if self.kind == "PROTOBUF" else _decoded(self.text))

    def shown(self) -> str:
        """Return the text for a diff, indented below its key."""
        decoded = None if self.kind == "PROTOBUF" else _decoded(self.text)
        text = self.text.strip() if decoded is None else json.dumps(decoded, indent=2)
        return "".join(f"\n    {line}" for line in text.splitlines())


@dataclass(frozen=True)
class Subject:
    """A subject as the registry has it: its latest schema, and its own level or None.

    ``registered`` says whether the listed schema is one of its versions, the latest or an older one; ``users`` are the subjects
    that refer to it, known of those to be deleted.
    """

    latest: Schema | None
    level: str | None = None
    registered: bool = True
    users: frozenset[str] = frozenset()

    def shown(self) -> dict[str, Any]:
        """Return the subject as one flat mapping."""
        values: dict[str, Any] = {"compatibility": self.level} if self.level else {}
        if self.latest:
            values["type"] = self.latest.kind
            if self.latest.references:
                named = (f"{name} is version {version} of {subject}" for name, subject, version in self.latest.references)
                values["references"] = "; ".join(named)
            values["schema"] = self.latest.shown()
        return values


@dataclass(frozen=True)
class Registry:
    """What a plan needs of a registry: its level, None without one, and those of the listed subjects that exist.

    ``level_needs_schema`` says that it keeps no level for a subject before its first schema, ``deleted_use`` that a subject which
    was deleted, but not for good, still counts as a user of others.
    """

    level: str | None
    subjects: Mapping[str, Subject]
    level_needs_schema: bool = False
    deleted_use: bool = False


@dataclass(frozen=True)
class Wanted:
    """A subject as the inventory has it; what is None is left as it is."""

    name: str
    schema: Schema | None = None
    level: str | None = None
    absent: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list."""
        given = params["schema"]
        text = given if given is None or isinstance(given, str) else json.dumps(given)
        references = tuple((one["name"], one["subject"], one["version"]) for one in params["references"])
        schema = None if text is None else Schema(text, params["schema_type"], references)
        return cls(params["name"], schema, params["compatibility"], params["state"] == "absent")


@dataclass(frozen=True)
class Action:
    """A change of one subject; WHOLE stands for the registry."""

    subject: str


@dataclass(frozen=True)
class SetLevel(Action):
    """Another level; None takes it away. ``before`` is the one it had."""

    level: str | None
    before: str | None = None

    def __str__(self) -> str:
        whom = "all subjects without their own" if self.subject == WHOLE else self.subject
        return f"set compatibility of {whom} to {self.level or INHERITED}"


@dataclass(frozen=True)
class Register(Action):
    """A schema that is no version of the subject yet."""

    schema: Schema

    def __str__(self) -> str:
        return f"register a schema of {self.subject}"


@dataclass(frozen=True)
class Delete(Action):
    """A subject with all its versions."""

    def __str__(self) -> str:
        return f"delete {self.subject}"


def listed(wanted: Iterable[Wanted]) -> dict[str, bool]:
    """Return the subjects of the list, and of each whether it is to be absent."""
    return {item.name: item.absent for item in wanted}


def unlisted(names: Iterable[str], wanted: Iterable[Wanted]) -> list[str]:
    """Return the subjects that are there and not listed."""
    return sorted(set(names) - set(listed(wanted)))


def with_pruned(names: Collection[str], wanted: Sequence[Wanted], deletion: Deletion) -> list[Wanted]:
    """Return the list without those that are absent already, and with those that go because they are not listed."""
    gone = chosen(names, listed(wanted), unlisted(names, wanted), deletion)
    return [*(item for item in wanted if not item.absent), *(Wanted(name, absent=True) for name in gone)]


def refused_deletions(names: Collection[str], wanted: Sequence[Wanted], deletion: Deletion) -> list[str]:
    """Return every deletion asked for that is not confirmed as it must be, each with what to do instead."""
    return unconfirmed(names, listed(wanted), deletion, "who reads its records could not decode them")


def still_used(registry: Registry, wanted: Sequence[Wanted]) -> list[str]:
    """Return the subjects to be deleted that others refer to, each with what to do instead."""
    gone = {item.name for item in wanted if item.absent}
    problems = []
    for name in sorted(gone & set(registry.subjects)):
        new = {
            item.name
            for item in wanted
            if item.schema and not item.absent and name in {one for _, one, _ in item.schema.references}
        }
        users = (registry.subjects[name].users if registry.deleted_use else registry.subjects[name].users - gone) | new
        if users:
            how = (
                "this registry keeps it until they are deleted for good, with DELETE /subjects/<name> and then the same with"
                " ?permanent=true"
                if registry.deleted_use
                else "delete them too"
            )
            problems.append(f"{name}: used by {', '.join(sorted(users))}; {how}")
    return problems


def refusals(registry: Registry, wanted: Sequence[Wanted]) -> list[Refusal]:
    """Return everything asked for that is impossible, each with what to do instead."""
    problems: list[Refusal] = []
    seen: set[str] = set()
    for number, item in enumerate(wanted):
        name = item.name
        lines: list[str] = ["listed twice; keep one entry"] if name in seen else []
        seen.add(name)
        if not name.strip():
            problems.append(Refusal("an item of the list has an empty name; give it one", number, ".name"))
        there = name in registry.subjects
        if not item.absent:
            lines += wrong_schema(item.schema) if item.schema else ()
            if not there and not item.schema and (item.level in (None, INHERITED) or registry.level_needs_schema):
                lines.append("the registry has no such subject, and makes one with its first schema; give it a schema")
        problems += [Refusal.about(name, number, line) for line in lines]
    return problems


def wrong_schema(schema: Schema) -> Iterator[Refusal]:
    """Yield why no registry takes a schema, as far as that can be told without one."""
    if schema.kind == "PROTOBUF":
        if isinstance(_decoded(schema.text), dict):
            yield at(".schema", "its schema is a mapping, and Protobuf is a language of its own; write it as a text")
    else:
        try:
            decoded = json.loads(schema.text)
        except ValueError:
            yield at(".schema", "its schema is not valid JSON; correct it")
        else:
            if schema.kind == "AVRO":
                for wrong in avro_mistakes(decoded, bool(schema.references)):
                    yield at(".schema", f"its schema {wrong}")
            elif not isinstance(decoded, (dict, bool)):
                yield at(".schema", "its schema is no JSON schema; write a mapping")
    for place, (_, subject, version) in enumerate(schema.references):
        if version < 1 and version != LATEST:
            line = f"its reference to {subject} has version {version}; versions begin with 1"
            yield at(f".references[{place}].version", line)


def plan(registry: Registry, wanted: Iterable[Wanted], level: str | None) -> list[Action]:
    """Return the changes in the order in which they are made.

    The registry's level first. A level of a subject comes before its schema, which is then held against it, but a new subject
    needs its schema first. A schema may refer to subjects that stand before it in the list. Of the subjects to be deleted
    those that use others go first.
    """
    actions: list[Action] = []
    if level is not None and _own(level) != registry.level:
        actions.append(SetLevel(WHOLE, _own(level), registry.level))
    delete: list[str] = []
    for item in wanted:
        found = registry.subjects.get(item.name)
        if item.absent:
            delete += [item.name] if found else []
            continue
        register = [Register(item.name, item.schema)] if item.schema and not (found and found.registered) else []
        has = found.level if found else None
        levels = [SetLevel(item.name, _own(item.level), has)] if item.level and _own(item.level) != has else []
        actions += [*levels, *register] if found else [*register, *levels]
    return [*actions, *(Delete(name) for name in _users_first(delete, registry))]


def _users_first(names: Sequence[str], registry: Registry) -> list[str]:
    """Return subjects in an order in which each comes after those that refer to it."""
    left, ordered = list(names), []
    while left:
        free = [name for name in left if not registry.subjects[name].users & {*left} - {name}] or left
        ordered += free
        left = [name for name in left if name not in free]
    return ordered


def to_check(registry: Registry, actions: Sequence[Action]) -> list[Register]:
    """Return the schemas about which the registry can be asked beforehand.

    Not those of new subjects, nor those that will be held against another level, nor those that refer to subjects of this run.
    """
    new = {action.subject for action in actions if isinstance(action, Register)}
    levels = {action.subject for action in actions if isinstance(action, SetLevel)}
    result = []
    for action in actions:
        if not isinstance(action, Register) or action.subject not in registry.subjects:
            continue
        if registry.subjects[action.subject].latest is None:
            continue
        inherits = registry.subjects[action.subject].level is None and WHOLE in levels
        refers = any(subject in new for _, subject, _ in action.schema.references)
        if not (inherits or refers or action.subject in levels):
            result.append(action)
    return result


def applied(registry: Registry, actions: Iterable[Action]) -> Registry:
    """Return the registry as it will be after the actions."""
    level, subjects = registry.level, dict(registry.subjects)
    for action in actions:
        found = subjects.get(action.subject, Subject(None))
        if isinstance(action, Delete):
            subjects.pop(action.subject, None)
        elif isinstance(action, Register):
            subjects[action.subject] = replace(found, latest=action.schema, registered=True)
        elif isinstance(action, SetLevel) and action.subject == WHOLE:
            level = action.level
        elif isinstance(action, SetLevel):
            subjects[action.subject] = replace(found, level=action.level)
    return replace(registry, level=level, subjects=subjects)


def shown(registry: Registry) -> dict[str, dict[str, Any]]:
    """Return the registry by the names of its subjects, the way ``diff`` takes it."""
    whole = {WHOLE: {"compatibility": registry.level}} if registry.level else {}
    return {**whole, **{name: subject.shown() for name, subject in registry.subjects.items()}}


def missing_changes(expected: Registry, found: Registry, actions: Iterable[Action]) -> list[str]:
    """Return which of the changes the registry does not show yet."""
    missing = []
    for action in actions:
        if action.subject == WHOLE:
            shows = found.level == expected.level
        else:
            want, there = expected.subjects.get(action.subject), found.subjects.get(action.subject)
            shows = there is None if want is None else there is not None and there.registered and there.level == want.level
        if not shows:
            missing.append(f"{action}: not there")
    return missing


def _own(level: str) -> str | None:
    return None if level == INHERITED else level


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
