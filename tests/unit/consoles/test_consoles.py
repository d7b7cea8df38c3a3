"""Consoles: what CMAK's forms say, what is planned for CMAK and Kibana, that check mode shows what a run then does."""

from __future__ import annotations

import email
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.akhq import akhq_connections
from ansible_collections.estate.kafka.plugins.filter.config import nested
from ansible_collections.estate.kafka.plugins.module_utils.consoles import cmak_plan, kibana_plan
from ansible_collections.estate.kafka.plugins.module_utils.consoles.cmak_client import Cmak as LiveCmak
from ansible_collections.estate.kafka.plugins.module_utils.consoles.cmak_client import _lists
from ansible_collections.estate.kafka.plugins.module_utils.consoles.kibana_client import Kibana as LiveKibana
from ansible_collections.estate.kafka.plugins.module_utils.consoles.kibana_plan import VIEW, Object
from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.weakness import weakness
from ansible_collections.estate.kafka.plugins.module_utils.formats.hocon import hocon
from ansible_collections.estate.kafka.plugins.module_utils.formats.ini import ini
from ansible_collections.estate.kafka.plugins.module_utils.http import RestError
from ansible_collections.estate.kafka.plugins.modules import cmak_clusters, kibana_objects

ROOT = Path(__file__).resolve().parents[3]

# Two forms of a page, in the words of CMAK's templates.
PAGE = """
<form action="/search"><input type="text" name="q" value="x"></form>
<form action="/clusters/c" method="POST">
  <input type="hidden" name="operation" value="Update"><input type="hidden" name="name" value="c">
  <input type="text" id="zkHosts" name="zkHosts" value="zk:2181/a" class="form-control">
  <input type="checkbox" id="jmxEnabled" name="jmxEnabled" value="true" >
  <input type="checkbox" id="pollConsumers" name="pollConsumers" value="true" checked>
  <input type="number" name="tuning.brokerViewUpdatePeriodSeconds" value="30">
  <select name="kafkaVersion"><option value="2.8.1" >2.8.1</option><option value="3.1.0" selected>3.1.0</option></select>
  <select name="saslMechanism"><option value="DEFAULT">DEFAULT</option><option value="PLAIN">PLAIN</option></select>
  <button type="submit" class="submit-button">Save</button>
</form>
"""
FORM = cmak_plan.read_form(PAGE)
assert FORM is not None
BLANK = cmak_plan.Form({**FORM.values, "zkHosts": "", "name": ""}, FORM.boxes, FORM.choices)


def cluster(name: str = "c", zookeeper: str = "zk:2181/a", version: str = "", **settings: Any) -> cmak_plan.Wanted:
    return cmak_plan.Wanted.of({"name": name, "zookeeper": zookeeper, "version": version, "settings": settings})


def test_the_right_form_is_read_with_all_its_fields() -> None:
    assert FORM is not None
    assert FORM.values == {
        "operation": "Update",
        "name": "c",
        "zkHosts": "zk:2181/a",
        "jmxEnabled": "false",
        "pollConsumers": "true",
        "tuning.brokerViewUpdatePeriodSeconds": "30",
        "kafkaVersion": "3.1.0",
        "saslMechanism": "DEFAULT",
    }
    assert "jmxEnabled" not in FORM.body({}) and FORM.body({"jmxEnabled": "true"})["jmxEnabled"] == "true"
    assert cmak_plan.read_form("<html>Unauthorized</html>") is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (cluster(), []),
        (cluster(pollConsumers=True), []),
        (cluster(jmxEnabled=True), ["update c: jmxEnabled"]),
        (cluster(zookeeper="zk:2181/b", jmxEnabled=True), ["update c: jmxEnabled, zkHosts"]),
        (cluster(version="2.8.2"), ["update c: kafkaVersion"]),
        (cluster(version="3.9.2"), []),  # newer than anything on offer
        (cluster("d"), ["add d"]),
    ],
)
def test_plan_for_cmak(wanted: cmak_plan.Wanted, expected: list[str]) -> None:
    assert FORM is not None
    assert [str(action) for action in cmak_plan.plan({"c": FORM}, [wanted], BLANK)] == expected


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([cluster(), cluster()], "c: listed twice"),
        ([cluster("a b")], "a b: CMAK takes letters"),
        ([cluster(zookeeper="")], "cannot serve one without (KRaft)"),
    ],
)
def test_refused_before_cmak_is_asked(wanted: list[cmak_plan.Wanted], words: str) -> None:
    assert any(words in line for line in cmak_plan.refusals(wanted))


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ('<div class="alert alert-success" role="alert">Done!</div>', ""),
        (
            '<div class="alert alert-danger" role="alert"><strong>Yikes!</strong> No such\n thing <a href="/">Try</a></div>',
            "No such thing",
        ),
        ('<div class="x invalid-feedback">This field is required</div>', "This field is required"),
        ("<html></html>", "CMAK does not say why"),
    ],
)
def test_what_cmak_answers(page: str, reason: str) -> None:
    assert cmak_plan.refusal(page) == reason


