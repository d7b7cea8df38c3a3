#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Starts a service of the toolkit, waits until it serves, and says whether it runs with the files on disk."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service
short_description: A systemd service that is enabled, running, and known to run with the files on disk
version_added: 0.1.0
description:
  - Reloads systemd when a unit file changed, enables and starts the unit, and waits until a probe succeeds.
  - Never restarts a running service. It returns in RV(stale) the watched files that changed after the process started;
    M(estate.kafka.restart) restarts safely. A service with such files is not waited for.
  - Files of O(reload) are taken over by the running process. The unit reloads it, and the module waits until the process says
    that it has done so; a process that a restart is due for is not reloaded. A broker is told by O(reload_broker); where it
    does not take the files, they count as those of RV(stale), with a warning.
options:
  name: {description: Unit name without C(.service)., type: str, required: true}
  watch:
    description: Files the process reads at its start; the unit records their sha256 in C(/run/<name>/started-with).
    type: list
    elements: path
    default: []
  reload:
    description: Files and directories read anew on a reload; the unit records their sha256 in C(/run/<name>/loaded-with).
    type: list
    elements: path
    default: []
  reload_metric:
    description:
      - Beginning of the names of the two metrics at the probe's port that tell of a reload,
        C(<it>_config_last_reload_successful) and C(<it>_config_last_reload_success_timestamp_seconds).
    type: str
    default: ""
  reload_broker:
    description:
      - The broker that takes O(reload) over, which are keys, certificates and authorities. It is told through the brokers, and
        shows the new certificates afterwards.
    type: dict
    suboptions:
      broker_id: {description: Its id., type: int, required: true}
      host: {description: Where it listens., type: str, required: true}
      client: {description: Settings of librdkafka with which the brokers are asked., type: dict, required: true}
      served: {description: Files of certificates by the port that shows them., type: dict, default: {}}
  changed_paths:
    description: Files the same play would write; in check mode those of them that are watched count as changed.
    type: list
    elements: path
    default: []
  wait: {description: Wait for the probe., type: bool, default: true}
  timeout: {description: Seconds to wait for the probe., type: int, default: 120}
  storage:
    description:
      - Directories of a Kafka node without ZooKeeper. Those without a C(meta.properties) are formatted before the unit is
        started, and never again. With data of another cluster or node, half formatted or of a newer format, nothing is changed.
    type: dict
    default: {}
    suboptions:
      java: {description: The java command., type: path, default: /usr/bin/java}
      libraries: {description: Directory with the jars of Kafka., type: path}
      config: {description: File of the node's options., type: path}
      directories: {description: What is formatted., type: list, elements: path, default: []}
      node_id: {description: Id of the broker or controller., type: int}
      cluster_id: {description: Id of the cluster; empty where preflight knows none., type: str, default: ""}
      voters: {description: First voters of the quorum; empty for a broker., type: str, default: ""}
      user: {description: User that owns the directories., type: str}
  logs: {description: Log files whose last lines are added to an error., type: list, elements: path, default: []}
extends_documentation_fragment: [estate.kafka.probe, estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Run the broker
  estate.kafka.service:
    name: kafka
    watch: [/etc/kafka/server.properties, /etc/systemd/system/kafka.service]
    changed_paths: "{{ __kafka_broker_files.changed_paths }}"
    probe: {kind: tcp, host: "{{ inventory_hostname }}", port: 9092}
    logs: [/var/log/kafka/server.log]
  register: __kafka_broker_service
"""

RETURN = r"""
stale: {description: Watched files the running process did not start with., type: list, elements: str, returned: always}
reloaded: {description: Files taken over by a reload., type: list, elements: str, returned: always}
actions: {description: What was or would be done., type: list, elements: str, returned: always}
waited: {description: Seconds waited for the probe., type: float, returned: always}
"""

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import PROBE_SPEC, Probe
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import RUNS, Unit, within
from ansible_collections.estate.kafka.plugins.module_utils.kafka.reread import Broker
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import (
    STORAGE_SPEC,
    StorageRefused,
    format_storage,
    missing_format,
)
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

# Actions that change the host; systemd reading its unit files anew is none.
CHANGES = {"format", "enable", "start", "reload"}


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "watch": {"type": "list", "elements": "path", "default": []},
            "reload": {"type": "list", "elements": "path", "default": []},
            "reload_metric": {"type": "str", "default": ""},
            "reload_broker": {
                "type": "dict",
                "options": {
                    "broker_id": {"type": "int", "required": True},
                    "host": {"type": "str", "required": True},
                    "client": {"type": "dict", "required": True},
                    "served": {"type": "dict", "default": {}},
                },
            },
            "changed_paths": {"type": "list", "elements": "path", "default": []},
            "probe": PROBE_SPEC,
            "wait": {"type": "bool", "default": True},
            "timeout": {"type": "int", "default": 120},
            "storage": STORAGE_SPEC,
            "logs": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    unit = Unit(module, params["name"], params["logs"])
    before = unit.properties()
    running = before["ActiveState"] in RUNS
    actions = []
    if before["NeedDaemonReload"] == "yes" or before["LoadState"] == "not-found":
        actions.append("daemon-reload")
    if before["UnitFileState"] != "enabled":
        actions.append("enable")
    storage = params["storage"] if (params["storage"] or {}).get("directories") else None
    if not running:
        try:
            actions += ["format"] if storage and missing_format(storage) else []
        except (StorageRefused, OSError) as error:
            module.fail_json(msg=f"{unit.name}: not started, nothing was formatted: {error}")
        actions.append("start")
    fresh = set(unit.unloaded(params["reload"])) if running else set()
    if module.check_mode:
        stale = sorted(set(unit.changed_since_start(params["watch"])) | set(params["changed_paths"]) & set(params["watch"]))
        fresh |= {path for path in params["changed_paths"] if within(path, params["reload"])}
        reloaded = sorted(fresh) if running and not stale else []
        actions += ["reload"] if reloaded else []
        module.exit_json(
            changed=bool(CHANGES & set(actions)), actions=actions, stale=stale if running else [], reloaded=reloaded, waited=0.0
        )
    heard_of()
    commands = {
        "daemon-reload": ["daemon-reload"],
        "enable": ["enable", unit.name],
        "start": ["start", unit.name] if params["wait"] else ["start", "--no-block", unit.name],
    }
    for action in actions:
        if action == "format" and storage:
            try:
                format_storage(storage)
            except (StorageRefused, KeyError, OSError) as error:
                module.fail_json(msg=f"{unit.name}: not started: {error}")
        else:
            unit.systemctl(*commands[action])
    stale = unit.changed_since_start(params["watch"]) if running else []
    # What is about to be restarted is not waited for: it may be down because of the very file that was mended.
    waited = unit.wait(Probe.of(params["probe"]), params["timeout"]) if params["wait"] and not stale else 0.0
    reloaded = sorted(fresh) if not stale else []
    if reloaded and params["reload_broker"] and (why := _told(unit, params)):
        module.warn(f"{unit.name}: does not take {', '.join(reloaded)} over, so a restart is due: {why}")
        stale, reloaded = reloaded, []
    elif reloaded:
        actions.append("reload")
        if not params["reload_broker"]:
            unit.reload(Probe.of(params["probe"]), params["reload_metric"], params["timeout"])
    module.exit_json(
        changed=bool(CHANGES & set(actions)), actions=actions, stale=stale, reloaded=reloaded, waited=round(waited, 1)
    )


def _told(unit: Unit, params: dict[str, Any]) -> str:
    """Have a broker read its files anew; return why it did not, '' when it did."""
    # Of before: what is changed meanwhile is not what the broker has read.
    record = unit.digests(params["reload"])
    try:
        why = Broker.of(params["reload_broker"]).read_anew(params["timeout"])
    except (ClusterError, OSError, ValueError) as error:
        why = str(error)
    if not why:
        unit.loaded(record)
    return why


if __name__ == "__main__":
    main()
