"""What is secret among settings, and text with the secrets replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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


def mask_secrets(content: str, before: str = "") -> str:
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
