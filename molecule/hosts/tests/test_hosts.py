"""An estate on hosts as their installers and administrators leave them: what it runs as, what it made, whom it asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from lab import ROOT, RUN_SECONDS, on, playbook, playbook_command

HOSTS = ("eleven.hosts.test", "twelve.hosts.test", "thirteen.hosts.test")
# A run that becomes root on any host fails with this.
NO_ROOT = ("-e", "ansible_become_password=wrong")
CLUSTER = {"consumer_group_offsets_cluster": "upstream"}
ABOUT_LOGIN = """
import os
mask = os.umask(0)
print(os.geteuid(), oct(mask), os.environ.get("http_proxy"))
"""


def plain(path: str, *args: str, inventory: Sequence[str] = ()) -> tuple[int, str]:
    """Run a playbook; return its exit status and what a person sees."""
    run = subprocess.run(
        playbook_command(path, *args, inventory=inventory), cwd=ROOT, capture_output=True, text=True, timeout=RUN_SECONDS
    )
    return run.returncode, run.stdout + run.stderr


def remote(*become: str) -> dict[str, str]:
    """Return what a Python prints that Ansible starts on each host."""
    arguments = json.dumps({"argv": ["python3", "-c", ABOUT_LOGIN]})
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
    command = ["ansible", "servers", *become, "-m", "ansible.builtin.command", "-a", arguments]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS)
    document = json.loads(run.stdout[run.stdout.index("{\n") :])
    results = document["plays"][0]["tasks"][0]["hosts"]
    return {host: result["stdout"].strip() for host, result in results.items()}


def test_the_login_and_root_are_as_administrators_left_them() -> None:
    proxy = "http://127.0.0.1:3128"
    assert set(remote().values()) == {f"1000 0o27 {proxy}"}
    assert set(remote("--become").values()) == {f"0 0o77 {proxy}"}


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_takes_its_own_name_for_the_loopback_interface_and_may_run_nothing_in_tmp(host: str) -> None:
    assert on(host, "getent", "hosts", host).split()[0] == "127.0.1.1"
    assert "noexec" in on(host, "findmnt", "--noheadings", "--output", "OPTIONS", "/tmp")
    assert on(host, "ls", "/data1").split() == ["kafka", "lost+found"]


@pytest.mark.parametrize("host", HOSTS)
def test_services_run_as_users_of_their_own_and_can_read_what_was_made_for_them(host: str) -> None:
    owners = set(on(host, "ps", "-C", "java", "-o", "user:30=").split())
    assert {"kafka", "zookeeper"} <= owners and not owners & {"root", "operator"}
    hidden = on(
        host, "find", "/opt", "/data1/kafka", "-maxdepth", "3", "!", "-type", "l", "!", "-perm", "-o=r", "-path", "/opt/*"
    )
    # What a run locks is root's own.
    assert [path for path in hidden.split() if not path.endswith("/.lock")] == []
    assert on(host, "stat", "--format", "%a %U", "/data1/kafka").split() == ["750", "kafka"]


@pytest.mark.parametrize("host", HOSTS[:2])
def test_a_worker_on_a_port_of_root_is_granted_that_and_no_more(host: str) -> None:
    assert on(host, "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start").strip() == "1024"
    process = on(host, "systemctl", "show", "--property=MainPID", "--value", "kafka-connect").strip()
    rights = re.findall(r"^Cap(?:Eff|Bnd|Amb):\s*(\w+)$", on(host, "cat", f"/proc/{process}/status"), re.MULTILINE)
    assert [int(mask, 16) for mask in rights] == [1 << 10] * 3
    on(host, "python3", "-c", "import socket; socket.create_connection((socket.gethostname(), 83), 5)")


@pytest.mark.parametrize("host", HOSTS)
def test_services_answer_on_the_host_by_its_own_name(host: str) -> None:
    connect = "import socket; [socket.create_connection((socket.gethostname(), port), 5) for port in (2181, 9092)]"
    on(host, "python3", "-c", connect)


@pytest.mark.parametrize("host", HOSTS)
def test_the_operator_reads_no_configuration_without_sudo(host: str) -> None:
    command = ["docker", "exec", "--user", "operator", host, "cat", "/etc/kafka/server.properties"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1 and "Permission denied" in run.stderr


def test_health_needs_no_root() -> None:
    status, output = plain("playbooks/health.yml", *NO_ROOT)
    assert status == 0, output
    assert "All is well." in output and "3 of 3 servers" in output and "3 of 3 brokers" in output


def test_the_report_needs_no_root(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    run = playbook("playbooks/report.yml", *NO_ROOT, "-e", f"report_path={page}")
    assert run.status == 0, run.output
    text = page.read_text()
    assert all(host in text for host in HOSTS) and "orders" in text


def test_objects_need_no_root() -> None:
    run = playbook("playbooks/objects.yml", *NO_ROOT)
    assert run.status == 0 and run.changed() == {}, run.output


def test_offsets_need_no_root() -> None:
    item = {"group": "shop", "topic": "orders", "to": "earliest", "create": True}
    wanted = {**CLUSTER, "consumer_group_offsets": [item], "consumer_group_offsets_confirm": ["shop"]}
    run = playbook("playbooks/consumer_group_offsets.yml", *NO_ROOT, "-e", json.dumps(wanted))
    assert run.status == 0 and len(run.changed()) == 1, run.output


def test_a_wrong_password_of_sudo_is_one_line_for_all_hosts() -> None:
    status, output = plain("playbooks/preflight.yml", *NO_ROOT)
    assert status != 0
    lines = [line for line in output.splitlines() if "ansible_become" in line]
    assert len(lines) == 1, output
    assert all(host in lines[0] for host in HOSTS)
    assert "found a login that cannot become root (" in lines[0] and "--ask-become-pass" in lines[0]


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what a person sees who made three mistakes at once that only the hosts show."""
    values = {
        "kafka_broker_log_dirs": ["/data1"],
        "kafka_broker_listeners": ["PLAINTEXT://{{ inventory_hostname }}:9092"],
    }
    more = tmp_path_factory.mktemp("inventory") / "more.json"
    more.write_text(json.dumps({"node_exporter": {"hosts": {HOSTS[0]: None}}}))
    status, output = plain("playbooks/preflight.yml", "-e", json.dumps(values), inventory=[str(more)])
    assert status != 0, output
    return " ".join(output.split())


