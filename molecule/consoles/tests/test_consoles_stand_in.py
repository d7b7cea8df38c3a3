"""The consoles' roles with stand-ins in place of Grafana, CMAK, AKHQ and Kibana.

They show how the roles start, check, upgrade and talk; nothing here counts as one of the four programs working.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://grafana"]

HOST = "one.consoles.test"
ZOOKEEPER = f"{HOST}:2181"
STORE = Path(__file__).resolve().parents[3] / ".cache/stand-ins"
UNITS = {"grafana": 3000, "cmak": 9000, "akhq": 8080, "kibana": 5601}
PASSWORDS = {"grafana": "grafana-in-the-lab", "cmak": "cmak-in-the-lab", "akhq": "akhq-in-the-lab"}
SECRETS = {
    "grafana": ["/etc/grafana/admin-password", "/var/lib/grafana/secret-key"],
    "cmak": ["/etc/cmak/login.conf", "/var/lib/cmak/key.conf"],
    "akhq": ["/etc/akhq/login.yml", "/var/lib/akhq/key.yml"],
}
# Status, headers and body of an answer to a request with a login.
ASK = """
import json, sys, urllib.request
method, url, login, body, kind = json.loads(sys.argv[1])
given = {"kbn-xsrf": "test", "Authorization": login and "Basic " + login, "Content-Type": kind}
headers = {name: value for name, value in given.items() if value}
request = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
try:
    answer = urllib.request.urlopen(request, timeout=60)
except urllib.error.HTTPError as error:
    answer = error
