"""The report: complete in both languages, escaped, without anything from outside, and written whatever is missing."""

from __future__ import annotations

import re
import shutil
import string
import subprocess
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.action.report import TEMPLATE, gathered
from ansible_collections.estate.kafka.plugins.filter.report_question import report_question
from ansible_collections.estate.kafka.plugins.module_utils.health.findings import SENTENCES
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import assess
from ansible_collections.estate.kafka.plugins.module_utils.health.observe import AGENTS
from ansible_collections.estate.kafka.plugins.module_utils.report import facts as report_facts
from ansible_collections.estate.kafka.plugins.module_utils.report import page as report_page
from ansible_collections.estate.kafka.plugins.module_utils.report import questions as report_plots
from ansible_collections.estate.kafka.plugins.module_utils.report.words import ACTIONS_KO, FINDINGS_KO, WORDS
from real_estate import ROOT, real_plan
from report_estate import ACTION, ASKED, RUNBOOK, Reader, details, estate, page, read, told, topic

CONNECT = "Kafka Connect connect"
HOSTILE = '<script>alert("1")</script>{{ 7*7 }}{x}&'


@pytest.fixture(scope="module")
def prod() -> dict[str, Any]:
    topology: dict[str, Any] = real_plan(ROOT / "inventories/prod").topology
    return topology


@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_comes_from_outside_and_nothing_runs(prod: dict[str, Any], language: str) -> None:
    text = page(estate(prod, language))
    reader = Reader(text)
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"<]*|url\(|@import", text)
    assert reader.tags.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})
    for _, name, value in reader.attributes:
        assert not name.startswith("on") and (name not in ("href", "src") or value.startswith("#"))
    anchors = {value for _, name, value in reader.attributes if name == "id"}
    assert {value[1:] for _, name, value in reader.attributes if name == "href"} <= anchors
    assert ("meta", "content", "width=device-width, initial-scale=1") in reader.attributes
    assert f'<html lang="{language}">' in text and "prefers-color-scheme: dark" in text


def test_a_healthy_estate_is_all_there(prod: dict[str, Any]) -> None:
    words = read(page(estate(prod)))
    for one in ("but 1 alert fires.", "peter-avro01-kafka1", "12,345", "readers", "1,234", "leader peter-zk02.foo.bar", "3.9.2"):
        assert one in words
    assert "8 of 9 targets answer" in words
    for one in ("2026-11-21 12:00 KST", "the last 6 hours", "BrokerDown", "11-21 10:02", "2 more are not drawn", "all hosts"):
        assert one in words
    assert words.count("kafka-1 | 4/s") >= 2
    # The mirror: 30 s behind, its last heartbeat 2 s old.
    assert "kafka-1 → kafka-2" in words and "3 / 3" in words and "| 30 s |" in words and "last heartbeat 2 s ago" in words


def test_all_is_well_only_if_no_alert_fires(prod: dict[str, Any]) -> None:
    given = estate(prod)
    assert "All is well." not in read(page(given))
    given["prometheus"]["alerts"] = []
    assert "All is well." in read(page(given))


def test_an_alert_names_what_to_do_first_and_its_runbook(prod: dict[str, Any]) -> None:
    assert f"A broker is down | {ACTION} Runbook: {RUNBOOK} | host h" in read(page(estate(prod)))
    assert f"시작한 뒤 모두 동기화될 때까지 기다리세요. 런북: {RUNBOOK} | host h" in read(page(estate(prod, "ko")))


def test_a_runbook_that_has_an_address_is_a_link_and_nothing_else_is(prod: dict[str, Any]) -> None:
    given = estate(prod)
    (alert,) = given["prometheus"]["alerts"]
    for runbook, links in (("https://x/a?b&c", 1), ("http://x/a", 1), ("javascript:alert(1)", 0), (RUNBOOK, 0), ("", 0)):
        alert["runbook"] = runbook
        found = [value for _, name, value in Reader(page(given)).attributes if name == "href" and value == runbook]
        assert len(found) == links
    alert |= {"action": ""}
    assert "A broker is down | host h" in read(page(given))


