#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""What Prometheus knows: series over a time, and alerts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: prometheus_query
short_description: Series over a time, and alerts, from Prometheus
version_added: 0.1.0
description:
  - Asks a Prometheus server over its HTTP interface. Changes nothing.
  - A server that does not answer, or a question that it refuses, is an answer with C(error), not a failure.
options:
  url: {description: Address of the server., type: str, required: true}
  headers: {description: "Headers of each request, such as one with a login.", type: dict, default: {}}
  ca: {description: File of the authority of a server that speaks TLS; without it the host's own authorities count., type: path}
  login: {description: "File with C(user:password) for that server, sent over TLS only.", type: path}
  queries:
    description:
      - "Name and PromQL of each question. C($window) stands for a time that suits the distance of the points, for rates."
    type: dict
    default: {}
  hours: {description: "How far back, in hours.", type: float, default: 6}
  most: {description: "Series of a question that are returned: those that reach highest.", type: int, default: 6}
  timeout: {description: Seconds for one answer., type: int, default: 20}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Records of the last day
  estate.kafka.prometheus_query:
    url: http://peter-kafka01.foo.bar:9090
    hours: 24
    queries:
      messages: sum by (cluster) (rate(kafka_server_brokertopicmetrics_messagesin_total{topic=""}[$window]))
  register: __prometheus
"""

RETURN = r"""
error: {description: Why the server does not answer; empty when it does., type: str, returned: always}
version: {description: Version of Prometheus., type: str, returned: always}
alerts:
  description: Alerts that are pending or firing, each with what to do first and where its runbook is.
  type: list
  elements: dict
  returned: always
  sample:
    - name: KafkaBrokerDown
      severity: critical
      state: firing
      since: "2026-11-21T12:00:00Z"
      summary: A broker is down
      action: Read its log and start it.
      runbook: docs/runbooks/kafka-broker-down.md
      labels: {cluster: kafka-1}
results:
  description:
    - For each question its series, each with labels and a value for each step (null where there is none), C(start), C(step), how
      many C(more) series there are, and C(error).
  type: dict
  returned: always
"""

import time
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.http import Tls
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.client import Prometheus


def ask(server: Prometheus, options: dict[str, Any], now: float) -> dict[str, Any]:
    """Return everything that is asked for; stops at the first sign that nobody answers."""
    found: dict[str, Any] = {"error": "", "version": "", "alerts": [], "results": {}}
    try:
        found["version"] = server.version()
        found["alerts"] = server.alerts()
    except (ClusterError, KeyError, TypeError) as error:
        return {**found, "error": str(error)}
    for name, query in options["queries"].items():
        found["results"][name] = server.over_time(query, now, options["hours"], options["most"])
    return found


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "headers": {"type": "dict", "default": {}, "no_log": True},
            "ca": {"type": "path"},
            "login": {"type": "path"},
            "queries": {"type": "dict", "default": {}},
            "hours": {"type": "float", "default": 6},
            "most": {"type": "int", "default": 6},
            "timeout": {"type": "int", "default": 20},
        },
        supports_check_mode=True,
    )
    options = module.params
    if options["hours"] <= 0:
        module.fail_json(msg=f"prometheus_query: hours is {options['hours']}: give a number above 0")
    server = Prometheus(options["url"], options["timeout"], options["headers"], Tls(ca=options["ca"], login=options["login"]))
    module.exit_json(changed=False, **ask(server, options, time.time()))


if __name__ == "__main__":
    main()
