"""The audit of a secured estate: every statement holds, with what was seen for it, and the exit status says so."""

from __future__ import annotations

import json
from pathlib import Path

from lab import playbook

testinfra_hosts = ["ansible://one.secured.test"]

HOSTS = {"one.secured.test", "two.secured.test", "three.secured.test"}
WORKER = "two.secured.test"
# What speaks for each statement, on every host that it is about.
SEEN = {
    1: {"private_certificate"},
    2: {"mutual_tls"},
    3: {"keys_apart"},
    4: {"tls_good"},
    5: {"certificate_left"},
    6: {"super_good"},
    7: {"log_kept"},
    8: {"no_clear"},
    10: {"rest_login", "admin_apart"},
    12: {"acl_needed"},
}


def test_every_statement_holds(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    run = playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    found = json.loads(path.read_text())
    assert run.status == 0 and not run.changed(), run.output
    assert found["verdict"].startswith("12 of 12 statements pass, 0 fail, 0 not known, "), found["verdict"]
    codes = {one["number"]: {finding["code"] for finding in one["findings"]} for one in found["statements"]}
    assert {number: codes[number] for number in SEEN} == SEEN
    seen = [finding for one in found["statements"] if one["number"] in SEEN for finding in one["findings"]]
    for number, wanted in SEEN.items():
        hosts = {host for finding in seen if finding["code"] in wanted for host in finding["hosts"]}
        assert ({WORKER} if number == 10 else HOSTS) <= hosts, (number, hosts)
    # Of its own, whatever level the rest of the broker has.
    (log,) = (one["findings"] for one in found["statements"] if one["number"] == 7)
    assert {(one["values"]["logger"], one["values"]["level"]) for one in log} == {("kafka.authorizer.logger", "INFO")}
    ports = {(port["host"], port["port"]): port["answer"] for port in found["ports"] if port["answer"] != "local"}
    for host in HOSTS:
        assert [ports.pop((host, port)) for port in (2281, 3888, 9091, 9094)] == ["certificate"] * 3 + ["login"]
    assert ports.pop((WORKER, 8083)) == "certificate"
    assert set(ports.values()) == {"certificate"} and {port for _, port in ports} == {2888}