@pytest.mark.parametrize(
    "answer",
    [
        {"clusters": {"active": [{"name": "a"}], "pending": []}},
        {"_1": "clusters", "_2": {"active": [{"name": "a"}], "pending": []}},
    ],
)
def test_lists_of_clusters_however_nested(answer: Any) -> None:
    assert [one["name"] for listed in _lists(answer) for one in listed] == ["a"]


class Cmak(LiveCmak):
    """CMAK in memory."""

    def __init__(self) -> None:
        assert FORM is not None
        self.held = {"c": FORM}
        self.refuse = False

    def clusters(self) -> dict[str, cmak_plan.Form]:
        return dict(self.held)

    def blank(self) -> cmak_plan.Form:
        return BLANK

    def carry_out(self, action: cmak_plan.Action, form: cmak_plan.Form) -> None:
        if self.refuse:
            raise RestError("no quorum")
        self.held = cmak_plan.applied(self.held, [action], BLANK)


def test_check_mode_of_cmak_shows_what_a_run_does() -> None:
    console, wanted = Cmak(), [cluster(jmxEnabled=True), cluster("d", "zk:2181/d")]
    checked = cmak_clusters.reconcile(console, wanted, check_mode=True)
    assert set(console.held) == {"c"}
    assert cmak_clusters.reconcile(console, wanted, check_mode=False) == checked
    assert checked["changed"] and "zkHosts: zk:2181/d" in checked["diff"]["after"]
    assert cmak_clusters.reconcile(console, wanted, check_mode=False)["changed"] is False


def test_what_cmak_does_not_know_or_refuses_is_named() -> None:
    console = Cmak()
    assert "no field jmxEnable;" in cmak_clusters.reconcile(console, [cluster(jmxEnable=True)], check_mode=False)["msg"]
    console.refuse = True
    result = cmak_clusters.reconcile(console, [cluster("d")], check_mode=False)
    assert result["failed"] and not result["changed"] and "add d: no quorum" in result["msg"]


def test_when_a_console_goes_away_what_was_done_is_told_and_nothing_more_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Cmak):
        def carry_out(self, action: cmak_plan.Action, form: cmak_plan.Form) -> None:
            if action.cluster == "e":
                raise NoAnswerError("no CMAK answered")
            super().carry_out(action, form)

    result = cmak_clusters.reconcile(Gone(), [cluster("d"), cluster("e"), cluster("f")], check_mode=False)
    assert result["failed"] and result["actions"] == ["add d"]
    assert "add e: perhaps done, perhaps not" in result["msg"] and "add f: not tried" in result["msg"]

    def gone(self: LiveKibana, action: kibana_plan.Action) -> None:
        raise NoAnswerError("no Kibana answered")

    monkeypatch.setattr(LiveKibana, "write_view", gone)
    actions = [kibana_plan.Action("create", one) for one in (STUDENTS, *OWN)]
    first, *others = [reason for _, reason in LiveKibana([], 1, "Kibana").apply(actions)]
    assert first.startswith("perhaps done") and {*others} == {"not tried; run again"}


def test_settings_of_more_than_one_level_are_refused() -> None:
    item = {"name": "c", "zookeeper": "z:2181", "version": None, "settings": {"tuning": {"size": 1}}}
    (problem,) = cmak_plan.refusals([cmak_plan.Wanted.of(item)])
    assert problem.startswith("c: settings: tuning is a mapping") and "tuning.size" in problem


# -- Kibana --------------------------------------------------------------------------------------------------------------


def test_objects_are_imported_as_one_file_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent can be read as any server reads a form: one file, one JSON document in each line, whatever its signs."""
    sent: dict[str, Any] = {}

    def request(self: LiveKibana, method: str, path: str, body: bytes, kind: str) -> dict[str, Any]:
        sent.update(path=path, form=email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body))
        return {"success": True}

    monkeypatch.setattr(LiveKibana, "request", request)
    titles = ["주문 ✓", "--\r\n", "long " * 500]
    objects = [kibana_plan.Object("search", str(number), {"title": title}) for number, title in enumerate(titles)]
    assert LiveKibana([], 1, "Kibana").load([kibana_plan.Action("create", one) for one in objects]) == []
    (part,) = sent["form"].get_payload()
    assert sent["path"] == "/api/saved_objects/_import?overwrite=true"
    assert (part.get_content_type(), part.get_filename()) == ("application/ndjson", "objects.ndjson")
    assert part.get_param("name", header="Content-Disposition") == "file"
    lines = [json.loads(line) for line in part.get_payload(decode=True).decode().splitlines() if line]
    assert [line["attributes"]["title"] for line in lines] == titles


OWN = [Object.of_export(line) for line in json.loads((ROOT / "roles/kibana/files/students.json").read_text())]
STUDENTS = Object.of_view({"id": "students", "title": "students*", "name": None, "time_field": "timestamp"})


def rewritten(value: Any) -> Any:
    """Return a JSON text with other spaces, and anything else as it is."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        return json.dumps(json.loads(value), indent=1, sort_keys=True)
    return value


