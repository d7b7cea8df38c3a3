#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Says who comes to a port of this host that is to be closed, and what the rights of a cluster would not allow them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: open_port
short_description: Who comes to a port that is to be closed
version_added: 0.2.0
description:
  - Returns the addresses that are connected to a port of this host.
  - With O(broker_id) it has the broker tell for some seconds who sends requests to its listener C(PLAINTEXT), and returns client
    ids and software; and from the log of its authorizer what O(acls) would not have allowed.
  - Changes nothing but the level of a logger, which it puts back.
options:
  port: {description: The port., type: int, required: true}
  broker_id: {description: Id of the broker of this host., type: int}
  client: {description: Settings of librdkafka for the cluster., type: dict, default: {}}
  directory: {description: Where the broker has its logs., type: path, default: /var/log/kafka}
  acls: {description: "Items of C(kafka_acls), as M(estate.kafka.acls) has them.", type: list, elements: dict, default: []}
  above: {description: Principals who need no rights., type: list, elements: str, default: []}
  seconds: {description: How long to listen., type: int, default: 20}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Who is still there
  estate.kafka.open_port:
    port: 9092
    broker_id: 1
    client: {bootstrap.servers: "b1:9092"}
"""

RETURN = r"""
connected: {description: Addresses that are connected., type: list, elements: str, returned: success}
clients: {description: "Address, principal, client_id and software of who sent requests.", type: list, returned: success}
denied:
  description: Principal, host, operation, kind and name of the resource of what the rights would not have allowed.
  type: list
  returned: success
since: {description: Time of the first line of the authorizer's log., type: str, returned: success}
port: {description: The port., type: int, returned: success}
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.host.sockets import connected
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import ACL_SPEC, wanted_acls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.loggers import set_level
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.still_open import decisions, denied, requests
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import AUTHORIZER_FILE, REQUESTS_FILE
from ansible_collections.estate.kafka.plugins.module_utils.security.stages import PLAINTEXT

LOGGER = "kafka.request.logger"
REQUEST_SECONDS = 30
DEFAULTS = {name: option.get("default") for name, option in ACL_SPEC.items()}


def lines(directory: str, name: str) -> Iterator[str]:
    """Yield the lines of a log and of those before it, the oldest first."""
    paths = sorted(Path(directory).glob(f"{name}*"), key=lambda path: int(path.suffix[1:]) if path.suffix[1:].isdigit() else 0)
    for path in reversed(paths):
        with path.open(encoding="utf-8", errors="replace") as stream:
            yield from stream


def heard(params: dict[str, Any]) -> list[dict[str, str]]:
    """Return who sent a request to the open port while the broker told of each."""
    log = Path(params["directory"]) / REQUESTS_FILE
    begin = log.stat().st_size if log.is_file() else 0
    with Requests(params["client"], REQUEST_SECONDS) as session:
        set_level(session, params["broker_id"], LOGGER, "DEBUG")
        try:
            time.sleep(params["seconds"])  # what is listened for comes when it comes
        finally:
            set_level(session, params["broker_id"], LOGGER, "INFO")
    if not log.is_file():
        return []
    with log.open(encoding="utf-8", errors="replace") as stream:
        # A file that was put aside meanwhile begins anew.
        stream.seek(begin if log.stat().st_size >= begin else 0)
        return requests(stream, PLAINTEXT)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "port": {"type": "int", "required": True},
            "broker_id": {"type": "int"},
            "client": {"type": "dict", "default": {}},
            "directory": {"type": "path", "default": "/var/log/kafka"},
            "acls": {"type": "list", "elements": "dict", "default": []},
            "above": {"type": "list", "elements": "str", "default": []},
            "seconds": {"type": "int", "default": 20},
        },
        supports_check_mode=True,
    )
    params = module.params
    found: dict[str, Any] = {"clients": [], "denied": [], "since": ""}
    if params["broker_id"] is not None:
        try:
            found["clients"] = heard(params)
        except ClusterError as error:
            module.fail_json(msg=f"who sends requests to port {params['port']} cannot be heard: {error}")
        every = list(lines(params["directory"], AUTHORIZER_FILE))
        found["since"] = every[0][1:20] if every else ""
        acls = wanted_acls({**DEFAULTS, **item} for item in params["acls"])
        found["denied"] = denied(decisions(every), acls, params["above"])
    module.exit_json(changed=False, port=params["port"], connected=connected(params["port"]), **found)


if __name__ == "__main__":
    main()
