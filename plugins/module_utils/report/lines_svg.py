# SPDX-License-Identifier: Apache-2.0
"""Lines over time as SVG: from numbers to a drawing with axes, in pure functions.

A series has a value for each step, None where there is none: there the line is broken.  Besides its colour each line has a mark
of its own shape, the same in the plot and in what ``legend_mark`` draws for the words beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 380, 200
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 26
# Marks in a square of -4..4; a line has some of them.
SHAPES = (
    "M-3.2 0 A3.2 3.2 0 1 1 3.2 0 A3.2 3.2 0 1 1 -3.2 0 Z",
    "M-3 -3 H3 V3 H-3 Z",
    "M0 -4 L3.8 3 H-3.8 Z",
    "M0 -4.2 L4.2 0 L0 4.2 L-4.2 0 Z",
    "M0 4 L3.8 -3 H-3.8 Z",
    "M-4 -1.2 H-1.2 V-4 H1.2 V-1.2 H4 V1.2 H1.2 V4 H-1.2 V1.2 H-4 Z",
)
MAX_LINES = len(SHAPES)
MARKS_PER_LINE = 4
MAX_TICKS = 5
MINUTE, HOUR, DAY = 60, 3600, 86400
TIME_STEPS = (
    *(MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(HOUR * number for number in (1, 2, 3, 6, 12)),
    *(DAY * number for number in (1, 2, 5, 10, 30)),
)
PREFIXES = ("", "k", "M", "G", "T", "P")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")

COLOURS = ("#0a66c2", "#d2691e", "#1a7f37", "#8250df", "#bf3989", "#57606a")
COLOURS_DARK = ("#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#f778ba", "#adbac7")


def _colours(colours: Sequence[str]) -> str:
    return "\n".join(f".s{index} {{ stroke: {one} }} .m{index} {{ fill: {one} }}" for index, one in enumerate(colours))


STYLE = f"""
.plot text {{ font-size: 11px; fill: #59636e }}
.plot .grid {{ stroke: #e4e8ec }} .plot .axis {{ stroke: #8c959f }}
.line {{ fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }}
{_colours(COLOURS)}
"""
STYLE_DARK = f"""
.plot text {{ fill: #9da7b1 }}
.plot .grid {{ stroke: #262c34 }} .plot .axis {{ stroke: #57606a }}
{_colours(COLOURS_DARK)}
"""


@dataclass(frozen=True)
class Series:
    """One line: its name, and a value or None for each step."""

    name: str
    values: Sequence[float | None]


def shown(value: float | None, unit: str) -> str:
    """Return a number as people read it: '1.2 k', '3.4 MiB', '250 ms', '17 %'."""
    if value is None or math.isnan(value):
        return "-"
    if unit == "percent":
        return f"{_short(value * 100)} %"
    if unit == "seconds":
        return _duration(value)
    base = 1024.0 if unit == "bytes" or unit == "bytes_per_second" else 1000.0
    names = BINARY if base > 1000 else PREFIXES
    size, step = value, 0
    while abs(size) >= base * 0.9995 and step < len(names) - 1:
        size, step = size / base, step + 1
    number = f"{_short(size)} {names[step]}".strip()
    return f"{number}/s" if unit in ("bytes_per_second", "per_second") else number


def _short(value: float) -> str:
    """Return three figures at most, without needless zeros."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    size = math.floor(math.log10(abs(value))) if value else 0
    digits = 1 if size > 0 else max(2, 1 - size)
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"


def _duration(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    if abs(seconds) < 1:
        return f"{_short(seconds * 1000)} ms"
    for size, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if abs(seconds) >= 2 * size:
            return f"{_short(seconds / size)} {name}"
    return f"{_short(seconds)} s"


def value_ticks(most: float, unit: str) -> list[float]:
    """Return where the axis of values is marked: from 0 to at least ``most``, in steps of 1, 2 or 5 (of 1024 for bytes)."""
    if unit == "percent":
        most = min(most, 1.0)
    if most <= 0 or not math.isfinite(most):
        return [0.0, 1.0]
    base = 1024.0 ** max(0, math.floor(math.log(most, 1024))) if unit.startswith("bytes") else 1.0
    if unit == "seconds":
        base = next((float(size) for size in (DAY, HOUR, MINUTE) if most >= 2 * size), 1.0)
    raw = most / base / (MAX_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999999)
    if unit in ("count", "bytes", "bytes_per_second"):
        step = max(1.0, step)
    return [index * step * base for index in range(math.ceil(most / base / step - 1e-9) + 1)]


def time_ticks(start: float, end: float, zone: tzinfo, most: int = 5) -> list[tuple[float, str]]:
    """Return where the axis of time is marked, on round times of the zone, and what stands there."""
    span = max(end - start, 1)
    step = next((size for size in TIME_STEPS if span / size <= most), TIME_STEPS[-1])
    offset = (datetime.fromtimestamp(start, zone).utcoffset() or datetime.min - datetime.min).total_seconds()
    first = math.ceil((start + offset) / step) * step - offset
    form = "%m-%d" if step >= DAY else "%H:%M"
    return [
        (moment, datetime.fromtimestamp(moment, zone).strftime(form))
        for index in range(int((end - first) // step) + 1)
        if (moment := first + index * step) <= end
    ]


def runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Return the stretches without a gap, as (step, value)."""
    stretch: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is None or not math.isfinite(value):
            if stretch:
                yield stretch
            stretch = []
        else:
            stretch.append((index, value))
    if stretch:
        yield stretch


def has_data(series: Sequence[Series]) -> bool:
    return any(True for one in series for _ in runs(one.values))


def last(values: Sequence[float | None]) -> float | None:
    """Return the last value there is."""
    return next((value for value in reversed(values) if value is not None and math.isfinite(value)), None)


def legend_mark(index: int) -> str:
    """Return the sign of a line for the words beside the plot."""
    return (
        f'<svg viewBox="-9 -6 18 12" class="key" aria-hidden="true"><path d="M-9 0 H9" class="line s{index}" stroke-width="2"/>'
        f'<path d="{SHAPES[index]}" class="m{index}"/></svg>'
    )


def plot(title: str, series: Sequence[Series], start: float, step: float, unit: str, zone: tzinfo) -> str:
    """Return the SVG of at most ``MAX_LINES`` lines, from ``start`` with a value each ``step`` seconds; '' without any value."""
    series = series[:MAX_LINES]
    if not has_data(series):
        return ""
    steps = max(len(one.values) for one in series)
    end = start + step * max(steps - 1, 1)
    top = max(value for one in series for run in runs(one.values) for _, value in run)
    ticks = value_ticks(top, unit)
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(index: float, value: float) -> tuple[float, float]:
        x = LEFT + wide * (index * step) / (end - start)
        return round(x, 1), round(TOP + tall * (1 - min(max(value / ticks[-1], 0), 1)), 1)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" class="plot" role="img" '
        f'aria-label="{_quoted(title)}">'
    ]
    for value in ticks:
        y = at(0, value)[1]
        out.append(f'<path d="M{LEFT} {y:g} H{WIDTH - RIGHT}" class="{"grid" if value else "axis"}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y + 4:g}" text-anchor="end">{escape(shown(value, unit))}</text>')
    for moment, words in time_ticks(start, end, zone):
        x = at((moment - start) / step, 0)[0]
        anchor = "end" if x > WIDTH - RIGHT - 16 else "middle"
        out.append(f'<path d="M{x:g} {HEIGHT - BOTTOM} v4" class="axis"/>')
        out.append(f'<text x="{x:g}" y="{HEIGHT - 8}" text-anchor="{anchor}">{escape(words)}</text>')
    for index, one in enumerate(series):
        out += _line(index, one.values, at, len(series))
    return "\n".join([*out, "</svg>"])


def _line(
    index: int, values: Sequence[float | None], at: Callable[[float, float], tuple[float, float]], among: int
) -> Iterator[str]:
    """Return one line: a path for each stretch, and marks on it, each line's at other places."""
    apart = max(1, len(values) // MARKS_PER_LINE)
    offset = apart * index // among
    for stretch in runs(values):
        points = [at(step, value) for step, value in stretch]
        path = " ".join(f"{'L' if number else 'M'}{x:g} {y:g}" for number, (x, y) in enumerate(points))
        yield f'<path d="{path}" class="line s{index}"/>'
        alone = len(stretch) == 1
        for (step, _), (x, y) in zip(stretch, points):
            if alone or step % apart == offset:
                yield f'<path d="{SHAPES[index]}" transform="translate({x:g} {y:g})" class="m{index}"/>'


def _quoted(words: str) -> str:
    return escape(words, {'"': "&quot;"})
