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
extends_documentation_fragment: [estate.kafka.deletions, ansible.builtin.action_common_attributes]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
  platform: {support: full, platforms: posix}
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

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import DELETION_SPEC, KEEP_ALL, Deletion, left_over
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure, outcome
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import NOT_TRIED, UNKNOWN, exit_with, seen
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
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
    Schema,
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


class Subjects(Protocol):
    """What this module needs of a registry."""

    def names(self) -> list[str]:
        """Return the names of all subjects."""

    def look(self, wanted: Iterable[Wanted], whole: bool) -> Registry:
        """Return those of the listed subjects that exist and, where it is asked for, the level of the whole registry."""

    def check(self, action: Register) -> list[str]:
        """Return why the registry would refuse a new version of a subject; nothing when it would take it."""

    def register(self, name: str, schema: Schema) -> None:
        """Add a version to a subject, or make the subject with it."""

    def set_level(self, name: str, level: str | None) -> None:
        """Set the level of one subject, or of the registry; None takes it away."""

    def delete(self, name: str) -> None:
        """Delete a subject with all its versions."""

    def poll_until(self, ask: Callable[[], list[str]]) -> list[str]:
        """Ask until nothing is missing or the time is over; return the last answer."""


def reconcile(
    registry: Subjects, wanted: Sequence[Wanted], level: str | None, check_mode: bool, deletion: Deletion = KEEP_ALL
) -> dict[str, Any]:
    """Bring the subjects to what is wanted, or in check mode only say what that takes; return the module's result."""
    names = registry.names()
    others, everything = unlisted(names, wanted), with_pruned(names, wanted, deletion)
    before = registry.look(everything, level is not None)
    problems = refusals(before, wanted) + refused_deletions(names, wanted, deletion)
    if problems := problems or still_used(before, everything):
        return failure("subjects", "nothing was changed", problems)
    actions = plan(before, everything, level)
    if problems := [f"{one}: {line}" for one in to_check(before, actions) for line in registry.check(one)]:
        return failure("subjects", "the registry does not accept the schemas; nothing was changed", problems)
    refused = [] if check_mode else carry_out(registry, actions)
    result = outcome("subjects", actions, refused, shown(before), lambda done: shown(applied(before, done)), check_mode)
    if deletion.prune:
        result.update(left_over(others, deletion))
    if actions and not check_mode and not refused:
        after = applied(before, actions)

        def missing() -> list[str]:
            return missing_changes(after, registry.look(everything, level is not None), actions)

        return seen(result, "subjects", "the registry", registry.poll_until, missing)
    return result


def carry_out(registry: Subjects, actions: Sequence[Action]) -> list[tuple[Action, str]]:
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


def _put_back(registry: Subjects, action: SetLevel) -> tuple[Action, str]:
    try:
        registry.set_level(action.subject, action.before)
    except ClusterError as error:
        was = action.before or INHERITED
        return action, f"done, and not put back to {was} after the schema was not taken: {error}; run again, or set {was} by hand"
    return action, "put back, because the schema was not taken"


class Nothing:
    """What check mode sees before a registry is installed: no subjects, and nobody to ask."""

    def names(self) -> list[str]:
        """Return no name."""
        return []

    def look(self, wanted: Iterable[Wanted], whole: bool) -> Registry:
        """Return no subject and no level."""
        return Registry(None, {})

    def check(self, action: Register) -> list[str]:
        """Refuse nothing."""
        return []

    def register(self, name: str, schema: Schema) -> None:
        """Do nothing."""

    def set_level(self, name: str, level: str | None) -> None:
        """Do nothing."""

    def delete(self, name: str) -> None:
        """Do nothing."""

    def poll_until(self, ask: Callable[[], list[str]]) -> list[str]:
        """Wait for nothing."""
        return []


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "urls": {"type": "list", "elements": "str", "required": True},
            "subjects": {"type": "list", "elements": "dict", "options": SUBJECT_SPEC, "default": []},
            "compatibility": {"type": "str", "choices": list(LEVELS)},
            **DELETION_SPEC,
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted = [Wanted.of(item) for item in params["subjects"]]
    level, deletion = params["compatibility"], Deletion.of(params)

    def live(check_mode: bool) -> dict[str, Any]:
        return reconcile(LiveRegistry(params["urls"], params["timeout"]), wanted, level, check_mode, deletion)

    exit_with(module, "subjects", live, lambda: reconcile(Nothing(), wanted, level, check_mode=True, deletion=deletion))


if __name__ == "__main__":
    main()
