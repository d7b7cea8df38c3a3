# SPDX-License-Identifier: Apache-2.0
"""Kibana's interfaces for data views and for saved objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ansible.module_utils.urls import prepare_multipart
from ansible_collections.estate.kafka.plugins.module_utils.consoles.kibana_plan import VIEW, Action, Object
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import NOT_TRIED, UNKNOWN, one_by_one
from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.http import Rest, RestError, quoted

# Kibana refuses every change without this header.
HEADERS = {"kbn-xsrf": "kafka-estate"}
VIEWS = "/api/data_views/data_view"
IMPORT = "/api/saved_objects/_import?overwrite=true"


class Kibana(Rest):
    """One Kibana; one that still starts is waited for."""

    def objects(self, wanted: Iterable[Object]) -> dict[str, Object]:
        """Return those of the wanted objects that are there."""
        found = [self.view(one.id) if one.kind == VIEW else self.saved(one.kind, one.id) for one in wanted]
        return {one.key: one for one in found if one}

    def view(self, id_: str) -> Object | None:
        """Return a data view."""
        answer = self.perhaps("GET", f"{VIEWS}/{quoted(id_)}")
        if answer is None:
            return None
        keys = ("title", "name", "timeFieldName")
        return Object(VIEW, id_, {key: answer["data_view"][key] for key in keys if answer["data_view"].get(key)})

    def saved(self, kind: str, id_: str) -> Object | None:
        """Return another saved object: exported, for the interface that reads single ones is going away."""
        wanted = {"objects": [{"type": kind, "id": id_}], "excludeExportDetails": True}
        try:
            return Object.of_export(self.request("POST", "/api/saved_objects/_export", wanted))
        except RestError as error:
            if error.status == 400 and _not_there(error.text):
                return None
            raise

    def apply(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        """Write data views one by one and all other objects in one import; return those refused, with the reason."""
        refused = one_by_one([action for action in actions if action.object.kind == VIEW], self.write_view)
        others = [action for action in actions if action.object.kind != VIEW]
        if any(reason.startswith((UNKNOWN, NOT_TRIED)) for _, reason in refused):
            return refused + [(action, NOT_TRIED) for action in others]
        return refused + (self.load(others) if others else [])

    def write_view(self, action: Action) -> None:
        """Create or change a data view."""
        view = action.object
        new = action.kind == "create"
        body = {"data_view": {**({"id": view.id} if new else {}), **view.attributes}}
        self.request("POST", VIEWS if new else f"{VIEWS}/{quoted(view.id)}", body)

    def load(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        """Import objects over those that are there; return those refused."""
        text = "".join(json.dumps(action.object.line()) + "\n" for action in actions)
        kind, body = prepare_multipart(
            {"file": {"filename": "objects.ndjson", "content": text, "mime_type": "application/ndjson"}}
        )
        try:
            answer = self.request("POST", IMPORT, body, kind)
        except NoAnswerError as error:
            return [(action, f"{UNKNOWN}: {error}") for action in actions]
        except RestError as error:
            return [(action, str(error)) for action in actions]
        errors = {(one["type"], one["id"]): json.dumps(one["error"]) for one in answer.get("errors", [])}
        if not answer.get("success") and not errors:
            return [(action, str(answer)) for action in actions]
        keys = [(action.object.kind, action.object.id) for action in actions]
        return [(action, errors[key]) for action, key in zip(actions, keys) if key in errors]


def _not_there(text: str) -> bool:
    """Return whether an export failed because an object is not there."""
    answer: Any = json.loads(text)
    return any(one.get("error", {}).get("statusCode") == 404 for one in answer.get("attributes", {}).get("objects", []))
