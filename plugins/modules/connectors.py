#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Connectors of a Connect cluster as the inventory has them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: connectors
short_description: Connectors of a Kafka Connect cluster as a list
version_added: 0.1.0
description:
  - Creates connectors that are missing, replaces settings that differ, pauses, resumes and stops, restarts what has failed,
    and waits until each is in its state with all its tasks.
  - Settings are validated by Connect before any connector is changed, in check mode too. Where Connect does not run
    yet, check mode shows all connectors as new, with a warning.
  - A connector whose settings are the same is not touched, so its tasks go on undisturbed.
  - Connectors that are not listed are left as they are. A connector is deleted only if O(confirm_delete) names it; what it
    has written, and how far it has read, stays in Kafka.
options:
  urls:
    description: REST addresses of the workers; the first that answers is asked.
    type: list
    elements: str
    required: true
  connectors:
    description: What must be there.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the connector., type: str, required: true}
      config:
        description:
          - All settings of the connector, C(connector.class) among them; one that is not listed is removed.
          - Required but for V(absent).
          - Values whose keys or types say that they are secret stay out of the diff, but Connect shows them to everybody who can
            ask it. So write where the secret is, such as C(${file:/etc/kafka-connect/secrets/connectors.properties:db}), and
            the secret itself into C(kafka_connect_secrets) of the workers.
        type: dict
      state:
        description: Whether it works; V(absent) deletes it, if O(confirm_delete) names it too.
        type: str
        choices: [running, paused, stopped, absent]
        default: running
  restart:
    description:
      - Names of listed connectors to restart with all their tasks in this run, so that they read changed secrets. One that is
        paused, stopped, new or changed needs none and gets none.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds for a request, a rebalance included, and for all connectors to reach their state.
    type: int
    default: 90
extends_documentation_fragment: [estate.kafka.deletions, ansible.builtin.action_common_attributes]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
  platform: {support: full, platforms: posix}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Mirror orders from kafka-1 to kafka-2
  estate.kafka.connectors:
    urls: ["http://peter-zk01.foo.bar:8083", "http://peter-zk02.foo.bar:8083"]
    connectors:
      - name: orders-mirror
        config:
          connector.class: org.apache.kafka.connect.mirror.MirrorSourceConnector
          source.cluster.alias: src
          target.cluster.alias: dst
          source.cluster.bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"
          target.cluster.bootstrap.servers: "{{ estate_topology.clusters['kafka-2'].bootstrap }}"
          topics: orders
          tasks.max: 1

- name: New password, old connector gone
  estate.kafka.connectors:
    urls: ["http://peter-zk01.foo.bar:8083"]
    connectors:
      - name: orders-to-database
        config:
          connector.class: io.example.DatabaseSink
          topics: orders
          connection.password: "${file:/etc/kafka-connect/secrets/connectors.properties:database}"
      - {name: clicks-to-database, state: absent}
    restart: [orders-to-database]
    confirm_delete: [clicks-to-database]
"""

RETURN = r"""
unlisted:
  description: Connectors that are there, not listed and not confirmed.
  type: list
  elements: str
  returned: with O(prune)
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["create orders-mirror"]
refused:
  description: What Connect refused or what did not reach its state, with the reason.
  type: list
  elements: str
  returned: failure
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.connect.client import Connect
from ansible_collections.estate.kafka.plugins.module_utils.connect.plan import (
    ABSENT,
    CONNECTOR_SPEC,
    IDLE,
    RESTART_ALL,
    Action,
    Connector,
    Wanted,
    applied,
    hidden,
    invalid,
    listed,
    not_installed,
    plan,
    refusals,
    remarks,
    unlisted,
    unsettled,
)
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import (
    DELETION_SPEC,
    KEEP_ALL,
    Deletion,
    chosen,
    left_over,
    unconfirmed,
)
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import diff, failure, shown
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import exit_with, one_by_one
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

# After a change a state counts when it is seen this many times in a row, for old tasks show for a moment,
# and a connector counts as having nothing to do when its tasks do not come this many times.
REPEATS = 8
IDLE_REPEATS = 50
NO_ANSWER = "Connect cannot be asked"


class Workers(Protocol):
    """What this module needs of a Connect cluster; see module_utils/connect_client.py."""

    def connectors(self) -> Mapping[str, Connector]:
        """Return all connectors."""

    def plugins(self) -> list[str]:
        """Return the classes of the connectors that are installed."""

    def validate(self, name: str, config: Mapping[str, str]) -> Any:
        """Return Connect's judgement of a connector's settings."""

    def create(self, name: str, config: Mapping[str, str], state: str) -> None:
        """Create a connector."""

    def update(self, name: str, config: Mapping[str, str]) -> None:
        """Replace the settings of a connector."""

    def steer(self, name: str, verb: str) -> None:
        """Pause, resume or stop a connector."""

    def restart(self, name: str, only_failed: bool) -> None:
        """Restart a connector and its tasks, or only what has failed of them."""

    def delete(self, name: str) -> None:
        """Delete a connector."""

    def poll_until(self, ask: Callable[[], tuple[list[str], int]]) -> list[str]:
        """Ask until the same verdict came often enough in a row, or the time is over; return the problems."""


