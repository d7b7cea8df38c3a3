# SPDX-License-Identifier: Apache-2.0
"""What is secret among settings, and text with the secrets replaced.

A value is secret when its key says so (``db.password``), unless the last word of the key says that it is only about a secret
(``token.endpoint.url``, ``http.authorization.type``), or the value is a boolean, a common word, the name of a class or a
reference.  Within a text, secret is what stands behind such a key, in an address, behind Authorization, and in private keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

SECRET = re.compile(
    r"passw(or)?d|passphrase|pwd|(?<![a-z])pass(?![a-z])|secret|token(?!iz)|credential|jaas|private|basic\.auth|authorization"
    r"|key\.pem|keystore\.key$|(api|access|account|shared)[._-]?key",
    re.IGNORECASE,
)
HIDDEN = "(secret)"
# Last words of keys that hold something about a secret, and not the secret.
ABOUT = re.compile(
    r"types?|mechanisms?|providers?|class|classes|enabled?|required|source|ur[il]s?|endpoint|location|path|files?|dir|directory"
    r"|ms|seconds|minutes|hours|time|timeout|interval|expiry|ttl|lifetime|size|length|iterations|algorithm|format|topic|prefix"
    r"|suffix|names?|user|username|alias|version|region|scope|mode|issuer|audience|max|min|count|validator|handler"
)
# Last words of keys whose value is secret even where it is a number.
ITSELF = re.compile(r"passw(or)?d|passphrase|pwd|pass|secret|token|pin|key|credentials?")
COMMON = frozenset(
    (
        *(
            "true",
            "false",
            "yes",
            "no",
            "on",
            "off",
            "none",
            "null",
            "default",
            "auto",
            "enabled",
            "disabled",
            "required",
            "optional",
        ),
        *("basic", "bearer", "plain", "digest", "static", "file", "env", "oauth2", "user_info", "sasl_inherit", "url"),
    )
)
CLASS = re.compile(r"(?:[a-z_]\w*\.){2,}[A-Z]\w*")
# What a config provider of a Connect worker replaces, such as ${file:/etc/kafka-connect/secrets/all.properties:db}, and Grafana.
REFERENCE = re.compile(r"\$\{[^{}:]+:[^{}]*\}|\$__(?:file|env|vault)\{[^{}]*\}")
# The password in an address, such as mongodb://user:password@host/.
# The lengths bound the time for a text that is full of beginnings of addresses.
IN_ADDRESS = re.compile(r"(?<=://)(?P<user>[^:/@\s]{0,256}:)(?P<password>[^\s,]{1,1024})(?=@)")
# A setting within a text: a query of an address, a flag, a login module of Java, JSON, an unquoted or quoted word of a unit.
INLINE = re.compile(
    r"""(?<![\w.\-])(?P<key>[\w.\-]+)(?P<sep>\\?["']?\s*[=:]\s*)"""
    r"""(?:\\"(?P<escaped>.*?)\\"|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<plain>[^\s;&"',(][^\s;&"']{0,8191}))"""
)
# A quoted word that begins with a setting, as units have them: "--sasl.password=two words".
QUOTED_WORD = re.compile(r"""(?P<quote>["'])(?P<key>[\w.\-]+)=(?P<value>(?:[^"'\\]|\\.)+)(?P=quote)""")
AUTHORIZATION = re.compile(
    r"""(?P<key>authorization\\?["']?\s*[:=]\s*\\?["']?(?:(?:bearer|basic|digest|apikey|token|negotiate)\s+)?|\bbearer\s+(?=[\w.~+/=-]{16}))"""
    r"""(?P<value>[^\s"'\\,;][^"'\n\\]*)""",
    re.IGNORECASE,
)
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL)
# Secrets as short as WORD are hidden elsewhere where they are a word of their own, those of ANYWHERE within words too.
WORD, ANYWHERE = 4, 8


