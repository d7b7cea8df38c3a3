# SPDX-License-Identifier: Apache-2.0
"""Voters of a quorum added and removed, with Kafka's requests AddRaftVoter and RemoveRaftVoter to the controller that leads."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import NOT_TRIED
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, LoginError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.nodes import LISTENER
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import NOT_LEADER, Quorum, View, ask, told_no
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.plan import Step, hindrances, in_effect
from ansible_collections.estate.kafka.plugins.module_utils.kafka.wire import (
    ProtocolError,
    Reader,
    compact,
    exchange,
    message,
    read,
    uuid_bytes,
)
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll, poll_until
from ansible_collections.estate.kafka.plugins.module_utils.tls import NO_TLS

ADD, REMOVE = 80, 81
# Seconds for one request; the leader answers when a majority has the change.
REQUEST_SECONDS = 20.0
# Errors that pass: another change is still under way, there is another leader, nobody has answered in time.
TIMED_OUT = 7
PASSING = {NOT_LEADER, TIMED_OUT}


class Voters:
    """The quorum of one cluster, asked and changed at the addresses of its controllers."""

    def __init__(self, addresses: Sequence[str], cluster_id: str, timeout: float, tls: Mapping[str, str] = NO_TLS) -> None:
        self.addresses, self.cluster_id, self.timeout, self.tls = list(addresses), cluster_id, timeout, tls

    def view(self) -> View:
        """Return what the controllers say now; a voter that does not answer does not count as one that follows."""
        view = ask(self.addresses, tls=self.tls)
        return View(without(view.quorum, view.silent) if view.quorum else None, view.silent, view.refused)

    def leading(self) -> Quorum:
        """Return what the leader says, as soon as there is one; raises NoAnswerError when there is none in time."""
        view = poll(self.view, lambda view: bool(view.quorum or view.refused), self.timeout)
        if view.quorum:
            return view.quorum
        if view.refused:
            raise LoginError(told_no(view.refused))
        silent = "; ".join(f"{address} does not answer ({error})" for address, error in view.silent.items())
        raise NoAnswerError(
            "no controller leads the quorum, so its voters cannot be changed"
            + (f": {silent}. Bring back as many as a majority needs" if silent else "")
        )

    def carry_out(self, steps: Sequence[Step]) -> list[tuple[Step, str]]:
        """Take the steps one after the other, each when it may be; return those not taken, with the reason."""
        for number, step in enumerate(steps):
            left = steps[number:]
            reasons = poll_until(partial(self._hinders, left), self.timeout)
            reason = f"not within {self.timeout:.0f} s: {'; '.join(reasons)}" if reasons else self._take(step)
            if reason:
                return [(step, reason), *((later, NOT_TRIED) for later in left[1:])]
        return []

    def _hinders(self, steps: Sequence[Step]) -> list[str]:
        return hindrances(self.view().quorum, steps)

    def _take(self, step: Step) -> str:
        """Take one step, and see the leader show it; return '' or why it was refused.

        An answer that is lost, such as that of a leader that ends, says nothing: what the next one shows is what counts.
        """
        reason = ""

        def attempt() -> str | None:
            """Return '' once it is taken, why it is refused for good, or None for what passes."""
            nonlocal reason
            quorum = self.view().quorum
            if in_effect(quorum, step):
                return ""
            if quorum is None:
                return None
            try:
                code, reason = read(self._asked(quorum, step), _outcome)
            except (OSError, ProtocolError) as error:
                code, reason = TIMED_OUT, str(error) or type(error).__name__
            return None if code in {0, *PASSING} else f"{reason} (error code {code})"

        outcome = poll(attempt, lambda outcome: outcome is not None, self.timeout)
        if outcome is None:
            return f"not taken within {self.timeout:.0f} s: {reason or 'no controller leads the quorum'}"
        return outcome

    def _asked(self, quorum: Quorum, step: Step) -> bytes:
        return exchange(self._leader(quorum), self._request(step), REQUEST_SECONDS, self.tls)

    def _leader(self, quorum: Quorum) -> str:
        if quorum.leader not in quorum.addresses:
            raise ProtocolError(f"the address of the leader {quorum.leader} is not known")
        return quorum.addresses[quorum.leader]

    def _request(self, step: Step) -> bytes:
        who = struct.pack(">i", step.id) + uuid_bytes(step.directory)
        if not step.adds:
            return message(REMOVE, 0, compact(self.cluster_id) + who + b"\0")
        listener = compact(LISTENER) + compact(step.host) + struct.pack(">H", step.port) + b"\0"
        wait = struct.pack(">i", int(REQUEST_SECONDS * 1000))
        return message(ADD, 0, compact(self.cluster_id) + wait + who + b"\x02" + listener + b"\0")


def without(quorum: Quorum, silent: Collection[str]) -> Quorum:
    """Return a quorum of which the voters at these addresses follow no longer: the leader notices that some seconds later."""
    down = {node for node, address in quorum.addresses.items() if address in silent}
    return replace(quorum, voters=tuple(replace(one, behind=None) if one.id in down else one for one in quorum.voters))


def _outcome(reader: Reader) -> tuple[int, str]:
    reader.number("i")  # milliseconds of throttling
    return reader.number("h"), reader.text()


def checked(directories: Sequence[str]) -> None:
    """Raise ClusterError for an id of a directory that is none."""
    for directory in directories:
        try:
            size = len(uuid_bytes(directory))
        except ValueError:
            size = 0
        if size != 16:
            raise ClusterError(f"{directory!r} is no id of a directory")