def reconcile(
    workers: Workers,
    wanted: Sequence[Wanted],
    check_mode: bool,
    restart: Collection[str] = (),
    deletion: Deletion = KEEP_ALL,
) -> dict[str, Any]:
    """Bring the connectors to what is wanted, or in check mode only say what that takes; return the module's result."""
    if problems := refusals(wanted, restart):
        return failure("connectors", "nothing was changed", problems)
    by_name = {connector.name: connector for connector in wanted}
    current = workers.connectors()
    if problems := unconfirmed(current, listed(wanted), deletion, "its work would end"):
        return failure("connectors", "nothing was changed", problems)
    others = unlisted(current, wanted)
    gone = chosen(current, listed(wanted), others, deletion)
    before = {name: found for name, found in current.items() if name in by_name or name in gone}
    actions = plan(before, wanted, restart, gone)
    to_write = [by_name[action.connector] for action in actions if action.kind in ("create", "update")]
    if to_write and (problems := not_installed(to_write, workers.plugins())):
        return failure("connectors", "nothing was changed", problems)
    judgements = {connector.name: _judgement(workers, connector) for connector in to_write}
    if problems := [f"{name}: {line}" for name, judgement in judgements.items() for line in judgement[0]]:
        return failure("connectors", "Connect does not accept the settings; nothing was changed", problems)
    secret = {key for judgement in judgements.values() for key in judgement[1]}
    refused = [] if check_mode else one_by_one(actions, lambda action: _carry_out(workers, action, by_name))
    problems = [f"{action}: {reason}" for action, reason in refused]
    not_done = [action for action, _ in refused]
    done = [action for action in actions if action not in not_done]
    after = applied(before, wanted, done)
    result: dict[str, Any] = {
        "changed": bool(done),
        "actions": [str(action) for action in done],
        "diff": diff(shown(before), shown(after), secret),
    }
    if deletion.prune:
        result.update(left_over(others, deletion))
    if problems:
        return {**result, **failure("connectors", f"{len(problems)} of {len(actions)} steps refused, {len(done)} done", problems)}
    awaited = [*wanted, *(Wanted(name, {}, ABSENT) for name in gone if name not in by_name)]
    problems, notes = ([], []) if check_mode else _wait(workers, awaited, touched=bool(done))
    if problems:
        return {**result, **failure("connectors", "not in their state", problems)}
    return {**result, "warnings": [*result.get("warnings", []), *notes]} if notes else result


def _without_workers(wanted: Sequence[Wanted], restart: Collection[str]) -> dict[str, Any]:
    """Return what check mode says before Connect is installed, when nobody can validate."""
    if problems := refusals(wanted, restart):
        return failure("connectors", "nothing was changed", problems)
    actions = plan({}, wanted)
    after = applied({}, wanted, actions)
    return {"changed": bool(actions), "actions": [str(action) for action in actions], "diff": diff({}, shown(after))}


def _judgement(workers: Workers, connector: Wanted) -> tuple[list[str], set[str]]:
    """Return what is wrong with the settings, and which of them are secret."""
    try:
        answer = workers.validate(connector.name, connector.config)
    except ClusterError as error:
        return [str(error)], set()
    return invalid(answer, connector.config), hidden(answer)


def _carry_out(workers: Workers, action: Action, wanted: Mapping[str, Wanted]) -> None:
    if action.kind == "delete":
        workers.delete(action.connector)
        return
    connector = wanted[action.connector]
    if action.kind == "create":
        workers.create(connector.name, connector.config, connector.state)
    elif action.kind == "update":
        workers.update(connector.name, connector.config)
    elif action.kind in ("restart", RESTART_ALL):
        workers.restart(connector.name, only_failed=action.kind == "restart")
    else:
        workers.steer(connector.name, action.kind)


def _wait(workers: Workers, wanted: Sequence[Wanted], touched: bool) -> tuple[list[str], list[str]]:
    """Wait for every connector's state; return what is wrong, and what is only worth a note.

    A connector without tasks found nothing to do yet, which is no fault: a mirror may wait for its topics.
    """

    found: Mapping[str, Connector] = {}

    def ask() -> tuple[list[str], int]:
        nonlocal found
        try:
            found = workers.connectors()
        except ClusterError as error:
            return [f"{NO_ANSWER}: {error}"], 0
        mine = [found[connector.name] for connector in wanted if connector.name in found]
        problems = [
            f"{connector.name}: {line}" for connector in wanted for line in unsettled(found.get(connector.name), connector.state)
        ]
        if not problems or any(connector.failed() for connector in mine):
            return problems, REPEATS if touched else 1
        if all(line.endswith(IDLE) for line in problems):
            return problems, IDLE_REPEATS if touched else 1
        return problems, 0

    problems = workers.poll_until(ask)
    if any(line.startswith(NO_ANSWER) for line in problems):
        return problems, []
    notes = [line for line in problems if line.endswith(IDLE)]
    problems = [line for line in problems if line not in notes]
    notes += [f"{connector.name}: {line}" for connector in wanted for line in remarks(found.get(connector.name), connector.state)]
    return problems, notes


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "urls": {"type": "list", "elements": "str", "required": True},
            "connectors": {"type": "list", "elements": "dict", "options": CONNECTOR_SPEC, "required": True},
            "restart": {"type": "list", "elements": "str", "default": []},
            **DELETION_SPEC,
            "timeout": {"type": "int", "default": 90},
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted = [Wanted.of(item) for item in params["connectors"]]
    deletion = Deletion.of(params)

    def live(check_mode: bool) -> dict[str, Any]:
        return reconcile(Connect(params["urls"], params["timeout"]), wanted, check_mode, params["restart"], deletion)

    exit_with(module, "connectors", live, lambda: _without_workers(wanted, params["restart"]))


if __name__ == "__main__":
    main()
