# SPDX-License-Identifier: Apache-2.0
"""Settings of a systemd unit: each as systemd reads it back, see systemd.service(5) and systemd.syntax(7)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER, encodable, scalar

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
QUOTED = re.compile(r"[\s'\"\\;]")
# Bytes of one word that Linux takes, and of one line that systemd reads.
WORD_BYTES, LINE_BYTES = 131071, 1048575
# Two flags of Java in one item of a list, which were two words before a blank in an item stood for itself.
# Words with two dashes are of other programs, and may hold a password with any characters.
TWO_FLAGS = re.compile(r"-[^-].*\s-(?:X[a-zX:]|D[A-Za-z][\w.-]*(?:=|$))")
SECTION = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
SECTION_LINE = re.compile(r"\[[A-Za-z][A-Za-z0-9-]*\]")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def unit_text(value: Any, setting: str) -> str:
    """Return the value of a setting that takes the rest of its line, such as Description and WorkingDirectory.

    Raises ValueError for what such a line does not hold.
    """
    text = _held(setting, scalar(setting, value))
    if text != text.strip(" \t") or text.endswith("\\"):
        raise ValueError(f"{setting}: a setting of a unit has no blanks at its ends and no backslash as the last character")
    return text.replace("%", "%%")


def unit_words(words: Sequence[Any]) -> str:
    """Return the words of a command; none of them is split, and systemd expands nothing in them.

    Raises ValueError for what a command does not hold: line ends and other control characters, and words that are too long.
    """
    return _line(
        [_quoted(_held(_name(number, str(word)), _one(str(word))).replace("$", "$$")) for number, word in enumerate(words, 1)]
    )


def unit_paths(paths: Sequence[Any]) -> str:
    """Return the paths of a setting such as ReadWritePaths; raises ValueError as :func:`unit_words` does."""
    return _line([_quoted(_held(_name(number, str(path)), str(path))) for number, path in enumerate(paths, 1)])


def unit_environment(name: str, value: Any) -> str:
    """Return one variable as the setting Environment takes it.

    Raises ValueError for a name that is none, and for control characters other than line feeds and tabs.
    """
    if not VARIABLE.fullmatch(name):
        raise ValueError(f"Environment: '{name}' is no name of a variable; letters, digits and underscores are")
    text = scalar(name, value)
    _held(f"Environment: {name}", re.sub(r"[\n\t]", "", text))
    return _line([_in_quotes(f"{name}={text}").replace("\n", "\\n").replace("\t", "\\t")])


def unit_script(script: str) -> str:
    """Return a command that runs a script of sh, whose own dollars and percent signs it is that expands.

    Raises ValueError as :func:`unit_words` does.
    """
    text = _held("script", script).replace("\\", "\\\\").replace("'", "\\'").replace("%", "%%").replace("$", "$$")
    return _line([f"/bin/sh -c '{text}'"])


def unit_drop_in(settings: Any) -> str:
    """Return the text of a drop-in: of a mapping section -> option -> value, or of a text, which stays as it is; '' for nothing.

    A list repeats its option, null leaves it out, true and false become yes and no. Values are systemd's own syntax: nothing in
    them is escaped. Raises ValueError for what is neither, and for names and values that a unit does not hold.
    """
    if not settings:
        return ""
    if isinstance(settings, str):
        text = encodable("text", settings).strip("\n")
        first = next((line for line in text.splitlines() if line.strip() and line.lstrip()[0] not in "#;"), "")
        if not SECTION_LINE.fullmatch(first.strip()):
            raise ValueError("a drop-in begins with a section such as [Service]")
        return f"{HEADER}{text}\n"
    if not isinstance(settings, Mapping):
        raise ValueError("a dictionary or a text is wanted")
    lines = []
    for section, options in settings.items():
        if not SECTION.fullmatch(str(section)) or not isinstance(options, Mapping):
            raise ValueError(f"'{section}': a section is a name such as Service with a dictionary of options")
        lines.append(f"[{section}]")
        for name, value in options.items():
            if not SECTION.fullmatch(str(name)):
                raise ValueError(f"'{name}' is no name of an option")
            values = value if isinstance(value, (list, tuple)) else [value]
            lines += [f"{name}={_setting(str(name), one)}" for one in values if one is not None]
    return HEADER + "\n".join(lines) + "\n"


def _setting(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _held(name, scalar(name, value))


def flags(options: Mapping[str, Any], dashes: str = "--") -> list[str]:
    """Return command line flags as words; true gives ``--name``, false ``--no-name``, a list repeats it, null removes it."""
    found: list[str] = []
    for name, value in options.items():
        if isinstance(value, bool):
            found.append(f"{dashes}{name}" if value else f"{dashes}no-{name}")
        elif isinstance(value, (list, tuple)):
            found += [f"{dashes}{name}={scalar(name, item)}" for item in value]
        elif value is not None:
            found.append(f"{dashes}{name}={scalar(name, value)}")
    for word in found:
        _held(_name(0, word), word)
    return found


def _one(word: str) -> str:
    """Return the word; raises ValueError where it is surely two flags."""
    if TWO_FLAGS.match(word):
        raise ValueError(f"flag {word.split()[0].partition('=')[0]}…: two flags in one item; write each as an item of its own")
    return word


def _name(number: int, word: str) -> str:
    """Return what a word is called in an error: its flag, for its value may be a secret."""
    flag, equals, _ = word.partition("=")
    return f"flag {flag!r}" if equals and word.startswith("-") else f"word {number} of a command"


def _held(name: str, text: str) -> str:
    if CONTROL.search(text):
        raise ValueError(f"{name}: a unit file holds no line ends or control characters in this place")
    if len(encodable(name, text).encode()) > WORD_BYTES:
        raise ValueError(f"{name}: more than {WORD_BYTES} bytes, which Linux takes in no word of a command")
    return text


def _quoted(word: str) -> str:
    """Return a word with specifiers escaped, in quotes where it must be."""
    return _in_quotes(word) if QUOTED.search(word) or not word else word.replace("%", "%%")


def _in_quotes(word: str) -> str:
    text = word.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _line(words: Sequence[str]) -> str:
    line = " ".join(words)
    if len(line.encode()) > LINE_BYTES:
        raise ValueError(f"{words[0]} …: a line of a unit file has at most {LINE_BYTES} bytes")
    return line
