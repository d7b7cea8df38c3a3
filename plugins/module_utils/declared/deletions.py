# SPDX-License-Identifier: Apache-2.0
"""What may be deleted of the objects of a service: only what a run confirms by name.  Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DELETION_SPEC: dict[str, Any] = {
    "confirm_delete": {"type": "list", "elements": "str", "default": []},
    "prune": {"type": "bool", "default": False},
}


@dataclass(frozen=True)
class Deletion:
    """What may be deleted: the names confirmed, whether objects that are not listed go too, and patterns of what never goes."""

    confirmed: frozenset[str] = frozenset()
    prune: bool = False
    keep: tuple[str, ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Deletion:
        """Build it from a module's options."""
        return cls(frozenset(params["confirm_delete"]), params["prune"], tuple(params.get("keep", ())))


KEEP_ALL = Deletion()


def chosen(names: Collection[str], listed: Mapping[str, bool], unlisted: Iterable[str], deletion: Deletion) -> list[str]:
    """Return the objects that go, where :func:`unconfirmed` has refused nothing.

    ``listed`` says of each object in the list whether it is to be absent; ``unlisted`` are the others that could be deleted.
    """
    asked = [name for name, absent in listed.items() if absent and name in names]
    return asked + ([name for name in unlisted if name in deletion.confirmed] if deletion.prune else [])


def unconfirmed(
    names: Collection[str], listed: Mapping[str, bool], deletion: Deletion, loss: str, owner: Callable[[str], str] = lambda _: ""
) -> list[str]:
    """Return every deletion asked for that is not done, each with the reason and what to do instead.

    ``names`` are the objects that are there, ``listed`` is as in :func:`chosen`. ``loss`` says what a deletion costs, ``owner``
    who keeps an object, or '' when nobody does.
    """
    problems = []
    asked = [name for name, absent in listed.items() if absent and name in names]
    stray = [name for name in sorted(deletion.confirmed) if name in names and name not in asked]
    for name in (*asked, *stray):
        if kept := owner(name):
            problems.append(f"{name}: {kept}, which is never deleted here; take it out of the list")
        elif not listed.get(name, True):
            problems.append(
                f"{name}: confirm_delete names it, but it is listed as present; write state: absent, take it out, or limit "
                "the run to the cluster that is meant"
            )
        elif name in asked and name not in deletion.confirmed:
            problems.append(f"{name}: state is absent, and {loss}; confirm with confirm_delete: [{name}]")
        elif name in stray and not deletion.prune:
            problems.append(
                f"{name}: confirm_delete names it, but it is not listed; list it with state: absent, or switch prune on, or "
                "limit the run to the cluster that is meant"
            )
    return problems


def left_over(unlisted: Iterable[str], deletion: Deletion) -> dict[str, Any]:
    """Return what a result says of objects that are not listed and that nobody confirmed: nothing unless those are to go."""
    if not deletion.prune:
        return {}
    left = [name for name in unlisted if name not in deletion.confirmed]
    warning = f"not listed, and left because confirm_delete does not name them: {', '.join(left)}"
    return {"unlisted": left, **({"warnings": [warning]} if left else {})}
