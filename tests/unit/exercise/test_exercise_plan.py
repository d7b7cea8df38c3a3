"""The students exercise: what is sent, and how lost and doubled students are told apart."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.exercise.plan import (
    Sending,
    acknowledged,
    examine,
    problems,
    report,
    to_send,
    unread,
    version_of,
    versions,
)


def keys(run: str, *numbers: int, count: int = 3) -> list[str]:
    return [f"{run}/{number:06d}/{count}" for number in numbers]


def test_the_first_run_sends_everything() -> None:
    assert to_send([], 3, again=False, new_run="r1") == Sending("r1", 3, range(3))


def test_an_estate_that_has_them_is_sent_nothing() -> None:
    assert to_send(keys("r1", 0, 1, 2), 3, again=False, new_run="r2") is None


def test_a_run_cut_short_is_completed_with_its_own_count() -> None:
    assert to_send(keys("r1", 0, 2), 100, again=False, new_run="r2") == Sending("r1", 3, [1])


def test_only_the_last_run_is_completed() -> None:
    assert to_send(keys("r1", 0) + keys("r2", 0, 1, 2), 3, again=False, new_run="r3") is None


def test_a_new_run_when_asked_for() -> None:
    assert to_send(keys("r1", 0, 1, 2), 5, again=True, new_run="r2") == Sending("r2", 5, range(5))


def test_foreign_records_are_no_run() -> None:
    assert to_send(["", "some/key"], 3, again=False, new_run="r1") == Sending("r1", 3, range(3))


def test_what_retention_removed_is_not_lost() -> None:
    every, kept = acknowledged("0 4 r1/000000/2\n0 5 r1/000001/2\n1 0 r1/000002/2\n", {0: 5})
    assert len(every) == 3 and kept == {"r1/000001/2", "r1/000002/2"}


@pytest.mark.parametrize("torn", ["0", "0 4", "0 4 ", "0 4 r1", "0 4 r1/00000", "0 4 r1/000000/2", "0 4 r1/000000/2\n\n"])
def test_a_line_of_the_acknowledgements_that_was_cut_short_is_passed_over(torn: str) -> None:
    """Also where a later run has written on in the same line."""
    whole = "0 3 r0/000000/20\n"
    for log in (whole + torn, f"{whole}{torn}1 9 r2/000000/2\n{whole}"):
        every, kept = acknowledged(log, {})
        assert every == kept and "r0/000000/20" in every and every <= {"r0/000000/20", "r1/000000/2", "r2/000000/2"}


def test_lost_and_doubled_do_not_hide_each_other() -> None:
    expected = set(keys("r1", 0, 1, 2))
    place = examine("index", [*keys("r1", 0, 0, 1), "", "old"], expected)
    assert (place.records, place.distinct, place.lost, place.doubled, place.others) == (3, 2, 1, 1, 2)
    assert problems([place]) == ["index: 1 students lost", "index: 1 students doubled"]


def test_each_version_is_sent_for_itself() -> None:
    known = keys("20261121T120000", 0, 1, 2) + keys("v2-20261121T120001", 0, 2)
    assert version_of(known[0]) == "v1" and version_of(known[-1]) == "v2" and version_of("other") is None
    assert to_send(known, 3, again=False, new_run="v1-x") is None
    assert to_send(known, 9, again=False, new_run="v2-x") == Sending("v2-20261121T120001", 3, [1])
    assert to_send(known, 4, again=False, new_run="v3-x") == Sending("v3-x", 4, range(4))


def test_the_mirror_may_send_twice_and_the_table_says_so() -> None:
    one, two = keys("v1-r", 0, 1), keys("v2-r", 0)
    expected = {*one, *two}
    found = versions(expected, one + two, one + two + two, one + two)
    assert [astuple(version) for version in found] == [("v1", 2, 2, 2, 2, 0, 0), ("v2", 1, 1, 2, 1, 0, 1)]
    mirror = examine("mirror", one + two + two, expected)
    assert problems([mirror], "mirror") == [] and problems([mirror]) == ["mirror: 1 students doubled"]
    assert problems([examine("mirror", one, expected)], "mirror") == ["mirror: 1 students lost"]


def test_the_table_has_a_line_for_each_version() -> None:
    one, two = keys("v1-r", 0, 1, 2), keys("v2-r", 0)
    expected = {*one, *two}
    index = examine("index", [*expected, "x"], expected)
    text = report(versions(expected, one + two, one + two, one), [index], ["Done."])
    header, *rows = text.splitlines()
    assert header.split() == ["students", "sent", "upstream", "downstream", "indexed", "lost", "doubled"]
    assert [row.split() for row in rows[:2]] == [["v1", "3", "3", "3", "3", "0", "0"], ["v2", "1", "1", "1", "0", "1", "0"]]
    assert rows[2:] == ["Done.", "index also holds 1 records that are not of these runs."]


def test_a_reader_that_leaves_records_out_is_named() -> None:
    assert unread({"old": 100, "new": 101}, 100) == []
    assert unread({"old": 99, "new": 100}, 100) == ["the reader with the old schema read 99 of 100 records"]
