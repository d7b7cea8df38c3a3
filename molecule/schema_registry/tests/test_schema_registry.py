"""The registry as a client sees it that knows only Confluent's API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://schema_registry"]

URL = "http://one.registry.test:8081"
SUBJECT = "students-value"


def schema(*fields: str, **defaulted: Any) -> dict[str, str]:
    every: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in fields]
    every += [{"name": name, "type": "string", "default": value} for name, value in defaulted.items()]
    return {"schema": json.dumps({"type": "record", "name": "Student", "fields": every})}


@pytest.fixture
def student(host: Host, ask: Any) -> int:
    """The id of the first version of the subject."""
    answer = ask(host, f"{URL}/subjects/{SUBJECT}/versions", "POST", schema("name", "class"))
    assert answer.status == 200, answer.body
    return int(answer.body["id"])


def test_confluents_api_is_at_the_root(host: Host, ask: Any, student: int) -> None:
    assert ask(host, f"{URL}/subjects").body == [SUBJECT]
    assert ask(host, f"{URL}/subjects/{SUBJECT}/versions").body == [1]
    found = ask(host, f"{URL}/schemas/ids/{student}").body["schema"]
    assert [field["name"] for field in json.loads(found)["fields"]] == ["name", "class"]
    assert "compatibilityLevel" in ask(host, f"{URL}/config").body
    assert ask(host, f"{URL}/").body == {}
    # As from a client whose address of the registry ends with a slash.
    assert ask(host, f"{URL}//subjects").body == [SUBJECT]


def test_confluents_list_of_all_schemas(host: Host, ask: Any, student: int) -> None:
    (found,) = ask(host, f"{URL}/schemas?subjectPrefix={SUBJECT}").body
    assert (found["subject"], found["version"], found["id"]) == (SUBJECT, 1, student)
    assert [field["name"] for field in json.loads(found["schema"])["fields"]] == ["name", "class"]
    assert ask(host, f"{URL}/schemas?limit=0").body == []


def test_one_schema_is_one_version_however_it_is_spelt(host: Host, ask: Any, student: int) -> None:
    """Clients of Confluent's registry send the same schema with other blanks and another order of keys."""
    plain = json.loads(schema("name", "class")["schema"])
    turned = {key: plain[key] for key in reversed(plain)}
    for spelling in (json.dumps(plain, indent=4), json.dumps(turned, separators=(",", ":"))):
        answer = ask(host, f"{URL}/subjects/{SUBJECT}/versions", "POST", {"schema": spelling})
        assert (answer.status, answer.body["id"]) == (200, student), answer.body
    assert ask(host, f"{URL}/subjects/{SUBJECT}/versions").body == [1]


def test_apicurios_own_api_stays_reachable(host: Host, ask: Any) -> None:
    assert ask(host, f"{URL}/apis/registry/v3/system/info").body["version"] == "3.0.9"


def test_a_subject_may_have_a_slash_and_what_else_has_to_be_escaped(host: Host, ask: Any) -> None:
    name = "team/a b?%c-value"
    url = f"{URL}/subjects/{quote(name, safe='')}"
    assert ask(host, f"{url}/versions", "POST", schema("name")).status == 200
    assert name in ask(host, f"{URL}/subjects").body and ask(host, f"{url}/versions").body == [1]
    assert ask(host, url, "DELETE").status == 200 and ask(host, f"{url}?permanent=true", "DELETE").status == 200
    assert name not in ask(host, f"{URL}/subjects").body


def test_options_laid_over_the_toolkits_own_are_in_force(host: Host, ask: Any, student: int) -> None:
    """Without apicurio.rules.global.compatibility in schema_registry_config every change would be accepted."""
    url = f"{URL}/subjects/{SUBJECT}/versions"
    assert ask(host, url, "POST", schema("name", "class", "phone")).status == 409
    assert ask(host, url, "POST", schema("name", "class", phone="")).status == 200


# Runs on the host: what the registry answers, each answer once, until it has the schema.
ANSWERS = """
import sys, time, urllib.request
end, last = time.monotonic() + 300, None
while last != 200 and time.monotonic() < end:
    try:
        status = urllib.request.urlopen(sys.argv[1], timeout=30).status
    except urllib.error.HTTPError as error:
        status = error.code
    except TimeoutError:
        # No answer is no denial.
        continue
    if status != last:
        print(status)
    last = status
    time.sleep(0.01)
"""


