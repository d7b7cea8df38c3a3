"""How a module that keeps declared objects ends: with the result of its reconciliation, or with the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError


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
