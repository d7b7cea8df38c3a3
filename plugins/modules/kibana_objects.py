#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Data views and other objects of Kibana."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kibana_objects
short_description: Data views and saved objects of Kibana
version_added: 0.1.0
description:
  - Creates data views, visualisations, dashboards and other saved objects that are missing, and puts back those that differ.
  - An object is the same if Kibana has everything that is wanted of it; what Kibana adds by itself does not count.
  - Objects that are not listed are left as they are; none is ever deleted.
options:
  url: {description: Address of Kibana., type: str, required: true}
  user: {description: Login; empty means none., type: str, default: ""}
  password: {description: Password of that login., type: str, default: ""}
  tls:
    description: Files on the host for a Kibana that speaks TLS.
    type: dict
    suboptions:
      ca: {description: Its authority., type: path, required: true}
      login: {description: A file with C(user:password) in place of O(user) and O(password)., type: path}
  data_views:
    description: Data views that must be there.
    type: list
    elements: dict
    default: []
    suboptions:
      id: {description: Identifier that other objects refer to., type: str, required: true}
      title: {description: Pattern of indices., type: str, required: true}
      name: {description: Name that is shown; the title where it is absent., type: str}
      time_field: {description: Field with the time of a document., type: str}
  saved_objects:
    description: Other objects, as Kibana exports them.
    type: list
    elements: dict
    default: []
    suboptions:
      type: {description: Type such as V(dashboard)., type: str, required: true}
      id: {description: Identifier., type: str, required: true}
      attributes: {description: What the type consists of., type: dict, required: true}
      references: {description: Objects it refers to., type: list, elements: dict, default: []}
      coreMigrationVersion: {description: Version of Kibana's core the object was written for., type: str}
      typeMigrationVersion: {description: Version of the type the object was written for., type: str}
      migrationVersion: {description: The same in exports of Kibana 7., type: dict}
      created_at: {description: Kibana says it anew; left out., type: raw}
      created_by: {description: Kibana says it anew; left out., type: raw}
      error: {description: Kibana says it anew; left out., type: raw}
      managed: {description: Kibana says it anew; left out., type: raw}
      namespaces: {description: Kibana says it anew; left out., type: raw}
      originId: {description: Kibana says it anew; left out., type: raw}
      score: {description: Kibana says it anew; left out., type: raw}
      sort: {description: Kibana says it anew; left out., type: raw}
      updated_at: {description: Kibana says it anew; left out., type: raw}
      updated_by: {description: Kibana says it anew; left out., type: raw}
      version: {description: Kibana says it anew; left out., type: raw}
  timeout: {description: Seconds to wait for a Kibana that still starts., type: int, default: 60}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Data view of the exercise
  estate.kafka.kibana_objects:
    url: http://peter-kafka02.foo.bar:5601
    data_views:
      - {id: students, title: "students*", time_field: timestamp}
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["create data view students", "update dashboard students"]
refused: {description: "What was refused, with the reason.", type: list, elements: str, returned: failure}
"""

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.consoles.kibana_client import HEADERS, Kibana
from ansible_collections.estate.kafka.plugins.module_utils.consoles.kibana_plan import (
    OBJECT_SPEC,
    VIEW_SPEC,
    Action,
    Object,
    applied,
    plan,
    refusals,
)
from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import shown
from ansible_collections.estate.kafka.plugins.module_utils.http import Tls
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def reconcile(console: Kibana | None, wanted: Sequence[Object], check_mode: bool) -> dict[str, Any]:
    """Bring the objects to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[Kibana, Action]:
        engine.refuse(refusals(wanted))
        current = console.objects(wanted) if console else {}
        return engine.Change(
            plan(current, wanted),
            shown(current),
            lambda done: shown(applied(current, done)),
            lambda console, actions: console.apply(actions),
        )

    return engine.reconcile("kibana_objects", console, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "user": {"type": "str", "default": ""},
            "password": {"type": "str", "default": "", "no_log": True},
            "tls": {"type": "dict", "options": {"ca": {"type": "path", "required": True}, "login": {"type": "path"}}},
            "data_views": {"type": "list", "elements": "dict", "options": VIEW_SPEC, "default": []},
            "saved_objects": {"type": "list", "elements": "dict", "options": OBJECT_SPEC, "default": []},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    saved = [{key: value for key, value in item.items() if value is not None} for item in params["saved_objects"]]
    wanted = [*map(Object.of_view, params["data_views"]), *map(Object.of_export, saved)]
    login, tls = (params["user"], params["password"]), Tls.of(params["tls"])
    kibana = Kibana([params["url"]], params["timeout"], "Kibana", login, HEADERS, tls)
    engine.exit_with(
        module,
        "objects in Kibana",
        lambda: reconcile(kibana, wanted, module.check_mode),
        lambda: reconcile(None, wanted, check_mode=True),
    )


if __name__ == "__main__":
    main()
