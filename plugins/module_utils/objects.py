"""What the modules that keep objects of a running service share: values as text, and diffs of named objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

SECRET = re.compile(
    r"passw(or)?d|passphrase|pwd|(?<![a-z])pass(?![a-z])|secret|token|credential|jaas|private|basic\.auth|authorization"
    r"|key\.pem|keystore\.key$|(api|access|account|shared)[._-]?key",
    re.IGNORECASE,
)
HIDDEN = "(secret)"
# A value that a config provider of a Connect worker replaces, such as ${file:/etc/kafka-connect/secrets/all.properties:db}.
REFERENCE = re.compile(r"\$\{[^{}:]+:[^{}]*\}")
# The password in an address, such as mongodb://user:password@host/.
IN_ADDRESS = re.compile(r"(?<=://)(?P<user>[^:/@\s]*:)(?P<password>[^\s,]+)(?=@)")
# The secrets in the line of a login module of Java.
IN_LOGIN = re.compile(r"""(?P<key>\w+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^\s;"']+))""")

# A setting on a line of its own in a file.
LINE = re.compile(r"^(?P<key>[ \t]*[\w.\-\"']+[ \t]*[:=][ \t]*)(?P<value>\S.*)$", re.MULTILINE)


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


def text(value: Any) -> str:
    """Return a value of the inventory the way Kafka and Connect write it: true, false, and lists joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(text(item) for item in value)
    return str(value)


def texts(values: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Return all values as text; a null stays and means the default."""
    return {str(key): None if value is None else text(value) for key, value in (values or {}).items()}


def secrets_in(value: Any, secret: bool = False) -> set[str]:
    """Return every secret in lists and mappings of any depth: what keys call secret, and passwords in addresses and logins.

    A reference to a secret is none. ``secret`` says that the value itself is one.
    """
    if isinstance(value, Mapping):
        return {found for key, item in value.items() for found in secrets_in(item, secret or bool(SECRET.search(str(key))))}
    if isinstance(value, (list, tuple)):
        return {found for item in value for found in secrets_in(item, secret)}
    if value is None or isinstance(value, bool) or str(value) in ("", "true", "false") or is_reference(value):
        return set()
    words = str(value)
    found = {match["password"] for match in IN_ADDRESS.finditer(words)}
    if secret:
        found |= {words} | {
            match["double"] or match["single"] or match["plain"]
            for match in IN_LOGIN.finditer(words)
            if SECRET.search(match["key"]) and (match["double"] or match["single"] or match["plain"])
        }
    return found


def concealed(content: str, before: str = "") -> str:
    """Return the content of a file with the secrets among its settings replaced; ``before`` is what the file had."""
    old = {match["key"]: match["value"] for match in LINE.finditer(before)}

    def line(match: re.Match[str]) -> str:
        key, value = match["key"], match["value"]
        if not secrets_in(value, bool(SECRET.search(key.strip(" \t:=\"'")))):
            return match[0]
        return f"{key}{HIDDEN}, changed" if old.get(key, value) != value else f"{key}{HIDDEN}"

    return LINE.sub(line, content)


def is_reference(value: Any) -> bool:
    """Return whether a value only says where a secret is."""
    return REFERENCE.fullmatch(str(value)) is not None


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
            secret = (key in hidden or SECRET.search(key)) and not is_reference(value)
            told = HIDDEN if secret else IN_ADDRESS.sub(rf"\g<user>{HIDDEN}", str(value))
            if told != str(value) and name in before and before[name].get(key) != value:
                told += ", changed"
            lines.append(f"  {key}: {told}\n")
    return "".join(lines)
