"""Documentation of an action that runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write one HTML page of what hosts, clusters and Prometheus said
description:
  - Reads the results that C(playbooks/report.yml) registered and writes the page on the controller. Contacts no host.
options:
  topology: {description: The picture of the estate., type: dict, required: true}
  path: {description: File on the controller., type: path, required: true}
  language: {description: Language of the page., type: str, choices: [en, ko], default: en}
  left_out: {description: "Components that could not be had, each with the reason.", type: dict, default: {}}
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: kafka-estate maintainers
"""

EXAMPLES = r"""
- name: Write the report
  estate.kafka.report: {topology: "{{ estate_topology }}", path: report.html}
  run_once: true
"""

RETURN = r"""
estate_report: {description: Where the page is., type: str, returned: always}
"""
