"""Plots: round ticks, units, gaps, nothing to draw, and nothing outside of the drawing."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from xml.etree import ElementTree

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report.lines_svg import Series

UTC = UTC
SEOUL = timezone(timedelta(hours=9))
NOON = 1_790_000_000 // 86400 * 86400 + 12 * 3600


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0, "count", "0"),
        (999, "count", "999"),
        (999.9, "count", "1 k"),
        (1234, "count", "1.23 k"),
        (1_500_000, "per_second", "1.5 M/s"),
        (0.25, "per_second", "0.25/s"),
        (1536, "bytes", "1.5 KiB"),
        (1023.9, "bytes", "1 KiB"),
        (5 * 1024**3, "bytes_per_second", "5 GiB/s"),
        (0.25, "seconds", "250 ms"),
        (90, "seconds", "90 s"),
        (7200, "seconds", "2 h"),
        (0.171, "percent", "17.1 %"),
        (None, "count", "-"),
        (float("nan"), "count", "-"),
    ],
)
def test_numbers_are_read_with_their_unit(value: float | None, unit: str, words: str) -> None:
    assert plots.shown(value, unit) == words


@pytest.mark.parametrize(
    ("most", "unit", "ticks"),
    [
        (0, "count", [0, 1]),
        (1, "count", [0, 1]),
        (3, "count", [0, 1, 2, 3]),
        (7, "count", [0, 2, 4, 6, 8]),
        (0.7, "seconds", [0, 0.2, 0.4, 0.6, 0.8]),
        (1.0, "percent", [0, 0.5, 1.0]),
        (3000, "bytes", [0, 1024, 2048, 3072]),
        (330, "seconds", [0, 120, 240, 360]),
        (float("inf"), "count", [0, 1]),
    ],
)
def test_the_axis_of_values_has_round_ticks(most: float, unit: str, ticks: list[float]) -> None:
    assert plots.value_ticks(most, unit) == pytest.approx(ticks)


@pytest.mark.parametrize("unit", ["count", "bytes", "seconds", "per_second"])
def test_the_axis_reaches_the_highest_value_with_few_ticks_that_all_read_differently(unit: str) -> None:
    for most in (10.0**power * factor for power in range(-4, 12) for factor in (1, 1.7, 3, 9.99)):
        ticks = plots.value_ticks(most, unit)
        assert ticks[-1] >= most * 0.999999 and 2 <= len(ticks) <= 6, most
        assert len({plots.shown(tick, unit) for tick in ticks}) == len(ticks), most


def test_times_are_round_in_the_zone_of_the_reader() -> None:
    assert [words for _, words in plots.time_ticks(NOON + 60, NOON + 3600, UTC)] == ["12:15", "12:30", "12:45", "13:00"]
    assert [words for _, words in plots.time_ticks(NOON, NOON + 6 * 3600, SEOUL)] == ["22:00", "00:00", "02:00"]
    assert all(words.count("-") == 1 for _, words in plots.time_ticks(NOON, NOON + 4 * 86400, SEOUL))


@pytest.mark.parametrize("hours", [0.1, 0.5, 1, 3, 6, 12, 24, 72, 168, 720, 2000])
def test_any_time_has_some_ticks(hours: float) -> None:
    ticks = plots.time_ticks(NOON + 7, NOON + 7 + hours * 3600, SEOUL)
    assert 1 <= len(ticks) <= 70 and all(NOON + 7 <= moment <= NOON + 7 + hours * 3600 for moment, _ in ticks)


def test_a_gap_breaks_the_line_and_a_lonely_value_is_a_mark() -> None:
    values = [1, 2, None, 3, float("nan"), 4, 5]
    assert list(plots.runs(values)) == [[(0, 1), (1, 2)], [(3, 3)], [(5, 4), (6, 5)]]
    drawn = plots.plot("t", [Series("a", values)], NOON, 60, "count", UTC)
    assert len(re.findall('class="line s0"', drawn)) == 3
    assert plots.last([1, 2, None]) == 2 and plots.last([None]) is None


@pytest.mark.parametrize("series", [[], [Series("a", [])], [Series("a", [None, None])], [Series("a", [float("nan")])]])
def test_nothing_to_draw_is_no_drawing(series: list[Series]) -> None:
    assert plots.plot("t", series, NOON, 60, "count", UTC) == ""


def test_one_value_alone_is_drawn() -> None:
    assert "m0" in plots.plot("t", [Series("a", [0.0])], NOON, 60, "count", UTC)


def test_everything_stays_inside_and_words_are_escaped() -> None:
    series = [Series(str(number), [number * 1e9, None, -5.0, 1e12, 3.0]) for number in range(9)]
    drawn = plots.plot('<script>"x"&', series, NOON, 3600, "bytes", SEOUL)
    root = ElementTree.fromstring(drawn)
    assert root.attrib["aria-label"] == '<script>"x"&' and "<script>" not in drawn
    numbers = re.findall(
        r"[ML](-?[\d.]+) (-?[\d.]+)", " ".join(path.attrib["d"] for path in root if "line" in path.get("class", ""))
    )
    assert numbers and all(0 <= float(x) <= plots.WIDTH and 0 <= float(y) <= plots.HEIGHT for x, y in numbers)
    assert "s5" in drawn and "s6" not in drawn


def test_each_line_has_a_shape_of_its_own() -> None:
    assert len(set(plots.SHAPES)) == plots.MAX_LINES
    assert len({plots.legend_mark(index) for index in range(plots.MAX_LINES)}) == plots.MAX_LINES