def test_the_root_of_a_disk_is_no_log_directory(refused: str) -> None:
    words = r"kafka_broker_log_dirs: found /data1, with kafka, lost\+found in it\. A broker refuses to start"
    assert re.search(words, refused), refused


@pytest.mark.parametrize("host", HOSTS)
def test_a_listener_by_the_own_name_would_listen_on_the_loopback_interface(host: str, refused: str) -> None:
    words = f"kafka_broker_listeners: found the host's own name {host}, which is 127.0.1.1 on the host itself"
    assert words in refused, refused


def test_a_program_that_is_too_new_for_a_host_is_named_before_anything_is_changed(refused: str) -> None:
    assert f"{HOSTS[0]}: estate_artifact_sources: found glibc 2.31, where node-exporter needs 2.34" in refused, refused


def test_a_host_that_cannot_be_reached_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    more = tmp_path / "more.json"
    more.write_text(json.dumps({"all": {"hosts": {HOSTS[2]: {"ansible_port": 9}}}}))
    status, output = plain("playbooks/health.yml", *NO_ROOT, inventory=[str(more)])
    said = " ".join(output.split())
    assert status != 0 and "1 problem(s)" in said, output
    assert f"- {HOSTS[2]}, which carries zookeeper, kafka_broker, schema_registry" in said
    assert "Connection refused" in said and "2 of 3 servers" in said and "3 of 3 brokers" in said


def test_a_full_disk_is_named_with_what_is_free(tmp_path: Path) -> None:
    on(HOSTS[1], "sh", "-c", "mkdir -p /srv/full && mount -t tmpfs -o size=64k tmpfs /srv/full")
    try:
        play = [
            {
                "hosts": HOSTS[1],
                "gather_facts": False,
                "become": True,
                "tasks": [{"estate.kafka.files": {"items": [{"path": "/srv/full/text", "content": "x" * 200_000}]}}],
            }
        ]
        (tmp_path / "full.yml").write_text(json.dumps(play))
        status, output = plain(str(tmp_path / "full.yml"))
        assert status != 0
        assert re.search(
            r"No space left on device.*; 0 MiB are free on the file system of /srv/full: make room", " ".join(output.split())
        ), output
        assert on(HOSTS[1], "ls", "-A", "/srv/full") == ""
    finally:
        on(HOSTS[1], "umount", "/srv/full")


def asked(host: str) -> list[str]:
    """Return what the proxy of a host was asked for."""
    return on(host, "cat", "/var/log/proxy").splitlines()


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_of_the_estate_was_ever_asked_of_the_proxy(host: str) -> None:
    before = asked(host)
    own = [line for line in before if re.search(r"hosts\.test|localhost|127\.\d|\[::1\]|//1[07]2?\.", line)]
    assert own == []
    # The proxy does see who goes by the environment.
    script = "import urllib.request; urllib.request.urlopen('http://outside.example/', timeout=10)"
    run = subprocess.run(
        ["docker", "exec", "-e", "http_proxy=http://127.0.0.1:3128", host, "python3", "-c", script],
        capture_output=True,
        text=True,
    )
    assert "403" in run.stderr
    assert asked(host) == [*before, "GET http://outside.example/ HTTP/1.1"]
