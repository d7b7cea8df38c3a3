# SPDX-License-Identifier: Apache-2.0
"""From the SCRAM users a cluster has and those it should have to the changes between them.  Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion, unconfirmed
from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at

# Mechanisms -> numbers of Kafka's protocol.
MECHANISMS = {"SCRAM-SHA-256": 1, "SCRAM-SHA-512": 2}
MIN_ITERATIONS, MAX_ITERATIONS = 4096, 16384
# When the password of a user who is there already is set again.
UPDATE_PASSWORD = ("changed", "on_create", "always")

USER_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "mechanism": {"type": "str", "default": "SCRAM-SHA-512", "choices": list(MECHANISMS)},
    "iterations": {"type": "int"},
    "password": {"type": "str", "no_log": True},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
}


@dataclass(frozen=True, order=True)
class Login:
    """A user with one mechanism: what Kafka keeps one password for."""

    user: str
    mechanism: str

    def __str__(self) -> str:
        return f"{self.user} ({self.mechanism})"


@dataclass(frozen=True)
class Credential:
    """What is known of a login; Kafka never gives a password back."""

    iterations: int
    password: str = "kept"

    def shown(self) -> dict[str, Any]:
        """Return it as one flat mapping, for a diff."""
        return {"iterations": self.iterations, "password": self.password}


@dataclass(frozen=True)
class Wanted:
    """A login as the inventory has it."""

    login: Login
    password: str | None = field(default=None, repr=False)
    iterations: int | None = None
    present: bool = True

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list."""
        login = Login(params["name"], params["mechanism"])
        return cls(login, params["password"], params["iterations"], params["state"] == "present")


@dataclass(frozen=True)
class Action:
    """A change of one login."""

    login: Login


@dataclass(frozen=True)
class Write(Action):
    """A login to be made, or given another password or another number of iterations."""

    iterations: int
    password: str = field(repr=False)
    why: str

    def __str__(self) -> str:
        return f"create {self.login}" if self.why == "create" else f"set {self.why} of {self.login}"


@dataclass(frozen=True)
class Delete(Action):
    """A login to be removed."""

    def __str__(self) -> str:
        return f"delete {self.login}"


def login_problems(login: Mapping[str, Any] | None, update_password: str) -> list[str]:
    """Return why passwords cannot be tried with these client settings, where they have to be."""
    if update_password != "changed":
        return []
    if not login:
        return ["update_password is 'changed', but there is nowhere to log in: give login, or choose another value"]
    problems = []
    if not login.get("bootstrap.servers"):
        problems.append("login has no bootstrap.servers: give it as host:port,host:port of a listener with SASL")
    if not str(login.get("security.protocol", "")).upper().startswith("SASL_"):
        problems.append("login has no security.protocol of SASL_SSL or SASL_PLAINTEXT: without one every password is let in")
    return problems


def unlisted(current: Iterable[Login], wanted: Iterable[Wanted]) -> list[Login]:
    """Return the logins that are there and not listed."""
    return sorted(set(current) - {item.login for item in wanted})


def with_pruned(current: Iterable[Login], wanted: Sequence[Wanted], deletion: Deletion) -> list[Wanted]:
    """Return the list together with the logins that go because it does not have them."""
    others = unlisted(current, wanted) if deletion.prune else []
    return [*wanted, *(Wanted(login, present=False) for login in others if login.user in deletion.confirmed)]


def refused_deletions(current: Collection[Login], wanted: Sequence[Wanted], deletion: Deletion, own: str) -> list[str]:
    """Return every removal asked for that is not done, each with what to do instead; ``own`` is who this run logs in as.

    Who is listed may be confirmed for another mechanism, which is pruned.
    """
    absent = {item.login.user for item in wanted if not item.present and item.login in current}
    others = {login.user for login in unlisted(current, wanted)} - absent
    names = {item.login.user for item in wanted}
    listed = {user: user in absent for user in names if user in absent or not (deletion.prune or user in others)}
    users = {login.user for login in current}
    loss = "its clients would be shut out"
    return unconfirmed(users, listed, deletion, loss, lambda user: "the user of this run" if user == own else "")


def refusals(wanted: Iterable[Wanted]) -> list[Refusal]:
    """Return everything asked for that is impossible, each with what to do instead."""
    problems: list[Refusal] = []
    seen: set[Login] = set()
    for number, item in enumerate(wanted):
        lines: list[str] = ["listed twice; keep one entry"] if item.login in seen else []
        seen.add(item.login)
        if not item.login.user:
            problems.append(Refusal("an item of the list has an empty name; give it one", number, ".name"))
        if item.present and item.login.user.startswith("User:"):
            lines.append(at(".name", f"a name stands without its type here; write name: {item.login.user[len('User:') :]}"))
        if item.present and not item.password:
            lines.append(at(".password", "has no password; give it one"))
        if item.iterations is not None and not MIN_ITERATIONS <= item.iterations <= MAX_ITERATIONS:
            taken = f"Kafka takes {MIN_ITERATIONS} to {MAX_ITERATIONS}"
            lines.append(at(".iterations", f"iterations is {item.iterations}; {taken}"))
        problems += [Refusal.about(str(item.login), number, line) for line in lines]
    return problems


def to_try(current: Mapping[Login, int], wanted: Iterable[Wanted], update_password: str) -> list[Wanted]:
    """Return those whose password must be tried to know whether it is the listed one."""
    if update_password != "changed":
        return []
    return [item for item in wanted if item.present and item.login in current]


def plan(
    current: Mapping[Login, int], wanted: Sequence[Wanted], rejected: Collection[Login], update_password: str
) -> list[Action]:
    """Return the changes; ``rejected`` are the logins whose listed password the cluster did not take."""
    actions: list[Action] = []
    for item in wanted:
        found = current.get(item.login)
        iterations = item.iterations or found or MIN_ITERATIONS
        if not item.present:
            if found is not None:
                actions.append(Delete(item.login))
            continue
        due = []
        if item.login in rejected or update_password == "always":
            due.append("password")
        if iterations != found:
            due.append("iterations")
        why = "create" if found is None else " and ".join(due)
        if why:
            actions.append(Write(item.login, iterations, item.password or "", why))
    return actions


def applied(current: Mapping[Login, Credential], actions: Iterable[Action]) -> dict[Login, Credential]:
    """Return the logins as they will be after the actions."""
    result = dict(current)
    for action in actions:
        if isinstance(action, Write):
            kept = action.why == "iterations"
            result[action.login] = Credential(action.iterations, "kept" if kept else "as listed")
        else:
            result.pop(action.login, None)
    return result


def known(current: Mapping[Login, int], wanted: Iterable[Wanted]) -> dict[Login, Credential]:
    """Return those of the listed logins that exist, for a diff."""
    return {item.login: Credential(current[item.login]) for item in wanted if item.login in current}


def shown(credentials: Mapping[Login, Credential]) -> dict[str, dict[str, Any]]:
    """Return the logins by name, the way ``diff`` takes them."""
    return {str(login): credential.shown() for login, credential in credentials.items()}


def missing_changes(done: Iterable[Action], found: Mapping[Login, int], rejected: Collection[Login]) -> list[str]:
    """Return which of the changes the cluster does not show yet, or does not let in yet."""
    missing = []
    for action in done:
        expected = action.iterations if isinstance(action, Write) else None
        if found.get(action.login) != expected:
            missing.append(f"{action}: not there")
        elif action.login in rejected:
            missing.append(f"{action}: a login with the new password is refused")
    return missing
