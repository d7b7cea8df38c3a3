# SPDX-License-Identifier: Apache-2.0
"""Users and groups of the components against those of a host.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem

DATA_STAYS = "Files keep the id they were made with: write the id that is there, or change it by hand with everything it owns"


def accounts(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Users and groups that are to be there and are not, and ids that a host has given to others.

    ``observed["accounts"]`` is ``{"users": {name: id}, "groups": {name: id}}``, with all users and groups asked about by
    name or id.
    """
    there = observed.get("accounts")
    if not there:
        return []
    problems: list[Problem] = []
    for row in carried["components"]:
        account, role = row.get("account") or {}, row["component"]
        if not account.get("user"):
            continue
        for kind, name, number in (
            ("user", account["user"], account.get("uid")),
            ("group", account["group"], account.get("gid")),
        ):
            problems += _one(host, role, kind, name, number, account["manage"], there[f"{kind}s"])
    return problems


def _one(
    host: str, role: str, kind: str, name: str, number: int | None, manage: bool, there: Mapping[str, int]
) -> Iterator[Problem]:
    variable = f"{role}_{'uid' if kind == 'user' else 'gid'}"
    if name not in there:
        if not manage:
            remedy = f"Make the {kind} before, or remove {role}_manage_user: false"
            yield Problem(host, f"{role}_{kind}", f"no {kind} {name!r} on the host", remedy)
        owner = next((other for other, one in there.items() if number is not None and one == number), "")
        if owner:
            yield Problem(host, variable, f"{number}, which is the id of the {kind} {owner!r} there", "Choose an id that is free")
    elif number is not None and there[name] != number:
        yield Problem(host, variable, f"{number}, where the {kind} {name!r} has the id {there[name]}", DATA_STAYS)
