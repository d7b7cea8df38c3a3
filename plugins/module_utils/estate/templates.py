# SPDX-License-Identifier: Apache-2.0
"""Templates inside the values of variables: resolved on the controller, or named with the reason why that is impossible."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from typing import Any

from jinja2 import Environment, TemplateError, nodes

# Names that only a run knows, besides the connection's and the system's own, which begin with `ansible_`.
RUN = frozenset({"ansible_facts", "estate_left_out", "estate_releases", "estate_topology", "hostvars"})
# The variables of one host, by its name.
OF_HOST = re.compile(r"\bhostvars(?:\[|\.get\()\s*['\"]([^'\"{}]+)['\"]")
PARSER = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)


def resolved(value: Any, template: Callable[[Any], Any]) -> Any:
    """Return a value with every template in it resolved; ``template`` is given what is neither a mapping nor a list."""
    if isinstance(value, Mapping):
        return {key: resolved(item, template) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(item, template) for item in value]
    return template(value)


def needs_run(value: Any, variables: Mapping[str, Any]) -> bool:
    """Return whether the templates in a value refer, also through other variables, to something that only a run knows."""
    seen: set[str] = set()
    waiting = _names(value)
    while waiting:
        name = waiting.pop()
        if name in RUN or (name.startswith("ansible_") and name not in variables):
            return True
        seen.add(name)
        waiting |= _names(variables.get(name)) - seen
    return False


def unknown_host(value: str, hosts: Container[str]) -> str:
    """Return the host whose variables a template asks for and that the inventory does not have; '' for none."""
    return next((name for name in OF_HOST.findall(value) if name not in hosts), "")


def _names(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return {name for item in value.values() for name in _names(item)}
    if isinstance(value, (list, tuple)):
        return {name for item in value for name in _names(item)}
    if not isinstance(value, str) or not ("{{" in value or "{%" in value):
        return set()
    try:
        return {found.name for found in PARSER.parse(value).find_all(nodes.Name) if found.ctx == "load"}
    except TemplateError:
        return set()
