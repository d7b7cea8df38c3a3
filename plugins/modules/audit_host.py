#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""What runs and listens on a host, for the audit."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_host
short_description: What runs and listens on a host, and with which security settings
version_added: 0.2.0
description:
  - Reads the sockets and processes of the host, and with what Kafka, ZooKeeper, Connect, MirrorMaker and others really run, which
    is their command lines and the files that these name. Needs nothing of this toolkit on the host. Changes nothing.
  - Without root, what belongs to others may stay unseen. What could not be read is said, and is never taken for well.
  - No value of a secret leaves the host.
options:
  client:
    description:
      - Settings of librdkafka with which the brokers of this host are asked for the settings in force, such as
        C(bootstrap.servers) and a login. Without it the files count that the processes were started with.
    type: dict
    default: {}
  connect_tls:
    description: With which files Connect's REST is asked for the settings of connectors, where it wants a certificate.
    type: dict
    default: {}
    suboptions:
      ca: {description: Path on the host of the authorities that are trusted., type: str}
      certificate: {description: Path on the host of a certificate; the file of the key by default., type: str}
      key: {description: Path on the host of its key., type: str}
  timeout: {description: Seconds for the cluster to answer one request., type: int, default: 10}
requirements:
  - confluent-kafka, only with C(client)
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Look at the host
  estate.kafka.audit_host:
  register: __audit_host
"""

RETURN = r"""
audit:
  description: C(listeners), C(services), C(address), C(root), C(hidden) and C(now).
  type: dict
  returned: always
  sample: {root: true, hidden: false, address: 10.0.0.7, listeners: [{port: 9092, address: 0.0.0.0, process: kafka, user: kafka}]}
"""

from ansible_collections.estate.kafka.plugins.module_utils.audit.host import host_facts
from ansible_collections.estate.kafka.plugins.module_utils.http import Tls
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Entry point of the module."""
    path = {"type": "str"}
    module = EstateModule(
        argument_spec={
            "client": {"type": "dict", "default": {}},
            "connect_tls": {
                "type": "dict",
                "default": {},
                "options": {"ca": path, "certificate": path, "key": {**path, "no_log": False}},
            },
            "timeout": {"type": "int", "default": 10},
        },
        supports_check_mode=True,
    )
    given = module.params["connect_tls"]
    certificate = given.get("certificate") or given.get("key")
    tls = Tls(ca=given.get("ca"), certificate=certificate, key=given.get("key"), verify=bool(given.get("ca")))
    module.exit_json(changed=False, audit=host_facts(module.params["client"], tls, module.params["timeout"]))


if __name__ == "__main__":
    main()
