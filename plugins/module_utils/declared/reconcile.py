"""How a module that keeps declared objects carries its changes out, sees that they are there, and ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError

Action = TypeVar("Action")
UNKNOWN = "perhaps done, perhaps not; run again"
NOT_TRIED = "not tried; run again"


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


def seen(
    result: dict[str, Any],
    module: str,
    service: str,
    poll_until: Callable[[Callable[[], list[str]]], list[str]],
    missing: Callable[[], list[str]],
) -> dict[str, Any]:
    """Return the result of changes, as failed where the service does not show them in time.

    A service that does not answer for a moment is asked again, and what was done is told in any case.
    """

    def ask() -> list[str]:
        try:
            return missing()
        except ClusterError as error:
            return [f"it cannot be asked: {error}"]

    if lines := poll_until(ask):
        return {**result, **failure(module, f"{service} took the changes but does not show them", lines)}
    return result


def exit_with(
    module: Any, kind: str, reconcile: Callable[[bool], dict[str, Any]], without: Callable[[], dict[str, Any]] | None = None
) -> None:
    """End a module with the result of its reconciliation.

    ``reconcile`` takes whether this is check mode; ``without`` says what check mode shows for a service that is not there yet,
    if there is anything to show.
    """
    try:
        result = reconcile(module.check_mode)
    except NoAnswerError as error:
        result = without() if without and module.check_mode else {"failed": True, "msg": str(error)}
        if not result.get("failed"):
            module.warn(f"shown as if there were no {kind} yet: {error}")
    except ClusterError as error:
        module.fail_json(msg=str(error))
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
