# SPDX-License-Identifier: Apache-2.0
"""A sentence about what a declared list asks for and cannot have, that knows which item of the list it is about.  Pure."""

from __future__ import annotations


class Refusal(str):
    """What was found, and after ``"; "`` the remedy.

    ``item`` is the number of the item in the list that was judged, None for the whole list; ``inside`` is the place in the item,
    such as ``.config.retention.ms``, '' for all of it.
    """

    item: int | None
    inside: str

    def __new__(cls, text: str, item: int | None = None, inside: str = "") -> Refusal:
        """Make it; its text is a string like any other."""
        self = super().__new__(cls, text)
        self.item = item
        self.inside = inside
        return self

    @classmethod
    def of(cls, item: int, line: str, text: str = "") -> Refusal:
        """Return a line about the item of this number, with another ``text`` if one is given; the place inside stays."""
        return cls(text or line, item, line.inside if isinstance(line, Refusal) else "")

    @classmethod
    def about(cls, name: str, item: int, line: str) -> Refusal:
        """Return a line about the item of this number, with its name before it; the place inside is that of the line."""
        return cls.of(item, line, f"{name}: {line}")


def place_of(line: str) -> str:
    """Return the place of a line in the list that was judged, such as ``[2].config.retention.ms``; '' where it has none."""
    return f"[{line.item}]{line.inside}" if isinstance(line, Refusal) and line.item is not None else ""


def at(inside: str, line: str) -> Refusal:
    """Return a line about a place in an item of which the caller knows the number."""
    return Refusal(line, None, inside)
