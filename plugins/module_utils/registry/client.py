# SPDX-License-Identifier: Apache-2.0
"""A schema registry's REST interface: Confluent's, and Apicurio's own where that one does not say enough."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.http import PLAIN, Rest, RestError, Tls, quoted
from ansible_collections.estate.kafka.plugins.module_utils.registry.plan import WHOLE, Register, Registry, Schema, Subject, Wanted

# Apicurio's own interface, and the group that Confluent's subjects are in.
OWN = "/apis/registry/v3"
GROUP = f"{OWN}/groups/default/artifacts"
# So many subjects, if they are at least this part of all, are taken from one answer that has everything.
MIN_LISTED = 20
PART = 4
# Requests at once for the others, and schemas in one answer of Confluent's registry, which gives no more by default.
AT_ONCE = 8
PAGE = 1000
# What Confluent's registry says with status 500 while Kafka is slow, or another registry becomes the one that writes.
PASSING = ("operation timed out", "Error while forwarding", "Failed to update compatibility level")
CONFLICT, UNPROCESSABLE = 409, 422
REMEDIES = {
    CONFLICT: "change the schema so that it fits its earlier versions, or the compatibility of the subject",
    UNPROCESSABLE: "correct the schema, its type or its references",
}


@dataclass(frozen=True)
class Snapshot:
    """Everything a registry has: the versions of each subject, oldest first, and their levels if it told these as well."""

    schemas: Mapping[str, Sequence[Schema]]
    levels: Mapping[str, str] | None = None


class LiveRegistry(Rest):
    """The registries that serve one set of subjects."""

    remedies: Mapping[int, str] = {**Rest.remedies, **REMEDIES}

    def __init__(self, urls: Sequence[str], timeout: float, tls: Tls = PLAIN) -> None:
        super().__init__(urls, timeout, "schema registry", tls=tls)
        self._apicurio: bool | None = None

    @property
    def apicurio(self) -> bool:
        """Whether it is Apicurio; Confluent's registry knows nothing of that path."""
        if self._apicurio is None:
            self._apicurio = self.perhaps("GET", f"{OWN}/system/info") is not None
        return self._apicurio

    def passing(self, status: int, said: str) -> bool:
        """Return whether the registry refuses only for now; every request can be sent again."""
        return (
            super().passing(status, said) or status in (429, 504) or (status == 500 and any(words in said for words in PASSING))
        )

    # -- reading -----------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the names of all subjects."""
        names: list[str] = self.request("GET", "/subjects")
        return names

    def look(self, wanted: Iterable[Wanted], whole: bool) -> Registry:
        """Return those of the listed subjects that exist and, where it is asked for, the level of the whole registry."""
        items = list(wanted)
        held = self._held(items)
        # Apicurio keeps a level for a subject that is not there, but does not show it; and a subject that others used, even
        # if those were deleted.
        apicurio = self.apicurio
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = [pool.submit(self._subject, item, held) for item in items]
            try:
                found = [job.result() for job in jobs]
            finally:
                for job in jobs:
                    job.cancel()
        subjects = {item.name: subject for item, subject in zip(items, found) if subject}
        return Registry(self._level(WHOLE) if whole else None, subjects, apicurio, apicurio)

    def _subject(self, item: Wanted, held: Snapshot | None) -> Subject | None:
        if held is None:
            answer = self.perhaps("GET", f"/subjects/{quoted(item.name)}/versions/latest")
            latest = Schema.of(answer) if answer else None
        else:
            latest = held.schemas[item.name][-1] if item.name in held.schemas else None
        if latest is None and (self.apicurio or item.absent):
            return None
        level = None
        if item.level:
            level = self._level(item.name) if held is None or held.levels is None else held.levels.get(item.name)
        if latest is None:
            # Confluent's registry has nothing of it but, perhaps, a level.
            return Subject(None, level, item.schema is None) if level else None
        users = self._users(item.name) if item.absent else frozenset()
        return Subject(latest, level, self._registered(item, latest, held), users)

    def _held(self, items: Sequence[Wanted]) -> Snapshot | None:
        """Return everything the registry has; None where asking for each subject costs less, or all is not to be had."""
        if len(items) < MIN_LISTED or len(items) * PART < len(self.names()):
            return None
        try:
            return self._exported() if self.apicurio else self._listed()
        except RestError:
            # Whoever may read each subject need not be allowed to read them all at once, and older registries cannot tell.
            return None

    def _listed(self) -> Snapshot:
        """Return what Confluent's registry tells page by page; it has nothing like it for levels."""
        schemas: dict[str, dict[int, Schema]] = {}
        offset = 0
        while page := self.request("GET", f"/schemas?offset={offset}&limit={PAGE}"):
            for one in page:
                schemas.setdefault(one["subject"], {})[one["version"]] = Schema.of(one)
            offset += len(page)
        return Snapshot({name: [schema for _, schema in sorted(versions.items())] for name, versions in schemas.items()})

    def _exported(self) -> Snapshot:
        """Return what Apicurio exports: files of JSON for subjects, versions, rules and contents, these beside their texts."""
        with zipfile.ZipFile(io.BytesIO(self.answer("GET", f"{OWN}/admin/export"))) as archive:
            parts: dict[str, list[Any]] = {}
            texts: dict[int, tuple[str, tuple[tuple[str, str, int], ...]]] = {}
            for file in archive.namelist():
                kind = file.split(".")[-2]
                if file.endswith(".Content.json"):
                    about = json.loads(archive.read(file))
                    named = json.loads(about["serializedReferences"] or "[]")
                    references = tuple((one["name"], one["artifactId"], int(one["version"])) for one in named)
                    texts[about["contentId"]] = archive.read(file[:-4] + "data").decode(), references
                elif kind in ("Artifact", "ArtifactVersion", "ArtifactRule"):
                    parts.setdefault(kind, []).append(json.loads(archive.read(file)))
        return _held(parts, texts)

    def _users(self, name: str) -> frozenset[str]:
        """Return the subjects that refer to one, those included that Apicurio counts although they were deleted."""
        path, deleted = f"/subjects/{quoted(name)}/versions", "?deleted=true" if self.apicurio else ""
        numbers = self.request("GET", path)
        ids = {one for number in numbers for one in self.request("GET", f"{path}/{number}/referencedby")}
        users = (user for one in sorted(ids) for user in self.request("GET", f"/schemas/ids/{one}/versions{deleted}"))
        return frozenset(user["subject"] for user in users)

    def _registered(self, item: Wanted, latest: Schema, held: Snapshot | None) -> bool:
        if item.schema is None or item.schema.meaning() == latest.meaning():
            return True
        path = f"/subjects/{quoted(item.name)}"
        if held is not None:
            earlier: Iterable[Schema] = held.schemas[item.name]
        else:
            numbers = sorted(self.request("GET", f"{path}/versions"))[-2::-1]
            earlier = (Schema.of(self.request("GET", f"{path}/versions/{number}")) for number in numbers)
        if any(item.schema.meaning() == schema.meaning() for schema in earlier):
            return True
        # A registry keeps its own spelling of a schema and knows any other; Apicurio also passes over doc and aliases.
        return self._knows(path, item.schema)

    def _knows(self, path: str, schema: Schema) -> bool:
        try:
            return self.perhaps("POST", path, schema.body()) is not None
        except RestError as error:
            if error.status != UNPROCESSABLE:
                raise
            # No schema at all, which the registry says when it is asked to take it.
            return False

    def _level(self, name: str) -> str | None:
        """Return the level of one subject, or of the registry; None where there is none of its own."""
        if self.apicurio:
            answer = self.perhaps("GET", _rule(name))
            return str(answer["config"]) if answer else None
        answer = self.perhaps("GET", "/config" if name == WHOLE else f"/config/{quoted(name)}")
        return str(answer["compatibilityLevel"]) if answer else None

    def check(self, action: Register) -> list[str]:
        """Return why the registry would refuse a new version of a subject; nothing when it would take it."""
        path = f"/compatibility/subjects/{quoted(action.subject)}/versions?verbose=true"
        try:
            answer = self.request("POST", path, action.schema.body())
        except RestError as error:
            return [str(error)]
        if answer["is_compatible"]:
            return []
        # The whole of the older schema is left out.
        told = [line for line in answer.get("messages") or [] if not line.startswith("{oldSchema:")]
        said = "; ".join(told) or self._rehearsed(action) or "it is not compatible"
        return [f"{said}; {REMEDIES[UNPROCESSABLE if said.startswith('Invalid schema') else CONFLICT]}"]

    def _rehearsed(self, action: Register) -> str:
        """Return Apicurio's reason, which it gives only when a version is made, even if only for show."""
        if not self.apicurio:
            return ""
        named = [
            {"groupId": "default", "artifactId": subject, "version": str(version), "name": name}
            for name, subject, version in action.schema.references
        ]
        content = {"content": action.schema.text, "contentType": "application/json", "references": named}
        try:
            self.request("POST", f"{GROUP}/{quoted(action.subject)}/versions?dryRun=true", {"content": content})
        except RestError as error:
            return error.said
        return ""

    # -- changing ----------------------------------------------------------------------------------------------------

    def register(self, name: str, schema: Schema) -> None:
        """Add a version to a subject, or make the subject with it."""
        self.request("POST", f"/subjects/{quoted(name)}/versions", schema.body())

    def set_level(self, name: str, level: str | None) -> None:
        """Set the level of one subject, or of the registry; None takes it away."""
        if self.apicurio:
            path, body = _rule(name), {"ruleType": "COMPATIBILITY", "config": level}
        else:
            path, body = "/config" if name == WHOLE else f"/config/{quoted(name)}", {"compatibility": level}
        if level is None:
            self.request("DELETE", path)
        elif self.apicurio and self.perhaps("GET", path) is None:
            self.request("POST", path.rpartition("/")[0], body)
        else:
            self.request("PUT", path, body)

    def delete(self, name: str) -> None:
        """Delete a subject with all its versions, in the way that the registry can undo; one that is gone already is none."""
        self.perhaps("DELETE", f"/subjects/{quoted(name)}")


