# SPDX-License-Identifier: Apache-2.0
"""The engine of every module that keeps declared objects of a running service.

A module says what it would do, a :class:`Change`, having read and planned and been refused nothing.  The engine does the rest,
the same for all of them: carry out, unless this is check mode; tell what was done and what was not; wait until the service
shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import Objects, diff, failure
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until


class Timed(Protocol):
    """A service with the seconds it may take to show a change."""

    timeout: float


Service = TypeVar("Service", bound=Timed)
Action = TypeVar("Action")
UNKNOWN = "perhaps done, perhaps not; run again"
NOT_TRIED = "not tried; run again"


class RefusedError(Exception):
    """What is asked for is not done at all: a sentence, and one line for each object with its reason."""

    def __init__(self, what: str, lines: Sequence[str]) -> None:
        super().__init__(what)
        self.what, self.lines = what, list(lines)


def refuse(problems: Sequence[str], what: str = "nothing was changed") -> None:
    """Raise RefusedError if there are problems, one line each."""
    if problems:
        raise RefusedError(what, problems)


def refuse_rejected(rejected: Sequence[tuple[object, str]], what: str) -> None:
    """Raise RefusedError if the service, asked beforehand, would not take some of the actions; each comes with its reason."""
    refuse([f"{action}: {reason}" for action, reason in rejected], f"{what}; nothing was changed")


@dataclass(frozen=True)
class Change(Generic[Service, Action]):
    """What a module would do to a service, planned and accepted, and not yet done.

    ``before`` is what is there and ``after`` what the actions done lead to, both as ``diff`` takes them, as ``hidden`` is.
    ``carry_out`` returns the actions that the service refused, each with the reason.
    ``wait`` is called after a run in which nothing was refused, with whether anything was done; it returns what the service
    lacks and what is worth a warning.  ``unseen`` says what such a lack means.
    ``more`` are further keys of the result; ``counts`` is the sentence about refusals.
    """

    actions: Sequence[Action]
    before: Objects
    after: Callable[[Sequence[Action]], Objects]
    carry_out: Callable[[Service, Sequence[Action]], Sequence[tuple[Action, str]]]
    wait: Callable[[Service, bool], tuple[list[str], list[str]]] = lambda service, touched: ([], [])
    unseen: str = "the cluster took the changes but does not show them"
    hidden: Collection[str] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    counts: str = "{refused} of {all} changes refused, {done} were done"


def reconcile(
    module: str, service: Service | None, planned: Callable[[], Change[Service, Action]], check_mode: bool
) -> dict[str, Any]:
    """Carry out what ``planned`` returns, or in check mode only say it; return the module's result.

    ``service`` is None in check mode where it is not there yet.  ``planned`` raises RefusedError where nothing is to be done.
    """
    try:
        change = planned()
    except RefusedError as error:
        return failure(module, error.what, error.lines)
    live = None if check_mode else service
    refused = change.carry_out(live, change.actions) if live else []
    not_done = [action for action, _ in refused]
    done = [action for action in change.actions if action not in not_done]
    result: dict[str, Any] = {
        "changed": bool(done),
        "actions": [str(action) for action in done],
        "diff": diff(change.before, change.after(done), change.hidden),
        **change.more,
    }
    if refused:
        what = change.counts.format(refused=len(refused), all=len(change.actions), done=len(done))
        return {**result, **failure(module, what, [f"{action}: {reason}" for action, reason in refused])}
    lacking, notes = change.wait(live, bool(done)) if live else ([], [])
    if lacking:
        return {**result, **failure(module, change.unseen, lacking)}
    return {**result, "warnings": [*result.get("warnings", []), *notes]} if notes else result


def until_shown(missing: Callable[[Service], list[str]]) -> Callable[[Service, bool], tuple[list[str], list[str]]]:
    """Return a ``wait`` that asks for what is missing until nothing is, or the service's time is over.

    A service that does not answer for a moment is asked again.
    """

    def wait(service: Service, touched: bool) -> tuple[list[str], list[str]]:
        def ask() -> list[str]:
            try:
                return missing(service)
            except ClusterError as error:
                return [f"it cannot be asked: {error}"]

        return poll_until(ask, service.timeout) if touched else [], []

    return wait


def one_by_one(actions: Iterable[Action], carry_out: Callable[[Action], object]) -> list[tuple[Action, str]]:
    """Carry actions out one after the other; return those refused, with the reason.

    Once nobody answers, nothing more is tried: what was done until then is told, and each further try would wait in vain.
    """
    refused: list[tuple[Action, str]] = []
    gone = False
    for action in actions:
        try:
            if gone:
                refused.append((action, NOT_TRIED))
            else:
                carry_out(action)
        except NoAnswerError as error:
            gone = True
            refused.append((action, f"{UNKNOWN}: {error}"))
        except ClusterError as error:
            refused.append((action, str(error)))
    return refused


def exit_with(
    module: Any, kind: str, live: Callable[[], dict[str, Any]], without: Callable[[], dict[str, Any]] | None = None
) -> None:
    """End a module with the result of its reconciliation.

    ``live`` reconciles with the service; ``without`` says what check mode shows for one that is not there yet, if there is
    anything to show. ``kind`` names the objects in the warning about that.
    """
    try:
        result = live()
    except NoAnswerError as error:
        result = without() if without and module.check_mode else {"failed": True, "msg": str(error)}
        if not result.get("failed"):
            module.warn(f"shown as if there were no {kind} yet: {error}")
    except ClusterError as error:
        module.fail_json(msg=str(error))
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
