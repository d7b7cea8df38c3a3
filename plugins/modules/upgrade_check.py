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
  - With O(broker), on a host that runs 3.9 and is to run Kafka 4, fails also if clients have asked this broker in versions of the
    protocol that Kafka 4 no longer understands. Such requests, and no others, a broker of 3.9 logs at INFO.
options:
  version: {description: Version of Kafka that brokers and controllers are to run., type: str, required: true}
  broker:
    description: The broker of this host.
    type: dict
    suboptions:
      id: {description: Its id., type: int, required: true}
      version: {description: Version that it runs now., type: str, required: true}
      log: {description: Its log; what was rotated out of it lies beside it., type: path, required: true}
  hours: {description: How many hours of the log count., type: int, default: 24}
  old_clients_confirmed: {description: "Let such clients be cut off, with a warning.", type: bool, default: false}
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Can it run 4.3.1
  estate.kafka.upgrade_check:
    client: {bootstrap.servers: "broker1.example.com:9092,broker2.example.com:9092"}
    version: 4.3.1
    broker: {id: 1, version: 3.9.2, log: /var/log/kafka/server.log}
"""

RETURN = r"""
finalised: {description: Levels that are finalised by name., type: dict, returned: success}
refused: {description: "Why it cannot run it.", type: list, elements: str, returned: failure}
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.binaries import unfit
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.client import Features
from ansible_collections.estate.kafka.plugins.module_utils.kafka.old_clients import (
    LOGGER,
    TELLS,
    level_of,
    lines_of,
    old_clients,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

CONFIRM = "upgrade_confirm_old_clients"


def cut_off(params: dict[str, Any]) -> list[str]:
    """Return the clients that the version of this host would cut off, a line each, or why nobody knows."""
    broker = params["broker"]
    if not broker or not broker["version"].startswith("3.") or params["version"].startswith("3."):
        return []
    since = datetime.now() - timedelta(hours=params["hours"])
    try:
        with Requests(params["client"], params["timeout"]) as requests:
            level = level_of(requests, broker["id"])
        if level not in TELLS:
            return [
                f"broker {broker['id']} logs no requests of old clients (level of {LOGGER}: {level}), so nobody knows of any: "
                f"set log4j.logger.{LOGGER}: INFO in kafka_broker_log4j_config, and wait a day"
            ]
        found = old_clients(lines_of(Path(broker["log"]), since), since)
    except (ClusterError, OSError) as error:
        return [f"nobody knows whether old clients ask broker {broker['id']}: {error}"]
    return [f"broker {broker['id']} was asked by {one}" for one in found]


def main() -> None:
    """Ask, and judge."""
    spec = {
        **CLIENT_SPEC,
        "version": {"type": "str", "required": True},
        "broker": {
            "type": "dict",
            "options": {
                "id": {"type": "int", "required": True},
                "version": {"type": "str", "required": True},
                "log": {"type": "path", "required": True},
            },
        },
        "hours": {"type": "int", "default": 24},
        "old_clients_confirmed": {"type": "bool", "default": False},
    }
    module = EstateModule(argument_spec=spec, supports_check_mode=True)
    params = module.params
    version = params["version"]
    try:
        finalised = Features(params["client"], params["timeout"]).finalised()
        refused = list(unfit(version, finalised))
    except ClusterError as error:
        finalised, refused = {}, [f"nobody says which features are finalised ({error}); bring up the cluster first"]
    clients = cut_off(params)
    if clients and params["old_clients_confirmed"]:
        module.warn("\n".join([f"Kafka {version} does not understand all clients that these brokers have:", *clients]))
    elif clients:
        remedy = f"give such clients a library of Kafka 2.1 or newer, or go on anyhow with -e {CONFIRM}=<the cluster's name>"
        refused += [*clients, remedy]
    if refused:
        module.fail_json(
            msg=f"the cluster cannot run Kafka {version}:\n" + "\n".join(refused) + "\nNothing was changed.", refused=refused
        )
    module.exit_json(changed=False, finalised=finalised)


if __name__ == "__main__":
    main()
