"""A schema registry's REST interface: Confluent's, and Apicurio's own where that one does not say enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ansible_collections.estate.kafka.plugins.module_utils.kafka_client import settle
from ansible_collections.estate.kafka.plugins.module_utils.rest_client import Rest, RestError, quoted
from ansible_collections.estate.kafka.plugins.module_utils.subjects_plan import WHOLE, Register, Registry, Schema, Subject, Wanted

# Apicurio's own interface, and the group that Confluent's subjects are in.
OWN = "/apis/registry/v3"
GROUP = f"{OWN}/groups/default/artifacts"
REMEDIES = {
    409: "change the schema so that it fits its earlier versions, or the compatibility of the subject",
    422: "correct the schema, its type or its references",
}


class LiveRegistry(Rest):
    """The registries that serve one set of subjects."""

    remedies: Mapping[int, str] = {**Rest.remedies, **REMEDIES}

    def __init__(self, urls: Sequence[str], timeout: float) -> None:
        super().__init__(urls, timeout, "schema registry")
        self._apicurio: bool | None = None

    @property
    def apicurio(self) -> bool:
        """Whether it is Apicurio; Confluent's registry knows nothing of that path."""
        if self._apicurio is None:
            self._apicurio = self.perhaps("GET", f"{OWN}/system/info") is not None
        return self._apicurio

    # -- reading -----------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the names of all subjects."""
        names: list[str] = self.request("GET", "/subjects")
        return names

    def look(self, wanted: Iterable[Wanted], whole: bool) -> Registry:
        """Return those of the listed subjects that exist and, where it is asked for, the level of the whole registry."""
        found = {item.name: self._subject(item) for item in wanted}
        subjects = {name: subject for name, subject in found.items() if subject}
        # Apicurio keeps a level for a subject that is not there, but does not show it; and a subject that others used, even
        # if those were deleted.
        return Registry(self._level(WHOLE) if whole else None, subjects, self.apicurio, self.apicurio)

    def _subject(self, item: Wanted) -> Subject | None:
        answer = self.perhaps("GET", f"/subjects/{quoted(item.name)}/versions/latest")
        if answer is None:
            return None
        latest = Schema.of(answer)
        level = self._level(item.name) if item.level else None
        users = self._users(item.name) if item.absent else frozenset()
        return Subject(latest, level, self._registered(item, latest), users)

    def _users(self, name: str) -> frozenset[str]:
        """Return the subjects that refer to one, those included that Apicurio counts although they were deleted."""
        path, deleted = f"/subjects/{quoted(name)}/versions", "?deleted=true" if self.apicurio else ""
        numbers = self.request("GET", path)
        ids = {one for number in numbers for one in self.request("GET", f"{path}/{number}/referencedby")}
        users = (user for one in sorted(ids) for user in self.request("GET", f"/schemas/ids/{one}/versions{deleted}"))
        return frozenset(user["subject"] for user in users)

    def _registered(self, item: Wanted, latest: Schema) -> bool:
        if item.schema is None or item.schema.meaning() == latest.meaning():
            return True
        # Not by asking for the schema itself: a registry may tell two spellings of one schema apart.
        path = f"/subjects/{quoted(item.name)}/versions"
        earlier = (Schema.of(self.request("GET", f"{path}/{number}")) for number in sorted(self.request("GET", path))[-2::-1])
        return any(item.schema.meaning() == schema.meaning() for schema in earlier)

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
        said = "; ".join(answer.get("messages") or []) or self._rehearsed(action) or "it is not compatible"
        return [f"{said}; {REMEDIES[409]}"]

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
        """Delete a subject with all its versions, in the way that the registry can undo."""
        self.request("DELETE", f"/subjects/{quoted(name)}")

    def settle(self, ask: Callable[[], list[str]]) -> list[str]:
        """Ask until nothing is missing or the time is over; return the last answer."""
        return settle(ask, self.timeout)


def _rule(name: str) -> str:
    """Return Apicurio's own path of a level: in Confluent's interface it says NONE both for that level and for none at all."""
    return f"{OWN}/admin/rules/COMPATIBILITY" if name == WHOLE else f"{GROUP}/{quoted(name)}/rules/COMPATIBILITY"