def test_schemas_outlive_the_process_and_are_never_denied(host: Host, ask: Any, student: int) -> None:
    """While it starts, the registry itself says 404: its clients would give up, or register a schema that is there."""
    host.check_output("systemctl restart schema-registry")
    assert host.check_output("python3 -c %s %s", ANSWERS, f"{URL}/schemas/ids/{student}").split() == ["503", "200"]


def test_the_topic_of_the_schemas_never_expires(host: Host) -> None:
    out = host.check_output(
        "/usr/bin/java -cp '/opt/kafka/current/libs/*' org.apache.kafka.tools.TopicCommand"
        " --bootstrap-server one.registry.test:9092 --describe --topic _schemas"
    )
    assert "retention.ms=-1" in out


def test_it_packs_its_records_where_tmp_may_not_execute(host: Host, student: int) -> None:
    assert "noexec" in host.check_output("findmnt --noheadings --output OPTIONS /tmp")
    assert "compresscodec: zstd" in host.check_output("kafka-dump-log --files /var/lib/kafka/data/_schemas-0/*.log")


def test_everything_runs_as_the_registrys_user(host: Host) -> None:
    owners = {process.user for process in host.process.filter(comm="nginx")}
    assert owners == {"schema-registry"}
    (backend,) = [process for process in host.process.filter(comm="java") if "apicurio" in process.args]
    assert backend.user == "schema-registry"


def test_only_the_proxy_is_reachable_from_outside(host: Host) -> None:
    listening = host.check_output("ss --listening --tcp --numeric --no-header")
    addresses = {line.split()[3] for line in listening.splitlines()}
    assert "0.0.0.0:8081" in addresses
    assert {address for address in addresses if address.endswith(":8082")} <= {"127.0.0.1:8082", "[::ffff:127.0.0.1]:8082"}
    assert not {address for address in addresses if address.endswith(":80")}, "the package's own server runs"


@pytest.mark.parametrize("name", ["schema-registry", "schema-registry-proxy", "schema-registry-schemas"])
def test_the_units_are_hardened(host: Host, unit: Any, hardened: dict[str, str], name: str) -> None:
    assert unit(host, name) == hardened


def test_modes(host: Host) -> None:
    for name in ("schema-registry.properties", "nginx.conf"):
        file = host.file(f"/etc/schema-registry/{name}")
        assert (file.user, file.group, file.mode) == ("root", "schema-registry", 0o640)
    log = host.file("/var/log/schema-registry")
    assert (log.user, log.mode) == ("schema-registry", 0o750)


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    run = converge("--extra-vars", '{"schema_registry_implementation": "karapace", "schema_registry_heap": "lots"}')
    assert run.returncode != 0
    assert "schema_registry_implementation: found 'karapace'" in run.stdout
    assert "schema_registry_heap: found 'lots'" in run.stdout
    assert "changed=0" in run.stdout


@pytest.fixture
def no_other(host: Host) -> Iterator[None]:
    """Hide the registry that is installed: the other one would be refused for that alone."""
    host.check_output("mv /opt/apicurio-registry/current /opt/apicurio-registry/hidden")
    yield
    host.check_output("mv /opt/apicurio-registry/hidden /opt/apicurio-registry/current")


def test_an_implementation_nobody_can_deliver_is_named(converge: Any, no_other: None) -> None:
    run = converge("--extra-vars", '{"schema_registry_implementation": "confluent", "estate_require_all_artifacts": true}')
    assert run.returncode != 0
    assert "confluent-schema-registry" in run.stdout
    assert "changed=0" in run.stdout


def test_where_not_everything_is_demanded_it_is_left_out_and_nothing_else_suffers(converge: Any, no_other: None) -> None:
    run = converge("--extra-vars", "schema_registry_implementation=confluent")
    assert run.returncode == 0, run.stdout[-3000:]
    assert "confluent-schema-registry" in run.stdout + run.stderr
    assert "changed=0" in run.stdout


def test_a_registry_that_keeps_its_schemas_in_another_form_is_not_replaced(host: Host, converge: Any) -> None:
    host.check_output("mkdir /opt/confluent-schema-registry && ln -s 7.9.8 /opt/confluent-schema-registry/current")
    try:
        run = converge()
    finally:
        host.check_output("rm -r /opt/confluent-schema-registry")
    assert run.returncode != 0 and "changed=0" in run.stdout
    assert "'confluent' in /opt/confluent-schema-registry" in run.stdout and "schema_registry_topic" in run.stdout
