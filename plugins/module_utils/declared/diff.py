# SPDX-License-Identifier: Apache-2.0
"""What the modules that keep objects of a running service share: values as text, and diffs of named objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.secrets import HIDDEN, is_secret_key, is_secret_value, mask_inline

# Objects of a service by name, each as one flat mapping of what a person can set.
Objects = Mapping[str, Mapping[str, Any]]


class Shown(Protocol):
    """An object of a service that can show itself in a diff."""

    def shown(self) -> dict[str, Any]:
        """Return the object as one flat mapping."""


def shown(objects: Mapping[str, Shown]) -> dict[str, dict[str, Any]]:
    """Return objects the way ``diff`` takes them."""
    return {name: found.shown() for name, found in objects.items()}


def failure(module: str, what: str, lines: Iterable[str]) -> dict[str, Any]:
    """Return the result of a module that failed: a sentence, and one line for each object with its reason."""
    lines = [str(line) for line in lines]
    return {"failed": True, "msg": f"{module}: {what}:\n" + "\n".join(f"  - {line}" for line in lines), "refused": lines}


def diff(before: Objects, after: Objects, hidden: Collection[str] = ()) -> dict[str, str]:
    """Return Ansible's diff, ``before`` and ``after``, of the objects that differ; empty texts when none does.

    Secrets are replaced: values that look like one, and those whose key is in ``hidden``.
    """
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    old = {name: before[name] for name in names if name in before}
    new = {name: after[name] for name in names if name in after}
    return {"before": _lines(old, {}, hidden), "after": _lines(new, old, hidden)}


def _lines(objects: Objects, before: Objects, hidden: Collection[str]) -> str:
    lines = []
    for name, values in objects.items():
        lines.append(f"{name}:\n")
        for key, value in values.items():
            secret = (key in hidden or is_secret_key(key)) and is_secret_value(key, value)
            told = HIDDEN if secret else mask_inline(str(value))
            if told != str(value) and name in before and before[name].get(key) != value:
                told += ", changed"
            lines.append(f"  {key}: {told}\n")
    return "".join(lines)
