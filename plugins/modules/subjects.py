#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Subjects of a schema registry as the inventory has them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: subjects
short_description: Subjects of a schema registry as a list
version_added: 0.1.0
description:
  - Registers schemas that are no version of their subject yet, and sets the compatibility of subjects and of the whole registry.
  - A schema that is a version already is left alone, be it the latest or an older one, whatever its spaces and line ends.
  - The registry is asked whether a schema fits before anything is changed, in check mode too. It cannot be asked about the first
    schema of a subject, about one whose compatibility changes in the same run, and about one that refers to a schema
    of the same run; these it judges when they are registered. If it then refuses, the compatibility of the subject is put back.
  - Subjects that are not listed are left as they are. A subject is deleted only if O(confirm_delete) names it, and in the way
    that the registry can undo. One that others refer to is refused, unless they are deleted in the same run; Apicurio keeps it
    until they are deleted for good.
  - Works with Apicurio Registry and with Confluent's. In check mode a registry that does not run yet is shown as one without
    subjects, with a warning.
options:
  urls:
    description: Addresses of the registries, with Confluent's interface at the root; the first that answers is asked.
    type: list
    elements: str
    required: true
  tls:
    description: Files with which registries are asked that want a certificate.
    type: dict
    suboptions:
      ca: {description: The authority of the registries., type: path, required: true}
      key: {description: A key with its certificate., type: path, required: true}
  subjects:
    description: What must be there. A schema may refer to subjects that stand before it.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the subject, such as V(orders-value) for the values of topic V(orders).
        type: str
        required: true
      schema: {description: The schema as text or as a structure., type: raw}
      schema_file: {description: "A file on the controller that has the schema; in the place of O(subjects[].schema).", type: str}
      schema_type: {description: Its kind., type: str, choices: [AVRO, JSON, PROTOBUF], default: AVRO}
      references:
        description: Other schemas that it uses.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: What the schema calls it, such as the full name of a record of Avro, or the import of Protobuf.
            type: str
            required: true
          subject: {description: The subject that has it., type: str, required: true}
          version: {description: Which version of that subject., type: int, required: true}
      compatibility:
        description:
          - How versions must fit to each other.
          - V(default) takes the subject's own level away, so that of the registry holds.
        type: str
        choices: [BACKWARD, BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE, NONE, default]
      state:
        description: V(absent) deletes the subject with all its versions, if O(confirm_delete) names it too.
        type: str
        choices: [present, absent]
        default: present
  compatibility:
    description: What holds for subjects without a level of their own. Left as it is when it is not given.
    type: str
    choices: [BACKWARD, BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE, NONE]
  timeout:
    description: Seconds for an answer, and for a change to show.
    type: int
    default: 30
