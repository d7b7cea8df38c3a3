# SPDX-License-Identifier: Apache-2.0
"""Files of settings with their secrets replaced, for a diff: what changed is told, the secret is not.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.estate.kafka.plugins.module_utils.secrets import (
    HIDDEN,
    IN_ADDRESS,
    PRIVATE_KEY,
    is_secret_key,
    is_secret_value,
    mask_inline,
    only_about,
)

# A setting on a line of its own in a file.
SETTING = re.compile(
    r"^(?P<indent>[ \t]*(?:- +)?)(?P<key>(?:[\w.\-\"']|\\[^\n])+)(?P<sep>[ \t]*[:=][ \t]*)(?P<value>.*?)(?P<end>[ \t]*\r?\n?)$",
    re.DOTALL,
)
ITEM = re.compile(r"^(?P<indent>[ \t]*)- +(?P<value>\S.*?)(?P<end>\r?\n?)$", re.DOTALL)
QUOTES = ('"""', "'", '"', "`")


def mask_secrets(content: str, before: str = "") -> str:
    """Return the content of a file with the secrets among its settings replaced; ``before`` is what the file had."""
    old = {key: raw for key, raw, _ in _settings(before)}
    known = {raw for _, raw, _ in _settings(before)}
    shown = []
    for key, raw, masked in _settings(content):
        changed = old.get(key, raw) != raw if key[1] else bool(known) and raw not in known
        if masked != raw and changed:
            masked = f"{masked.rstrip()}, changed{_line_end(masked)}"
        shown.append(masked)
    return "".join(shown)


def _settings(content: str) -> Iterator[tuple[tuple[str, int], str, str]]:
    """Yield the settings and other parts of a file: key with its number among equal ones, text as it is, and without secrets."""
    seen: dict[str, int] = {}
    parents: list[tuple[int, bool]] = []
    lines = content.splitlines(keepends=True) if "\x85" not in content else re.findall(r"[^\n]*\n|[^\n]+", content)
    at = 0
    while at < len(lines):
        block, at = _private_key(lines, at)
        if block:
            yield ("", 0), block, PRIVATE_KEY.sub(HIDDEN, block)
            continue
        line = lines[at]
        at += 1
        setting, item = SETTING.match(line), ITEM.match(line)
        indent = len(setting["indent"]) if setting else len(line) - len(line.lstrip())
        while (
            parents
            and line.strip()
            and (indent < parents[-1][0] or (indent == parents[-1][0] and not line.lstrip().startswith("- ")))
        ):
            parents.pop()
        inherited = bool(parents) and parents[-1][1]
        if not setting:
            if inherited and item and is_secret_value("password", item["value"]):
                yield ("-", 0), line, f"{item['indent']}- {HIDDEN}{item['end']}"
            else:
                yield ("", 0), line, mask_inline(line)
            continue
        key = setting["key"].strip("\"'").replace("\\", "")
        secret = is_secret_key(key) or (inherited and not only_about(key))
        if not setting["value"].strip() and ":" in setting["sep"]:
            parents.append((indent + 1 if setting["indent"].endswith("- ") else indent, secret))
            yield (key, 0), line, line
            continue
        number = seen[key] = seen.get(key, 0) + 1
        raw, until = _whole(lines, at, setting, line)
        value = raw[setting.start("value") :]
        head = line[: setting.start("value")]
        if (secret and is_secret_value(key, value)) or IN_ADDRESS.search(value):
            at = until
            yield (key, number), raw, f"{head}{HIDDEN}{_line_end(raw)}"
        elif raw.rstrip("\r\n").endswith("\\") or "\\\n" in raw:
            at = until
            yield (key, number), raw, head + mask_inline(value)
        else:
            yield (key, number), line, head + mask_inline(line[len(head) :])


def _whole(lines: list[str], at: int, setting: re.Match[str], line: str) -> tuple[str, int]:
    """Return a setting with the lines that go on with it, and the number of the line behind them."""
    raw, value, indent = line, setting["value"], len(setting["indent"])
    quote = next((mark for mark in QUOTES if value.startswith(mark)), "")
    if quote and quote not in value[len(quote) :]:
        while at < len(lines):
            raw += lines[at]
            at += 1
            if quote in lines[at - 1]:
                break
        return raw, at
    while at < len(lines):
        ended = raw.rstrip("\r\n")
        continued = (len(ended) - len(ended.rstrip("\\"))) % 2 == 1
        following = lines[at]
        deeper = following.strip() and len(following) - len(following.lstrip()) > indent
        if not continued and not (":" in setting["sep"] and (deeper or not following.strip())):
            break
        raw += following
        at += 1
    return raw, at


def _private_key(lines: list[str], at: int) -> tuple[str, int]:
    """Return a private key of several lines that begins on this one, '' if none does, and the number of the line behind it."""
    if "PRIVATE KEY-----" not in lines[at] or "-----BEGIN" not in lines[at] or "-----END" in lines[at]:
        return "", at
    setting = SETTING.match(lines[at])
    if setting and is_secret_key(setting["key"]):
        return "", at
    end = next((number for number in range(at, len(lines)) if "-----END" in lines[number]), len(lines) - 1)
    return "".join(lines[at : end + 1]), end + 1


def _line_end(text: str) -> str:
    return "\n" if text.endswith("\n") else ""
