# SPDX-License-Identifier: Apache-2.0
"""Items of declared lists, converted by their argument spec, so that what is checked is what is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


def without_nulls(value: Any, option: Mapping[str, Any]) -> Any:
    """Return a value without the null options in it: ``config:`` with nothing after it is an option that is not given.

    ``option`` is the argument spec of the value. A null in a mapping of free keys, such as a topic's config, stays.
    """
    options = option.get("options")
    if not options:
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [without_nulls(item, option) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: without_nulls(item, options.get(key, {})) for key, item in value.items() if item is not None or key not in options
    }


def _plain(value: Any) -> Any:
    """Return a value whose dictionaries and lists are Python's own.

    Those of a template hold all variables of their host, and the validator copies what it is given: that took a second and more.
    """
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def converted(items: Iterable[Any], options: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Return the items as Ansible converts them by their spec, and the mistakes: the index of an item and what is wrong.

    An item with mistakes is left out of the first list; the others have every option, with its default or None.
    """
    result: list[dict[str, Any]] = []
    mistakes: list[tuple[int, str]] = []
    for number, item in enumerate(items):
        if not isinstance(item, Mapping):
            mistakes.append((number, f"{item!r} is not a mapping of options"))
            continue
        found = ArgumentSpecValidator(dict(options)).validate(without_nulls(item, {"options": options}))
        if found.error_messages:
            mistakes += [(number, str(message)) for message in found.error_messages]
        else:
            result.append(found.validated_parameters)
    return result, mistakes
