# SPDX-License-Identifier: Apache-2.0
"""Command-line flags that people give programs, held against those that the programs define.

Pure but for :func:`load_flags`, which reads artifacts/options (``make flags`` writes it). What serves a program, the publisher's
archive or the distribution's package, is only known when the store is filled, so a flag is held against every version there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.close_names import CLOSE, closest
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_values import as_written, is_known

# Flags with which a program says something and ends.
ENDS = frozenset({"help", "help-long", "help-man", "version", "config.check", "write-documentation"})


@dataclass(frozen=True)
class Flags:
    """The flags of one program, by its versions; ``wanted`` is the version asked for when there are no data of it."""

    name: str
    versions: Mapping[str, Mapping[str, Mapping[str, Any]]]
    wanted: str = ""

    def __str__(self) -> str:
        return f"{self.name} {' and '.join(self.versions)}"

    @property
    def names(self) -> set[str]:
        """Return the names of all flags of all versions."""
        return {name for flags in self.versions.values() for name in flags}

    def definitions(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Return what each version that has a flag says of it."""
        return {version: flags[name] for version, flags in self.versions.items() if name in flags}


@dataclass(frozen=True)
class Given:
    """One flag as people gave it: where, its name, and its value; true and false switch one on and off."""

    place: str
    name: str
    value: Any
    # As it was written, where that is one word.
    word: str = ""


@dataclass(frozen=True)
class WrongFlag:
    """What is wrong with one flag; ``doubtful`` says that it may be right."""

    given: Given
    remedy: str
    doubtful: bool = False


def load_flags(folder: Path, wanted: Mapping[str, Any]) -> dict[str, Flags]:
    """Read the flags of all programs; ``wanted`` has the versions that an inventory asks for by name."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for path in sorted(folder.glob("*/flags.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(data["program"], {})[data["version"]] = data["options"]
    return {
        name: Flags(name, versions, str(wanted[name]) if name in wanted and str(wanted[name]) not in versions else "")
        for name, versions in found.items()
    }


def of_mapping(options: Mapping[str, Any], place: Mapping[str, str]) -> list[Given]:
    """Return the flags in a mapping, where a list repeats one and a null removes it; ``place`` has the variable of each."""
    return [Given(f"{place[name]}.{name}", name, value) for name, value in options.items() if value is not None]


def of_words(variable: str, words: Sequence[Any]) -> list[Given]:
    """Return the flags in a list of words, where the value is behind ``=`` or the next word."""
    found: list[Given] = []
    for number, word in enumerate(words):
        if not isinstance(word, str) or "{{" in word.split("=")[0] or not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        following = words[number + 1] if number + 1 < len(words) else None
        if equals:
            found.append(Given(f"{variable}[{number}]", name, value, word))
        elif isinstance(following, str) and not following.startswith("-"):
            found.append(Given(f"{variable}[{number}]", name, following, word))
        else:
            found.append(Given(f"{variable}[{number}]", name, True, word))
    return found


def wrong_flags(flags: Flags, given: Iterable[Given], allowed: Iterable[str] = (), unknown: str = "") -> Iterator[WrongFlag]:
    """Yield what is wrong with the flags of a program.

    ``allowed`` are names, or their beginnings, that are taken as they are; ``unknown`` is the variable that lists them.
    """
    patterns = [f"{name}*" if name.endswith(".") else name for name in allowed]
    seen: set[str] = set()
    for one in given:
        name = one.name
        if not flags.definitions(name) and name.startswith("no-") and _is_switch(flags, name.removeprefix("no-")):
            name = name.removeprefix("no-")
        if any(fnmatchcase(one.name, pattern) for pattern in patterns):
            continue
        definitions = flags.definitions(name)
        if not definitions:
            yield _unknown(flags, one, unknown)
        elif name in ENDS:
            yield WrongFlag(one, "Remove it: with it the program says something and ends")
        elif wrong := _wrong_value(one, [*definitions.values()]):
            yield WrongFlag(one, f"{flags} {wrong} for {name}")
        elif name in seen and not _several(definitions):
            yield WrongFlag(one, f"{flags} takes it once: keep one")
        elif len(definitions) < len(flags.versions) and not any(row.get("hidden") for row in definitions.values()):
            others = [version for version in flags.versions if version not in definitions]
            having = " and ".join(definitions)
            yield WrongFlag(one, f"Only {flags.name} {having} has it: {', '.join(others)} ends over it", doubtful=True)
        seen.add(name)


def _is_switch(flags: Flags, name: str) -> bool:
    return any(row["type"] == "boolean" for row in flags.definitions(name).values())


def _several(definitions: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(row.get("several") for row in definitions.values())


def _unknown(flags: Flags, one: Given, unknown: str) -> WrongFlag:
    plain = one.name.lstrip("-")
    close = plain if plain in flags.names else closest(plain, flags.names - ENDS, CLOSE)
    hint = f"Write {close} if that is meant, or remove it" if close else "Correct its name or remove it"
    hint += f", or list it in {unknown} if it has to be passed" if unknown else ""
    guess = f"; artifacts/options has nothing of {flags.wanted}, so it is only a guess" if flags.wanted else ""
    return WrongFlag(one, f"{flags} has no such flag{guess}. {hint}", bool(flags.wanted))


def _wrong_value(one: Given, rows: Sequence[Mapping[str, Any]]) -> str:
    kinds = {row["type"] for row in rows}
    if isinstance(one.value, Mapping):
        return "takes one value"
    if kinds == {"switch"} and one.value is not True:
        return "has no --no-…: write true, or null for without it,"
    if kinds <= {"boolean", "switch"}:
        return "" if isinstance(one.value, bool) or not is_known(one.value) else "takes true or false without quotes"
    if isinstance(one.value, bool) and kinds == {"string"}:
        return "wants a value"
    if isinstance(one.value, (list, tuple)) and len(one.value) > 1 and not any(row.get("several") for row in rows):
        return "takes one value"
    values = {str(word) for row in rows for word in row.get("values", ())}
    if values and all("values" in row for row in rows) and is_known(one.value) and as_written(one.value) not in values:
        return f"takes one of {', '.join(sorted(values))}"
    return ""
