"""The quorum of controllers: the bytes on the wire, and when one of them may be restarted."""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import (
    CAUGHT_UP_MS,
    Quorum,
    Replica,
    ask,
    controllers_of,
    describe,
    parsed,
    request,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.wire import ProtocolError, compact, read
from ansible_collections.estate.kafka.plugins.module_utils.restart import members
from ansible_collections.estate.kafka.plugins.module_utils.restart.rules import controller_blockers, controller_unsettled
from hypothesis import given
from hypothesis import strategies as st

# Recorded from Kafka 4.3.1: a controller that does not lead, with its sentence shortened.
FOLLOWER = bytes.fromhex(
    "000000010000000102135f5f636c75737465725f6d6574616461746102000000000006"
    "0a4e6f206c6561646572"
    "000000000000000000000000000000000101000001"
    "00"
)
# One that leads: 3001 votes alone, 3002, 3003 and broker 1 follow.
LEADER = bytes.fromhex(
    "000000010000000102135f5f636c75737465725f6d65746164617461020000000000000100000bb90000000600000000000004970200000bb9aff9f4c2b1"
    "d4db9975915474625c94880000000000000497000001a22bcd191d000001a22bcd191d000400000bbab66ebcbfbd6df4d9352a2809ecb933550000000000"
    "000497000001a22bcd17c8000001a22bcd17c80000000bbb14df77532a83787273a571fb1a0af37a0000000000000497000001a22bcd17ca000001a22bcd"
    "17ca0000000001ebce85d86defeac783780f5372c10a500000000000000497000001a22bcd17c0000001a22bcd17c00000000200000bb9020b434f4e5452"
    "4f4c4c4552106f6e652e71756f72756d2e746573742387000000"
)
# And of any of them, which controllers there are.
REGISTERED = bytes.fromhex(
    "00000001000000000000000002172d71756f72756d54657374457374617465436c75737400000bb90400000bb9106f6e652e71756f72756d2e7465737400"
    "002387000000000bba1074776f2e71756f72756d2e7465737400002387000000000bbb1274687265652e71756f72756d2e74657374000023870000800000"
    "0000"
)


def leader_says(leader: int, voters: list[tuple[int, int, int]], now: int = 100_000) -> bytes:
    """An answer as the leader gives it; a voter is its id, its end, and when it was last whole."""

    def rows(replicas: list[tuple[int, int, int]]) -> bytes:
        body = b"".join(
            struct.pack(">i16sqqq", node, bytes([node] * 16), end, now, whole) + b"\0" for node, end, whole in replicas
        )
        return bytes([len(replicas) + 1]) + body

    topic = b"__cluster_metadata"
    partition = struct.pack(">ihBiiq", 0, 0, 0, leader, 4, 17) + rows(voters) + rows([(1, 17, now)]) + b"\0"
    body = struct.pack(">hB", 0, 0) + b"\x02" + bytes([len(topic) + 1]) + topic + b"\x02" + partition + b"\0" + b"\1" + b"\0"
    return struct.pack(">i", 1) + b"\0" + body


def test_an_answer_of_the_leader() -> None:
    found = parsed(leader_says(2, [(1, 15, 99_700), (2, 17, 100_000), (3, -1, -1)]))
    ids = {number: base64.urlsafe_b64encode(bytes([number] * 16)).decode().rstrip("=") for number in (1, 2, 3)}
    voters = (Replica(1, 15, 300, ids[1]), Replica(2, 17, 0, ids[2]), Replica(3, -1, None, ids[3]))
    assert found == Quorum(2, 4, voters, (Replica(1, 17, 0, ids[1]),))
    assert [one.caught_up for one in found.voters] == [True, True, False]


def test_what_a_leader_said_once() -> None:
    found = parsed(LEADER)
    assert found is not None and not found.static
    assert found.voters == (Replica(3001, 1175, 0, "r_n0wrHU25l1kVR0YlyUiA"),)
    assert [one.key for one in found.observers] == [
        (3002, "tm68v71t9Nk1KigJ7LkzVQ"),
        (3003, "FN93UyqDeHJzpXH7Ggrzeg"),
        (1, "686F2G3v6seDeA9TcsEKUA"),
    ]
    assert found.addresses == {3001: "one.quorum.test:9095"}
    assert read(REGISTERED, controllers_of) == ["one.quorum.test:9095", "two.quorum.test:9095", "three.quorum.test:9095"]


def test_one_that_has_another_directory_now_is_known_by_the_one_that_follows() -> None:
    dead, back = Replica(3, 4, 90_000, "old"), Replica(3, 9, 3, "new")
    found = Quorum(1, 4, (Replica(1, 9, 0, "a"), dead), (back, Replica(3, 2, None, "older")))
    assert found.replica(3) is back and found.replica(4) is None
    assert Quorum(1, 4, (Replica(1, 9, 0),), ()).static


def test_one_that_does_not_lead_says_so() -> None:
    assert parsed(FOLLOWER) is None


@given(st.binary(max_size=200))
def test_what_is_no_answer_is_an_error_and_no_other(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        parsed(data)


@given(st.integers(0, len(LEADER) - 1))
def test_an_answer_that_was_cut_off_is_an_error(length: int) -> None:
    with contextlib.suppress(ProtocolError):
        assert parsed(LEADER[:length]) is None


@pytest.fixture
def controllers() -> Iterator[list[str]]:
    """One that follows, one that leads, one that closes every connection."""
    answers = [FOLLOWER, leader_says(3, [(number, 17, 100_000) for number in (1, 2, 3)]), b""]
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in answers]

    def serve(listener: socket.socket, answer: bytes) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                assert connection.recv(1000) == request()
                if answer:
                    connection.sendall(struct.pack(">i", len(answer)) + answer)

    for listener, answer in zip(sockets, answers):
        threading.Thread(target=serve, args=(listener, answer), daemon=True).start()
    yield [f"127.0.0.1:{listener.getsockname()[1]}" for listener in sockets]
    for listener in sockets:
        listener.close()


def test_all_are_asked_and_the_silent_ones_are_named(controllers: list[str]) -> None:
    view = ask([*controllers, "127.0.0.1:1"], 2)
    assert view.quorum is not None and view.quorum.leader == 3
    assert set(view.silent) == {controllers[2], "127.0.0.1:1"}
    assert describe(controllers[0], 2) is None


def test_the_leader_is_found_among_those_that_the_others_know() -> None:
    """As one is that the inventory no longer has: it still leads, and asked of the others alone the quorum would seem lost."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    follows, leads = (f"127.0.0.1:{one.getsockname()[1]}" for one in sockets)
    names = compact("127.0.0.1") + struct.pack(">i", int(leads.rpartition(":")[2])) + b"\0\0"
    known = struct.pack(">ib", 1, 0) + struct.pack(">ihBb", 0, 0, 0, 2) + compact("id") + struct.pack(">i", 1)
    known += b"\x02" + struct.pack(">i", 1) + names + struct.pack(">iB", 0, 0)
    answers = {0: {55: FOLLOWER, 60: known}, 1: {55: leader_says(1, [(1, 17, 100_000)])}}

    def serve(number: int) -> None:
        for _ in answers[number]:
            connection, _ = sockets[number].accept()
            with connection:
                (key,) = struct.unpack(">h", connection.recv(1000)[4:6])
                connection.sendall(struct.pack(">i", len(answers[number][key])) + answers[number][key])

    threads = [threading.Thread(target=serve, args=(number,), daemon=True) for number in (0, 1)]
    for thread in threads:
        thread.start()
    view = ask([follows, "127.0.0.1:1"], 5)
    assert view.quorum is not None and view.quorum.leader == 1 and set(view.silent) == {"127.0.0.1:1"}
    for thread, listener in zip(threads, sockets):
        thread.join(5)
        listener.close()


def quorum(leader: int = 3, **behind: int | None) -> Quorum:
    voters = {"1": 0, "2": 0, "3": 0, **{key.lstrip("n"): value for key, value in behind.items()}}
    return Quorum(leader, 4, tuple(Replica(int(node), 9, lag) for node, lag in sorted(voters.items())), (Replica(7, 9, 0),))


def test_one_of_three_that_keep_up_may_go() -> None:
    assert [controller_blockers(quorum(), node) for node in (1, 2, 3)] == [[], [], []]


@pytest.mark.parametrize("behind", [None, CAUGHT_UP_MS, 60_000])
def test_no_second_one_goes(behind: int | None) -> None:
    found = controller_blockers(quorum(n2=behind), 1)
    assert any("controller 2" in line for line in found) and "only 1 of 3 controllers would remain; a quorum needs 2" in found
    # Its own trouble is no reason: its restart may mend it.
    assert controller_blockers(quorum(n2=behind), 2) == []


def test_of_five_no_two_are_down_by_a_roll() -> None:
    found = controller_blockers(quorum(n4=0, n5=None), 1)
    assert len(found) == 1 and "controller 5" in found[0]


def test_one_alone_has_nothing_to_lose_and_one_that_is_no_voter_takes_nothing_away() -> None:
    alone = Quorum(1, 2, (Replica(1, 9, 0),), ())
    assert controller_blockers(alone, 1) == []
    assert controller_blockers(quorum(n2=None), 7) == []


def test_without_a_leader_nobody_goes() -> None:
    assert controller_blockers(None, 1) == ["no controller leads the quorum"]


def test_after_its_restart_it_follows_and_has_the_whole_log() -> None:
    assert controller_unsettled(quorum(), 1) == controller_unsettled(quorum(), 7) == []
    assert controller_unsettled(quorum(n1=9000), 1) == ["controller 1 is 9 s behind the leader"]
    assert controller_unsettled(quorum(n1=None), 1) == ["controller 1 does not follow the leader"]
    assert "has not reached the leader 3 yet" in controller_unsettled(quorum(), 9)[0]
    assert controller_unsettled(None, 1)


def test_the_active_one_goes_last(controllers: list[str]) -> None:
    def member(number: int) -> members.Controller:
        return members.Controller({"controller_id": number, "servers": controllers[:2]})

    assert [member(number).last() for number in (1, 2, 3)] == [False, False, True]
    assert member(1).before() == [] == member(1).after()


def test_one_that_waits_for_a_leader_goes_when_there_is_none_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]
    member = members.Controller({"controller_id": 1, "servers": gone})
    first = member.before()
    assert "no controller leads the quorum" in first[0] and len(first) == 4
    monkeypatch.setattr(members, "ELECTION_SECONDS", 0)
    assert member.before() == []
    # The others have to come back before it can follow anybody.
    assert member.after() == []
