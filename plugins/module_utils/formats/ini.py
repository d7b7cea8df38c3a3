# SPDX-License-Identifier: Apache-2.0
"""Files of Grafana, which go-ini reads.

It takes a value as it is, but for blanks at its ends, quotes around it, comments that ``#`` and ``;`` begin anywhere, and a
backslash at the end of a line; between backquotes or three double quotes it takes everything, line ends too. ``$__file{}``,
``${}`` and ``%()s`` are Grafana's and stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER, scalar

NAME = re.compile(r"[\w.-]*", re.ASCII)
SPECIAL = re.compile(r"[#;\x00-\x1f\x7f]|^[`\"']|\\$")


def ini(options: Mapping[Any, Any]) -> str:
    """Return an ini file from ``section.option`` names, sections sorted; null removes an option.

    Raises ValueError, which names the option, for what such a file does not hold.
    """
    sections: dict[str, list[str]] = {}
    for given, value in options.items():
        name = str(given)
        section, _, key = name.rpartition(".")
        if not NAME.fullmatch(name) or not key:
            raise ValueError(f"option '{name}': names in an ini file have letters, digits, dots, dashes and underscores")
        if value is not None:
            sections.setdefault(section, []).append(f"{key} = {_value(name, scalar(name, value))}")
    return HEADER + "\n".join(
        "\n".join([f"[{section}]", *found]) + "\n" if section else "\n".join(found) + "\n"
        for section, found in sorted(sections.items())
    )


def _value(name: str, text: str) -> str:
    if text == text.strip() and not SPECIAL.search(text):
        return text
    # On one line the last quote ends the value; over several lines the first. Three quotes with nothing behind them on their
    # line are three quotes to go-ini, and begin nothing.
    for quote, begins in (("`", True), ('"""', not text.startswith("\n"))):
        if "\n" not in text or (begins and quote not in text):
            return f"{quote}{text}{quote}"
    raise ValueError(
        f'option \'{name}\': an ini file holds no text of several lines with ` that has """ too or begins with an empty line'
    )
