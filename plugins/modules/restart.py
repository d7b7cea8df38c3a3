#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Restarts one member of a cluster, only when the cluster can bear it, and waits until it is whole again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: restart
short_description: Restart of one cluster member between two health checks
version_added: 0.1.0
description:
  - Waits until the cluster can lose this member, restarts its unit, waits for its probe and until the member is back.
  - What only concerns the member itself is not in the way; a broker that is not in the cluster or lags behind, a worker that
    hangs, a unit that ends again and again, are restarted.
  - When the cluster cannot lose it within O(timeout), or does not show all that must be known for it, fails without
    restarting and names what is in the way.
  - The first member that fails ends the roll. Those of the same cluster that follow in the same run fail at once, and are not
    restarted.
  - Members with no cluster between them, whose O(member) names none of the others, take nothing from each other. There the first
    failure is the member's own; the second ends the roll.
  - Run it with C(throttle=1), so that one member goes at a time.
options:
  name: {description: Unit name without C(.service)., type: str, required: true}
  kind:
    description: What is asked before and after the restart.
    type: str
    choices: [plain, kafka_broker, kafka_controller, kafka_combined, zookeeper, kafka_connect, elasticsearch]
    default: plain
  member:
    description:
      - Who is asked. kafka_broker needs C(broker_id), C(broker_ids) (all of the cluster) and C(client) (librdkafka settings), and
        with C(log_dirs), where the broker keeps its data, it sees whether topics are hidden from the client;
        kafka_controller needs C(controller_id) and C(servers) (C(host:port) of all controllers), and with TLS C(tls), the files
        C(ca) and C(key);
        kafka_combined, a broker that is a controller too, needs what kafka_broker does and C(controllers) (C(host:port) of all);
        zookeeper needs C(member) and C(servers) (C(host:port)), and with TLS C(tls), the files C(ca) and C(key);
        kafka_connect needs C(url), and takes C(urls) of all workers, and with TLS C(tls) as before;
        elasticsearch needs C(url) and C(nodes), the number of nodes in the cluster, and takes C(urls) of all nodes, and with TLS
        C(tls), the files C(ca) and C(login); plain asks nobody, and takes C(urls) of those who do the same work.
    type: dict
    default: {}
  reason: {description: Files that changed since the process started., type: list, elements: str, default: []}
  watch:
    description:
      - Files the process reads at its start. With this list the module looks itself whether one of them changed since then, and
        restarts nothing where none did and where the unit does not run.
    type: list
    elements: path
    default: []
  defer_last:
    description:
      - Return C(deferred=true) without restarting, and without waiting, when this member should go after the others; so should
        the ZooKeeper leader, the active controller, and any that cannot go because of what ails others, which may be mended by
        their restart.
    type: bool
    default: false
  timeout: {description: Seconds to wait for each of the two checks., type: int, default: 180}
  logs: {description: Log files whose last lines are added to an error., type: list, elements: path, default: []}
extends_documentation_fragment: [estate.kafka.probe, estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Restart the broker
  estate.kafka.restart:
    name: kafka
    kind: kafka_broker
    member: {broker_id: 1, broker_ids: [1, 2, 3], client: {bootstrap.servers: "b1:9092,b2:9092"}}
    probe: {kind: tcp, host: b1, port: 9092}
    reason: "{{ __kafka_broker_service.stale }}"
  when: __kafka_broker_service.stale | length > 0
  throttle: 1
"""

RETURN = r"""
deferred: {description: The member waits for the others., type: bool, returned: always}
waits_for: {description: What the others lack., type: list, elements: str, returned: when deferred}
seconds: {description: Length of the restart until the member was whole again., type: float, returned: always}
"""

import sys
import time

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import PROBE_SPEC, Probe
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import RUNS, Unit, Watch
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.restart.gate import (
    goes_later,
    wait_until_restartable,
    wait_until_whole,
)
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import KINDS, member_of

# Sentences of a list that are shown.
SHOWN = 20


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": ["plain", *KINDS], "default": "plain"},
            "member": {"type": "dict", "default": {}},
            "reason": {"type": "list", "elements": "str", "default": []},
            "watch": {"type": "list", "elements": "path", "default": []},
            "defer_last": {"type": "bool", "default": False},
            "probe": PROBE_SPEC,
            "timeout": {"type": "int", "default": 180},
            "logs": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    timeout, later = params["timeout"], params["defer_last"]
    unit, probe = Unit(module, params["name"], params["logs"]), Probe.of(params["probe"])
    reason = params["reason"]
    if params["watch"]:
        reason = unit.changed_since_start(params["watch"]) if unit.properties()["ActiveState"] in RUNS else []
        if not reason:
            module.exit_json(changed=False, deferred=False, seconds=0.0)
    because = ", ".join(reason) or "asked for"
    diff = {"before": "", "after": f"restart of {unit.name} because of {because}\n"}
    if module.check_mode:
        module.exit_json(changed=True, deferred=False, seconds=0.0, diff=diff, plan=f"would restart {unit.name}: {because}")
    heard_of()
    try:
        member = member_of(params["kind"], params["member"])
        gate = wait_until_restartable(member, lambda: unit.serves_nobody(probe), timeout, patient=not later)
    except NoAnswerError as error:
        module.fail_json(
            msg=f"{unit.name}: not restarted, nothing was stopped: the cluster cannot be asked whether it can lose this member: "
            f"{error}. playbooks/kafka.yml installs the library for Python {sys.version_info[0]}.{sys.version_info[1]}, "
            "which this task ran with, if the store has it"
        )
    except ClusterError as error:
        module.fail_json(msg=f"{unit.name}: not restarted, nothing was stopped: {error}")
    if later and goes_later(gate, member):
        module.exit_json(changed=False, deferred=True, waits_for=gate.blockers[:SHOWN], seconds=0.0)
    if gate.blockers:
        module.fail_json(
            msg=f"{unit.name}: not restarted: after {timeout} s the cluster still cannot lose this member, or be asked; "
            "mend that and run again, nothing was stopped:\n" + _listed(gate.blockers)
        )
    for cost in gate.costs:
        module.warn(f"{unit.name}: {cost}")
    begin = time.monotonic()
    if unit.properties()["NeedDaemonReload"] == "yes":
        unit.systemctl("daemon-reload")
    unit.systemctl("restart", unit.name)
    if member.can_serve():
        unit.wait(probe, timeout)
    watch = Watch(unit)

    def lacking() -> list[str]:
        watch.look("this run waited until the member was whole again")
        return member.after()

    if missing := wait_until_whole(lacking, timeout):
        unit.fail(f"restarted, but not whole again after {timeout} s; the other members are left alone:\n" + _listed(missing))
    module.exit_json(changed=True, deferred=False, seconds=round(time.monotonic() - begin, 1), diff=diff)


def _listed(lines: list[str]) -> str:
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join(f"  - {line}" for line in [*lines[:SHOWN], *more])


if __name__ == "__main__":
    main()
