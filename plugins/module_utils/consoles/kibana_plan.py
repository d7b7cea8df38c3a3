# SPDX-License-Identifier: Apache-2.0
"""From the objects Kibana has and those it should have to the changes between them.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

VIEW = "data view"

VIEW_SPEC: dict[str, Any] = {
    "id": {"type": "str", "required": True},
    "title": {"type": "str", "required": True},
    "name": {"type": "str"},
    "time_field": {"type": "str"},
}
OBJECT_SPEC: dict[str, Any] = {
    "type": {"type": "str", "required": True},
    "id": {"type": "str", "required": True},
    "attributes": {"type": "dict", "required": True},
    "references": {"type": "list", "elements": "dict", "default": []},
    "coreMigrationVersion": {"type": "str"},
    "typeMigrationVersion": {"type": "str"},
    # As exports of Kibana 7 have them.
    "migrationVersion": {"type": "dict"},
}
VERSIONS = ("coreMigrationVersion", "typeMigrationVersion", "migrationVersion")
# What Kibana writes into an export and says anew itself: taken as it comes, and left out.
OF_THE_SERVER = (
    *("created_at", "created_by", "error", "managed", "namespaces", "originId", "score", "sort", "updated_at", "updated_by"),
    "version",
)
OBJECT_SPEC |= {key: {"type": "raw"} for key in OF_THE_SERVER}


@dataclass(frozen=True)
class Object:
    """A data view or another saved object: its attributes, and the objects it refers to."""

    kind: str
    id: str
    attributes: Mapping[str, Any]
    references: tuple[tuple[str, str, str], ...] = ()
    # What Kibana's import wants beside them: the versions the attributes were written for.
    versions: tuple[tuple[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """Return the name in reports."""
        return f"{self.kind} {self.id}"

    @classmethod
    def of_view(cls, params: Mapping[str, Any]) -> Object:
        """Build a data view from an item of the module's list."""
        attributes = {"title": params["title"], "name": params["name"] or params["title"]}
        if params["time_field"]:
            attributes["timeFieldName"] = params["time_field"]
        return cls(VIEW, params["id"], attributes)

    @classmethod
    def of_export(cls, line: Mapping[str, Any]) -> Object:
        """Build an object from a line of an export."""
        references = tuple(sorted((one["type"], one["id"], one["name"]) for one in line.get("references", [])))
        versions = tuple((key, line[key]) for key in VERSIONS if key in line)
        return cls(line["type"], line["id"], line["attributes"], references, versions)

    def line(self) -> dict[str, Any]:
        """Return the object as a line of an import."""
        return {
            "type": self.kind,
            "id": self.id,
            "attributes": dict(self.attributes),
            "references": [{"type": kind, "id": id_, "name": name} for kind, id_, name in self.references],
            **dict(self.versions),
        }

    def shown(self) -> dict[str, Any]:
        """Return the object as one flat mapping, for a diff."""
        return {
            **{key: self.attributes[key] for key in sorted(self.attributes)},
            "references": [" ".join(one) for one in self.references],
        }


@dataclass(frozen=True)
class Action:
    """One step: ``create`` or ``update`` of an object."""

    kind: str
    object: Object

    def __str__(self) -> str:
        return f"{self.kind} {self.object.key}"


def refusals(wanted: Iterable[Object]) -> list[str]:
    """Return what is wrong with the list itself."""
    problems = []
    seen: set[str] = set()
    for one in wanted:
        if one.key in seen:
            problems.append(f"{one.key}: listed twice; keep one entry")
        seen.add(one.key)
        if not one.attributes.get("title"):
            problems.append(f"{one.key}: has no title; give it one")
    return problems


def covers(found: Any, wanted: Any) -> bool:
    """Return whether everything wanted is in what was found; Kibana adds keys of its own, and keeps some parts as JSON texts."""
    if isinstance(found, str) and isinstance(wanted, str) and found != wanted:
        old, new = _parsed(found), _parsed(wanted)
        return old is not None and new is not None and covers(old, new)
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(key in found and covers(found[key], value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(covers, found, wanted))
    return bool(found == wanted)


def _parsed(text: str) -> Any:
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def plan(current: Mapping[str, Object], wanted: Iterable[Object]) -> list[Action]:
    """Return the steps, data views first, for others refer to them."""
    actions = []
    for one in sorted(wanted, key=lambda item: item.kind != VIEW):
        found = current.get(one.key)
        if found is None:
            actions.append(Action("create", one))
        elif not (covers(found.attributes, one.attributes) and set(one.references) <= set(found.references)):
            actions.append(Action("update", one))
    return actions


def applied(current: Mapping[str, Object], actions: Iterable[Action]) -> dict[str, Object]:
    """Return the objects as they will be after the steps."""
    return {**current, **{action.object.key: action.object for action in actions}}
