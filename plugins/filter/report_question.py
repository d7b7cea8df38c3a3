# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.report_question``: which host asks which Prometheus for the plots of the report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.report.questions import QUESTIONS

DOCUMENTATION = r"""
name: report_question
short_description: Which host asks which Prometheus what, for the report
version_added: 0.1.0
description:
  - Returns C(host), C(url), C(tls), the files of its authority and of the login, and C(queries).
  - C(url) is empty where the inventory has no Prometheus and no address is given.
  - The Prometheus of the inventory is asked from its own host, one of another address from the first host that can be reached.
options:
  _input: {description: The estate topology., type: dict, required: true}
  hostvars: {description: Variables of all hosts., type: dict, required: true}
  hosts: {description: Hosts of the play., type: list, elements: str, required: true}
  register: {description: Name under which M(estate.kafka.observe) was registered., type: str, required: true}
  url: {description: Address of another Prometheus., type: str, default: ""}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Which Prometheus
  ansible.builtin.debug:
    msg: "{{ estate_topology | estate.kafka.report_question(hostvars, ansible_play_hosts, '__report_host') }}"
"""

RETURN = r"""
_value: {description: "C(host), C(url), C(tls) and C(queries).", type: dict}
"""


def report_question(
    topology: Mapping[str, Any], hostvars: Mapping[str, Any], hosts: Collection[str], register: str, url: str = ""
) -> dict[str, Any]:
    """Return who asks, where, and what."""
    reached = [host for host in hosts if "observations" in hostvars[host].get(register, {})]
    own = [row for row in topology["components"] if row["component"] == "prometheus"]
    live = [row for row in own if row["host"] in reached] or own
    # Of a secured estate, the toolkit's own files on that host.
    tls = live[0].get("tls", {}) if live and not url else {}
    host = (reached[0] if reached else "") if url else (live[0]["host"] if live else "")
    return {
        "host": host,
        "url": url or (live[0]["url"] if live else ""),
        "tls": tls,
        "queries": {name: query for name, (query, _) in QUESTIONS.items()},
    }


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"report_question": report_question}