def is_secret_key(key: str) -> bool:
    """Return whether the value of a key is a secret."""
    return bool(SECRET.search(key)) and not only_about(key)


def is_secret_value(key: str, value: Any) -> bool:
    """Return whether a value under a key that says so is one indeed."""
    words = str(value).strip().strip("\"'")
    if value is None or isinstance(value, bool) or not words or words.lower() in COMMON or is_reference(words):
        return False
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", words):
        return bool(ITSELF.fullmatch(_last_word(key)))
    return not CLASS.fullmatch(words)


def is_reference(value: Any) -> bool:
    """Return whether a value only says where a secret is."""
    return REFERENCE.fullmatch(str(value)) is not None


def secrets_in(value: Any, secret: bool = False, key: str = "password") -> set[str]:
    """Return every secret in lists and mappings of any depth: what keys call secret, and what stands within texts.

    ``secret`` says that the value itself is one, ``key`` is the key that it stands under.
    """
    if isinstance(value, Mapping):
        return {
            found
            for name, item in value.items()
            for found in secrets_in(item, is_secret_key(str(name)) or (secret and not only_about(str(name))), str(name))
        }
    if isinstance(value, (list, tuple)):
        return {found for item in value for found in secrets_in(item, secret, key)}
    if value is None or isinstance(value, bool) or is_reference(value):
        return set()
    words = str(value)
    found = {match["password"] for match in IN_ADDRESS.finditer(words)} | set(PRIVATE_KEY.findall(words))
    if secret or "\n" not in words:
        found |= {one for _, one in _spans(words)}
    if secret and is_secret_value(key, value):
        found.add(words)
    return found


def hide_words(value: Any, secrets: Collection[str]) -> Any:
    """Return a result with short secrets replaced where they are a word of their own, and no part of a name or a path."""
    short = sorted({one for one in secrets if WORD <= len(one) < ANYWHERE}, key=len, reverse=True)
    if not short:
        return value
    pattern = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, short))})(?![\w/-]|\.\w)")

    def hide(part: Any) -> Any:
        if isinstance(part, str):
            return pattern.sub(HIDDEN, part)
        if isinstance(part, Mapping):
            return {key: hide(item) for key, item in part.items()}
        return [hide(item) for item in part] if isinstance(part, (list, tuple)) else part

    return hide(value)


def mask_inline(text: str) -> str:
    """Return one text with the secrets within it replaced."""
    text = IN_ADDRESS.sub(rf"\g<user>{HIDDEN}", PRIVATE_KEY.sub(HIDDEN, text))
    for (start, end), _ in sorted(_spans(text), reverse=True):
        text = text[:start] + HIDDEN + text[end:]
    return text


def only_about(key: str) -> bool:
    """Return whether a key names something about a secret, and not the secret."""
    return bool(ABOUT.fullmatch(_last_word(key)))


def _last_word(key: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", ".", key.strip("\"' "))
    return re.split(r"[._\-\s]+", spaced.lower())[-1]


def _spans(text: str) -> list[tuple[tuple[int, int], str]]:
    """Return where secrets stand within a text, and what they are; none overlaps another."""
    found: list[tuple[tuple[int, int], str]] = []

    def add(match: re.Match[str], group: str, key: str) -> None:
        start, end = match.span(group)
        if match[group] and is_secret_value(key, match[group]) and all(end <= a or start >= b for (a, b), _ in found):
            found.append(((start, end), match[group]))

    for match in AUTHORIZATION.finditer(text):
        add(match, "value", "authorization")
    for pattern, groups in ((QUOTED_WORD, ("value",)), (INLINE, ("escaped", "double", "single", "plain"))):
        at = 0
        while setting := pattern.search(text, at):
            secret = is_secret_key(setting["key"])
            at = setting.end() if secret else setting.end("key")
            if secret:
                add(setting, next(group for group in groups if setting[group] is not None), setting["key"])
    return found
