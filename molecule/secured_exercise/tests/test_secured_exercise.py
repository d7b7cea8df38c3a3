"""The students exercise on a secured estate: exact counts, users that may do no more, and no password where everybody looks."""

from __future__ import annotations

import json
import re
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

from lab import on, playbook, until
from stranger import exposed, exposed_here, vault_passwords

testinfra_hosts = ["ansible://one.exercise.test"]

SOURCE, TARGET = "one.exercise.test", "two.exercise.test"
SCENARIO = Path(__file__).resolve().parents[1]
DIRECTORY = "/opt/kafka-estate/exercise"
KAFKA = {"source": f"{SOURCE}:9094", "target": f"{TARGET}:9094"}
REGISTRY, ELASTICSEARCH = f"https://{SOURCE}:8081", f"https://{TARGET}:9200"
# Who was allowed what, or denied: user, verdict, operation, type and name of the resource.
AUDIT = re.compile(
    r"Principal = User:(\S+) is (Allowed|Denied) Operation = (\w+) from host = \S+ on resource = (\w+):\w+:(\S+) for"
)
# Writes a document as a sink of a worker would, with what the worker has for it; prints the status.
SINK = """
import base64, json, ssl, sys, urllib.request
with open("/etc/kafka-connect/secrets/elasticsearch.properties") as file:
    login = dict(line.strip().split("=", 1) for line in file)
given = base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()
headers = {"Content-Type": "application/json", "Authorization": "Basic " + given}
request = urllib.request.Request(sys.argv[1], json.dumps({"name": "Ada"}).encode(), headers, method="PUT")
try:
    context = ssl.create_default_context(cafile="/etc/kafka-connect/tls/elasticsearch-ca.pem")
    print(urllib.request.urlopen(request, timeout=60, context=context).status)
except urllib.error.HTTPError as error:
    print(error.status)
"""


def words(script: str, *more: str, kafka: str = "", registry: str = "", search: str = "") -> list[str]:
    """Return the command of one of the scripts with logins by what they are for; ``kafka`` has the side before it."""
    command = ["env", "PYTHONPATH=/opt/kafka-estate/students/current", "python3", f"{DIRECTORY}/{script}.py", *more]
    if kafka:
        side, _, login = kafka.partition(" ")
        command += ["--bootstrap-servers", KAFKA[side], "--kafka-login", f"{DIRECTORY}/secrets/{login}.properties"]
    if registry:
        command += ["--registry", REGISTRY, "--registry-login", f"{DIRECTORY}/secrets/registry_{registry}.properties"]
    if search:
        command += ["--elasticsearch", ELASTICSEARCH, "--elasticsearch-login", f"{DIRECTORY}/secrets/{search}.properties"]
    return command