class Kibana(LiveKibana):
    """Kibana in memory; it adds attributes of its own, and writes JSON texts its own way."""

    def __init__(self) -> None:
        self.held: dict[str, Object] = {}
        self.refuse = ""

    def objects(self, wanted: Iterable[Object]) -> dict[str, Object]:
        return {one.key: self.held[one.key] for one in wanted if one.key in self.held}

    def apply(self, actions: Sequence[kibana_plan.Action]) -> list[tuple[kibana_plan.Action, str]]:
        for one in (action.object for action in actions if action.object.id != self.refuse):
            attributes = {key: rewritten(value) for key, value in one.attributes.items()}
            self.held[one.key] = Object(one.kind, one.id, {"hits": 0, **attributes}, one.references)
        return [(action, "no space") for action in actions if action.object.id == self.refuse]


def test_check_mode_of_kibana_shows_what_a_run_does() -> None:
    console, wanted = Kibana(), [*OWN, STUDENTS]
    checked = kibana_objects.reconcile(console, wanted, check_mode=True)
    assert not console.held
    assert kibana_objects.reconcile(console, wanted, check_mode=False) == checked
    assert checked["actions"][0] == "create data view students" and checked["actions"][-1] == "create dashboard students"
    assert kibana_objects.reconcile(console, wanted, check_mode=False)["changed"] is False


def test_only_what_differs_in_kibana_is_put_back() -> None:
    console = Kibana()
    kibana_objects.reconcile(console, [*OWN, STUDENTS], check_mode=False)
    console.held[STUDENTS.key] = Object(VIEW, "students", {**STUDENTS.attributes, "title": "pupils*"})
    result = kibana_objects.reconcile(console, [*OWN, STUDENTS], check_mode=False)
    assert result["actions"] == ["update data view students"]
    assert "pupils*" in result["diff"]["before"] and "pupils*" not in result["diff"]["after"]


def test_what_kibana_refuses_is_named_beside_what_was_done() -> None:
    console = Kibana()
    console.refuse = "students"
    wanted = [STUDENTS, Object(VIEW, "other", {"title": "o*"})]
    result = kibana_objects.reconcile(console, wanted, check_mode=False)
    assert result["actions"] == ["create data view other"] and "create data view students: no space" in result["msg"]


def test_before_a_console_runs_everything_is_new() -> None:
    clusters = [cluster("d", "zk:2181/d", jmxEnabled=True, jmxPass="geheim"), cluster("e")]
    shown = cmak_clusters.reconcile(None, clusters, check_mode=True)
    assert shown["actions"] == ["add d", "add e"]
    assert "zkHosts: zk:2181/d" in shown["diff"]["after"] and "geheim" not in shown["diff"]["after"]
    assert kibana_objects.reconcile(None, [STUDENTS], check_mode=True)["actions"] == ["create data view students"]


def test_the_dashboard_refers_only_to_what_is_made_with_it() -> None:
    made = {("index-pattern", "students"), *((one.kind, one.id) for one in OWN)}
    assert {(kind, id_) for one in OWN for kind, id_, _ in one.references} <= made
    panels = json.loads(OWN[-1].attributes["panelsJSON"])
    assert {panel["panelRefName"] for panel in panels} == {name.partition(":")[2] for _, _, name in OWN[-1].references}


# -- configuration -------------------------------------------------------------------------------------------------------


def test_forms_of_configuration_files() -> None:
    assert ini({"log.level": "info", "auth.anonymous.enabled": False, "log.mode": None, "log.a": 1}).splitlines()[1:] == [
        "[auth.anonymous]",
        "enabled = false",
        "",
        "[log]",
        "level = info",
        "a = 1",
    ]
    assert hocon({"a.b": ['x"', 1], "c": None}).splitlines()[1:] == ['a.b = ["x\\"", 1]']
    assert nested({"a.b.c": 1, "a.d": {"e.f": 2}}) == {"a": {"b": {"c": 1}, "d": {"e.f": 2}}}


def test_connections_of_akhq() -> None:
    topology = {
        "clusters": {"k.1": {"bootstrap": "a:9092"}, "k2": {"bootstrap": "b:9092"}},
        "schema_registry_url": "http://r:8081",
        "connect_clusters": {"g": {"cluster": "k2", "urls": ["http://c:8083", "http://d:8083"]}},
    }
    found = akhq_connections(topology)
    assert list(found) == ["k-1", "k2"] and "connect" not in found["k-1"]
    assert found["k2"]["connect"] == [{"name": "g", "url": "http://c:8083"}]


@pytest.mark.parametrize(
    ("password", "good"), [("", False), (None, False), ("admin", False), ("Changeme", False), ("s3cret-enough", True)]
)
def test_passwords(password: Any, good: bool) -> None:
    assert (weakness(password) == "") is good
    assert weakness(Undefined("no vault")) == "a template that fails: no vault"
