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
  tls:
    description: Files with which workers are asked that want a certificate.
    type: dict
    suboptions:
      ca: {description: The authority of the workers., type: path, required: true}
      key: {description: A key with its certificate., type: path, required: true}
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
extends_documentation_fragment: [estate.kafka.deletions, estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
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

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.client import Connect
from ansible_collections.estate.kafka.plugins.module_utils.connect.connector import Connector
from ansible_collections.estate.kafka.plugins.module_utils.connect.plan import (
    ABSENT,
    CONNECTOR_SPEC,
    IDLE,
    RESTART_ALL,
    Action,
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
from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import (
    DELETION_SPEC,
    KEEP_ALL,
    Deletion,
    chosen,
    left_over,
    unconfirmed,
)
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import shown
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.http import TLS_SPEC, Tls
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until_stable

# After a change a state counts when it is seen this many times in a row, for old tasks show for a moment,
# and a connector counts as having nothing to do when its tasks do not come this many times.
REPEATS = 8
IDLE_REPEATS = 50
NO_ANSWER = "Connect cannot be asked"


def reconcile(
    workers: Connect | None,
    wanted: Sequence[Wanted],
    check_mode: bool,
    restart: Collection[str] = (),
    deletion: Deletion = KEEP_ALL,
) -> dict[str, Any]:
    """Bring the connectors to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[Connect, Action]:
        engine.refuse(refusals(wanted, restart))
        by_name = {connector.name: connector for connector in wanted}
        current = workers.connectors() if workers else {}
        engine.refuse(unconfirmed(current, listed(wanted), deletion, "its work would end"))
        others = unlisted(current, wanted)
        gone = chosen(current, listed(wanted), others, deletion)
        before = {name: found for name, found in current.items() if name in by_name or name in gone}
        actions = plan(before, wanted, restart, gone)
        to_write = [by_name[action.connector] for action in actions if action.kind in ("create", "update")]
        secret = _judged(workers, to_write) if workers else set()
        awaited = [*wanted, *(Wanted(name, {}, ABSENT) for name in gone if name not in by_name)]

        def carry_out(workers: Connect, actions: Sequence[Action]) -> list[tuple[Action, str]]:
            return engine.one_by_one(actions, lambda action: _carry_out(workers, action, by_name))

        return engine.Change(
            actions,
            shown(before),
            lambda done: shown(applied(before, wanted, done)),
            carry_out,
            lambda workers, touched: _wait(workers, awaited, touched),
            "not in their state",
            hidden=secret,
            more=left_over(others, deletion),
            counts="{refused} of {all} steps refused, {done} done",
        )

    return engine.reconcile("connectors", workers, planned, check_mode)


def _judged(workers: Connect, to_write: Sequence[Wanted]) -> set[str]:
    """Return which settings are secret; raises RefusedError where Connect does not accept the settings."""
    if to_write:
        engine.refuse(not_installed(to_write, workers.plugins()))
    judgements = {connector.name: _judgement(workers, connector) for connector in to_write}
    problems = [f"{name}: {line}" for name, judgement in judgements.items() for line in judgement[0]]
    engine.refuse(problems, "Connect does not accept the settings; nothing was changed")
    return {key for judgement in judgements.values() for key in judgement[1]}


def _judgement(workers: Connect, connector: Wanted) -> tuple[list[str], set[str]]:
    """Return what is wrong with the settings, and which of them are secret."""
    try:
        answer = workers.validate(connector.name, connector.config)
    except ClusterError as error:
        return [str(error)], set()
    return invalid(answer, connector.config), hidden(answer)


def _carry_out(workers: Connect, action: Action, wanted: Mapping[str, Wanted]) -> None:
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


def _wait(workers: Connect, wanted: Sequence[Wanted], touched: bool) -> tuple[list[str], list[str]]:
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

    problems = poll_until_stable(ask, workers.timeout)
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
            "tls": TLS_SPEC,
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

    def live() -> dict[str, Any]:
        workers = Connect(params["urls"], params["timeout"], Tls.of(params["tls"]))
        return reconcile(workers, wanted, module.check_mode, params["restart"], deletion)

    engine.exit_with(module, "connectors", live, lambda: reconcile(None, wanted, check_mode=True, restart=params["restart"]))


if __name__ == "__main__":
    main()
