#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the action ``estate.kafka.certificates``, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificates
short_description: Authorities, keys and certificates of a secured estate, kept beside the inventory
version_added: 0.2.0
description:
  - Makes what is missing for the hosts of the play, and anew what ends within 60 days or lacks a name, with the names of before.
  - Each cluster has one authority for its brokers and one for the listener of its clients; each ensemble one for its servers and
    one for its clients. Private keys are encrypted with the vault password of the run; without one they are files for their
    owner alone.
  - An authority of your own is used where its C(ca.crt) and C(ca.key) are in the folder before the first run; C(ca.crt) then has
    those above it too, if another one has signed it.
  - Where a company's authority stands for some of these, certificates of it are taken in out of the folder C(answers), whatever
    their form, name and order. What is missing is named, all at once.
  - With O(renew) certificates are made anew before their time, with keys of their own. With O(replace) an authority is replaced
    step by step; the step is kept beside it, and what the members trust and who issues follows from it in every run.
  - Fails before anything is written where a key or certificate there must not be used, or is another than the hosts trust, and
    where one does not hold by the clock of a host.
options:
  topology:
    description: The estate topology.
    type: dict
    required: true
  register:
    description: Name of the variable under which M(estate.kafka.preflight_host) was registered.
    type: str
    required: true
  renew:
    description: Which certificates are made anew; all, unless an authority or a host is named.
    type: dict
    suboptions:
      authority: {description: Of this authority alone., type: str}
      host: {description: For this host alone., type: str}
      made_before: {description: "What was made later stays. UTC, unless it names a zone; a day ago by default.", type: str}
  replace:
    description: The authority to replace; the step is taken if the one before is where it stands.
    type: dict
    suboptions:
      authority: {description: Its name., type: str, required: true}
      after:
        description:
          - The step before. After none all are to trust the new authority beside the former one, which issues; after V(trust) the
            new one issues; after V(issue) it alone is trusted; after V(drop) it has replaced the former one.
        type: str
        default: ""
        choices: ["", trust, issue, drop]
      made_before: {description: Begins only with an authority that was made before; as in O(renew)., type: str}
      clients_trust:
        description: The name once more, when clients outside of the estate trust the new authority too; for listeners of brokers.
        type: str
  requests:
    description: Instead of all this, write requests for what the company's authority signs, and a list of who signs what.
    type: dict
    suboptions:
      new_keys: {description: Ask for all of them with new keys., type: bool, default: false}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Certificates
  estate.kafka.certificates:
    topology: "{{ __preflight_topology.topology }}"
    register: __preflight_host
  run_once: true
"""

RETURN = r"""
made:
  description: What was, or in check mode would be, made.
  type: list
  elements: str
  returned: success
step:
  description: Where the replacement stands; empty when none is under way.
  type: str
  returned: with O(replace)
line:
  description: The same for a person.
  type: str
  returned: with O(replace) or O(requests)
asked:
  description: Why each certificate is asked for, by the file of its request.
  type: dict
  returned: with O(requests)
waits:
  description: Whether clients outside of the estate have to trust the new authority before the step is taken.
  type: bool
  returned: with O(replace)
done:
  description: Whether the new authority has just replaced the former one.
  type: bool
  returned: with O(replace)
"""
