# SPDX-License-Identifier: Apache-2.0
"""How a filter says what its rule refuses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ansible.errors import AnsibleFilterError


def told(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule with its ValueError as an error of a filter, which ends the task."""

    @wraps(rule)
    def filtered(*args: Any, **options: Any) -> Any:
        try:
            return rule(*args, **options)
        except ValueError as error:
            raise AnsibleFilterError(str(error)) from error

    return filtered
