#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Whether a cluster without ZooKeeper can run another version of Kafka."""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_check
short_description: Whether a cluster without ZooKeeper can run another version of Kafka
version_added: 0.2.0
description:
  - Asks the cluster which features it has finalised, and fails if the version does not support them, or needs more.
  - It fails as well when nobody answers, for then nobody knows.
options:
  version: {description: Version of Kafka that brokers and controllers are to run., type: str, required: true}
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Can it run 4.3.1
  estate.kafka.upgrade_check:
    client: {bootstrap.servers: "broker1.example.com:9092,broker2.example.com:9092"}
    version: 4.3.1
"""

RETURN = r"""
finalised: {description: Levels that are finalised by name., type: dict, returned: success}
refused: {description: "Why it cannot run it.", type: list, elements: str, returned: failure}
"""

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.binaries import unfit
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.client import Features
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def main() -> None:
    """Ask, and judge."""
    module = EstateModule(argument_spec={**CLIENT_SPEC, "version": {"type": "str", "required": True}}, supports_check_mode=True)
    version = module.params["version"]
    try:
        finalised = Features(module.params["client"], module.params["timeout"]).finalised()
        refused = list(unfit(version, finalised))
    except ClusterError as error:
        finalised, refused = {}, [f"nobody says which features are finalised ({error}); bring up the cluster first"]
    if refused:
        module.fail_json(
            msg=f"the cluster cannot run Kafka {version}:\n" + "\n".join(refused) + "\nNothing was changed.", refused=refused
        )
    module.exit_json(changed=False, finalised=finalised)


if __name__ == "__main__":
    main()
