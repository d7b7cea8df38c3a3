"""The indexer of the exercise commits nothing that is not written, nor anything behind it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from index import Index, Refused, Work


class Message:
    """A record of partition 0."""

    def __init__(self, offset: int, student: bytes | None = b"") -> None:
        self.place = ("t", 0, offset)
        self.student = student

    def topic(self) -> str:
        return self.place[0]

    def partition(self) -> int:
        return self.place[1]

    def offset(self) -> int:
        return self.place[2]

    def headers(self) -> list[tuple[str, bytes]] | None:
        return None if self.student is None else [("other", b"x"), ("student", self.student)]

    def value(self) -> bytes:
        return b""

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_700_000_000_042


class Elastic:
    """Answers bulk requests one after the other."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def bulk(self, **request: Any) -> dict[str, Any]:
        return self.answers.pop(0)


def index(*answers: dict[str, Any]) -> Index:
    made = Index("http://none:1", "students", 1, 60)
    made.elastic = Elastic(*answers)  # type: ignore[assignment]
    return made


def refusal(status: int) -> dict[str, Any]:
    return {
        "errors": True,
        "items": [{"index": {"status": 201}}, {"index": {"_id": "b", "status": status, "error": {"type": "x"}}}],
    }


def test_a_record_becomes_two_lines_and_one_of_another_program_is_known_by_its_place() -> None:
    body = index().body([Message(7, b'a"\xc3\xa9'), Message(8, None)], lambda _: {"name": "Ada"})  # type: ignore[arg-type]
    lines = [json.loads(line) for line in body.decode().splitlines()]
    assert body.endswith(b"\n") and [one["index"]["_id"] for one in lines[::2]] == ['a"é', "t-0-8"]
    assert lines[1] == {"name": "Ada", "timestamp": "2023-11-14T22:13:20.042Z", "id": 'a"é'}


def test_what_is_refused_for_good_is_raised_and_what_passes_by_itself_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"errors": False}
    for answers, left in ([refusal(400), refusal(400), good], [good]), ([refusal(429), refusal(503), good], []):
        made = index(*answers)
        monkeypatch.setattr("index.time.sleep", lambda _: None)
        if left:
            with pytest.raises(Refused, match=r"1 documents refused.*'b'"):
                made.patiently(lambda made=made: made.bulk(b""))
        else:
            made.patiently(lambda made=made: made.bulk(b""))
        assert made.elastic.answers == left  # type: ignore[attr-defined]


def test_documents_that_are_written_when_sent_once_more_are_not_refused() -> None:
    made = index({"errors": True}, {"items": [{"index": {"status": 200}}]})
    made.bulk(b"")
    assert made.elastic.answers == []  # type: ignore[attr-defined]


def test_nothing_behind_a_refused_batch_is_committed() -> None:
    committed: list[int] = []
    written: list[Any] = [[0.1], [0.1], Refused([{"status": 400}]), [0.1]]

    def write(messages: Any, read: Any) -> list[float]:
        done: Any = written[messages[0].offset()]
        if isinstance(done, Refused):
            raise done
        return [float(delay) for delay in done]

    consumer = SimpleNamespace(commit=lambda offsets, asynchronous: committed.extend(one.offset for one in offsets))
    work = Work(SimpleNamespace(write=write), None, consumer)  # type: ignore[arg-type]
    for offset in range(4):
        work.add([Message(offset)])
    # The second time is the revocation of the partitions when the consumer is closed.
    for _ in range(2):
        with pytest.raises(Refused):
            work.drain(0)
    assert committed and max(committed) <= 2 and len(work.delays) == 2
