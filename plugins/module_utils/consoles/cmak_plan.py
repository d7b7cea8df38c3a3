# SPDX-License-Identifier: Apache-2.0
"""From the clusters CMAK knows and those it should know to the changes between them; the forms CMAK offers for them.  Pure.

CMAK has no interface for its clusters but the forms of its pages.  They are read and sent the way a browser does: a form
is read with all its fields, some are changed, and all are sent back, so settings nobody names stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import as_strings, nested

NAME = re.compile(r"[A-Za-z0-9._-]+")
VERSION = "kafkaVersion"


@dataclass(frozen=True)
class Form:
    """A form: its values by field, and what each choice offers. A box that is not ticked is ``false``."""

    values: Mapping[str, str]
    boxes: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def body(self, changes: Mapping[str, str]) -> dict[str, str]:
        """Return what a browser sends: no box that is not ticked."""
        values = {**self.values, **changes}
        return {key: value for key, value in values.items() if key not in self.boxes or value == "true"}


@dataclass(frozen=True)
class Wanted:
    """A cluster as the inventory has it: fields of the form, without its Kafka version when nobody sets one."""

    name: str
    fields: Mapping[str, str]
    version: str = ""
    # What is wrong with settings that cannot be written as text.
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list."""
        settings = {key: value for key, value in as_strings(params["settings"]).items() if value is not None}
        return cls(
            params["name"],
            {"zkHosts": params["zookeeper"], **settings},
            params["version"] or "",
            tuple(nested(params["settings"])),
        )


@dataclass(frozen=True)
class Action:
    """One step: ``add`` or ``update``, with the fields that get another value."""

    kind: str
    cluster: str
    changes: Mapping[str, str]

    def __str__(self) -> str:
        names = "" if self.kind == "add" else f": {', '.join(sorted(self.changes))}"
        return f"{self.kind} {self.cluster}{names}"


class _Reader(HTMLParser):
    """Collects the fields of the one form that has the given field."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.boxes: set[str] = set()
        self.choices: dict[str, list[str]] = {}
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        values = self.forms[-1]
        if tag == "input" and name and given.get("type") == "checkbox":
            self.boxes.add(name)
            values[name] = "true" if "checked" in given else "false"
        elif tag == "input" and name and given.get("type") != "submit":
            values[name] = value
        elif tag == "select":
            self.select = name
            self.choices[name] = []
        elif tag == "option" and self.select:
            self.choices[self.select].append(value)
            if "selected" in given or len(self.choices[self.select]) == 1:
                values[self.select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def read_form(page: str) -> Form | None:
    """Return the form of a cluster on a page of CMAK; None when the page has none."""
    reader = _Reader()
    reader.feed(page)
    values = next((form for form in reader.forms if "zkHosts" in form), None)
    if values is None:
        return None
    choices = {name: tuple(found) for name, found in reader.choices.items()}
    return Form(values, frozenset(reader.boxes), choices)


def refusal(page: str) -> str:
    """Return why CMAK refused a form, or '' when it says that it is done."""
    if re.search(r"alert-success[^>]*>\s*Done!", page):
        return ""
    found = re.search(r"Yikes!\s*</strong>\s*(.*?)\s*(?:<a\b|</div>)", page, re.DOTALL)
    wrong = re.findall(r'class="[^"]*invalid-feedback[^"]*"[^>]*>\s*(.*?)\s*<', page, re.DOTALL)
    if found:
        return re.sub(r"\s+", " ", found.group(1))
    return "; ".join(dict.fromkeys(wrong)) or "CMAK does not say why"


def refusals(wanted: Iterable[Wanted]) -> list[str]:
    """Return what is wrong with the list itself."""
    problems = []
    seen: set[str] = set()
    for cluster in wanted:
        if cluster.name in seen:
            problems.append(f"{cluster.name}: listed twice; keep one entry")
        seen.add(cluster.name)
        problems += [f"{cluster.name}: settings: {line}" for line in cluster.problems]
        if not NAME.fullmatch(cluster.name):
            problems.append(f"{cluster.name}: CMAK takes letters, digits, dots, _ and -; name the cluster otherwise")
        if not cluster.fields["zkHosts"]:
            problems.append(
                f"{cluster.name}: it has no ZooKeeper. CMAK finds a cluster in ZooKeeper and cannot serve one without (KRaft); "
                "use AKHQ for it, and leave it out here"
            )
    return problems


def unknown_fields(wanted: Iterable[Wanted], form: Form) -> list[str]:
    """Return the settings for which the form of this version of CMAK has no field."""
    known = ", ".join(sorted(set(form.values) - {"name", "zkHosts", VERSION, "operation"}))
    return [
        f"{cluster.name}: CMAK's form has no field {name}; it has {known}"
        for cluster in wanted
        for name in cluster.fields
        if name not in form.values
    ]


def best_version(wanted: str, offered: Iterable[str]) -> str:
    """Return the newest version on offer that is not newer than the cluster; the newest at all when none is named."""
    known = sorted((version for version in offered if _number(version)), key=_number)
    fitting = [version for version in known if not wanted or _number(version) <= _number(wanted)]
    return (fitting or known or [wanted])[-1]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def plan(current: Mapping[str, Form], wanted: Iterable[Wanted], blank: Form) -> list[Action]:
    """Return the steps; ``blank`` is the form for a new cluster."""
    actions = []
    for cluster in wanted:
        form = current.get(cluster.name)
        offered = (form or blank).choices.get(VERSION, ())
        fields = {**cluster.fields, VERSION: best_version(cluster.version, offered)}
        if form is None:
            actions.append(Action("add", cluster.name, {"name": cluster.name, **fields}))
            continue
        changes = {key: value for key, value in fields.items() if form.values.get(key) != value}
        if changes:
            actions.append(Action("update", cluster.name, changes))
    return actions


def shown(current: Mapping[str, Form], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the clusters for a diff."""
    skip = ("name", "operation")
    return {
        name: {key: value for key, value in sorted(current[name].values.items()) if key not in skip}
        for name in names
        if name in current
    }


def applied(current: Mapping[str, Form], actions: Iterable[Action], blank: Form) -> dict[str, Form]:
    """Return the clusters as they will be after the steps."""
    result = dict(current)
    for action in actions:
        form = result.get(action.cluster, blank)
        result[action.cluster] = Form({**form.values, **action.changes}, form.boxes, form.choices)
    return result