print(json.dumps([answer.status, answer.headers["Server"], answer.read().decode()]))
"""


def ask(
    host: Host, unit: str, path: str, login: str = "", method: str = "GET", body: str = "", kind: str = ""
) -> tuple[int, str, Any]:
    """Return status, server and body; JSON is decoded."""
    given = base64.b64encode(login.encode()).decode()
    words = json.dumps([method, f"http://{HOST}:{UNITS[unit]}{path}", given, body, kind])
    status, server, text = json.loads(host.check_output("python3 -c %s %s", ASK, words))
    try:
        return status, server, json.loads(text)
    except ValueError:
        return status, server, text


def admin(unit: str) -> str:
    return f"admin:{PASSWORDS[unit]}"


@pytest.mark.parametrize("name", UNITS)
def test_it_runs_hardened_as_its_own_user(host: Host, unit: Any, hardened: dict[str, str], name: str) -> None:
    assert unit(host, name) == hardened
    shown = unit(host, name, "User", "ActiveState", "UnitFileState")
    assert shown == {"User": name, "ActiveState": "active", "UnitFileState": "enabled"}
    assert host.socket(f"tcp://0.0.0.0:{UNITS[name]}").is_listening
    assert host.file(f"/etc/{name}").mode == 0o750 and host.file(f"/var/lib/{name}").user == name


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_for_its_user_alone_and_nowhere_else(host: Host, name: str) -> None:
    for path in SECRETS[name]:
        file = host.file(path)
        assert file.mode == 0o640 and file.group == name and file.size > 0
    assert PASSWORDS[name] not in host.check_output("ps axww -o args=")
    assert PASSWORDS[name] not in host.check_output("journalctl --no-pager")
    for path in (f"/etc/systemd/system/{name}.service", f"/run/{name}/started-with"):
        assert PASSWORDS[name] not in host.file(path).content_string


# -- Grafana -------------------------------------------------------------------------------------------------------------


def test_grafana_lets_nobody_in_without_its_own_password(host: Host) -> None:
    assert ask(host, "grafana", "/api/org")[0] == 401
    assert ask(host, "grafana", "/api/org", "admin:admin")[0] == 401
    assert ask(host, "grafana", "/api/org", admin("grafana"))[0] == 200


def test_grafana_has_its_data_source_and_dashboards_from_files(host: Host) -> None:
    assert f"http://{HOST}:9090" not in ask(host, "grafana", "/api/datasources", admin("grafana"))[2]["text"]
    assert "url: http://localhost:9090" in ask(host, "grafana", "/api/datasources", admin("grafana"))[2]["text"]
    dashboards = ask(host, "grafana", "/api/search", admin("grafana"))[2]
    assert len(dashboards) == 7


def test_grafana_takes_any_option(host: Host) -> None:
    options = ask(host, "grafana", "/stand-in/options", admin("grafana"))[2]
    assert options["viewers_can_edit"] == "true" and options["enabled"] in ("true", "false")
    assert "enabled = false" in host.file("/etc/grafana/grafana.ini").content_string.partition("[auth.anonymous]")[2]


# -- CMAK ----------------------------------------------------------------------------------------------------------------


def cmak_form(host: Host, cluster: str) -> str:
    text: str = ask(host, "cmak", f"/updateCluster?c={cluster}", admin("cmak"))[2]
    return text


def test_cmak_asks_for_a_login(host: Host) -> None:
    assert ask(host, "cmak", "/api/status/clusters")[0] == 401
    assert ask(host, "cmak", "/api/health")[0] == 200


@pytest.mark.parametrize(("cluster", "chroot"), [("first", "/kafka3"), ("second", "/kafka4")])
def test_both_clusters_are_registered_with_chroot_and_jmx(host: Host, cluster: str, chroot: str) -> None:
    form = cmak_form(host, cluster)
    assert f'name="zkHosts" value="{ZOOKEEPER}{chroot}"' in form
    assert 'name="jmxEnabled" value="true" checked' in form and 'name="jmxSsl" value="true">' in form
    assert '<option value="3.1.0" selected>' in form


def test_cmak_keeps_its_own_things_apart_and_takes_any_option(host: Host) -> None:
    options = ask(host, "cmak", "/stand-in/options", admin("cmak"))[2]
    assert options["cmak.zkhosts"] == ZOOKEEPER and options["cmak.base-zk-path"] == "/cmak"
    assert options["cmak.broker-view-update-seconds"] == 20


# -- AKHQ ----------------------------------------------------------------------------------------------------------------


def test_akhq_has_both_clusters_the_registry_and_connect(host: Host) -> None:
    text = ask(host, "akhq", "/")[2]["configuration"]
    assert "bootstrap.servers: one.consoles.test:9092" in text and "bootstrap.servers: two.consoles.test:9092" in text
    assert text.count("url: http://two.consoles.test:8081") == 2
    assert text.count("url: http://two.consoles.test:8083") == 1
    assert "default-group: no-roles" in text and "retention: 3600000" in text


# -- Kibana --------------------------------------------------------------------------------------------------------------


def test_kibana_has_the_data_view_and_the_dashboard(host: Host) -> None:
    view = ask(host, "kibana", "/api/data_views/data_view/students")[2]["data_view"]
    assert (view["title"], view["timeFieldName"]) == ("students*", "timestamp")
    wanted = json.dumps({"objects": [{"type": "dashboard", "id": "students"}]})
    status, _, dashboard = ask(host, "kibana", "/api/saved_objects/_export", "", "POST", wanted, "application/json")
    assert status == 200 and len(json.loads(dashboard["attributes"]["panelsJSON"])) == 3
    assert ask(host, "kibana", "/api/status")[2]["name"] == "seen-from-outside"


# -- what was changed by hand --------------------------------------------------------------------------------------------


def test_what_was_changed_by_hand_is_shown_and_put_back(host: Host, converge: Any) -> None:
    form = {
        "operation": "Update",
        "name": "first",
        "kafkaVersion": "3.1.0",
        "zkHosts": f"{ZOOKEEPER}/elsewhere",
        "filterConsumers": "true",
        "securityProtocol": "PLAINTEXT",
        "tuning.brokerViewUpdatePeriodSeconds": "45",
    }
    kind = "application/x-www-form-urlencoded"
    assert ask(host, "cmak", "/clusters/first", admin("cmak"), "POST", urllib.parse.urlencode(form), kind)[0] == 200
    view = json.dumps({"data_view": {"title": "pupils*"}})
    assert ask(host, "kibana", "/api/data_views/data_view/students", "", "POST", view, "application/json")[0] == 200
    checked = converge("--check", "--diff", "--tags", "cmak,kibana")
    assert "/elsewhere" in cmak_form(host, "first"), "check mode changed something"
    done = converge("--diff", "--tags", "cmak,kibana")
    for run in (checked, done):
        assert run.returncode == 0, run.stdout[-3000:]
        assert f"-  zkHosts: {ZOOKEEPER}/elsewhere" in run.stdout and f"+  zkHosts: {ZOOKEEPER}/kafka3" in run.stdout
        assert "-  title: pupils*" in run.stdout and "+  title: students*" in run.stdout
        assert "changed=2 " in run.stdout
    after = cmak_form(host, "first")
    assert f"{ZOOKEEPER}/kafka3" in after and 'name="jmxEnabled" value="true" checked' in after
    # What nobody asked for stays as the person left it.
    assert 'value="45"' in after and 'name="filterConsumers" value="true" checked' in after


# -- releases ------------------------------------------------------------------------------------------------------------

NEWER = {"grafana": "13.2.4", "cmak": "3.0.0.7", "akhq": "0.26.0", "kibana": "8.19.22"}
OLDER = {"grafana": "13.2.3", "cmak": "3.0.0.6", "akhq": "0.25.1", "kibana": "8.19.21"}
PATHS = {"grafana": "/api/health", "cmak": "/api/health", "akhq": "/", "kibana": "/api/status"}


def serving(host: Host) -> dict[str, str]:
    return {name: ask(host, name, PATHS[name])[1].split()[0].partition("/")[2] for name in UNITS}


@pytest.fixture
def damaged() -> Iterator[None]:
    """An archive in the store with one byte wrong, and the time and size it had."""
    path = STORE / "releases/grafana-13.2.4.tar"
    index = STORE / "releases/index.json"
    yield
    path.unlink(missing_ok=True)
    held = json.loads(index.read_text())
    held.pop(path.name, None)
    index.write_text(json.dumps(held))


def test_upgrade_a_damaged_archive_and_rollback(host: Host, converge: Any, damaged: None) -> None:
    newer = ("--extra-vars", json.dumps({"estate_versions": NEWER}))
    # The store is filled by a run that touches no host.
    assert converge(*newer, "--tags", "nothing").returncode == 0
    archive = STORE / "releases/grafana-13.2.4.tar"
    status, content = archive.stat(), archive.read_bytes()
    archive.write_bytes(content[:-1] + b"x")
    os.utime(archive, ns=(status.st_atime_ns, status.st_mtime_ns))
    refused = converge(*newer, "--limit", HOST)
    assert refused.returncode != 0
    assert "sha256 expected" in refused.stdout and "nothing was installed" in refused.stdout
    assert not host.file("/opt/grafana/13.2.4").exists and serving(host)["grafana"] == "13.2.3"

    archive.write_bytes(content)
    os.utime(archive, ns=(status.st_atime_ns, status.st_mtime_ns))
    run = converge(*newer)
    assert run.returncode == 0, run.stdout[-3000:]
    assert serving(host) == NEWER
    assert ask(host, "grafana", "/api/org", admin("grafana"))[0] == 200
    assert 'value="45"' in cmak_form(host, "first"), "what CMAK knows did not outlive the upgrade"

    run = converge()
    assert run.returncode == 0, run.stdout[-3000:]
    assert serving(host) == OLDER
    assert host.file("/opt/grafana/13.2.4").is_directory, "the newer release stays beside the older one"


def test_a_changed_password_takes_effect(host: Host, converge: Any) -> None:
    fresh = "another-one-of-a-lab"
    changed = json.dumps({"grafana_admin_password": fresh, "cmak_password": fresh, "akhq_password": fresh})
    run = converge("-vvv", "--diff", "--tags", "grafana", "--extra-vars", changed)
    try:
        assert run.returncode == 0, run.stdout[-3000:]
        said = [line for line in (run.stdout + run.stderr).splitlines() if fresh in line]
        assert said == [], "a password is in the output of the most talkative run"
        assert ask(host, "grafana", "/api/org", f"admin:{fresh}")[0] == 200
        assert ask(host, "grafana", "/api/org", admin("grafana"))[0] == 401
    finally:
        assert converge("--tags", "grafana").returncode == 0
    assert ask(host, "grafana", "/api/org", admin("grafana"))[0] == 200


# -- what is refused -----------------------------------------------------------------------------------------------------


def test_passwords_that_are_none_and_a_host_too_small_are_refused_before_anything_changes(converge: Any) -> None:
    wrong = {"grafana_admin_password": "admin", "cmak_password": "", "kibana_heap": "900g"}
    run = converge("--extra-vars", json.dumps(wrong))
    assert run.returncode != 0
    assert f"{HOST}: grafana_admin_password: found a password that everybody knows" in run.stdout
    assert f"{HOST}: cmak_password: found nothing" in run.stdout
    assert "kibana 921600 + 384" in run.stdout and "Give the host more memory" in run.stdout
    assert "changed=0" in run.stdout


def test_a_kibana_that_does_not_come_up_is_an_error_with_its_log(host: Host, converge: Any) -> None:
    config = {"server.name": "seen-from-outside", "stand_in.hang": True}
    more = {"kibana_config": config, "kibana_unknown_options": ["stand_in.hang"], "kibana_wait_timeout": 15}
    run = converge("--tags", "kibana", "--extra-vars", json.dumps(more))
    assert run.returncode != 0
    assert "waited 15 s for" in run.stdout
    assert "HTTP status 503" in run.stdout and "unable to retrieve version information" in run.stdout
    # The configuration is mended: a run that first waited for the one that hangs would fail.
    mended = converge("--tags", "kibana", "--extra-vars", json.dumps({"kibana_wait": True, "kibana_wait_timeout": 240}))
    assert mended.returncode == 0, mended.stdout[-3000:]
    assert ask(host, "kibana", "/api/status")[0] == 200
