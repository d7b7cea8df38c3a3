"""Connectors: what is planned and refused, that check mode shows what a run then does, and how Connect is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest
from ansible_collections.estate.kafka.plugins.module_utils import polling
from ansible_collections.estate.kafka.plugins.module_utils.connect.client import Connect
from ansible_collections.estate.kafka.plugins.module_utils.connect.connector import VERBS, Connector
from ansible_collections.estate.kafka.plugins.module_utils.connect.plan import (
    RESTART_ALL,
    Wanted,
    invalid,
    plan,
    refusals,
    unsettled,
)
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.health.observe import observe
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until_stable
from ansible_collections.estate.kafka.plugins.module_utils.secrets import secrets_in
from ansible_collections.estate.kafka.plugins.modules.connectors import reconcile
from http_server import serving

CONFIG = {"connector.class": "x.FileSource", "topic": "t", "tasks.max": "1"}
OTHER = {**CONFIG, "topic": "u"}
RUNS = Connector(CONFIG, "RUNNING", "", {0: ("RUNNING", "")})
TRACE = "org.Outer: it broke\n\tat a.b\n\tat c.d\nCaused by: org.Inner: no such host\n\tat e.f\n"
BROKEN = Connector(CONFIG, "RUNNING", "", {0: ("RUNNING", ""), 1: ("FAILED", TRACE)})

CASES: dict[str, tuple[Connector | None, Wanted, list[str]]] = {
    "nothing to do": (RUNS, Wanted("c", CONFIG), []),
    "create": (None, Wanted("c", CONFIG), ["create c"]),
    "create paused": (None, Wanted("c", CONFIG, "PAUSED"), ["create c"]),
    "update": (RUNS, Wanted("c", OTHER), ["update c"]),
    "a setting less": (RUNS, Wanted("c", {"connector.class": "x.FileSource"}), ["update c"]),
    "pause": (RUNS, Wanted("c", CONFIG, "PAUSED"), ["pause c"]),
    "stop": (RUNS, Wanted("c", CONFIG, "STOPPED"), ["stop c"]),
    "resume": (Connector(CONFIG, "PAUSED"), Wanted("c", CONFIG), ["resume c"]),
    "update and resume": (Connector(CONFIG, "STOPPED"), Wanted("c", OTHER), ["update c", "resume c"]),
    "restart what failed": (BROKEN, Wanted("c", CONFIG), ["restart c"]),
    "an update restarts by itself": (BROKEN, Wanted("c", OTHER), ["update c"]),
    "a failed one to be paused": (BROKEN, Wanted("c", CONFIG, "PAUSED"), ["pause c"]),
}


class Memory(Connect):
    """A Connect cluster in memory whose tasks run at once."""

    timeout = 0.0

    def __init__(self, held: Connector | None) -> None:
        self.held: dict[str, Connector] = {"c": held} if held else {}
        self.writes: list[str] = []
        self.errors: dict[str, list[str]] = {}

    def connectors(self) -> dict[str, Connector]:
        return dict(self.held)

    def plugins(self) -> list[str]:
        return ["x.FileSource", "x.NameConnector"]

    def validate(self, name: str, config: Mapping[str, str]) -> Any:
        definitions = [{"name": key, "type": "PASSWORD" if key == "pin" else "STRING"} for key in config]
        values = [{"name": key, "errors": self.errors.get(key, [])} for key in config]
        return {"configs": [{"definition": one, "value": other} for one, other in zip(definitions, values)]}

    def _put(self, what: str, name: str, config: Mapping[str, str], state: str) -> None:
        self.writes.append(f"{what} {name}")
        tasks = {} if state == "STOPPED" else {0: (state, "")}
        self.held[name] = Connector(config, state, "", tasks)

    def create(self, name: str, config: Mapping[str, str], state: str) -> None:
        self._put("create", name, config, state)

    def update(self, name: str, config: Mapping[str, str]) -> None:
        self._put("update", name, config, self.held[name].target())

    def steer(self, name: str, verb: str) -> None:
        self._put(verb, name, self.held[name].config, {word: state for state, word in VERBS.items()}[verb])

    def restart(self, name: str, only_failed: bool) -> None:
        self._put("restart" if only_failed else RESTART_ALL, name, self.held[name].config, "RUNNING")

    def delete(self, name: str) -> None:
        self.writes.append(f"delete {name}")
        del self.held[name]


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    held, wanted, actions = CASES[case]
    assert [str(action) for action in plan({"c": held} if held else {}, [wanted])] == actions


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(case: str) -> None:
    held, wanted, actions = CASES[case]
    workers = Memory(held)
    foretold = reconcile(workers, [wanted], check_mode=True)
    assert workers.writes == []
    assert reconcile(workers, [wanted], check_mode=False) == foretold
    assert workers.writes == actions == foretold["actions"]
    again = reconcile(workers, [wanted], check_mode=False)
    assert not again["changed"] and again["diff"] == {"before": "", "after": ""}


def test_values_of_the_inventory_are_compared_as_connect_keeps_them() -> None:
    held = Connector.of(
        {"config": {"name": "c", "connector.class": "x.FileSource", "tasks.max": "1", "sync": "true", "topics": "a,b"}},
        {"connector": {"state": "RUNNING"}, "tasks": []},
    )
    config = {"connector.class": "x.FileSource", "tasks.max": 1, "sync": True, "topics": ["a", "b"], "unset": None}
    assert plan({"c": held}, [Wanted.of({"name": "c", "config": config, "state": "running"})]) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("c", {}), ["connector.class"]),
        (Wanted("c", {**CONFIG, "tasks.max": "0"}), ["c: tasks.max is '0'; write a whole number of at least 1"]),
        (Wanted("c", {**CONFIG, "tasks.max": "many"}), ["c: tasks.max is 'many'"]),
        (Wanted(" ", CONFIG), ["connector ' ': not a name"]),
        (Wanted("c", {"connector.class": "x.Nothing"}), ["x.Nothing", "they have x.FileSource"]),
        (Wanted("c", {**CONFIG, "topic": ""}), ["c: topic: must not be empty"]),
    ],
)
def test_settings_that_connect_refuses_change_nothing(wanted: Wanted, words: list[str]) -> None:
    workers = Memory(None)
    workers.errors = {"topic": ["must not be empty"]} if wanted.config.get("topic") == "" else {}
    for check in (True, False):
        result = reconcile(workers, [wanted], check_mode=check)
        assert result["failed"] and workers.writes == []
        assert all(word in result["msg"] for word in words)


def test_a_short_class_name_is_known() -> None:
    workers = Memory(None)
    assert reconcile(workers, [Wanted("c", {"connector.class": "Name"})], check_mode=True)["actions"] == ["create c"]


def test_a_name_listed_twice_is_refused() -> None:
    (problem,) = refusals([Wanted("c", CONFIG), Wanted("c", CONFIG)])
    assert "listed twice" in problem


GONE = Wanted("c", {}, "ABSENT")
RUN = {"restart": ["c"]}
CONFIRMED = {"deletion": Deletion(frozenset("c"))}
PRUNED = {"deletion": Deletion(frozenset("c"), prune=True)}
CHOSEN: dict[str, tuple[Connector | None, Wanted, dict[str, Any], list[str]]] = {
    "restart": (RUNS, Wanted("c", CONFIG), RUN, ["restart all tasks of c"]),
    "restart all, not what failed": (BROKEN, Wanted("c", CONFIG), RUN, ["restart all tasks of c"]),
    "an update needs none": (RUNS, Wanted("c", OTHER), RUN, ["update c"]),
    "nor does a new one": (None, Wanted("c", CONFIG), RUN, ["create c"]),
    "nor one that goes on": (Connector(CONFIG, "PAUSED"), Wanted("c", CONFIG), RUN, ["resume c"]),
    "nor one that is held": (RUNS, Wanted("c", CONFIG, "PAUSED"), RUN, ["pause c"]),
    "delete": (RUNS, GONE, CONFIRMED, ["delete c"]),
    "delete what is not there": (None, GONE, {}, []),
    "prune what is confirmed": (RUNS, Wanted("d", CONFIG), PRUNED, ["create d", "delete c"]),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_what_a_run_asks_for_by_name_is_foretold_and_done(case: str) -> None:
    held, wanted, options, actions = CHOSEN[case]
    workers = Memory(held)
    foretold = reconcile(workers, [wanted], check_mode=True, **options)
    assert workers.writes == []
    assert reconcile(workers, [wanted], check_mode=False, **options) == foretold
    assert workers.writes == actions == foretold["actions"]
    assert ("c" in workers.held) == ("delete c" not in actions and wanted is not GONE)


def test_nothing_is_deleted_that_is_not_confirmed() -> None:
    workers = Memory(RUNS)
    for wanted, options, words in (
        (GONE, {}, "confirm with confirm_delete: [c]"),
        (Wanted("c", CONFIG), CONFIRMED, "listed as present"),
        (Wanted("d", CONFIG), CONFIRMED, "switch prune on"),
        (GONE, RUN, "c: restart names it, but it is not listed"),
    ):
        result = reconcile(workers, [wanted], check_mode=False, **options)
        assert result["failed"] and words in result["msg"] and workers.writes == []
    result = reconcile(workers, [Wanted("d", CONFIG)], check_mode=False, deletion=Deletion(prune=True))
    assert result["unlisted"] == ["c"] and workers.writes == ["create d"]


def test_what_is_deleted_and_stays_is_a_failure() -> None:
    workers = Memory(RUNS)
    workers.delete = lambda name: None  # type: ignore[method-assign]
    result = reconcile(workers, [GONE], check_mode=False, deletion=Deletion(frozenset("c")))
    assert result["failed"] and "c: still there" in result["msg"]


def test_a_reference_to_a_secret_is_shown() -> None:
    before, after = ("${file:/secrets/all.properties:old}", "${file:/secrets/all.properties:new}")
    workers = Memory(Connector({**CONFIG, "db.password": before}, "RUNNING", "", {0: ("RUNNING", "")}))
    diff = reconcile(workers, [Wanted("c", {**CONFIG, "db.password": after})], check_mode=True)["diff"]
    assert f"db.password: {after}\n" in diff["after"] and f"db.password: {before}\n" in diff["before"]
    assert secrets_in({"db.password": after, "key.password": f"x{after}"}) == {f"x{after}"}


def test_secrets_stay_out_of_the_diff() -> None:
    workers = Memory(Connector({**CONFIG, "pin": "1234"}, "RUNNING", "", {0: ("RUNNING", "")}))
    wanted = Wanted("c", {**CONFIG, "pin": "5678", "db.password": "geheim"})
    diff = reconcile(workers, [wanted], check_mode=True)["diff"]
    shown = diff["before"] + diff["after"]
    assert not any(secret in shown for secret in ("1234", "5678", "geheim"))
    assert "pin: (secret), changed" in diff["after"] and "db.password: (secret)" in diff["after"]


def test_a_secret_that_connect_looked_up_is_not_repeated() -> None:
    answer = {"configs": [{"value": {"name": "port", "value": "hunter2", "errors": ["Invalid value hunter2: Not a number"]}}]}
    assert invalid(answer, {"port": "${file:/s:port}"}) == ["port: Invalid value ${file:/s:port}: Not a number"]
    assert invalid(answer, {"port": "hunter2"}) == ["port: Invalid value hunter2: Not a number"]


def test_a_failed_task_is_told_with_the_causes_of_its_trace() -> None:
    (problem,) = unsettled(BROKEN, "RUNNING")
    assert "task 1 is FAILED" in problem and "it broke" in problem and "no such host" in problem and "at a.b" not in problem


def test_a_failed_task_of_a_connector_that_is_held_is_only_a_note() -> None:
    held = Connector(CONFIG, "PAUSED", "", {0: ("PAUSED", ""), 1: BROKEN.tasks[1]})
    result = reconcile(Memory(held), [Wanted("c", CONFIG, "PAUSED")], check_mode=False)
    assert "failed" not in result and not result["changed"]
    assert "c: task 1 is FAILED" in result["warnings"][0] and "no such host" in result["warnings"][0]
    (problem,) = unsettled(Connector(CONFIG, "PAUSED", "", {0: ("RUNNING", "")}), "PAUSED")
    assert "task 0 is RUNNING instead of PAUSED" in problem


def test_checkpoints_without_a_task_are_nothing_to_speak_of() -> None:
    config = {"connector.class": "org.apache.kafka.connect.mirror.MirrorCheckpointConnector"}
    assert unsettled(Connector(config, "RUNNING"), "RUNNING") == []


def test_a_connector_without_tasks_is_only_a_note() -> None:
    result = reconcile(Memory(Connector(CONFIG, "RUNNING")), [Wanted("c", CONFIG)], check_mode=False)
    assert "failed" not in result and "found nothing to do" in result["warnings"][0]


class Worker:
    """A worker that gives the answers it was told to, in order."""

    answers: ClassVar[list[tuple[int, Any]]] = []
    asked: ClassVar[list[str]] = []

    @classmethod
    def answer(cls, request: BaseHTTPRequestHandler) -> tuple[int, Any]:
        cls.asked.append(f"{request.command} {request.path}")
        return cls.answers.pop(0)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    Worker.asked = []
    with serving(Worker.answer) as url:
        yield url


@pytest.mark.parametrize(
    ("status", "said", "passes"),
    [
        (409, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)", True),
        (409, "Connector c already exists", False),
        (500, "Request timed out. The worker is currently ensuring membership in the cluster", True),
        (500, "Request cannot be completed because a rebalance is expected", True),
        (500, "Cannot complete request momentarily due to no known leader URL", True),
        (500, "IO Error trying to forward REST request: Connection refused", True),
        (500, "java.lang.NullPointerException", False),
        (503, "", True),
        (404, "<html><body>HTTP ERROR 404 Not Found</body></html>", True),
        (404, "Connector c not found", False),
        (400, "bad config", False),
    ],
)
def test_what_connect_refuses_only_for_now(status: int, said: str, passes: bool) -> None:
    assert Connect([], 1).passing(status, said) == passes


def test_a_connector_without_a_status_is_there_and_not_made_again(worker: str) -> None:
    info = {"name": "new", "config": {**CONFIG, "name": "new"}}
    status = {"connector": {"state": "RUNNING"}, "tasks": []}
    Worker.answers = [
        (200, {"c": {"info": {"config": CONFIG}, "status": status}}),
        (200, ["c", "new", "gone"]),
        (200, info),
        (404, {"message": "Connector gone not found"}),
    ]
    found = Connect([worker], 5).connectors()
    assert found == {"c": Connector(CONFIG, "RUNNING"), "new": Connector(CONFIG, "UNASSIGNED")}
    assert plan(found, [Wanted("new", CONFIG)]) == []
    assert unsettled(found["new"], "RUNNING") == ["connector is UNASSIGNED instead of RUNNING"]


def test_a_connector_that_was_made_although_the_request_timed_out_is_made(worker: str) -> None:
    timed_out, exists = {"message": "Request timed out"}, {"message": "Connector c already exists"}
    Worker.answers = [(500, timed_out), (409, exists), (200, {}), (200, {})]
    Connect([worker], 5).create("c", CONFIG, "PAUSED")
    assert Worker.asked[2:] == ["PUT /connectors/c/config", "PUT /connectors/c/pause"]


def test_one_that_is_gone_already_is_deleted(worker: str) -> None:
    Worker.answers = [(500, {"message": "Request timed out"}), (404, {"message": "Connector c not found"})]
    Connect([worker], 5).delete("c")
    assert Worker.answers == []


def test_health_sees_a_connector_that_no_worker_has_taken_up(worker: str) -> None:
    running = {"connector": {"state": "RUNNING"}, "tasks": [{"state": "RUNNING"}]}
    Worker.answers = [(200, {"c": {"status": running}}), (200, ["c", "new"])]
    row = {"component": "kafka_connect", "host": "h", "url": worker}
    (found,) = observe({"components": [row]}, "h")
    assert found["error"] == ""
    assert found["connectors"] == {
        "c": {"state": "RUNNING", "tasks": ["RUNNING"]},
        "new": {"state": "UNASSIGNED", "tasks": []},
    }


def test_when_connect_goes_away_what_was_done_is_told_and_nothing_more_tried() -> None:
    class Gone(Memory):
        def create(self, name: str, config: Mapping[str, str], state: str) -> None:
            if name == "b":
                raise NoAnswerError("no Connect worker answered")
            super().create(name, config, state)

    result = reconcile(Gone(None), [Wanted(name, CONFIG) for name in "abc"], check_mode=False)
    assert result["failed"] and result["actions"] == ["create a"] and "a:" in result["diff"]["after"]
    assert "create b: perhaps done, perhaps not" in result["msg"] and "create c: not tried" in result["msg"]


def test_workers_that_do_not_answer_while_states_are_waited_for_hide_nothing() -> None:
    class Gone(Memory):
        def connectors(self) -> dict[str, Connector]:
            if self.writes:
                raise NoAnswerError("no Connect worker answered")
            return super().connectors()

    result = reconcile(Gone(None), [Wanted("a", CONFIG)], check_mode=False)
    assert result["failed"] and result["actions"] == ["create a"] and "Connect cannot be asked: no Connect" in result["msg"]


def test_settings_of_more_than_one_level_are_refused_with_their_flat_names() -> None:
    config = {**CONFIG, "transforms": {"unwrap": {"type": "T", "drop": True}}, "list": [{"a": 1}], "empty": {}}
    problems = refusals([Wanted.of({"name": "c", "config": config, "state": "running"})])
    assert problems == [
        "c: config: transforms is a mapping, and settings are flat; write dotted keys: "
        "transforms.unwrap.drop, transforms.unwrap.type",
        "c: config: list is a list of more than texts and numbers; write a flat list, or dotted keys: list.<name>",
        "c: config: empty is a mapping, and settings are flat; write dotted keys: empty.<name>",
    ]


def test_a_rebalance_is_waited_out_and_a_dead_worker_passed_over(worker: str) -> None:
    Worker.answers = [(409, {"message": "rebalance"}), (500, {"message": "Request timed out"}), (200, [{"class": "x.Y"}])]
    assert Connect(["http://127.0.0.1:1", worker], 5).plugins() == ["x.Y"]
    assert Worker.asked == ["GET /connector-plugins"] * 3


def test_a_refusal_carries_connects_reason(worker: str) -> None:
    Worker.answers = [(400, {"message": "bad config"})]
    with pytest.raises(ClusterError, match=r"PUT /connectors/a%20b/config: HTTP 400: bad config"):
        Connect([worker], 5).update("a b", {})


def test_no_worker_at_all_names_each() -> None:
    with pytest.raises(ClusterError, match=r"(?s)no Connect worker answered.*127\.0\.0\.1:1: .*refused"):
        Connect(["http://127.0.0.1:1"], 5).connectors()


@pytest.mark.parametrize(
    ("verdicts", "asks"),
    [
        ([(["x"], 0), (["x"], 0), ([], 3), ([], 3), ([], 3)], 5),
        ([([], 3), (["x"], 0), ([], 3), ([], 3), ([], 3)], 5),
        ([(["x"], 3), (["x"], 3), (["x"], 3)], 3),
        ([([], 1)], 1),
    ],
)
def test_a_verdict_counts_when_it_is_repeated(verdicts: list[tuple[list[str], int]], asks: int) -> None:
    left = list(verdicts)
    assert poll_until_stable(lambda: left.pop(0), timeout=5, pause=0) == verdicts[-1][0]
    assert len(verdicts) - len(left) == asks