def refused(*more: str, **logins: str) -> str:
    """Return what a script says that is refused."""
    command = ["docker", "exec", SOURCE, *words(*more, **logins), "--timeout", "60"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode != 0, run.stdout
    return run.stdout + run.stderr


def exercise(*more: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Run the exercise; return what it found, and how much changed where."""
    run = playbook("playbooks/exercise.yml", *more)
    assert run.status == 0, run.output
    return run.last(SOURCE), run.changed()


def counts(found: dict[str, Any]) -> dict[str, list[int]]:
    places = ("sent", "upstream", "downstream", "indexed", "lost", "doubled")
    return {one["version"]: [one[place] for place in places] for one in found["versions"]}


def test_a_run_on_an_estate_that_has_its_students_changes_nothing() -> None:
    found, changed = exercise()
    assert changed == {} and counts(found)["v1"] == [100, 100, 100, 100, 0, 0]


def test_students_of_the_next_version_arrive_each_once_though_the_indexer_is_killed() -> None:
    found, changed = exercise("-e", json.dumps({"exercise_versions": {"v1": 100, "v2": 300}, "exercise_send": True}))
    number = counts(found)["v1"][0]
    assert number >= 200 and counts(found)["v1"] == [number] * 4 + [0, 0]
    number = counts(found)["v2"][0]
    assert number >= 300 and counts(found)["v2"] == [number] * 4 + [0, 0]
    assert "The indexer was killed while it wrote, and run again." in found["estate_report"]
    assert changed == {SOURCE: 1}


def audited(host: str) -> set[tuple[str, str, str, str, str]]:
    text = on(host, "sh", "-c", "grep -rhF 'User:estate-exercise-' /var/log/kafka; [ $? -le 1 ]")
    return {match.groups() for match in re.finditer(AUDIT, text)}  # type: ignore[misc]


def test_each_right_is_used_and_none_is_missing() -> None:
    wanted = {
        SOURCE: {
            ("estate-exercise-producer", "Write", "Topic", "students"),
            ("estate-exercise-reader", "Read", "Topic", "students"),
            ("estate-exercise-reader", "Describe", "Group", "students-reader"),
        },
        TARGET: {
            ("estate-exercise-indexer", "Read", "Topic", "src.students"),
            ("estate-exercise-indexer", "Read", "Group", "students-indexer"),
            ("estate-exercise-indexer", "Describe", "Group", "students-reader"),
        },
    }
    for host, rights in wanted.items():
        seen = audited(host)
        assert not {one for one in seen if one[1] == "Denied"}, host
        assert {(user, *rest) for user, _, *rest in seen} >= rights, host


def test_its_users_may_do_no_more() -> None:
    topic = ("--topic", "students")
    assert "GROUP_AUTHORIZATION_FAILED" in refused("count", *topic, kafka="source produce")
    assert "Fatal error" in refused("produce", *topic, kafka="source read", registry="writer")
    assert "Topic authorization failed" in refused("produce", "--topic", "payroll", kafka="source produce", registry="writer")
    for side, login in (("source", "read"), ("target", "index")):
        assert "TOPIC_AUTHORIZATION_FAILED" in refused("count", "--topic", "payroll", kafka=f"{side} {login}")
    assert "401" in refused("rules", *topic, registry="reader")
    index = ("index", "--topic", "src.students", "--index", "payroll", "--until-end")
    assert "AuthorizationException" in refused(*index, kafka="target index", registry="reader", search="elasticsearch")


def test_a_sink_finds_authority_and_login_on_its_worker_and_one_in_plain_is_refused() -> None:
    def written(index: str) -> str:
        url = f"{ELASTICSEARCH}/{index}/_doc/1"
        return on(TARGET, "python3", "-c", SINK, url, user="kafka-connect").strip()

    assert written("students-of-a-sink") in ("200", "201") and written("payroll") == "403"
    store = ("-keystore", "/etc/kafka-connect/tls/elasticsearch-ca.p12", "-storepass", "estate")
    assert "1 entry" in on(TARGET, "keytool", "-list", *store)
    config = {
        "connector.class": "io.example.ElasticsearchSink",
        "topics": "src.students",
        "connection.url": f"http://{TARGET}:9200",
    }
    run = playbook("playbooks/objects.yml", "-e", json.dumps({"kafka_connectors": [{"name": "sink", "config": config}]}))
    assert run.status != 0 and not run.changed()
    assert "sink: connection.url with http:// for Elasticsearch, which speaks https alone" in run.output


def test_the_audit_of_it_all_passes(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    run = playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    found = json.loads(path.read_text())
    assert found["good"], found["verdict"]
    assert run.status == 0, run.output


def test_no_password_is_anywhere_but_in_its_place() -> None:
    passwords = vault_passwords(SCENARIO).values()
    group = ("--group", "students-indexer", "--topic", "src.students", "--idle", "600")
    command = words("index", *group, kafka="target index", registry="reader", search="elasticsearch")
    on(SOURCE, "systemd-run", "--unit=indexer", *command)
    try:
        journal = partial(on, SOURCE, "journalctl", "--unit=indexer", "--no-pager")
        until(journal, 120, "an indexer at work", lambda text: "Started" in text)
        for host in (SOURCE, TARGET):
            folders = ("/etc/kafka", "/etc/kafka-connect", DIRECTORY, "/var/lib/kafka-estate")
            assert exposed(host, passwords, *folders) == [], host
    finally:
        on(SOURCE, "systemctl", "stop", "indexer")
    assert exposed_here(SCENARIO, passwords) == []
    lines = on(SOURCE, "sh", "-c", f"stat -c '%a %U' {DIRECTORY}/secrets {DIRECTORY}/secrets/*").splitlines()
    assert lines == ["700 root", *["400 root"] * 6]
