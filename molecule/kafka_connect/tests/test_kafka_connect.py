"""Two workers of one Connect cluster as a client and their operator see them."""

from __future__ import annotations

from typing import Any

import testinfra
from lab import module, until
from testinfra.host import Host

testinfra_hosts = ["ansible://kafka_connect"]

WORKERS = ["one.connect.test", "two.connect.test"]
SECRETS = "/etc/kafka-connect/secrets"
# As the inventory of this scenario has it.
SECRET = "s3cret-of-connect"
INPUT = "/var/lib/kafka-connect/input.txt"
TOPICS = (
    "/usr/bin/java -cp '/opt/kafka/current/libs/*' org.apache.kafka.tools.TopicCommand --bootstrap-server one.connect.test:9092"
)


def address(host: Host) -> str:
    return f"http://{host.backend.get_hostname()}:8083"


def test_each_worker_answers_for_the_cluster(host: Host, ask: Any) -> None:
    answer = ask(host, f"{address(host)}/", wait=True)
    assert answer.status == 200
    assert answer.body["version"] == "3.9.2"
    assert ask(host, f"{address(host)}/connectors", wait=True).status == 200


def test_kafkas_own_connectors_are_found(host: Host, ask: Any) -> None:
    found = {plugin["class"].rpartition(".")[2] for plugin in ask(host, f"{address(host)}/connector-plugins", wait=True).body}
    assert {
        "MirrorSourceConnector",
        "MirrorCheckpointConnector",
        "MirrorHeartbeatConnector",
        "FileStreamSourceConnector",
    } <= found


def test_workers_reach_each_other_by_their_advertised_names(host: Host, ask: Any) -> None:
    """A connector put on one worker runs on whichever the group chose, under its advertised name."""
    host.check_output("touch %s", INPUT)
    settings = {"connector.class": "FileStreamSource", "topic": "lines", "file": INPUT, "tasks.max": "1"}
    assert ask(host, f"{address(host)}/connectors/lines/config", "PUT", settings, wait=True).status in (200, 201)

    def runs(state: Any) -> bool:
        return bool(state.get("tasks")) and state["connector"]["state"] == state["tasks"][0]["state"] == "RUNNING"

    state = until(
        lambda: ask(host, f"{address(host)}/connectors/lines/status", wait=True).body, 180, "connector and task run", runs
    )
    assert state["tasks"][0]["worker_id"].removesuffix(":8083") in WORKERS


def test_internal_topics_have_their_partitions() -> None:
    described = testinfra.get_host(f"ansible://{WORKERS[0]}").check_output(f"{TOPICS} --describe --exclude-internal")
    counts = {
        line.split()[1]: int(line.partition("PartitionCount: ")[2].split()[0])
        for line in described.splitlines()
        if "PartitionCount" in line
    }
    # 5 would be the default of the status topic.
    assert {name: count for name, count in counts.items() if name.startswith("workers-")} == {
        "workers-offsets": 25,
        "workers-configs": 1,
        "workers-status": 3,
    }


def test_the_worker_has_its_own_user(host: Host) -> None:
    (worker,) = [process for process in host.process.filter(comm="java") if "ConnectDistributed" in process.args]
    assert worker.user == "kafka-connect"


def test_connectors_get_their_secrets_and_no_other_file(host: Host, ask: Any) -> None:
    """Connect replaces references before it validates, so its answer tells what a connector would get."""
    path = f"{SECRETS}/connectors.properties"
    outside = "${file:/etc/kafka-connect/connect-distributed.properties:group.id}"
    for written, seen in ((f"${{file:{path}:pin}}", SECRET), (outside, outside)):
        settings = {"connector.class": "FileStreamSource", "name": "x", "topic": written}
        answer = ask(host, f"{address(host)}/connector-plugins/FileStreamSource/config/validate", "PUT", settings, wait=True)
        assert [one["value"]["value"] for one in answer.body["configs"] if one["value"]["name"] == "topic"] == [seen]
    for name, mode in ((SECRETS, 0o700), (path, 0o600)):
        file = host.file(name)
        assert (file.user, file.group, file.mode) == ("kafka-connect", "kafka-connect", mode)
    assert SECRET not in host.check_output("journalctl --no-pager --identifier=ansible-estate.kafka.files")


def test_a_changed_secret_is_not_shown_and_restarts_no_worker(converge: Any) -> None:
    run = converge("--check", "--diff", "--tags", "kafka_connect", "--extra-vars", '{"kafka_connect_secrets": {"pin": "n3w"}}')
    assert run.returncode == 0 and "(secret, changed)" in run.stdout
    assert "n3w" not in run.stdout and SECRET not in run.stdout and "restart of kafka-connect" not in run.stdout


