#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""SCRAM users of a cluster as the inventory has them, in one connection."""

from __future__ import annotations

DOCUMENTATION = r"""
module: scram_users
short_description: SCRAM users of a Kafka cluster as a list
version_added: 0.1.0
description:
  - Makes the users that are missing, and sets passwords and iterations. Users that are not listed are left as they are.
    A user is removed only if O(confirm_delete) names it, and never the one that O(client) logs in as.
  - With O(prune) a mechanism that is not listed goes too, of a user whom O(confirm_delete) names. It needs the right to
    describe the cluster.
  - Kafka never gives a password back. Whether a user still has the listed one is found out by logging in with it where
    O(login) says so; otherwise see O(update_password).
  - The password is salted and hashed on the host that runs the module; Kafka gets the hash. Neither is ever shown.
  - In check mode a cluster that does not run yet is shown as one without users, with a warning.
options:
  users:
    description: What must be there; one entry for each mechanism of a user.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the user without its type., type: str, required: true}
      mechanism:
        description: The mechanism it logs in with.
        type: str
        default: SCRAM-SHA-512
        choices: [SCRAM-SHA-256, SCRAM-SHA-512]
      iterations:
        description: Rounds of hashing, 4096 to 16384; 4096 for a new user when it is left out, otherwise those it has.
        type: int
      password: {description: Its password; needed unless it is to be absent., type: str}
      state: {description: Whether it may log in., type: str, default: present, choices: [present, absent]}
  login:
    description:
      - Settings of librdkafka for a listener with SASL, where passwords are tried; at least C(bootstrap.servers) and
        C(security.protocol). Mechanism, name and password are those of each user.
      - Every user in the list is logged in once in each run, in check mode too. A password that is not right leaves a failed
        login in the broker's log.
    type: dict
  update_password:
    description:
      - V(changed) sets a password where a login with the listed one is refused; it needs O(login).
      - V(on_create) sets passwords of new users alone, so a password changed in the list is not carried over.
      - V(always) sets them in every run, which then always reports a change.
      - Without it V(changed) when O(login) is given, else V(on_create).
    type: str
    choices: [changed, on_create, always]
extends_documentation_fragment:
  - estate.kafka.client
  - estate.kafka.deletions
  - estate.kafka.attributes
  - ansible.builtin.action_common_attributes
requirements:
  - kafka-python, which the C(kafka-client) release brings to every broker host
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Users of kafka-1
  estate.kafka.scram_users:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    login: {bootstrap.servers: "peter-kafka01.foo.bar:9094", security.protocol: SASL_PLAINTEXT}
    users:
      - {name: shop, password: "{{ vault_shop_password }}", iterations: 8192}
      - {name: former, state: absent}
    confirm_delete: [former]
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["create shop (SCRAM-SHA-512)", "set password of web (SCRAM-SHA-512)"]
unlisted: {description: "Users that are there, not listed and not confirmed.", type: list, elements: str, returned: with O(prune)}
refused: {description: "What was refused, with its reason and a remedy.", type: list, elements: str, returned: failure}
"""

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import DELETION_SPEC, KEEP_ALL, Deletion, left_over
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.client import LiveUsers
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.plan import (
    UPDATE_PASSWORD,
    USER_SPEC,
    Action,
    Wanted,
    Write,
    applied,
    known,
    login_problems,
    missing_changes,
    plan,
    refusals,
    refused_deletions,
    shown,
    to_try,
    unlisted,
    with_pruned,
)
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def reconcile(
    cluster: LiveUsers | None,
    wanted: Sequence[Wanted],
    update_password: str,
    check_mode: bool,
    deletion: Deletion = KEEP_ALL,
    own: str = "",
) -> dict[str, Any]:
    """Bring the users to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[LiveUsers, Action]:
        current = cluster.users() if cluster else {}
        engine.refuse(refusals(wanted) + refused_deletions(current, wanted, deletion, own))
        left = [str(login) for login in unlisted(current, wanted) if login.user not in deletion.confirmed]
        everybody = with_pruned(current, wanted, deletion)
        tried = {item.login: item.password or "" for item in to_try(current, everybody, update_password)}
        actions = plan(current, everybody, cluster.rejected(tried) if cluster else (), update_password)
        before = known(current, everybody)
        new = {action.login: action.password for action in actions if isinstance(action, Write)}
        to_prove = new if update_password == "changed" else {}
        return engine.Change(
            actions,
            shown(before),
            lambda done: shown(applied(before, done)),
            lambda cluster, actions: cluster.apply(actions),
            engine.until_shown(lambda cluster: missing_changes(actions, cluster.users(), cluster.rejected(to_prove))),
            more=left_over(left, deletion),
        )

    return engine.reconcile("scram_users", cluster, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "users": {"type": "list", "elements": "dict", "options": USER_SPEC, "required": True},
            "login": {"type": "dict"},
            "update_password": {"type": "str", "choices": list(UPDATE_PASSWORD), "no_log": False},
            **DELETION_SPEC,
        },
        supports_check_mode=True,
    )
    params = module.params
    login = params["login"]
    wanted = [Wanted.of(item) for item in params["users"]]
    update = params["update_password"] or ("changed" if login else "on_create")
    deletion = Deletion.of(params)
    own = str(params["client"].get("sasl.username", ""))
    if problems := login_problems(login, update):
        module.fail_json(**failure("scram_users", "nothing was changed", problems))

    def live() -> dict[str, Any]:
        with Requests(params["client"], params["timeout"]) as requests:
            names = {*(item.login.user for item in wanted), *deletion.confirmed}
            users = LiveUsers(requests, login, names, deletion.prune)
            return reconcile(users, wanted, update, module.check_mode, deletion, own)

    engine.exit_with(module, "users", live, lambda: reconcile(None, wanted, update, check_mode=True, deletion=deletion))


if __name__ == "__main__":
    main()
