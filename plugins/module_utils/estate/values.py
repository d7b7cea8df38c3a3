# SPDX-License-Identifier: Apache-2.0
"""The values that people gave the variables of all hosts, and what is wrong with each by itself."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import (
    BY_NAME,
    COMPONENTS,
    PREFLIGHT_OPTIONS,
    REMOVED,
    Component,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import (
    SCALARS,
    Converted,
    Mistake,
    convert,
    same,
    undefined_in,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.forms import wrong_form
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import level_variables, overlaid
from ansible_collections.estate.kafka.plugins.module_utils.estate.misread import misread
from ansible_collections.estate.kafka.plugins.module_utils.estate.places import Locator, nearest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Problem, Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import CLOSE, Role, known_options, meant, owner_of
from ansible_collections.estate.kafka.plugins.module_utils.secrets import is_secret_key, secrets_in

# What is said of a value that is not shown.
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a string"),
    ((list, tuple), "a list"),
    (Mapping, "a mapping"),
)
# The option of a value that is not shown.
CLOSED: Mapping[str, Any] = {"no_log": True}


class Inventory:
    """Groups and variables of all hosts; collects the problems that are found in them."""

    def __init__(
        self,
        groups: Mapping[str, Sequence[str]],
        cluster_groups: Mapping[str, Sequence[str]],
        hostvars: Mapping[str, Mapping[str, Any]],
        roles: Mapping[str, Role],
        describe: Callable[[Any], str],
        command_line: Collection[str] = (),
        written_at: Locator = lambda _: "",
        place_of: Callable[[str, str], str] = lambda host, variable: "",
        spelt: Locator = lambda _: "",
    ) -> None:
        self.groups = groups
        self.cluster_groups = cluster_groups
        # What people wrote, and what everybody uses: the same, converted where that loses nothing.
        self.written = hostvars
        self.hostvars = {host: dict(variables) for host, variables in hostvars.items()}
        self.command_line = command_line
        self.roles = roles
        self.defaults = {name: value for role in reversed([*roles.values()]) for name, value in role.defaults.items()}
        self.defaults |= {name: option.get("default") for name, option in PREFLIGHT_OPTIONS.items()}
        self.describe = describe
        self.written_at = written_at
        self.place_of = place_of
        self.spelt = spelt
        self.known = known_options(roles)
        self.components = [component for component in COMPONENTS if component.role in roles]
        self.placed: dict[str, list[Component]] = defaultdict(list)
        for component in self.components:
            for host in groups.get(component.group, ()):
                self.placed[host].append(component)
        self.bad: set[tuple[str, str]] = set()
        self.verdicts: dict[tuple[str, str, str], Converted] = {}
        self.passwords = {name for component in COMPONENTS for name in component.passwords}
        # By host, what differs from what people wrote.
        self.converted: dict[str, dict[str, Any]] = defaultdict(dict)
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def hosts_of(self, group: str) -> Sequence[str]:
        component = BY_NAME[group]
        return self.groups.get(group, ()) if component in self.components else ()

    def members(self, group: str, variable: str) -> dict[str, list[str]]:
        """Return the hosts of a component by what ``variable`` names, such as their cluster, in the order of the names."""
        found: dict[str, list[str]] = {}
        for host in self.hosts_of(group):
            name = self.value(host, variable)
            if name is not None:
                found.setdefault(str(name), []).append(host)
        return dict(sorted(found.items()))

    def problem(self, host: str, variable: str, found: Any, remedy: str) -> None:
        self.problems.append(Problem(host, variable, self.show(host, variable, found), remedy))

    def warning(self, host: str, variable: str, found: Any, remedy: str) -> None:
        self.warnings.append(Problem(host, variable, self.show(host, variable, found), remedy))

    def show(self, host: str, variable: str, found: Any) -> str:
        """Return words and file and line of a value of a variable, or of a place inside it, such as ``kafka_topics[2].name``."""
        name = re.split(r"[.\[]", variable, maxsplit=1)[0]
        inside = variable[len(name) :]
        words = self._words(host, name, inside, found)
        if isinstance(found, Undefined) and words == str(found):
            return words
        more = found.inside if isinstance(found, Found) else ""
        where = nearest(self.written.get(host, {}).get(name), f"{inside}{more}", self.written_at) or self.place_of(host, name)
        return f"{words} ({where})" if where else words

    def _words(self, host: str, name: str, inside: str, found: Any) -> str:
        if isinstance(found, Found):
            return str(found)
        hidden = self.is_secret(name) and not _is_open(self.known.get(name, CLOSED), inside)
        if hidden or (not isinstance(found, Undefined) and secrets_in(found, is_secret_key(inside))):
            words = next((words for types, words in KINDS if isinstance(found, types)), "a template that fails")
            return f"a secret value, {words}"
        if isinstance(found, Undefined):
            return str(found)
        written = self.written.get(host, {}).get(name)
        # As it was written rather than as it was converted.
        return self.describe(written if not inside and found == self.hostvars[host].get(name) and written is not None else found)

    def is_secret(self, variable: str) -> bool:
        """Return whether a variable holds a secret, or has a name so much like one that does that it is probably meant."""
        if variable in self.known:
            return bool(self.known[variable].get("no_log"))
        close = difflib.get_close_matches(variable, self.known, n=1, cutoff=0.8)
        return is_secret_key(variable) or any(self.known[name].get("no_log") for name in close)

    def value(self, host: str, variable: str, may_need_facts: bool = False) -> Any:
        """Return what the host will use: the person's value or the role's default; None when bad or not there."""
        if (host, variable) in self.bad:
            return None
        found = self.hostvars[host].get(variable, self.default(variable))
        if isinstance(found, Undefined) and may_need_facts:
            return None
        if may_need_facts or not undefined_in(found):
            return found
        self.bad.add((host, variable))
        unknown = found if isinstance(found, Undefined) else Found("a value inside it that is only known during the run")
        self.problem(host, variable, unknown, Undefined.remedy)
        return None

    def options(self, host: str, role: str) -> dict[str, Any]:
        """Return the options that people set for a component of a host, all levels merged; the one place where they are known.

        A null stays: it removes what the toolkit itself would set. A value that only the run knows is ``Undefined``.
        """
        return overlaid(*(self.value(host, variable, may_need_facts=True) or {} for variable in level_variables(role)))

    def level_of(self, host: str, role: str, option: str) -> str:
        """Return the variable that has the last word on one of :meth:`options`, which may stand in mappings within mappings."""
        variables = level_variables(role)
        for variable in reversed(variables):
            level = self.value(host, variable, may_need_facts=True) or {}
            if any(option == str(name) or (isinstance(level[name], Mapping) and option.startswith(f"{name}.")) for name in level):
                return variable
        return variables[0]

    def number(self, host: str, variable: str) -> int | None:
        value = self.value(host, variable)
        return int(value) if isinstance(value, int) else None

    def default(self, variable: str) -> Any:
        return self.defaults.get(variable)

    def check_variables(self, host: str) -> None:
        """Unknown, removed, missing and wrongly typed variables of a host."""
        values = self.hostvars[host]
        for name, found in values.items():
            if name in REMOVED:
                self.problem(host, name, found, f"This variable was removed. {REMOVED[name]}")
            elif name not in self.known:
                self.check_unknown(host, name, found)
            elif not (isinstance(found, Undefined) and (found.later or name in self.passwords)):
                self.convert(host, name, found)
        for component in self.placed[host]:
            options = self.roles[component.role].options
            required = {*component.required, *(name for name, option in options.items() if option.get("required"))}
            for name in sorted(required - values.keys() - self.roles[component.role].defaults.keys()):
                self.problem(host, name, Found("nothing"), f"Set it: a host of group {component.group} cannot be without it")

    def _misread(self, name: str, path: str, found: Any, text: str) -> Mistake:
        hidden = (self.is_secret(name) and not _is_open(self.known.get(name, CLOSED), path)) or is_secret_key(path)
        what = found if hidden else Found(f"{text}, which YAML reads as {found}", path)
        wanted = (
            "Put it in quotes" if hidden or re.search(r"[:_xo]", text) else f"Put it in quotes, or write {text.lstrip('0') or 0}"
        )
        return Mistake(path, what, f"{wanted}: YAML has other ways to read a number than people")

    def check_unknown(self, host: str, name: str, found: Any) -> None:
        owner = owner_of(name, self.roles)
        keys = found if isinstance(found, Mapping) else ()
        inner = next((f"{name}_{key}" for key in keys if f"{name}_{key}" in self.known), "")
        if inner:
            remedy = f"Nothing reads this mapping: each is a variable of its own, such as {inner}"
            self.problem(host, name, Found(f"a mapping with {inner.removeprefix(f'{name}_')}"), remedy)
        elif owner:
            candidates: Iterable[str] = (known for known in self.known if known.startswith(f"{owner}_"))
            config = f"{owner}_config" if name in (f"{owner}_flags", f"{owner}_options") else ""
            close = [config] if config in self.known else difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
            what = "Preflight" if owner == "preflight" else f"Role {owner}"
            hint = f"Write {close[0]} if that is meant, or remove it" if close else "Remove it or correct its name"
            self.problem(host, name, found, f"{what} has no such variable. {hint}")
        elif match := re.fullmatch(r"(kafka|zookeeper|elasticsearch|kibana|grafana|prometheus)_version", name):
            remedy = f"Nothing reads this variable. Write estate_versions: {{{match[1]}: …}} if that is meant"
            self.warning(host, name, found, remedy)
        elif other := meant(name, self.known):
            # What Ansible takes for no variable's name is of no use to anybody else.
            tell = self.warning if name.isidentifier() else self.problem
            tell(host, name, found, f"Nothing reads this variable. Write {other} if that is meant")
        elif close := difflib.get_close_matches(name, self.known, n=1, cutoff=CLOSE):
            # A name with this beginning is nobody else's.
            tell = self.problem if name.startswith("estate_") else self.warning
            tell(host, name, found, f"Nothing reads this variable. Write {close[0]} if that is meant")

    def convert(self, host: str, name: str, found: Any) -> None:
        """Keep the value as everybody is to use it, or say what is wrong with it."""
        option = self.known[name]
        key = (name, type(found).__name__, repr(found))
        result = self.verdicts.get(key) or convert(name, found, option)
        if not result.mistakes:
            # One with mistakes is not shared: another host may have it from another file.
            self.verdicts[key] = result
        mistakes = list(result.mistakes) or list(wrong_form(name, result.value, option, owner_of(name, self.roles)))
        mistakes = mistakes or [self._misread(name, *one) for one in misread(found, result.value, self.spelt)]
        if not mistakes and not same(found, result.value):
            # Nothing has the last word over the command line: what is converted in templates is a number or true or false.
            if name in self.command_line and option.get("type", "str") not in SCALARS:
                mistakes.append(Mistake("", found, f"Write it as JSON, of the right types: -e '{{\"{name}\": …}}'"))
            elif undefined_in(result.value):
                wanted = (
                    "Write numbers, true and false without quotes here: beside a value that only the run knows, none is converted"
                )
                mistakes.append(Mistake("", found, wanted))
            elif name not in self.command_line:
                self.converted[host][name] = result.value
        for mistake in mistakes:
            self.bad.add((host, name))
            self.problem(host, f"{name}{mistake.path}", mistake.found, mistake.remedy)
        if not mistakes:
            self.hostvars[host][name] = result.value


def _is_open(option: Mapping[str, Any], inside: str) -> bool:
    """Return whether a place in a variable that may hold secrets holds none: a key of its own that is one plain value or list."""
    for key in re.findall(r"\.([^.\[]+)", inside):
        option = (option.get("options") or {}).get(key, CLOSED)
    return not option.get("no_log") and str(option.get("type", "str")) not in ("dict", "raw") and not option.get("options")
