"""The values that people gave the variables of all hosts, and what is wrong with each by itself."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import (
    BY_NAME,
    COMPONENTS,
    PREFLIGHT_OPTIONS,
    REMOVED,
    Component,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Problem, Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import Role, known_options
from ansible_collections.estate.kafka.plugins.module_utils.secrets import SECRET, secrets_in

# Types whose values must already be of that type: a quoted number or 'yes' in an inventory is a mistake,
# and a role would get it as it is.
STRICT: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "an integer, written without quotes (on the command line as JSON: -e '{\"name\": 1}')"),
    "float": ((int, float), "a number, written without quotes"),
    "bool": ((bool,), "true or false, written without quotes"),
    "list": ((list, tuple), "a list"),
    "dict": ((Mapping,), "a mapping"),
    "str": ((str, int, float), "a string"),
    "path": ((str,), "a path"),
}
# What is said of a value that is not shown.
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a string"),
    ((list, tuple), "a list"),
    (Mapping, "a mapping"),
)


class Inventory:
    """Groups and variables of all hosts; collects the problems that are found in them."""

    def __init__(
        self,
        groups: Mapping[str, Sequence[str]],
        cluster_groups: Mapping[str, Sequence[str]],
        hostvars: Mapping[str, Mapping[str, Any]],
        roles: Mapping[str, Role],
        describe: Callable[[Any], str],
    ) -> None:
        self.groups = groups
        self.cluster_groups = cluster_groups
        self.hostvars = hostvars
        self.roles = roles
        self.describe = describe
        self.known = known_options(roles)
        self.components = [component for component in COMPONENTS if component.role in roles]
        self.placed: dict[str, list[Component]] = defaultdict(list)
        for component in self.components:
            for host in groups.get(component.group, ()):
                self.placed[host].append(component)
        self.bad: set[tuple[str, str]] = set()
        self.verdicts: dict[tuple[str, str, str], str] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def hosts_of(self, group: str) -> Sequence[str]:
        component = BY_NAME[group]
        return self.groups.get(group, ()) if component in self.components else ()

    def problem(self, host: str, variable: str, found: Any, remedy: str) -> None:
        self.problems.append(Problem(host, variable, self.show(variable, found), remedy))

    def warning(self, host: str, variable: str, found: Any, remedy: str) -> None:
        self.warnings.append(Problem(host, variable, self.show(variable, found), remedy))

    def show(self, variable: str, found: Any) -> str:
        if isinstance(found, Found):
            return str(found)
        if self.is_secret(variable) or secrets_in(found):
            return (
                f"a secret value, {next((words for types, words in KINDS if isinstance(found, types)), 'a template that fails')}"
            )
        return str(found) if isinstance(found, Undefined) else self.describe(found)

    def is_secret(self, variable: str) -> bool:
        """Return whether a variable holds a secret, or has a name so much like one that does that it is probably meant."""
        if variable in self.known:
            return bool(self.known[variable].get("no_log"))
        close = difflib.get_close_matches(variable, self.known, n=1, cutoff=0.8)
        return bool(SECRET.search(variable)) or any(self.known[name].get("no_log") for name in close)

    def value(self, host: str, variable: str, may_need_facts: bool = False) -> Any:
        """Return what the host will use: the person's value or the role's default; None when bad or not there."""
        if (host, variable) in self.bad:
            return None
        found = self.hostvars[host].get(variable, self.default(variable))
        if not isinstance(found, Undefined):
            return found
        if not may_need_facts:
            self.bad.add((host, variable))
            self.problem(host, variable, found, "Write a value that follows from the inventory alone")
        return None

    def number(self, host: str, variable: str) -> int | None:
        value = self.value(host, variable)
        return int(value) if isinstance(value, int) else None

    def default(self, variable: str) -> Any:
        if variable in PREFLIGHT_OPTIONS:
            return PREFLIGHT_OPTIONS[variable].get("default")
        return next((role.defaults[variable] for role in self.roles.values() if variable in role.defaults), None)

    def check_variables(self, host: str) -> None:
        """Unknown, removed, missing and wrongly typed variables of a host."""
        values = self.hostvars[host]
        for name, found in values.items():
            if name in REMOVED:
                self.problem(host, name, found, f"This variable was removed. {REMOVED[name]}")
            elif name not in self.known:
                self.check_unknown(host, name, found)
            elif remedy := self.wrong(name, found):
                self.bad.add((host, name))
                self.problem(host, name, found, remedy)
        for component in self.placed[host]:
            options = self.roles[component.role].options
            required = {*component.required, *(name for name, option in options.items() if option.get("required"))}
            for name in sorted(required - values.keys() - self.roles[component.role].defaults.keys()):
                self.problem(host, name, Found("nothing"), f"Set it: a host of group {component.group} cannot be without it")

    def check_unknown(self, host: str, name: str, found: Any) -> None:
        owner = max((r for r in (*self.roles, "preflight") if name.startswith(f"{r}_")), key=len, default="")
        if owner:
            candidates: Iterable[str] = (known for known in self.known if known.startswith(f"{owner}_"))
            close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
            what = "Preflight" if owner == "preflight" else f"Role {owner}"
            hint = f"Write {close[0]} if that is meant, or remove it" if close else "Remove it or correct its name"
            self.problem(host, name, found, f"{what} has no such variable. {hint}")
        elif close := difflib.get_close_matches(name, self.known, n=1, cutoff=0.88):
            self.warning(host, name, found, f"Nothing reads this variable. Write {close[0]} if that is meant")

    def wrong(self, name: str, found: Any) -> str:
        """Return '' or what a value of this variable must be."""
        if isinstance(found, Undefined):
            return ""  # it may need facts; a variable the topology needs is checked apart
        key = (name, type(found).__name__, repr(found))
        if key not in self.verdicts:
            self.verdicts[key] = wrong_value(name, found, self.known[name])
        return self.verdicts[key]


def wrong_value(name: str, found: Any, option: Mapping[str, Any]) -> str:
    """Return '' when ``found`` fits the option of an argument spec, otherwise what to write instead."""
    kind = str(option.get("type", "str"))
    types, wanted = STRICT.get(kind, ((), ""))
    if found is None:
        return f"Give it a value, {wanted}, or remove the line" if types else ""
    if types and (not isinstance(found, types) or (isinstance(found, bool) and kind != "bool")):
        return f"It must be {wanted}".replace('"name"', f'"{name}"')
    spec = {name: {key: value for key, value in option.items() if key not in ("required", "default")}}
    result = ArgumentSpecValidator(spec).validate({name: found})
    return "; ".join(result.error_messages)
