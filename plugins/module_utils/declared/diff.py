# SPDX-License-Identifier: Apache-2.0
"""What the modules that keep objects of a running service share: values as text, and diffs of named objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.secrets import HIDDEN, is_secret_key, is_secret_value, mask_inline


class Shown(Protocol):
    """An object of a service that can show itself in a diff."""

    def shown(self) -> dict[str, Any]:
        """Return the object as one flat mapping."""


def shown(objects: Mapping[str, Shown]) -> dict[str, dict[str, Any]]:
    """Return objects the way ``diff`` takes them."""
    return {name: found.shown() for name, found in objects.items()}


def failure(module: str, what: str, lines: list[str]) -> dict[str, Any]:
    """Return the result of a module that failed: a sentence, and one line for each object with its reason."""
    return {"failed": True, "msg": f"{module}: {what}:\n" + "\n".join(f"  - {line}" for line in lines), "refused": lines}


def outcome(
    module: str,
    actions: Sequence[Any],
    refused: Sequence[tuple[Any, str]],
    before: Mapping[str, Mapping[str, Any]],
    after: Callable[[Sequence[Any]], Mapping[str, Mapping[str, Any]]],
    check_mode: bool,
    hidden: Collection[str] = (),
) -> dict[str, Any]:
    """Return the result of changes of which the service may have refused some; ``after`` gives what those done lead to.

    Both take the objects the way ``diff`` does, ``hidden`` too.
    """
    not_done = [refusal[0] for refusal in refused]
    done = [action for action in actions if action not in not_done]
    result: dict[str, Any] = {
        "changed": bool(done),
        "actions": [str(action) for action in done],
        "diff": diff(before, after(done), hidden),
    }
    if refused:
        lines = [f"{action}: {reason}" for action, reason in refused]
        others = f"{len(done)} {'would be' if check_mode else 'were'} done"
        return {**result, **failure(module, f"{len(refused)} of {len(actions)} changes refused, {others}", lines)}
    return result


def diff(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]], hidden: Collection[str] = ()
) -> dict[str, str]:
    """Return Ansible's diff of the objects that differ, secrets replaced; empty texts when none does."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    old = {name: before[name] for name in names if name in before}
    new = {name: after[name] for name in names if name in after}
    return {"before": _lines(old, {}, hidden), "after": _lines(new, old, hidden)}


def _lines(objects: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]], hidden: Collection[str]) -> str:
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
