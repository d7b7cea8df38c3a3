# SPDX-License-Identifier: Apache-2.0
"""Documentation of an action that runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write one HTML page of what hosts, clusters and Prometheus said
version_added: 0.1.0
description:
  - Reads the results that C(playbooks/report.yml) registered and writes the page on the controller. Contacts no host.
  - In check mode the page is made and not written.
options:
  topology: {description: The estate topology., type: dict, required: true}
  register:
    description:
      - "Names of the results: C(hosts) of M(estate.kafka.observe), C(clusters) of M(estate.kafka.cluster_info) with details,
        C(prometheus) of M(estate.kafka.prometheus_query)."
    type: dict
    required: true
  prometheus_url: {description: Address that was asked for plots; empty where there is no Prometheus., type: str, default: ""}
  hours: {description: How far back the plots go., type: float, default: 6}
  path: {description: File on the controller., type: path, required: true}
  language: {description: Language of the page., type: str, choices: [en, ko], default: en}
  audit_path:
    description: File that M(estate.kafka.audit) wrote; shown if it is there and about hosts of this estate.
    type: path
  left_out: {description: "Components that were not available, each with the reason.", type: dict, default: {}}
  may_lack:
    description: Whether the estate does without a component that is installed on none of its hosts.
    type: bool
    default: false
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Write the report
  estate.kafka.report:
    topology: "{{ estate_topology }}"
    register: {hosts: __report_host, clusters: __report_cluster, prometheus: __report_prometheus}
    path: report.html
  run_once: true
"""

RETURN = r"""
estate_report: {description: Where the page is., type: str, returned: always}
"""