def test_every_action_of_the_toolkits_alerts_has_its_korean_and_no_other() -> None:
    rules = [yaml_load(path.read_text()) for path in (ROOT / "roles/prometheus/files/rules").glob("*.yml")]
    alerts = [rule for file in rules for group in file["groups"] for rule in group["rules"] if "alert" in rule]
    assert {rule["annotations"]["action"] for rule in alerts} == ACTIONS_KO.keys()
    assert all(re.search("[가-힣]", korean) for korean in ACTIONS_KO.values())


def test_the_words_are_the_same_ones_in_both_languages_and_all_are_used(prod: dict[str, Any]) -> None:
    assert WORDS["en"].keys() == WORDS["ko"].keys()
    fields = {name: {field for _, field, _, _ in string.Formatter().parse(text) if field} for name, text in WORDS["en"].items()}
    assert {name: {f for _, f, _, _ in string.Formatter().parse(text) if f} for name, text in WORDS["ko"].items()} == fields
    source = "".join(path.read_text() for path in (ROOT / "plugins").rglob("*.py") if path.parts[-2:] != ("report", "words.py"))
    said = {*re.findall(r"\w+", source + TEMPLATE.read_text())}
    # Those that are looked up by what Kafka, Connect or Prometheus call it.
    made = r"(component|mark|plot|group)_.*|running|paused|stopped|failed|unassigned|firing|pending|critical|warning|info"
    unused = [name for name in WORDS["en"] if not re.fullmatch(made, name) and name not in said]
    assert unused == []
    plots = {name for name in WORDS["en"] if name.startswith("plot_")} - {"plot_error"}
    assert {f"plot_{name}" for name in report_plots.QUESTIONS} == plots


