#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Gives the znodes of a cluster to its brokers alone, or to everybody again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: znode_acls
short_description: Who may change the znodes of a cluster
version_added: 0.2.0
description:
  - Runs Kafka's own C(ZkSecurityMigrator) with the identity of the brokers, while they run. It goes through all znodes, and doing
    it again does no harm.
  - Nothing says whether every znode has its rights already, so this always is a change.
options:
  state:
    description: V(secure) for the brokers alone, V(open) for everybody.
    type: str
    choices: [secure, open]
    required: true
  connect: {description: "Servers of the ensemble, and the chroot.", type: str, required: true}
  config: {description: "File with the brokers' settings for ZooKeeper, TLS among them.", type: path, required: true}
  java: {description: Path of Java., type: path, default: /usr/bin/java}
  libraries: {description: Libraries of Kafka., type: path, default: /opt/kafka/current/libs}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Znodes for the brokers alone
  estate.kafka.znode_acls:
    state: secure
    connect: zk1:2281,zk2:2281,zk3:2281/kafka
    config: /etc/kafka/server.properties
"""

RETURN = r"""
state: {description: Who may change the znodes now., type: str, returned: success}
"""

from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

TOOL = "kafka.admin.ZkSecurityMigrator"
STATES = {"secure": "secure", "open": "unsecure"}


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "state": {"type": "str", "choices": list(STATES), "required": True},
            "connect": {"type": "str", "required": True},
            "config": {"type": "path", "required": True},
            "java": {"type": "path", "default": "/usr/bin/java"},
            "libraries": {"type": "path", "default": "/opt/kafka/current/libs"},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=True, state=params["state"])
    heard_of()
    words = [params["java"], "-Xmx128m", "-cp", f"{params['libraries']}/*", TOOL]
    words += [f"--zookeeper.acl={STATES[params['state']]}", f"--zookeeper.connect={params['connect']}"]
    status, out, err = module.run_command([*words, "--zk-tls-config-file", params["config"]])
    # It ends with status 0 where it has no way to prove itself, too.
    if status or "ERROR" in out + err or "rror:" in out:
        module.fail_json(msg=f"znodes below {params['connect']}: {TOOL} ended with {status}: {(out + err).strip()[-2000:]}")
    module.exit_json(changed=True, state=params["state"])


if __name__ == "__main__":
    main()
