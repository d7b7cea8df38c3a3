#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.store``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: store
short_description: The artefact store holds what this inventory needs
version_added: 0.1.0
description:
  - Works out from the inventory's groups which components are needed, and makes sure that the store on the controller holds
    a finished archive of each. Runs on the controller alone; every host gets the result as facts.
  - Sources are tried in the order of C(artifacts/catalogue.yml). Each file is fetched once, whatever the number of hosts; a
    publisher's file goes on where a cut transfer stopped.
  - A file whose sha256 is not the one of C(artifacts/lock.json) stops the run before any host is touched. A publisher's file
    that is not in the lock is accepted only with a matching published checksum.
  - Wheels are for the Python and machine that M(estate.kafka.preflight_host) found on the hosts that need them.
  - What has its final name in the store is whole. Two runs do not fill one store at the same time; the second waits.
  - A store is a directory to carry; with everything in it no source is asked for anything, and nothing is written to it.
options:
  store:
    description: Directory of the store on the controller. Default C(.cache/store) of the clone.
    type: path
  mirror_url:
    description:
      - Address under which a filled store is served. Only its C(releases/index.json) is read on the controller, and hosts
        fetch archives from there.
    type: str
    default: ""
  versions: {description: Component to version; overrides the catalogue's., type: dict, default: {}}
  sources:
    description: Kinds of source that may be asked.
    type: list
    elements: str
    choices: [publisher, maven, wheel, package]
    default: [publisher, maven, wheel, package]
  require_all:
    description:
      - Whether a needed component that is not available is an error. If not, it is left out and named, except for those without
        which there is no estate; and a reduced build serves where nothing else does.
    type: bool
    default: true
  components:
    description:
      - Names in the catalogue; only these of what the inventory needs are looked after. Without it, all are. With
        O(update_lock) they need not be in the inventory.
    type: list
    elements: str
  pythons:
    description:
      - Python versions that wheels are fetched for where no host was looked at before, as when a store is filled to be
        carried. Where hosts were looked at, each version that one of them has.
    type: list
    elements: str
    choices: ["3.9", "3.10", "3.11", "3.12", "3.13"]
    default: ["3.9", "3.10", "3.11", "3.12", "3.13"]
  machines:
    description: Machine types, likewise.
    type: list
    elements: str
    choices: [x86_64, aarch64]
    default: [x86_64]
  verify:
    description: Compare every archive's sha256 instead of trusting size and time of modification.
    type: bool
    default: false
  update_lock:
    description: Fetch from every allowed source anew and write what came to C(artifacts/lock.json).
    type: bool
    default: false
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Fill the artefact store
  estate.kafka.store:
    sources: [maven, wheel]
    require_all: false
  run_once: true

- name: Serve hosts from a mirror of the store
  estate.kafka.store:
    mirror_url: http://mirror.foo.bar/kafka-estate
  run_once: true
"""

RETURN = r"""
releases:
  description:
    - For each component its version, file (on the controller), sha256, source and url (of the mirror, or empty). A
      component of wheels has them for each of its C(builds), by Python and machine. What C(estate_releases) held is in it.
  type: dict
  returned: success
  sample: {kafka: {version: 3.9.2, file: /srv/store/releases/kafka-3.9.2.tar, sha256: 0f…, source: maven, url: ""}}
left_out:
  description:
    - For each component that is left out a sentence with every source and why it did not serve. What C(estate_left_out) held
      is in it.
  type: dict
  returned: success
fetched: {description: What was fetched and built., type: list, elements: str, returned: success}
would_fetch: {description: What check mode would fetch., type: list, elements: str, returned: success}
kept: {description: "With C(update_lock), sources whose entries stay as they were, and why.", type: dict, returned: update_lock}
"""