def test_no_english_is_left_on_the_korean_page(prod: dict[str, Any]) -> None:
    given = estate(prod, "ko")
    given["seen"]["peter-zk01.foo.bar"] = "connection refused"
    given["seen"]["peter-zk02.foo.bar"] = [one | {"error": "connection refused"} for one in given["seen"]["peter-zk02.foo.bar"]]
    english = read(page({**given, "language": "en"}))
    assert "2 / 3" not in english and "| 1 / 3 | no leader among those that answer" in english
    korean = read(page(given))
    # Three words of letters in a row are a sentence in English; only names may be that.
    left = {one for one in re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", korean) if one not in ("broker is down", CONNECT)}
    assert left == set()
    assert "connection refused" in english and "연결 거부됨" in korean


def test_what_the_estate_says_is_escaped_everywhere(prod: dict[str, Any]) -> None:
    given = estate(prod)
    given["clusters"]["kafka-1"]["topics"].append(topic(HOSTILE))
    given["clusters"]["kafka-1"]["groups"].append(
        {"group": HOSTILE, "state": HOSTILE, "members": 1, "lag": 9, "topics": {HOSTILE: 9}}
    )
    given["clusters"]["kafka-2"] = HOSTILE
    given["versions"]["peter-zk01.foo.bar"] = {HOSTILE: HOSTILE}
    given["seen"]["peter-zk03.foo.bar"] = HOSTILE
    alert = dict.fromkeys(("name", "severity", "state", "since", "summary", "action", "runbook"), HOSTILE)
    given["prometheus"]["alerts"] = [alert | {"labels": {HOSTILE: HOSTILE}}]
    given["prometheus"]["results"]["lag"]["series"][0]["labels"] = {"group": HOSTILE}
    given["prometheus"]["results"]["disk"] |= {"error": HOSTILE}
    for language in WORDS:
        text = page({**given, "language": language})
        assert "<script" not in text and "49" not in re.findall(r"&lt;/script&gt;(\d+)", text)
        assert Reader(text).words.count(HOSTILE) >= 5


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_broker_that_is_down_is_red_and_the_page_is_whole(prod: dict[str, Any], language: str) -> None:
    given, words = estate(prod, language), WORDS[language]
    gone = "peter-kafka02.foo.bar"
    # Its host asks the cluster, and another broker answers.
    for host in ("peter-kafka01.foo.bar", gone, "peter-kafka03.foo.bar"):
        view = next(one for one in given["seen"][host] if one["component"] == "kafka_broker")["view"]
        view |= {"brokers": [{"id": 1}, {"id": 3}], "under_replicated": ["a-0", "b-0"]}
    given["clusters"]["kafka-1"]["topics"][0]["under_replicated"] = 2
    text = page(given)
    assert re.search(rf'<g><title>{gone}</title><rect[^>]*class="host host-bad"', text.replace("\n", ""))
    told = read(text)
    assert told.count(words["not_in_cluster"]) >= 3 and "2 / 3" in told
    assert words.count(2, "under_replicated") in told


def test_a_page_is_written_with_nothing_but_the_inventory(prod: dict[str, Any]) -> None:
    nothing = estate(prod) | {
        "seen": {},
        "clusters": {},
        "prometheus": {},
        "versions": {},
        "systems": {},
        "no_prometheus": "no_prometheus",
    }
    assert "What was asked is well." in read(page(nothing)) and "Not asked in this run" in read(page(nothing))
    silent = nothing | {"seen": dict.fromkeys(estate(prod)["seen"], "unreachable")}
    told = read(page(silent))
    assert "this inventory has no Prometheus." in told and "0 / 6" in told and "No host told its versions." in told


@pytest.mark.parametrize(
    ("key", "says"), [("prometheus_not_asked", "was not asked"), ("prometheus_error", "does not answer: refused")]
)
def test_a_prometheus_that_cannot_tell_is_said_in_words(prod: dict[str, Any], key: str, says: str) -> None:
    told = read(page(estate(prod) | {"prometheus": {"error": "refused"}, "no_prometheus": key}))
    assert f"Alerts are not known: {'the host of ' if 'not_asked' in key else ''}Prometheus {says}" in told
    assert "There are no plots" in told


def test_plots_without_data_and_refused_questions_are_named(prod: dict[str, Any]) -> None:
    given = estate(prod)
    given["prometheus"]["results"]["lag"]["series"] = []
    given["prometheus"]["results"]["disk"] |= {"error": "bad_data: parse error", "series": []}
    told = read(page(given))
    assert "no data of this time for: Consumer lag in records." in told
    assert "Fullest disk: Prometheus refused the question: bad_data: parse error" in told


def test_many_topics_and_groups_are_folded_and_those_in_trouble_come_first(prod: dict[str, Any]) -> None:
    given = estate(prod)
    topics = [topic(f"t{number:03}") for number in range(200)] + [topic("zz", offline=1), topic("__consumer_offsets")]
    groups = [{"group": f"g{n}", "state": "empty", "members": 0, "lag": n, "topics": {f"t{n}": n}} for n in range(40)]
    groups = [groups[0] | {"group": "apicurio-1", "lag": 99}, *reversed(groups)]
    given["clusters"]["kafka-1"] = details(topics, groups)
    given["prometheus"]["alerts"] *= 40
    told = read(page(given))
    assert "15 more alerts" in told
    assert told.index("| g39 |") < told.index("| g38 |") and "1 group of the registry and of Connect | Group" in told
    assert "Largest lag | 39 | g39" in told
    assert "176 more topics" in told and "1 internal topic |" in told and "15 more groups" in told
    assert told.index("| zz |") < told.index("| t000 |")


def test_a_large_estate_has_its_page() -> None:
    topology = real_plan(ROOT / "inventories/examples/sixty-brokers").topology
    given = estate(topology | {"mirrors": []}) | {"clusters": {}, "prometheus": {}, "no_prometheus": "no_prometheus"}
    told = read(page(given))
    assert f"{len(given['seen'])} / {len(given['seen'])}" in told and "35 more brokers" in told


@pytest.mark.parametrize(
    ("change", "mark", "word"),
    [
        ({}, "ok", "running, 3 of 3 tasks"),
        ({"state": "FAILED"}, "bad", "failed"),
        ({"tasks": ["FAILED"]}, "bad", "0 of 3 tasks"),
        ({"tasks": []}, "warn", "running"),
        ({"state": "PAUSED", "tasks": ["PAUSED"]}, "warn", "paused"),
        (None, "bad", "the connector is missing"),
    ],
)
def test_mirrors_by_their_connectors(prod: dict[str, Any], change: dict[str, Any] | None, mark: str, word: str) -> None:
    given = estate(prod)
    for listed in given["seen"].values():
        for one in listed:
            if one["component"] == "kafka_connect":
                known = one["connectors"]
                one["connectors"] = {} if change is None else {name: status | change for name, status in known.items()}
    (mirror,) = report_facts.mirrors(prod, given["seen"], given["clusters"], assess(prod, given["seen"], {}), WORDS["en"])
    assert mirror.state.mark == mark and word in mirror.state.word
    assert (mirror.heartbeat, mirror.behind, mirror.delay, mirror.topics) == (2.0, 7, 30.0, 1)


def test_how_far_a_mirror_is(prod: dict[str, Any]) -> None:
    (flow,) = prod["mirrors"]
    flow = flow | {"topics": [".*"]}
    source = details([topic("a"), topic("b"), topic("empty", newest=None, records=0), topic("dst.a"), topic("__x")])
    target = details([topic("src.a", newest=ASKED - 61_500), topic("src.empty", newest=None)])
    assert report_facts.mirrored(flow, {"kafka-1": source, "kafka-2": target}) == (1.5, 3, ("b",))
    assert report_facts.mirrored(flow, {"kafka-2": target}) == (None, 0, ())
    assert report_facts.mirrored(flow, {"kafka-1": source, "kafka-2": "refused"}) == (None, 0, ())


@pytest.mark.parametrize(
    ("says", "limits", "mark", "word"),
    [
        ({"age": 600.0, "behind": {}}, {}, "bad", "10 min"),
        ({"age": None, "behind": {}}, {}, "bad", "running"),
        ({"age": 600.0, "behind": None}, {"heartbeat_max_age": 0}, "ok", "10 min"),
        ({"age": 1.0, "behind": {"a": 5, "b": 6}}, {"lag_max": 10}, "warn", "11 records behind"),
        ({"age": 1.0, "behind": {"a": 5}}, {"lag_max": 10}, "ok", "running"),
    ],
)
def test_a_mirror_beyond_its_limits(
    prod: dict[str, Any], says: dict[str, Any], limits: dict[str, Any], mark: str, word: str
) -> None:
    given = estate(prod)
    for listed in given["seen"].values():
        for one in listed:
            if one["component"] == "kafka_broker":
                one["flows"]["peter-mirrormaker2"] = told(**says)
    known = prod | {"mirrors": [prod["mirrors"][0] | limits]}
    health = assess(known, given["seen"], {})
    (mirror,) = report_facts.mirrors(known, given["seen"], given["clusters"], health, WORDS["en"])
    assert mirror.state.mark == mark and word in mirror.state.word


def test_a_component_that_is_left_out_is_not_broken(prod: dict[str, Any]) -> None:
    given = estate(prod) | {"may_lack": True}
    for listed in given["seen"].values():
        for one in listed:
            if one["component"] == "elasticsearch":
                one |= {"error": "refused", "installed": False}
    assert "is well, but" in read(page(given)) and "left out" in read(page(given))


def test_exporters_that_are_yet_to_come_and_agents_that_are_silent(prod: dict[str, Any]) -> None:
    given = estate(prod)
    for listed in given["seen"].values():
        for one in listed:
            if one["component"] == "node_exporter":
                one |= {"error": "refused", "installed": False}
    broker = given["seen"]["peter-kafka01.foo.bar"]
    silent = {"component": "kafka_broker agent", "host": "peter-kafka01.foo.bar", "error": "refused", "installed": True}
    told = read(page(given))
    assert "is well, but" in told and "Node exporter | 0 / 6 | not installed" in told and "JMX exporter | 12 / 12 | well" in told
    broker.append(silent)
    told = read(page(given))
    assert "JMX exporter | 11 / 12 | no answer: Kafka broker peter-kafka01.foo.bar" in told and "no metrics" in told
    broker[-1] = silent | {"installed": False}
    for host, listed in given["seen"].items():
        listed += [silent | {"component": f"{name} agent", "host": host, "installed": False} for name in AGENTS]
    assert "JMX exporter | 0 / 12 | not installed" in read(page(given))


def test_what_the_tasks_registered_becomes_what_the_page_needs() -> None:
    names = {"hosts": "h", "clusters": "c", "prometheus": "p"}
    found = gathered(
        {
            "one": {
                "h": {"observations": [], "versions": {"k": "1"}, "system": "D"},
                "c": {"details": {"topics": []}},
                "kafka_broker_cluster": "k1",
            },
            "two": {"h": {"unreachable": True, "msg": "no\nroute"}, "c": {"skipped": True}, "kafka_broker_cluster": "k1"},
            "three": {"h": {"observations": []}, "c": {"msg": "refused"}, "kafka_broker_cluster": "k2", "p": {"msg": "broke"}},
        },
        names,
        "http://p",
    )
    assert found["seen"] == {"one": [], "two": "no route", "three": []}
    assert found["clusters"] == {"k1": {"topics": []}, "k2": "refused"}
    assert found["no_prometheus"] == "prometheus_error" and found["prometheus"] == {"error": "broke"}
    assert gathered({}, names, "")["no_prometheus"] == "no_prometheus"
    assert gathered({"a": {"p": {"unreachable": True, "msg": "x"}}}, names, "u")["no_prometheus"] == "prometheus_not_asked"


def test_prometheus_is_asked_from_its_host_or_from_one_that_is_there() -> None:
    topology = {"components": [{"component": "prometheus", "host": host, "url": f"http://{host}:9090"} for host in ("a", "b")]}
    hostvars: dict[str, Any] = {"a": {"r": {"unreachable": True}}, "b": {"r": {"observations": []}}, "c": {}}
    asked = report_question(topology, hostvars, ["a", "b", "c"], "r")
    assert (asked["host"], asked["url"]) == ("b", "http://b:9090") and asked["queries"].keys() == report_plots.QUESTIONS.keys()
    asked = report_question(topology, hostvars, ["a", "b", "c"], "r", "http://other")
    assert (asked["host"], asked["url"]) == ("b", "http://other")
    asked = report_question({"components": []}, hostvars, ["a"], "r")
    assert (asked["host"], asked["url"]) == ("", "")


@pytest.mark.parametrize(
    ("hours", "words"), [(0.25, "15 minutes"), (1, "1 hour"), (6, "6 hours"), (24, "1 day"), (36, "36 hours"), (168, "7 days")]
)
def test_the_time_of_the_plots_is_said_in_whole_units(hours: float, words: str) -> None:
    assert report_page.period(hours, WORDS["en"]) == words


def test_every_finding_of_health_has_its_korean() -> None:
    def names(sentence: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name}

    assert {code: names(said) for code, said in FINDINGS_KO.items()} == {code: names(said) for code, said in SENTENCES.items()}
    assert all(re.search("[가-힣]", korean) for korean in FINDINGS_KO.values())


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ko", 390)])
def test_in_a_browser_the_page_is_not_wider_than_the_screen(
    prod: dict[str, Any], language: str, width: int, tmp_path: Path
) -> None:
    assert CHROMIUM, "no chromium on the PATH: tests/lab/setup installs it"
    given = estate(prod, language)
    given["clusters"]["kafka-1"]["topics"].append(topic("a-very-long-name-of-a-topic." * 8))
    given["seen"]["peter-zk03.foo.bar"] = "a-reason-without-a-space-" * 20
    # The page itself runs no script: for the measure it may. A frame is as narrow as a phone, a window is not.
    text = page(given).replace("default-src 'none'", "script-src 'unsafe-inline'")
    measure = "<script>parent.postMessage(document.documentElement.scrollWidth + ' of ' + innerWidth, '*')</script>"
    (tmp_path / "page.html").write_text(text.replace("</body>", f"{measure}</body>"), encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        "<script>onmessage = said => document.title = said.data</script>"
        f'<iframe src="page.html" style="width: {width}px; height: 900px; border: 0"></iframe>'
    )
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={tmp_path}/profile"]
    command = [str(CHROMIUM), *options, "--virtual-time-budget=3000", "--dump-dom", frame.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert f"<title>{width} of {width}</title>" in run.stdout