def _rule(name: str) -> str:
    """Return Apicurio's own path of a level: in Confluent's interface it says NONE both for that level and for none at all."""
    return f"{OWN}/admin/rules/COMPATIBILITY" if name == WHOLE else f"{GROUP}/{quoted(name)}/rules/COMPATIBILITY"


def _held(parts: Mapping[str, Sequence[Mapping[str, Any]]], texts: Mapping[int, tuple[str, Any]]) -> Snapshot:
    """Return what Confluent's subjects are in an export: those of the default group, and only versions that are not deleted."""
    kinds = {one["artifactId"]: one["artifactType"] for one in parts.get("Artifact", []) if _ours(one)}
    schemas: dict[str, list[Schema]] = {}
    for one in sorted(parts.get("ArtifactVersion", []), key=lambda version: version["versionOrder"]):
        if _ours(one) and one["state"] != "DISABLED":
            text, references = texts[one["contentId"]]
            schemas.setdefault(one["artifactId"], []).append(Schema(text, kinds[one["artifactId"]], references))
    rules = (one for one in parts.get("ArtifactRule", []) if _ours(one) and one["type"] == "COMPATIBILITY")
    return Snapshot(schemas, {one["artifactId"]: one["configuration"] for one in rules})


def _ours(one: Mapping[str, Any]) -> bool:
    return one["groupId"] in (None, "default")
