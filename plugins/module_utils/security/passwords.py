# SPDX-License-Identifier: Apache-2.0
"""Passwords of users of a secured cluster that nobody has written: their variables, and which are missing.  Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


def variable_of(cluster: str, user: str) -> str:
    """Return the variable that holds the password of a user whom the inventory gives none."""
    return "_".join(["kafka_password", *(re.sub(r"[^A-Za-z0-9]+", "_", part).strip("_").lower() for part in (cluster, user))])


def without_password(users: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of users who are to be there, and have no password in the inventory."""
    return [
        str(user["name"]) for user in users if user.get("state", "present") == "present" and user.get("password") in (None, "")
    ]


def needed(users: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, tuple[str, str]]:
    """Return by variable the cluster and the user it is for, from the users of each cluster.

    Raises ValueError where two users would share a variable.
    """
    found: dict[str, tuple[str, str]] = {}
    for cluster, some in users.items():
        for name in without_password(some):
            variable = variable_of(cluster, name)
            if found.setdefault(variable, (cluster, name)) != (cluster, name):
                other = " of ".join(reversed(found[variable]))
                what = f"{name} of {cluster} and {other}"
                raise ValueError(f"kafka_users: {what} would share the variable {variable}: give one of them a password")
    return found


def with_passwords(users: Sequence[Mapping[str, Any]], cluster: str, passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the users of a cluster, each with its password; ``passwords`` are by variable."""
    missing = set(without_password(users))

    def filled(user: Mapping[str, Any]) -> dict[str, Any]:
        password = passwords.get(variable_of(cluster, str(user["name"]))) if user["name"] in missing else None
        return {**user, "password": password} if password else dict(user)

    return [filled(user) for user in users]


def pending(variable: str) -> str:
    """Return the variable that keeps a new password until the cluster has it."""
    return f"next_{variable}"


def renewable(users: Mapping[str, Sequence[Mapping[str, Any]]], flows: Sequence[str], cluster: str, user: str) -> str:
    """Return the variable of a user whose password the toolkit can change; ``users`` are those of each cluster.

    Raises ValueError for any other, which says what to do instead. ``flows`` are users of flows.
    """
    if cluster not in users:
        raise ValueError(f"cluster is {cluster or 'not set'}; there are {', '.join(users)}")
    made = [name for name in without_password(users[cluster]) if name not in flows]
    if user in made:
        return variable_of(cluster, user)
    if user in flows:
        raise ValueError(
            f"user is {user}, one of a flow, whose password cannot be changed yet: its connectors would keep the old one"
        )
    if user in [str(one["name"]) for one in users[cluster]]:
        raise ValueError(
            f"user is {user}, whose password is written in the inventory: write another there, and run playbooks/objects.yml"
        )
    raise ValueError(f"user is {user or 'not set'}; cluster {cluster} has {', '.join(made)}")
