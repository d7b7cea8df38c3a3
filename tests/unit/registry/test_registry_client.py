"""How registries are asked over HTTP: levels, users of a subject, many subjects at once, what fails and what is sent again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest
from ansible_collections.estate.kafka.plugins.module_utils import polling
from ansible_collections.estate.kafka.plugins.module_utils.http import RestError
from ansible_collections.estate.kafka.plugins.module_utils.registry.client import MIN_LISTED, LiveRegistry
from ansible_collections.estate.kafka.plugins.module_utils.registry.plan import (
    WHOLE,
    Register,
    Schema,
    Subject,
    Wanted,
)
from ansible_collections.estate.kafka.plugins.modules.subjects import reconcile
from http_server import sent, serving
from test_subjects import ONE, SPACED, TWO, USES


class StandIn:
    """A registry that gives each request the answer it was told to; ``first`` has those that come before."""

    answers: ClassVar[dict[str, tuple[int, Any]]] = {}
    first: ClassVar[dict[str, list[tuple[int, Any]]]] = {}
    asked: ClassVar[list[tuple[str, Any]]] = []

    @classmethod
    def answer(cls, request: BaseHTTPRequestHandler) -> tuple[int, Any]:
        body, key = sent(request), f"{request.command} {request.path}"
        cls.asked.append((key, json.loads(body) if body else None))
        if waiting := cls.first.get(key):
            return waiting.pop(0)
        return cls.answers.get(key, (404, {"error_code": 40401, "message": "no such thing"}))


@pytest.fixture
def stand_in() -> Iterator[str]:
    StandIn.answers, StandIn.first, StandIn.asked = {}, {}, []
    with serving(StandIn.answer) as url:
        yield url


CONFLUENT = {
    "GET /config": (200, {"compatibilityLevel": "BACKWARD"}),
    "GET /config/s": (200, {"compatibilityLevel": "FULL"}),
    "GET /subjects/s/versions/latest": (200, {"subject": "s", "version": 2, "id": 7, "schema": TWO.text}),
    "GET /subjects/s/versions": (200, [1, 2]),
    "GET /subjects/s/versions/1": (200, {"subject": "s", "version": 1, "id": 6, "schema": SPACED.text}),
}


INFO = "/apis/registry/v3/system/info"


RULES = "/apis/registry/v3/groups/default/artifacts/s/rules/COMPATIBILITY"


APICURIO = {
    **CONFLUENT,
    f"GET {INFO}": (200, {"version": "3.0.9"}),
    "GET /apis/registry/v3/admin/rules/COMPATIBILITY": (200, {"config": "FORWARD"}),
    f"GET {RULES}": (200, {"config": "NONE"}),
}


@pytest.mark.parametrize(("answers", "levels"), [(CONFLUENT, ("BACKWARD", "FULL")), (APICURIO, ("FORWARD", "NONE"))])
def test_levels_are_read_as_each_registry_shows_them(
    stand_in: str, answers: dict[str, tuple[int, Any]], levels: tuple[str, str]
) -> None:
    StandIn.answers = answers
    found = LiveRegistry([stand_in], 5).look([Wanted("s", ONE, "FULL"), Wanted("n", ONE)], True)
    assert (found.level, found.subjects["s"].level) == levels
    assert set(found.subjects) == {"s"} and found.subjects["s"].registered


@pytest.mark.parametrize(("apicurio", "deleted"), [(False, ""), (True, "?deleted=true")])
def test_who_uses_a_subject_is_asked_for_each_version(stand_in: str, apicurio: bool, deleted: str) -> None:
    StandIn.answers = {
        **CONFLUENT,
        **({f"GET {INFO}": (200, {})} if apicurio else {}),
        "GET /subjects": (200, ["s", "u", "w"]),
        "GET /subjects/s/versions/1/referencedby": (200, [8, 9]),
        "GET /subjects/s/versions/2/referencedby": (200, [9]),
        f"GET /schemas/ids/8/versions{deleted}": (200, [{"subject": "u", "version": 1}]),
        f"GET /schemas/ids/9/versions{deleted}": (200, [{"subject": "u", "version": 2}, {"subject": "w", "version": 1}]),
    }
    registry = LiveRegistry([stand_in], 5)
    found = registry.look([Wanted("s", absent=True)], False)
    assert registry.names() == ["s", "u", "w"]
    assert (sorted(found.subjects["s"].users), found.deleted_use) == (["u", "w"], apicurio)


def test_no_level_of_its_own_is_none(stand_in: str) -> None:
    StandIn.answers = {key: answer for key, answer in CONFLUENT.items() if key != "GET /config/s"}
    assert LiveRegistry([stand_in], 5).look([Wanted("s", None, "FULL")], False).subjects["s"].level is None


def test_confluents_registry_shows_a_level_before_the_first_schema(stand_in: str) -> None:
    StandIn.answers = {"GET /subjects": (200, []), "GET /config/n": (200, {"compatibilityLevel": "FULL"})}
    registry = LiveRegistry([stand_in], 5)
    assert reconcile(registry, [Wanted("n", level="FULL")], None, False)["changed"] is False
    made = reconcile(registry, [Wanted("n", ONE, "FULL")], None, True)
    assert made["actions"] == ["register a schema of n"]
    assert ("POST /compatibility/subjects/n/versions?verbose=true" in dict(StandIn.asked)) is False


def export(*versions: tuple[str, int, str, int], levels: Mapping[str, str], contents: Sequence[Schema]) -> bytes:
    """Return an export of Apicurio: subject, order, state and content of each version."""
    files: dict[str, Any] = {"manifest-1.Manifest.json": {}}
    for number, schema in enumerate(contents):
        named = [{"groupId": None, "artifactId": s, "version": str(v), "name": name} for name, s, v in schema.references]
        files[f"content/{number}.Content.json"] = {
            "contentId": number,
            "contentHash": str(number),
            "serializedReferences": json.dumps(named) if named else None,
        }
        files[f"content/{number}.Content.data"] = schema.text
    for group in (None, "other"):
        for name in {name for name, *_ in versions}:
            at = f"groups/{group or 'default'}/artifacts/{name}"
            files[f"{at}/MetaData.Artifact.json"] = {"groupId": group, "artifactId": name, "artifactType": "AVRO"}
        for name, order, state, content in versions:
            files[f"groups/{group or 'default'}/artifacts/{name}/versions/{order}.ArtifactVersion.json"] = {
                "groupId": group,
                "artifactId": name,
                "versionOrder": order + (100 if group else 0),
                "state": state,
                "contentId": content,
            }
    for name, level in levels.items():
        at = f"groups/default/artifacts/{name}/rules"
        rule = {"groupId": None, "artifactId": name, "configuration": level}
        files[f"{at}/COMPATIBILITY.ArtifactRule.json"] = {**rule, "type": "COMPATIBILITY"}
        files[f"{at}/VALIDITY.ArtifactRule.json"] = {**rule, "type": "VALIDITY", "configuration": "FULL"}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content if isinstance(content, str) else json.dumps(content))
    return written.getvalue()


EVERY = [f"m{number}" for number in range(MIN_LISTED - 2)]


EXPORTED = {
    f"GET {INFO}": (200, {}),
    "GET /apis/registry/v3/admin/export": (
        200,
        export(
            *((name, 1, "ENABLED", 0) for name in EVERY),
            # The newest first in the file, which must not count; and one that is deleted.
            ("m0", 10, "DISABLED", 0),
            ("m0", 9, "ENABLED", 2),
            ("m0", 2, "ENABLED", 1),
            ("gone", 1, "DISABLED", 0),
            levels={"m1": "FULL", "gone": "FULL"},
            contents=[ONE, TWO, USES],
        ),
    ),
}


PAGES = {
    "GET /schemas?offset=0&limit=1000": (
        200,
        [
            *({"subject": name, "version": 1, "id": 1, "schema": ONE.text} for name in EVERY),
            {"subject": "m0", "version": 10, "id": 3, **USES.body()},
        ],
    ),
    f"GET /schemas?offset={len(EVERY) + 1}&limit=1000": (200, [{"subject": "m0", "version": 9, "id": 2, "schema": TWO.text}]),
    f"GET /schemas?offset={len(EVERY) + 2}&limit=1000": (200, []),
    "GET /config/m1": (200, {"compatibilityLevel": "FULL"}),
}


@pytest.mark.parametrize("answers", [EXPORTED, PAGES], ids=["Apicurio", "Confluent"])
def test_many_subjects_are_read_at_once(stand_in: str, answers: dict[str, tuple[int, Any]]) -> None:
    StandIn.answers = {**answers, "GET /subjects": (200, [*EVERY, *(f"other{number}" for number in range(50))])}
    wanted = [Wanted("m0", TWO), Wanted("m1", ONE, "FULL"), Wanted("m2", TWO, "FULL"), *(Wanted(name, ONE) for name in EVERY[3:])]
    found = LiveRegistry([stand_in], 5).look([*wanted, Wanted("gone", ONE), Wanted("n", ONE)], False)
    assert sorted(found.subjects) == sorted(EVERY)
    assert found.subjects["m0"] == Subject(USES, None, registered=True)
    assert found.subjects["m1"] == Subject(ONE, "FULL", registered=True)
    assert found.subjects["m2"] == Subject(ONE, None, registered=False)
    assert not [key for key, _ in StandIn.asked if key.startswith("GET /subjects/")]


@pytest.mark.parametrize(("others", "status"), [(1000, 200), (0, 403)])
def test_few_of_very_many_subjects_are_asked_for_one_by_one(stand_in: str, others: int, status: int) -> None:
    """And so is where not everything may be read."""
    StandIn.answers = {
        **{f"GET /subjects/{name}/versions/latest": (200, {"subject": name, "schema": ONE.text}) for name in EVERY},
        f"GET {INFO}": (200, {}),
        "GET /subjects": (200, [*EVERY, *(f"other{number}" for number in range(others))]),
        "GET /apis/registry/v3/admin/export": (status, {}),
    }
    found = LiveRegistry([stand_in], 5).look([Wanted(name, ONE) for name in [*EVERY, "n", "o"]], False)
    assert found.subjects == {name: Subject(ONE) for name in EVERY}


@pytest.mark.parametrize(("status", "known"), [(200, True), (404, False), (422, False)])
def test_a_registry_knows_another_spelling(stand_in: str, status: int, known: bool) -> None:
    """Confluent's keeps what it made of the text: a record's full name in two parts, Protobuf laid out anew."""
    StandIn.answers = {**CONFLUENT, "POST /subjects/s": (status, {"message": "what it says"})}
    schema = Schema('syntax = "proto3"; message A { }', "PROTOBUF")
    assert LiveRegistry([stand_in], 5).look([Wanted("s", schema)], False).subjects["s"].registered == known
    assert StandIn.asked[-1] == ("POST /subjects/s", schema.body())
    StandIn.answers = {**StandIn.answers, f"GET {INFO}": (200, {})}
    assert LiveRegistry([stand_in], 5).look([Wanted("s", schema)], False).subjects["s"].registered == known


def test_one_that_fails_ends_the_reading(stand_in: str) -> None:
    StandIn.answers = {f"GET /subjects/{name}/versions/latest": (400, {"message": "no"}) for name in EVERY}
    with pytest.raises(RestError, match="HTTP 400: no"):
        LiveRegistry([stand_in], 5).look([Wanted(name, ONE) for name in EVERY], False)


@pytest.mark.parametrize("said", ["Register operation timed out", "Error while forwarding register schema request to the leader"])
def test_what_passes_is_sent_again(stand_in: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    StandIn.answers = {"POST /subjects/n/versions": (200, {"id": 1})}
    StandIn.first = {"POST /subjects/n/versions": [(500, {"error_code": 50002, "message": said})] * 2}
    LiveRegistry([stand_in], 5).register("n", ONE)
    assert len(StandIn.asked) == 3


def test_a_deletion_that_was_done_although_it_timed_out_is_done(stand_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    said = {"error_code": 50002, "message": "Delete subject operation timed out"}
    StandIn.first = {"DELETE /subjects/n": [(500, said), (404, {"error_code": 40404, "message": "soft deleted"})]}
    LiveRegistry([stand_in], 5).delete("n")
    assert len(StandIn.asked) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, {"is_compatible": True}), ""),
        ((200, {"is_compatible": False, "messages": ["READER_FIELD_MISSING_DEFAULT_VALUE"]}), "READER_FIELD_MISSING"),
        (
            (200, {"is_compatible": False, "messages": ["{oldSchemaVersion: 1}", "{oldSchema: 'x'}"]}),
            "{oldSchemaVersion: 1}; change the schema",
        ),
        ((200, {"is_compatible": False, "messages": ["Invalid schema n, no reference"]}), "no reference; correct the schema"),
        ((200, {"is_compatible": False}), "list of diff types: [b at /fields/1]"),
        ((422, {"error_code": 42201, "message": "Invalid Avro"}), "HTTP 422: Invalid Avro; correct the schema"),
    ],
)
def test_a_refusal_has_the_registrys_reason(stand_in: str, answer: tuple[int, Any], reason: str) -> None:
    StandIn.answers = {
        f"GET {INFO}": (200, {}),
        "POST /compatibility/subjects/s/versions?verbose=true": answer,
        "POST /apis/registry/v3/groups/default/artifacts/s/versions?dryRun=true": (
            409,
            {"title": "Incompatible artifact: s, list of diff types: [b at /fields/1]", "status": 409},
        ),
    }
    said = LiveRegistry([stand_in], 5).check(Register("s", USES))
    assert bool(said) == bool(reason) and reason in "".join(said)
    assert StandIn.asked[0][1] == {
        "schema": USES.text,
        "schemaType": "AVRO",
        "references": [{"name": "R", "subject": "new", "version": 1}],
    }


def test_changes_are_sent_to_their_paths(stand_in: str) -> None:
    paths = [
        "POST /subjects/a%2Fb/versions",
        "PUT /config",
        "PUT /config/a%2Fb",
        "DELETE /config/a%2Fb",
        "DELETE /subjects/a%2Fb",
    ]
    StandIn.answers = dict.fromkeys(paths, (200, {}))
    registry = LiveRegistry(["http://127.0.0.1:1", stand_in], 5)
    registry.register("a/b", ONE)
    registry.set_level(WHOLE, "FULL")
    registry.set_level("a/b", "NONE")
    registry.set_level("a/b", None)
    registry.delete("a/b")
    changes = [(path, body) for path, body in StandIn.asked if path != f"GET {INFO}"]
    assert [path for path, _ in changes] == paths
    assert [body for _, body in changes[1:]] == [{"compatibility": "FULL"}, {"compatibility": "NONE"}, None, None]


@pytest.mark.parametrize(("there", "sent"), [(True, f"PUT {RULES}"), (False, f"POST {RULES.rpartition('/')[0]}")])
def test_apicurio_makes_or_changes_a_rule(stand_in: str, there: bool, sent: str) -> None:
    StandIn.answers = {f"GET {INFO}": (200, {}), sent: (200, {})} | ({f"GET {RULES}": (200, {"config": "FULL"})} if there else {})
    LiveRegistry([stand_in], 5).set_level("s", "NONE")
    assert StandIn.asked[-1] == (sent, {"ruleType": "COMPATIBILITY", "config": "NONE"})
