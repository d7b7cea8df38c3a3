# SPDX-License-Identifier: Apache-2.0
"""Passwords that somebody would guess: those everybody knows, and those made of a name.  Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined

LENGTH = 8
# Different characters that a password has at least.
DIFFERENT = 5
# Characters that a password with a word of everybody has beside it.
BESIDE = 7
# What is in everybody's passwords, and the names of what they are for.
WORDS = frozenset(
    (
        *("password", "passwort", "passw", "passphrase", "pass", "pwd", "secret", "geheim", "changeme", "changeit", "default"),
        *("admin", "administrator", "root", "user", "test", "welcome", "letmein", "qwerty", "qwertz", "asdfgh", "login"),
        *("kafka", "zookeeper", "elastic", "elasticsearch", "kibana", "grafana", "akhq", "cmak", "confluent", "apicurio"),
        *("prometheus", "alertmanager", "connect", "registry", "client", "broker", "alice", "guest", "monitoring"),
    )
)
GUESSED = f"a password that everybody knows, or one shorter than {LENGTH} characters"
# Signs that stand for letters.
LETTERS = str.maketrans("013457@$!", "oleastasi")
# A part that is a name, so short that it may stand in any word, counts for nothing.
SHORTEST = 3


def weakness(password: Any, names: Collection[Any] = ()) -> str:
    """Return '' or what is wrong with a password; ``names`` are the user's, and those of what it opens."""
    if isinstance(password, Undefined):
        return str(password)
    if password is None or password == "":
        return "nothing"
    text = str(password).lower()
    if len(text) < LENGTH or len(set(text)) < DIFFERENT or _little(text, _without(text, WORDS)):
        return GUESSED
    left = _without(text, {str(name).lower() for name in names if name})
    if left != text and (len(left) < LENGTH or _little(text, _without(left, WORDS))):
        return "the name of its user or service, and little else"
    return ""


def _little(text: str, left: str) -> bool:
    """Return whether too little of a password is left without the words in it."""
    return len(_without_runs(left)) < (BESIDE if left != text else DIFFERENT)


def _without(text: str, words: Collection[str]) -> str:
    """Return a text without words, written forwards, backwards or with signs for letters; the longest go first."""
    both = {one for word in words for one in (word, word[::-1]) if len(one) >= SHORTEST}
    for word in sorted(both, key=lambda one: (-len(one), one)):
        at = 0
        # Letter by letter, for one sign stands for one letter.
        while (at := max(text.find(word, at), text.translate(LETTERS).find(word.translate(LETTERS), at))) >= 0:
            text = text[:at] + text[at + len(word) :]
    return text


def _without_runs(text: str) -> str:
    """Return a text with one character for each row of equal or following ones, such as 12345 or aaaa."""
    kept = re.sub(r"(.)\1+", r"\1", text)
    result: list[str] = []
    for number, sign in enumerate(kept):
        steps = [ord(kept[at]) - ord(kept[at - 1]) for at in (number - 1, number) if at > 0]
        if len(steps) == 2 and steps[0] == steps[1] and abs(steps[0]) == 1:
            continue
        result.append(sign)
    return "".join(result)
