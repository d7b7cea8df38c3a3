# SPDX-License-Identifier: Apache-2.0
"""Values as their argument spec wants them: converted where nothing is lost, refused by name everywhere else. Pure.

Ansible's own conversion goes further than a configuration can bear: it takes ``[1, 2]`` for a string and splits a string at its
commas to make a list. What is left after ours is checked by Ansible's validator: choices, required and unknown suboptions.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Undefined

DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# Longer than any number of a configuration; Python refuses to read some thousands of digits.
LONGEST = 64
WANTED = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "str": "a string",
    "path": "a path",
}
# YAML has read these before anybody could ask how they were written: 3.10 is 3.1 by then, yes is true.
IN_QUOTES = "a string: put it in quotes"
# Types of an argument spec that are one value rather than several.
SCALARS = frozenset({"int", "float", "bool", "str", "path"})


class LossError(ValueError):
    """A value that cannot be converted without loss; says what it must be."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong inside a value: at which place, such as ``[2].name``, what was found there, and the remedy."""

    path: str
    found: Any
    remedy: str


@dataclass
class Converted:
    """A value as everybody is to use it, and what is wrong with it; with mistakes, the value is of no use."""

    value: Any
    mistakes: list[Mistake] = field(default_factory=list)


def convert(name: str, value: Any, option: Mapping[str, Any]) -> Converted:
    """Return the value of variable ``name`` as its option of an argument spec wants it. Never raises.

    What is only known during the run (``Undefined.later``) stays as it is. A null in a suboption counts as not written.
    """
    kind = str(option.get("type", "str"))
    if value is None:
        wanted = WANTED.get(kind, "")
        return Converted(None, [Mistake("", None, f"Give it a value, {wanted}, or remove the line")] if wanted else [])
    mistakes: list[Mistake] = []
    result = _convert(value, option, "", mistakes)
    if not mistakes and not undefined_in(result):
        spec = {name: {key: item for key, item in option.items() if key not in ("required", "default")}}
        errors = ArgumentSpecValidator(spec).validate({name: result}).error_messages
        if errors:
            mistakes.append(Mistake("", value, "; ".join(errors)))
    return Converted(result, mistakes)


def _convert(value: Any, option: Mapping[str, Any], path: str, mistakes: list[Mistake]) -> Any:
    kind = str(option.get("type", "str"))
    if isinstance(value, Undefined):
        if not value.later:
            mistakes.append(Mistake(path, value, value.remedy))
        return value
    if option.get("commas") and isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    try:
        result = CONVERSIONS[kind](value) if kind in CONVERSIONS else value
    except LossError as error:
        mistakes.append(Mistake(path, value, f"It must be {error}"))
        return value
    choices = option.get("choices") or ()
    for number, item in enumerate(result if kind == "list" else [result]) if choices else ():
        # One of the wrong type is told as that.
        if item not in choices and not isinstance(item, Undefined) and not (isinstance(item, float) and _are_texts(choices)):
            place = f"{path}[{number}]" if kind == "list" else path
            mistakes.append(Mistake(place, item, f"It must be one of {', '.join(map(str, choices))}{_meant(item, choices)}"))
    if isinstance(result, Mapping):
        suboptions = option.get("options") or {}
        mistakes += _wrong_options(result, suboptions, path)
        return {
            key: _convert(item, suboptions.get(key, {"type": "raw"}), f"{path}.{key}", mistakes)
            for key, item in result.items()
            if item is not None or key not in suboptions or suboptions[key].get("required")
        }
    if isinstance(result, list):
        inner = {"type": option.get("elements", "raw"), "options": option.get("options")}
        items = result if kind == "list" else list(result)
        return [
            _convert(item, inner if kind == "list" else {"type": "raw"}, f"{path}[{n}]", mistakes) for n, item in enumerate(items)
        ]
    return result


def wrong_keys(value: Mapping[str, Any], known: Iterable[str], path: str) -> Iterator[Mistake]:
    """Yield the keys that a mapping with fixed keys must not have."""
    known = list(known)
    title = f" in {value['name']}" if isinstance(value.get("name"), str) else ""
    for key in value:
        if key not in known:
            others = f"Remove it{title}, or write one of {', '.join(sorted(known))}"
            yield Mistake(f"{path}.{key}", value[key], f"There is no such key{_meant(key, known)}. {others}")


def _wrong_options(value: Mapping[str, Any], options: Mapping[str, Any], path: str) -> Iterator[Mistake]:
    """Yield the keys that a mapping with fixed keys must not have, and those it has to have."""
    title = f" in {value['name']}" if isinstance(value.get("name"), str) else ""
    if options:
        yield from wrong_keys(value, options, path)
    for key, option in options.items():
        if option.get("required") and value.get(key) is None and not (key in value and option.get("type", "str") in WANTED):
            yield Mistake(f"{path}.{key}", Found("nothing"), f"Write {key}{title}: an entry cannot be without it")


def _are_texts(choices: Iterable[Any]) -> bool:
    return all(isinstance(choice, str) for choice in choices)


def _meant(word: Any, known: Iterable[Any]) -> str:
    """Return a question whether the known word that is most like this one is meant; nothing where none is."""
    words = {str(one).lower().replace("_", "").replace("-", ""): str(one) for one in known}
    plain = str(word).lower().replace("_", "").replace("-", "").replace(".", "")
    close = difflib.get_close_matches(plain, words, n=1, cutoff=0.6)
    return f"; write {words[close[0]]} if that is meant" if close else ""


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= LONGEST and re.fullmatch(r"-?[0-9]+", value) and str(int(value)) == value:
        return int(value)
    raise LossError(WANTED["int"])


def _float(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    if isinstance(value, str) and len(value) <= LONGEST and DECIMAL.fullmatch(value):
        number = float(value)
        if number not in (float("inf"), float("-inf")) and Decimal(repr(number)) == Decimal(value):
            return int(value) if number.is_integer() and re.fullmatch(r"-?[0-9]+", value) else number
    raise LossError(WANTED["float"])


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else value
    if isinstance(word, (str, int)):
        if word in BOOLEANS_TRUE:
            return True
        if word in BOOLEANS_FALSE:
            return False
    raise LossError(WANTED["bool"])


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise LossError(IN_QUOTES if isinstance(value, (bool, float, date)) else WANTED["str"])


def _list(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str) and value.lstrip().startswith("["):
        found: list[Any] = _json(value, list, "list")
        return found
    if isinstance(value, str) and value.strip() and "," not in value:
        return [value]
    # One item or several: a comma is a part of regular expressions, flags and names too.
    raise LossError(WANTED["list"])


def _dict(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{"):
        found: Mapping[str, Any] = _json(value, dict, "dict")
        return found
    raise LossError(WANTED["dict"])


def _json(text: str, kind: type, name: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return the pairs as a mapping. Raises ValueError where a key is there twice."""
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key is there twice")
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise LossError(WANTED[name]) from None
    if not isinstance(found, kind):
        raise LossError(WANTED[name])
    return found


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    "str": _str,
    "path": _str,
    "list": _list,
    "dict": _dict,
}


def undefined_in(value: Any) -> bool:
    """Return whether anything inside a value is not known yet."""
    if isinstance(value, Mapping):
        return any(undefined_in(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(undefined_in(item) for item in value)
    return isinstance(value, Undefined)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal and of the same types all the way down: 1 is neither true nor "1"."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    kinds = (bool, str, int, float)
    return bool(one == other) and [isinstance(one, kind) for kind in kinds] == [isinstance(other, kind) for kind in kinds]
