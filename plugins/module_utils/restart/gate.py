# SPDX-License-Identifier: Apache-2.0
"""Waiting until a cluster can lose a member, and until it has the member back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.errors import LoginError, PermissionMissingError
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until_stable
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import Member

# Between two questions to a cluster, in seconds; the metadata of a large one is no small answer.
PAUSE = 0.5
# Mistakes of the program, not of the cluster: waiting would not mend them.
MISTAKES = (TypeError, AttributeError, NameError, ImportError, SystemError)
# What waiting does not mend either.
REFUSALS = (LoginError, PermissionMissingError)


@dataclass(frozen=True)
class Gate:
    """What is in the way of a restart, and what it costs if nothing is; ``answered`` is whether the cluster could be asked."""

    blockers: list[str]
    costs: list[str]
    answered: bool


def goes_later(gate: Gate, member: Member) -> bool:
    """Return whether a member lets the others go first: it is the one to go last, or what ails the others is in its way."""
    return gate.answered if gate.blockers else member.last()


def wait_until_restartable(member: Member, down: Callable[[], bool], timeout: float, patient: bool) -> Gate:
    """Ask until a member may go, or for the first answer if not ``patient``; ``timeout`` is in seconds.

    A member that is ``down``, as it does not run or ends again and again, takes nothing away. Raises LoginError and
    PermissionMissingError when the cluster does not tell the toolkit what it must know.
    """
    costs: list[str] = []
    answered = False

    def ask() -> list[str]:
        nonlocal answered
        if down():
            with contextlib.suppress(Exception):
                # For what it remembers of the others.
                member.before()
            return []
        blockers = member.before()
        costs[:] = [] if blockers else member.warnings()
        answered = True
        return blockers

    def verdict() -> tuple[list[str], int]:
        nonlocal answered
        answered = False
        problems = _asked(ask, (*MISTAKES, *REFUSALS))
        return problems, 1 if not problems or (answered and not patient) else 0

    blockers = poll_until_stable(verdict, timeout, PAUSE)
    return Gate(blockers, costs, answered)


def wait_until_whole(ask: Callable[[], list[str]], timeout: float) -> list[str]:
    """Ask until nothing is lacking or the time, in seconds, is over; return the last answer."""

    def verdict() -> tuple[list[str], int]:
        problems = _asked(ask, MISTAKES)
        return problems, 0 if problems else 1

    return poll_until_stable(verdict, timeout, PAUSE)


def _asked(ask: Callable[[], list[str]], raised: tuple[type[Exception], ...]) -> list[str]:
    """Return an answer; an error of the network or a client library is one too, unless it is one of those to raise."""
    try:
        return ask()
    except raised:
        raise
    except Exception as error:  # every other error means the same: no answer yet
        return [f"{type(error).__name__}: {error}"]
