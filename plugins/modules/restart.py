#!/usr/bin/python
"""Restarts one member of a cluster, only when the cluster can bear it, and waits until it is whole again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: restart
short_description: Restart of one cluster member between two health checks
description:
  - Waits until the cluster can lose this member, restarts its unit, waits for its probe and until the member is back.
  - When the cluster cannot lose it within O(timeout), fails without restarting and names what is in the way. The members
    that follow see the same and stop too.
  - Run it with C(throttle=1), so that one member goes at a time.
options:
  name: {description: Unit name without C(.service)., type: str, required: true}
  kind:
    description: What is asked before and after the restart.
    type: str
    choices: [plain, kafka_broker, zookeeper, kafka_connect, elasticsearch]
    default: plain
  member:
    description:
      - Who is asked. kafka_broker needs C(broker_id), C(broker_ids) (all of the cluster) and C(client) (librdkafka settings);
        zookeeper needs C(member) and C(servers) (C(host:port)); kafka_connect needs C(url); elasticsearch needs C(url) and
        C(nodes), the number of nodes in the cluster.
    type: dict
    default: {}
  reason: {description: Files that changed since the process started., type: list, elements: str, default: []}
  defer_last:
    description: Return C(deferred=true) without restarting when this member should go after the others (the ZooKeeper leader).
    type: bool
    default: false
  timeout: {description: Seconds to wait for each of the two checks., type: int, default: 180}
  logs: {description: Log files whose last lines belong into an error., type: list, elements: path, default: []}
extends_documentation_fragment: [estate.kafka.probe]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: kafka-estate maintainers
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
seconds: {description: Length of the restart until the member was whole again., type: float, returned: always}
"""

import time
from collections.abc import Callable

from ansible_collections.estate.kafka.plugins.module_utils.errors import LoginError
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import PROBE_SPEC, Probe, Unit
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import KINDS, Member, member_of

POLL_SECONDS = 0.5


# Mistakes of the program, not of the cluster: waiting would not mend them.
MISTAKES = (TypeError, AttributeError, NameError, ImportError, SystemError)


def poll_until(ask: Callable[[], list[str]], timeout: float, hopeless: tuple[type[Exception], ...] = MISTAKES) -> list[str]:
    """Ask until nothing is in the way or the time is over; return the last answer.

    An error of the network or the client library counts as an answer; one that is ``hopeless`` is raised at once.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            problems = ask()
        except hopeless:
            raise
        except Exception as error:  # every other error means the same: no answer yet
            problems = [f"{type(error).__name__}: {error}"]
        if not problems or time.monotonic() > end:
            return problems
        time.sleep(POLL_SECONDS)


def wait_until_restartable(member: Member, timeout: float) -> tuple[list[str], list[str]]:
    """Ask until a member may go; return what is in the way at the end, and what its restart costs where nothing is.

    Raises LoginError when the cluster does not let the toolkit in.
    """
    costs: list[str] = []

    def ask() -> list[str]:
        blockers = member.before()
        costs[:] = [] if blockers else member.warnings()
        return blockers

    return poll_until(ask, timeout, (*MISTAKES, LoginError)), costs


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": ["plain", *KINDS], "default": "plain"},
            "member": {"type": "dict", "default": {}},
            "reason": {"type": "list", "elements": "str", "default": []},
            "defer_last": {"type": "bool", "default": False},
            "probe": PROBE_SPEC,
            "timeout": {"type": "int", "default": 180},
            "logs": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    unit = Unit(module, params["name"], params["logs"])
    because = ", ".join(params["reason"]) or "asked for"
    diff = {"before": "", "after": f"restart of {unit.name} because of {because}\n"}
    if module.check_mode:
        module.exit_json(changed=True, deferred=False, seconds=0.0, diff=diff, plan=f"would restart {unit.name}: {because}")
    member = member_of(params["kind"], params["member"])
    try:
        blockers, costs = wait_until_restartable(member, params["timeout"])
    except LoginError as error:
        unit.fail(f"not restarted, nothing was stopped: {error}")
    if blockers:
        unit.fail(
            f"not restarted: after {params['timeout']} s the cluster still cannot lose this member, or be asked; "
            "mend that and run again, nothing was stopped:\n" + "\n".join(f"  - {line}" for line in blockers[:20])
        )
    if params["defer_last"] and member.last():
        module.exit_json(changed=False, deferred=True, seconds=0.0)
    for cost in costs:
        module.warn(f"{unit.name}: {cost}")
    begin = time.monotonic()
    unit.systemctl("restart", unit.name)
    unit.wait(Probe.of(params["probe"]), params["timeout"])
    if missing := poll_until(member.after, params["timeout"]):
        unit.fail(
            f"restarted, but not whole again after {params['timeout']} s; the other members are left alone:\n"
            + "\n".join(f"  - {line}" for line in missing[:20])
        )
    module.exit_json(changed=True, deferred=False, seconds=round(time.monotonic() - begin, 1), diff=diff)


if __name__ == "__main__":
    main()
