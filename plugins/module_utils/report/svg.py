# SPDX-License-Identifier: Apache-2.0
"""Shapes and texts of an SVG, how wide a text is, and the marks of how something is.  Lengths are in pixels of the drawing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from xml.sax.saxutils import escape

# The marks of how something is, in a square of 16: an outline that differs as much as the colour does, and a sign in it.
MARKS = {
    "ok": ("M8 1 A7 7 0 1 1 8 15 A7 7 0 1 1 8 1 Z", "M4.8 8.3 L7.1 10.6 L11.3 5.8"),
    "warn": ("M8 1.2 L15.3 14.6 H0.7 Z", "M8 6 V10 M8 12.2 V12.4"),
    "bad": ("M1.8 1.8 H14.2 V14.2 H1.8 Z", "M5.3 5.3 L10.7 10.7 M10.7 5.3 L5.3 10.7"),
    "unknown": ("M8 0.8 L15.2 8 L8 15.2 L0.8 8 Z", "M5 8 H5.1 M8 8 H8.1 M11 8 H11.1"),
}


@dataclass(frozen=True)
class State:
    """How something is: one of MARKS, and the word for it where there is something to say."""

    mark: str
    word: str = ""


def text(x: float, y: float, style: str, content: str, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="{style}"{where}>{escape(content)}</text>'


def box(x: float, y: float, width: float, height: float, style: str, radius: int = 8) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" class="{style}"/>'


def mark(state: str, x: float, y: float, size: float = 14) -> str:
    """Return the mark of a state in a square of ``size`` at ``x``, ``y``: the shape tells it as well as the colour.

    Lengths are in pixels of the drawing.
    """
    outline, sign = MARKS[state]
    where = f'<g transform="translate({x:g} {y:g}) scale({size / 16:g})" class="mark {state}">'
    return f'{where}<path d="{outline}" class="shape"/><path d="{sign}" class="sign"/></g>'


def width_of(content: str, size: float) -> float:
    """Return about how wide a text is: six tenths of the font size for a letter, all of it for one of Korean.

    ``size`` is in pixels, as what is returned.
    """
    return sum(size if unicodedata.east_asian_width(letter) in "WF" else size * 0.6 for letter in content)


def clip(name: str, width: float, size: float) -> str:
    """Shorten a name that would not fit ``width``. ``width`` and ``size``, of the font, are in pixels."""
    if width_of(name, size) <= width:
        return name
    while name and width_of(f"{name}…", size) > width:
        name = name[:-1]
    return f"{name}…"


def wrap(content: str, width: float, size: float, separator: str = " · ") -> list[str]:
    """Break a note into lines of at most ``width``, between its parts.

    ``width`` and ``size``, of the font, are in pixels.
    """
    lines: list[str] = []
    for part in content.split(separator) if content else []:
        joined = f"{lines[-1]}{separator}{part}" if lines else part
        if lines and width_of(joined, size) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return [clip(line, width, size) for line in lines]
