"""Kibana's interfaces for data views and for saved objects."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kibana_plan import VIEW, Action, Object
from ansible_collections.estate.kafka.plugins.module_utils.web import Web, WebError, refused, until

JSON = "application/json"
BOUNDARY = "kafka-estate-objects"


class Kibana:
    """One Kibana."""

    def __init__(self, url: str, user: str = "", password: str = "", timeout: float = 60) -> None:
        # Kibana refuses every change without this header.
        self.web = Web(url, user, password, {"kbn-xsrf": "kafka-estate"})
        self.timeout = timeout

    def request(self, method: str, path: str, body: Any = None, kind: str = JSON) -> tuple[int, Any]:
        """Return status and decoded answer; one that only says that Kibana still starts is waited out."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        end = time.monotonic() + self.timeout
        while True:
            status, text = self.web.ask(method, path, data, kind if data else "")
            if status != 503 or not until(end):
                break
        if status in (401, 403, 503) or status >= 500:
            raise WebError(refused(method, path, status, text))
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return status, text

    def objects(self, wanted: Iterable[Object]) -> dict[str, Object]:
        """Return those of the wanted objects that are there."""
        found = [self.view(one.id) if one.kind == VIEW else self.saved(one.kind, one.id) for one in wanted]
        return {one.key: one for one in found if one}

    def view(self, id_: str) -> Object | None:
        """Return a data view."""
        path = f"/api/data_views/data_view/{urllib.parse.quote(id_)}"
        status, answer = self.request("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise WebError(refused("GET", path, status, str(answer)))
        keys = ("title", "name", "timeFieldName")
        return Object(VIEW, id_, {key: answer["data_view"][key] for key in keys if answer["data_view"].get(key)})

    def saved(self, kind: str, id_: str) -> Object | None:
        """Return another saved object: exported, for the interface that reads single ones is going away."""
        path = "/api/saved_objects/_export"
        status, answer = self.request("POST", path, {"objects": [{"type": kind, "id": id_}], "excludeExportDetails": True})
        if status == 200:
            return Object.of_export(answer if isinstance(answer, dict) else json.loads(answer.splitlines()[0]))
        lacking = answer.get("attributes", {}).get("objects", []) if isinstance(answer, dict) else []
        if status == 400 and any(one.get("error", {}).get("statusCode") == 404 for one in lacking):
            return None
        raise WebError(refused("POST", path, status, str(answer)))

    def carry_out(self, actions: Sequence[Action]) -> None:
        """Write data views one by one and all other objects in one import; raises WebError with the first that is refused."""
        for action in actions:
            if action.object.kind == VIEW:
                self.write_view(action)
        others = [action.object for action in actions if action.object.kind != VIEW]
        if others:
            self.load(others)

    def write_view(self, action: Action) -> None:
        """Create or change a data view."""
        view = action.object
        if action.kind == "create":
            path = "/api/data_views/data_view"
            body: dict[str, Any] = {"data_view": {"id": view.id, **view.attributes}}
        else:
            path = f"/api/data_views/data_view/{urllib.parse.quote(view.id)}"
            body = {"data_view": dict(view.attributes)}
        status, answer = self.request("POST", path, body)
        if status != 200:
            raise WebError(f"{action}: {_said(answer)}")

    def load(self, objects: Sequence[Object]) -> None:
        """Import objects over those that are there."""
        text = "".join(json.dumps(one.line()) + "\n" for one in objects)
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="objects.ndjson"\r\n'
            f"Content-Type: application/ndjson\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
        ).encode()
        path = "/api/saved_objects/_import?overwrite=true"
        status, answer = self.request("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")
        if status != 200 or not answer.get("success"):
            errors = answer.get("errors", []) if isinstance(answer, dict) else []
            lines = [f"{one['type']} {one['id']}: {json.dumps(one['error'])}" for one in errors]
            raise WebError("; ".join(lines) or _said(answer))


def _said(answer: Any) -> str:
    return str(answer.get("message", answer) if isinstance(answer, dict) else answer)