def connectors(*wanted: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module on a list of connectors."""
    urls = [f"http://{worker}:8083" for worker in WORKERS]
    return module(WORKERS[0], "connectors", check=check, urls=urls, connectors=list(wanted), **options)


def test_connectors_are_held_restarted_and_deleted_as_foretold(ask: Any) -> None:
    host = testinfra.get_host(f"ansible://{WORKERS[0]}")
    secret = f"${{file:{SECRETS}/connectors.properties:pin}}"
    config = {"connector.class": "FileStreamSource", "topic": "held", "file": INPUT, "x.password": secret}
    first, second, third = ({"name": name, "config": config} for name in ("held1", "held2", "held3"))
    gone = {"name": "held1", "state": "absent"}
    steps: list[tuple[list[dict[str, Any]], dict[str, Any], list[str]]] = [
        (
            [first, {**second, "state": "paused"}, {**third, "state": "stopped"}],
            {"restart": ["held1"]},
            ["restart all tasks of held1", "pause held2", "stop held3"],
        ),
        ([gone, second, third], {"confirm_delete": ["held1"]}, ["resume held2", "resume held3", "delete held1"]),
    ]
    assert connectors(first, second, third)["actions"] == ["create held1", "create held2", "create held3"]
    assert ask(host, f"{address(host)}/connectors/held1", wait=True).body["config"]["x.password"] == secret
    assert "confirm_delete: [held1]" in connectors(gone)["msg"]
    for wanted, options, actions in steps:
        foretold = connectors(*wanted, check=True, **options)
        done = connectors(*wanted, **options)
        assert done["actions"] == actions and not done.get("failed"), done
        assert [foretold[key] for key in ("actions", "diff")] == [done[key] for key in ("actions", "diff")]
    # Another worker than the one that deleted it learns of it later.
    gone_at = f"{address(host)}/connectors/held1"
    until(lambda: ask(host, gone_at, wait=True).status, 60, "held1 is gone", lambda status: status == 404)
    absent = [{"name": name, "state": "absent"} for name in ("held2", "held3")]
    assert connectors(*absent, confirm_delete=["held2", "held3"])["changed"]


def test_settings_of_more_than_one_level_are_refused_before_connect_is_asked() -> None:
    config = {"connector.class": "FileStreamSource", "topic": "deep", "file": INPUT, "transforms": {"unwrap": {"type": "T"}}}
    for check in (True, False):
        result = connectors({"name": "deep", "config": config}, check=check)
        assert result["failed"] and "write dotted keys: transforms.unwrap.type" in result["msg"]


def test_a_failed_task_is_restarted_and_runs_once_its_cause_is_gone() -> None:
    out = "/var/lib/kafka-connect/later"
    config = {"connector.class": "FileStreamSink", "topics": "workers-none", "file": f"{out}/x", "errors.log.enable": True}
    wanted = {"name": "failing", "config": config}
    result = connectors(wanted)
    assert result["failed"] and "task 0 is FAILED" in result["msg"] and out in result["msg"]
    result = connectors(wanted)
    assert result["failed"] and result["actions"] == ["restart failing"]
    for worker in WORKERS:
        testinfra.get_host(f"ansible://{worker}").check_output("install -d -o kafka-connect %s", out)
    # A rebalance may have restarted it before.
    done = connectors(wanted)
    assert not done.get("failed") and done["actions"] in ([], ["restart failing"])
    assert connectors({"name": "failing", "state": "absent"}, confirm_delete=["failing"])["changed"]


def test_a_worker_that_hangs_is_restarted_and_the_others_tell_of_its_tasks(unit: Any) -> None:
    name = WORKERS[-1]
    host = testinfra.get_host(f"ansible://{name}")
    process = unit(host, "kafka-connect", "MainPID")["MainPID"]
    host.check_output("kill -STOP %s", process)
    urls = [f"http://{worker}:8083" for worker in WORKERS]
    done = module(
        name,
        "restart",
        name="kafka-connect",
        kind="kafka_connect",
        member={"url": urls[-1], "urls": urls},
        probe={"kind": "http", "host": name, "port": 8083, "path": "/health"},
        timeout=120,
    )
    assert done.get("changed"), done
    assert unit(host, "kafka-connect", "MainPID")["MainPID"] != process


def test_the_unit_is_hardened(host: Host, unit: Any, hardened: dict[str, str]) -> None:
    assert unit(host, "kafka-connect") == hardened


def test_modes(host: Host) -> None:
    for name in ("connect-distributed.properties", "log4j.properties"):
        file = host.file(f"/etc/kafka-connect/{name}")
        assert (file.user, file.group, file.mode) == ("root", "kafka-connect", 0o640)
    plugins = host.file("/usr/share/kafka-connect/plugins")
    assert (plugins.user, plugins.mode) == ("root", 0o755), "a worker must not be able to change its own code"


def test_it_logs_where_logs_are_looked_for(host: Host) -> None:
    assert host.file("/var/log/kafka-connect/connect.log").contains("Kafka Connect started")


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    run = converge("--extra-vars", '{"kafka_connect_cluster": "loacl", "kafka_connect_offset_partitions": "many"}')
    assert run.returncode != 0
    assert "No host of group kafka_broker has kafka_broker_cluster 'loacl'" in run.stdout
    assert "kafka_connect_offset_partitions: found 'many'" in run.stdout
    assert "changed=0" in run.stdout
