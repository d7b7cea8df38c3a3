# SPDX-License-Identifier: Apache-2.0
"""What the tables of the report are made of: columns, rows that are folded, marks and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report import svg
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import State
from ansible_collections.estate.kafka.plugins.module_utils.report.words import Words
from markupsafe import Markup

# Rows of a table that are seen at once; the others are unfolded.
MAX_ROWS = 25


@dataclass(frozen=True)
class Column:
    """A column: its title, and whether it holds numbers."""

    title: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """A table; ``folded`` has further rows, which are unfolded under ``more``.

    On a phone a ``stacked`` table has a line for each cell, another one is scrolled.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    folded: Sequence[Sequence[str]] = ()
    more: str = ""
    stacked: bool = False


def icon(mark: str, words: Words) -> Markup:
    """Return the mark of a state; what it means is read to those who cannot see it."""
    return Markup('<svg viewBox="0 0 16 16" class="icon" role="img" aria-label="{}">{}</svg>').format(
        words[f"mark_{mark}"], Markup(svg.mark(mark, 0, 0, 16))
    )


def marked(state: State, words: Words) -> Markup:
    """Return a mark with its word, or with the word for the mark alone."""
    return Markup("{} {}").format(icon(state.mark, words), state.word or words[f"mark_{state.mark}"])


def number(value: float | None) -> str:
    """Return a whole number with its thousands apart."""
    return "-" if value is None else f"{value:,.0f}"


def counted(value: int, mark: str) -> str:
    """Return a number that should be 0, in the colour of a mark where it is not."""
    return Markup('<span class="word {}">{}</span>').format(mark, number(value)) if value else "0"


def age(moment: float | None, now: float) -> str:
    """Return how long ago a time in ms was."""
    return "-" if moment is None else plots.shown(max(0.0, (now - moment) / 1000), "seconds")


def folded(table: Table, words: Words, key: str) -> Table:
    """Return the table with the rows beyond the first ones folded."""
    if len(table.rows) <= MAX_ROWS + 5:
        return table
    rest = table.rows[MAX_ROWS:]
    return Table(table.columns, table.rows[:MAX_ROWS], rest, words.count(len(rest), key))