extends_documentation_fragment: [estate.kafka.deletions, estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Subjects of the estate
  estate.kafka.subjects:
    urls: ["http://peter-kafka03.foo.bar:8081"]
    compatibility: BACKWARD
    subjects:
      - {name: students-value, schema_file: files/student.avsc, compatibility: FULL}
      - name: orders-key
        schema: {type: string}

- name: A subject goes
  estate.kafka.subjects:
    urls: ["http://peter-kafka03.foo.bar:8081"]
    subjects: [{name: old-value, state: absent}]
    confirm_delete: [old-value]
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["register a schema of students-value", "set compatibility of students-value to FULL"]
unlisted:
  description: Subjects that are there, not listed and not confirmed.
  type: list
  elements: str
  returned: with O(prune)
refused: {description: "What was refused, with the registry's reason and a remedy.", type: list, elements: str, returned: failure}
"""

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import DELETION_SPEC, KEEP_ALL, Deletion, left_over
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import NOT_TRIED, UNKNOWN
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.http import TLS_SPEC, Tls
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.registry.client import LiveRegistry
from ansible_collections.estate.kafka.plugins.module_utils.registry.plan import (
    INHERITED,
    LEVELS,
    SUBJECT_SPEC,
    Action,
    Delete,
    Register,
    Registry,
    SetLevel,
    Wanted,
    applied,
    missing_changes,
    plan,
    refusals,
    refused_deletions,
    shown,
    still_used,
    to_check,
    unlisted,
    with_pruned,
)


def reconcile(
    registry: LiveRegistry | None,
    wanted: Sequence[Wanted],
    level: str | None,
    check_mode: bool,
    deletion: Deletion = KEEP_ALL,
) -> dict[str, Any]:
    """Bring the subjects to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[LiveRegistry, Action]:
        names = registry.names() if registry else []
        everything = with_pruned(names, wanted, deletion)
        before = registry.look(everything, level is not None) if registry else Registry(None, {})
        engine.refuse(refusals(before, wanted) + refused_deletions(names, wanted, deletion))
        engine.refuse(still_used(before, everything))
        actions = plan(before, everything, level)
        checks = to_check(before, actions) if registry else []
        rejected = [(one, line) for one in checks for line in (registry.check(one) if registry else [])]
        engine.refuse_rejected(rejected, "the registry does not accept the schemas")
        after = applied(before, actions)
        return engine.Change(
            actions,
            shown(before),
            lambda done: shown(applied(before, done)),
            carry_out,
            engine.until_shown(lambda registry: missing_changes(after, registry.look(everything, level is not None), actions)),
            "the registry took the changes but does not show them",
            more=left_over(unlisted(names, wanted), deletion),
        )

    return engine.reconcile("subjects", registry, planned, check_mode)


def carry_out(registry: LiveRegistry, actions: Sequence[Action]) -> list[tuple[Action, str]]:
    """Carry the actions out; return those refused, and those of a subject that follow one that was.

    A level that was set for a schema that then is not taken is put back, also when the registry goes away in between.
    """
    refused: list[tuple[Action, str]] = []
    levels: dict[str, SetLevel] = {}

    def one(action: Action) -> None:
        if isinstance(action, Register):
            registry.register(action.subject, action.schema)
        elif isinstance(action, SetLevel):
            registry.set_level(action.subject, action.level)
            levels[action.subject] = action
        elif isinstance(action, Delete):
            registry.delete(action.subject)

    left = list(actions)
    while left:
        action = left.pop(0)
        if action.subject in {other.subject for other, _ in refused}:
            refused.append((action, "not tried, because another change of the subject was refused"))
            continue
        try:
            one(action)
        except NoAnswerError as error:
            refused.append((action, f"{UNKNOWN}: {error}"))
            waiting = {other.subject for other in (action, *left) if isinstance(other, Register)}
            refused += [_put_back(registry, levels[subject]) for subject in sorted(waiting & levels.keys())]
            return refused + [(other, NOT_TRIED) for other in left]
        except ClusterError as error:
            refused.append((action, str(error)))
            if action.subject in levels:
                refused.append(_put_back(registry, levels[action.subject]))
    return refused


def _put_back(registry: LiveRegistry, action: SetLevel) -> tuple[Action, str]:
    try:
        registry.set_level(action.subject, action.before)
    except ClusterError as error:
        was = action.before or INHERITED
        return action, f"done, and not put back to {was} after the schema was not taken: {error}; run again, or set {was} by hand"
    return action, "put back, because the schema was not taken"


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "urls": {"type": "list", "elements": "str", "required": True},
            "subjects": {"type": "list", "elements": "dict", "options": SUBJECT_SPEC, "default": []},
            "tls": TLS_SPEC,
            "compatibility": {"type": "str", "choices": list(LEVELS)},
            **DELETION_SPEC,
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted = [Wanted.of(item) for item in params["subjects"]]
    level, deletion = params["compatibility"], Deletion.of(params)

    def live() -> dict[str, Any]:
        return reconcile(
            LiveRegistry(params["urls"], params["timeout"], Tls.of(params["tls"])), wanted, level, module.check_mode, deletion
        )

    engine.exit_with(module, "subjects", live, lambda: reconcile(None, wanted, level, check_mode=True, deletion=deletion))


if __name__ == "__main__":
    main()
