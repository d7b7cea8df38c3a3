"""Bad input stops the run with a clear error before any host is changed.

The inventory's mistakes are shown on the real inventory of the reference estate, whose hosts are never contacted; what
must be seen on a host is shown on two containers.  ``docker diff`` tells whether anything was changed there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import until
from systemd_container import BARE, VARIABLES, docker, in_container, start

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site.yml"
BIN = Path(sys.executable).parent
LABEL = "kafka-estate=bad-input"
ONE, TWO, GONE = (f"{name}.bad-input.test" for name in ("one", "two", "gone"))
MARK = "/etc/preflight-passed"

Vars = dict[str, Any]


@dataclass
class Run:
    """A finished ansible-playbook."""

    status: int
    output: str

    @property
    def text(self) -> str:
        """The output without the line breaks that a terminal's width brings."""
        return " ".join(self.output.split())

    def changed(self) -> int:
        """Changes in the recap, all hosts together."""
        return sum(map(int, re.findall(r"changed=(\d+)", self.output)))


def play(inventory: Path, playbook: Path, *args: str) -> Run:
    """Run a playbook with the plainest output, as an operator would."""
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), "-i", str(inventory), str(playbook), *args],
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "ANSIBLE_STDOUT_CALLBACK": "default",
            "ANSIBLE_LOG_PATH": os.devnull,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_TIMEOUT": "60",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    return Run(done.returncode, done.stdout)


# -- mistakes of the inventory -------------------------------------------------------------------------------------------

Edit = Callable[[dict[str, Any]], Any]


def host_vars(group: str, host: str, **values: Any) -> Edit:
    def edit(hosts: dict[str, Any]) -> None:
        children = hosts["all"]["children"]
        node = children.get(group) or children["kafka_broker"]["children"][group]
        node["hosts"][host] = {**(node["hosts"][host] or {}), **values}

    return edit


def without(group: str, host: str, variable: str) -> Edit:
    return lambda hosts: hosts["all"]["children"][group]["hosts"][host].pop(variable)


def group_vars(group: str, **values: Any) -> Edit:
    def edit(hosts: dict[str, Any]) -> None:
        for host in hosts["all"]["children"]["kafka_broker"]["children"][group]["hosts"]:
            host_vars(group, host, **values)(hosts)

    return edit


def no_group(name: str) -> Edit:
    return lambda hosts: hosts["all"]["children"].pop(name)


def only_two_zookeepers(hosts: dict[str, Any]) -> None:
    del hosts["all"]["children"]["zookeeper"]["hosts"]["peter-zk03.foo.bar"]


UP = "peter-kafka02.foo.bar"
ZK = "peter-zk03.foo.bar"
MISTAKES: dict[str, tuple[Edit, str]] = {
    "duplicate broker id": (
        host_vars("kafka_upstream", UP, kafka_broker_id=1),
        rf"{UP}: kafka_broker_id: found 1 \(\S+hosts.yml:\d+\). peter-kafka01.foo.bar of the same cluster kafka-1",
    ),
    "missing ZooKeeper id": (without("zookeeper", ZK, "zookeeper_id"), f"{ZK}: zookeeper_id: found nothing. Set it"),
    "broker id no integer": (
        host_vars("kafka_upstream", UP, kafka_broker_id="two"),
        rf"{UP}: kafka_broker_id: found 'two' \(\S+hosts.yml:\d+\). It must be an integer",
    ),
    "ZooKeeper id of another, in quotes": (
        host_vars("zookeeper", ZK, zookeeper_id="2"),
        rf"{ZK}: zookeeper_id: found '2' \(\S+hosts.yml:\d+\). peter-zk02.foo.bar of the same ensemble",
    ),
    "braces that are not Ansible's": (
        host_vars("kafka_upstream", UP, prometheus_rules={"a": {"groups": [{"name": "{{ $labels.instance }}"}]}}),
        rf"{UP}: prometheus_rules.a.groups\[0\].name: found '{{{{ \$labels.instance }}}}' \(\S+hosts.yml:\d+\), a template"
        " that fails.*mark it as !unsafe",
    ),
    "undefined inside a mapping": (
        host_vars("kafka_upstream", UP, kafka_broker_host_config={"num.io.threads": "{{ nowhere }}"}),
        rf"{UP}: kafka_broker_host_config.num.io.threads: found '{{{{ nowhere }}}}' \(\S+\), a template that fails: 'nowhere'",
    ),
    "inside a topic": (
        host_vars("kafka_upstream", UP, kafka_topics=[{"name": "t", "partitions": "many"}]),
        rf"{UP}: kafka_topics\[0\].partitions: found 'many' \(\S+hosts.yml:\d+\). It must be an integer",
    ),
    "two clusters on one chroot": (
        group_vars("kafka_downstream", kafka_broker_chroot="/kafka3"),
        r"peter-zk01.foo.bar: kafka_broker_chroot: found '/kafka3' \(\S+\). Cluster kafka-1 has this chroot",
    ),
    "chroot without slash": (
        group_vars("kafka_upstream", kafka_broker_chroot="kafka3"),
        r"peter-kafka01.foo.bar: kafka_broker_chroot: found 'kafka3' \(\S+\). Write an absolute znode path",
    ),
    "ensemble of two": (
        only_two_zookeepers,
        r"group zookeeper: zookeeper_ensemble: found 2 servers in ensemble 'zookeeper' .*Use 1, 3 or 5",
    ),
    "replication factor": (
        group_vars("kafka_upstream", kafka_broker_default_replication_factor=4),
        r"kafka_broker_default_replication_factor: found 4 \(\S+\). Cluster kafka-1 has 3 brokers: set a number from 1 to 3",
    ),
    "min-ISR": (
        group_vars("kafka_upstream", kafka_broker_min_insync_replicas=4),
        r"kafka_broker_min_insync_replicas: found 4 \(\S+\). The replication factor of cluster kafka-1 is 3",
    ),
    "typo": (
        host_vars("kafka_upstream", UP, kafka_broker_prot=9093),
        rf"{UP}: kafka_broker_prot: found 9093 \(\S+\). Role kafka_broker has no such variable. Write kafka_broker_port",
    ),
    "removed variable": (
        host_vars("kafka_upstream", UP, brokerid=2),
        rf"{UP}: brokerid: found 2 \(\S+\). This variable was removed. Write kafka_broker_id",
    ),
    "wrong type": (
        host_vars("kafka_upstream", UP, kafka_broker_log_dirs="/data1,/data2"),
        rf"{UP}: kafka_broker_log_dirs: found '/data1,/data2' \(\S+\). It must be a list",
    ),
    "two components on one port": (
        host_vars("zookeeper", ZK, zookeeper_client_port=9092),
        rf"{ZK}: kafka_broker_port: found 9092. zookeeper_client_port has this port too",
    ),
    "no ZooKeeper group": (no_group("zookeeper"), "group zookeeper: groups: found no hosts, and kafka_broker has some"),
    "no brokers for Connect": (
        no_group("kafka_broker"),
        r"kafka_connect_cluster: found 'kafka-2' \(\S+\). No host of group kafka_broker has kafka_broker_cluster 'kafka-2'",
    ),
}


def broken_prod(tmp_path: Path, edit: Edit) -> Path:
    inventory = tmp_path / "inventory"
    shutil.copytree(ROOT / "inventories/prod", inventory)
    hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
    edit(hosts)
    (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
    return inventory


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_of_the_inventory(tmp_path: Path, mistake: str) -> None:
    edit, expected = MISTAKES[mistake]
    run = play(broken_prod(tmp_path, edit), SITE)
    assert run.status != 0
    assert re.search(expected, run.text), run.output
    assert "Look at the hosts" not in run.output  # no host was even contacted
    assert run.changed() == 0


def test_a_file_that_ansible_does_not_read(tmp_path: Path) -> None:
    inventory = broken_prod(tmp_path, lambda hosts: None)
    (inventory / "group_vars/all.yml").write_text("kafka_broker_port: wrong\n")
    (inventory / "host_vars").mkdir()
    for ending in (".yml", ".json"):
        (inventory / f"host_vars/{UP}{ending}").write_text("{}\n")
    beside = tmp_path / "mine"
    (beside / "group_vars/zookeeper").mkdir(parents=True)
    (beside / "group_vars/zookeeper.yaml").write_text("{}\n")
    (beside / "mine.yml").write_text(f"- ansible.builtin.import_playbook: {SITE}\n")
    run = play(inventory, beside / "mine.yml")
    assert run.status != 0 and run.changed() == 0
    assert re.search(r"group zookeeper: group_vars: found \S+/mine/\S+/zookeeper/ and \S+/zookeeper.yaml, of which", run.text)
    assert re.search(
        r"group all: group_vars: found \S+/all/ and \S+/all.yml, of which Ansible reads only the first. Move", run.text
    )
    assert re.search(rf"host {UP}: host_vars: found \S+{UP}.yml and \S+{UP}.json, of which", run.text), run.output


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("kafka_broker_wait_timeout=40.5", "kafka_broker_wait_timeout: found '40.5'. It must be an integer."),
        ("kafka_topics_prune=maybe", "kafka_topics_prune: found 'maybe'. It must be true or false."),
        (
            "kafka_topics_keep=a",
            "kafka_topics_keep: found 'a'. Write it as JSON, of the right types: -e '{\"kafka_topics_keep\": …}'",
        ),
    ],
)
def test_mistake_of_the_command_line(argument: str, expected: str) -> None:
    run = play(ROOT / "inventories/prod", SITE, "-e", argument)
    assert run.status != 0 and run.changed() == 0
    assert expected in run.text, run.output


def test_limit_does_not_hide_a_mistake_elsewhere(tmp_path: Path) -> None:
    inventory = broken_prod(tmp_path, host_vars("kafka_upstream", UP, kafka_broker_id=1))
    run = play(inventory, SITE, "--limit", ZK, "--tags", "zookeeper", "--check")
    assert run.status != 0
    assert f"{UP}: kafka_broker_id: found 1" in run.text


# -- mistakes seen on a host ---------------------------------------------------------------------------------------------


def wait_until(host: str, condition: str) -> None:
    until(lambda: docker("exec", host, "sh", "-c", f"{condition} && echo so", check=False), 120, f"{condition} on {host}")


def remove_containers() -> None:
    if ids := docker("ps", "-aq", "--filter", f"label={LABEL}").split():
        docker("rm", "-f", *ids)
    docker("network", "rm", "kafka-estate-bad-input", check=False)


@pytest.fixture(scope="module")
def containers() -> Iterator[None]:
    remove_containers()
    docker("network", "create", "--label", LABEL, "kafka-estate-bad-input")
    for name in (ONE, TWO):
        start(name, BARE, "--label", LABEL, "--network", "kafka-estate-bad-input", "--add-host", f"{GONE}:192.0.2.1")
    for name in (ONE, TWO):
        wait_until(name, "test -S /run/systemd/private")
    yield
    remove_containers()


class Hosts:
    """The inventory of the two containers: a ZooKeeper on each of one or three hosts, a broker on both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.zookeepers: dict[str, Vars] = {ONE: {"zookeeper_id": 1}}
        self.brokers: dict[str, Vars] = {ONE: {"kafka_broker_id": 1}, TWO: {"kafka_broker_id": 2}}
        self.others: dict[str, Any] = {}
        self.all: Vars = {
            **VARIABLES,
            "kafka_broker_cluster": "main",
            "kafka_broker_chroot": "/kafka",
            "kafka_broker_default_replication_factor": 2,
            "kafka_broker_min_insync_replicas": 1,
            "kafka_broker_heap": "300m",
            "zookeeper_heap": "128m",
        }

    def add_zookeepers_elsewhere(self, **values: Any) -> None:
        """Make it three servers, the first of which is on a host that is not there."""
        self.zookeepers = {GONE: {"zookeeper_id": 3, **values}, **self.zookeepers, TWO: {"zookeeper_id": 2}}

    def play(self, *args: str, playbook: Path = Path(__file__).parent / "after_preflight.yml") -> Run:
        inventory = self.folder / "hosts.yml"
        children = {
            "zookeeper": {"hosts": self.zookeepers},
            "kafka_broker": {"children": {"kafka_main": {"hosts": self.brokers}}},
            **self.others,
        }
        inventory.write_text(yaml.safe_dump({"all": {"vars": self.all, "children": children}}, sort_keys=False))
        return play(inventory, playbook, *args)


def state() -> dict[str, list[str]]:
    """Return what differs from the image on each host, without what systemd itself keeps writing."""
    noise = re.compile(r" /(var/(log|lib/systemd|tmp|backups)|etc/\.updated|etc/machine-id|etc/mtab|etc$|var$|var/lib$)")
    return {host: sorted(line for line in docker("diff", host).splitlines() if not noise.search(line)) for host in (ONE, TWO)}


@pytest.fixture
def hosts(containers: None, tmp_path: Path) -> Iterator[Hosts]:
    yield Hosts(tmp_path)
    for host in (ONE, TWO):
        in_container(host, f"rm -f {MARK}")


Break = Callable[[Hosts], contextlib.AbstractContextManager[None]]


def inventory_edit(edit: Callable[[Hosts], Any]) -> Break:
    @contextlib.contextmanager
    def broken(hosts: Hosts) -> Iterator[None]:
        edit(hosts)
        yield

    return broken


def on_host(host: str, make: str, undo: str) -> Break:
    @contextlib.contextmanager
    def broken(hosts: Hosts) -> Iterator[None]:
        in_container(host, make)
        try:
            yield
        finally:
            in_container(host, undo)

    return broken


@contextlib.contextmanager
def listener(hosts: Hosts) -> Iterator[None]:
    """A foreign process on the broker's port."""
    docker("exec", "-d", TWO, "sh", "-c", "echo $$ > /run/foreign.pid; exec python3 -m http.server 9092")
    wait_until(TWO, 'python3 -c "import socket; socket.create_connection((\\"127.0.0.1\\", 9092))"')
    try:
        yield
    finally:
        in_container(TWO, "kill $(cat /run/foreign.pid)")


@contextlib.contextmanager
def late_clock(hosts: Hosts) -> Iterator[None]:
    """A Python whose clock is ahead; a container has no clock of its own to set.

    So far that what a busy machine needs to look at both hosts, for which the toolkit allows, is little of it.
    """
    in_container(
        TWO,
        "mkdir -p /opt/late; cd /opt/late;"
        "printf 'import time\\nreal = time.time\\ntime.time = lambda: real() + 1200\\n' > sitecustomize.py;"
        "printf '#!/bin/sh\\nPYTHONPATH=/opt/late exec /usr/bin/python3 -B \"$@\"\\n' > python3; chmod 755 python3",
    )
    hosts.brokers[TWO]["ansible_python_interpreter"] = "/opt/late/python3"
    try:
        yield
    finally:
        in_container(TWO, "rm -rf /opt/late")


SEEN: dict[str, tuple[Break, str]] = {
    "id of a live broker": (
        on_host(
            TWO,
            "mkdir -p /var/lib/kafka/data; echo broker.id=7 > /var/lib/kafka/data/meta.properties",
            "rm -rf /var/lib/kafka",
        ),
        rf"{TWO}: kafka_broker_id: found 2 in the inventory and 7 in /var/lib/kafka/data. Set kafka_broker_id to 7",
    ),
    "id of a live ZooKeeper": (
        on_host(ONE, "mkdir -p /var/lib/zookeeper; echo 9 > /var/lib/zookeeper/myid", "rm -rf /var/lib/zookeeper"),
        rf"{ONE}: zookeeper_id: found 1 in the inventory and 9 in /var/lib/zookeeper",
    ),
    "foreign process on a port": (
        listener,
        rf"{TWO}: kafka_broker_port: found port 9092 held by python3 \(user root\). Stop it, or choose another port",
    ),
    "memory": (
        inventory_edit(lambda hosts: hosts.brokers[TWO].update(kafka_broker_heap="4000g")),
        rf"{TWO}: kafka_broker_heap: found \d+ MiB of memory where \d+ MiB are needed \(heap \+ overhead: kafka_broker 4096000",
    ),
    "disk": (
        inventory_edit(lambda hosts: hosts.brokers[TWO].update(preflight_disk_kafka_broker=1e6)),
        rf"{TWO}: preflight_disk_kafka_broker, preflight_disk_install: found \S+ GiB free where 1e\+06 GiB are needed",
    ),
    "name that does not resolve": (
        inventory_edit(
            lambda hosts: hosts.brokers.update({"other.bad-input.test": {**hosts.brokers.pop(TWO), "ansible_host": TWO}})
        ),
        rf"{ONE}\S* other.bad-input.test: inventory_hostname: found name other.bad-input.test that does not resolve",
    ),
    "clocks apart": (
        late_clock,
        rf"{TWO}: preflight_clock_skew_max: found a clock at least 1[12]\d\d.\d s ahead of {ONE}'s, where 2 s are allowed",
    ),
    "unsupported system": (
        on_host(
            TWO,
            "sed -i.bad s/VERSION_ID=.*/VERSION_ID=10/ /usr/lib/os-release",
            "mv /usr/lib/os-release.bad /usr/lib/os-release",
        ),
        rf"{TWO}: ansible_distribution: found Debian 10. Use a supported system: Debian 11, 12, 13",
    ),
    "unsupported Java": (
        on_host(
            TWO,
            "printf '#!/bin/sh\\necho openjdk version \\\\\"1.8.0_402\\\\\" >&2\\n' > /usr/local/bin/java;"
            "chmod 755 /usr/local/bin/java",
            "rm /usr/local/bin/java",
        ),
        rf"{TWO}: java_versions_accepted: found Java 1.8.0_402 at /usr/local/bin/java. What stands on this host runs on",
    ),
    "login that cannot become root": (
        inventory_edit(lambda hosts: hosts.brokers[TWO].update(ansible_user="nobody", ansible_become=True)),
        rf"{TWO}: ansible_become: found a login that cannot become root",
    ),
    "login that does not become root": (
        inventory_edit(lambda hosts: hosts.brokers[TWO].update(ansible_user="nobody", ansible_become=False)),
        rf"{TWO}: ansible_become: found user nobody. Set ansible_become: true",
    ),
    "no Python": (
        inventory_edit(lambda hosts: hosts.brokers[TWO].update(ansible_python_interpreter="/usr/bin/python9")),
        rf"{TWO}: ansible_python_interpreter: found no usable Python",
    ),
}


@pytest.mark.parametrize("mistake", SEEN)
def test_mistake_seen_on_a_host(hosts: Hosts, mistake: str) -> None:
    break_it, expected = SEEN[mistake]
    with break_it(hosts):
        before = state()
        run = hosts.play()
        after = state()
    assert run.status != 0
    assert re.search(expected, run.text), run.output
    assert run.changed() == 0
    assert after == before


ONLY_KAFKA = ("-e", json.dumps({"_base_components": ["kafka_broker"]}))


def test_a_password_is_asked_for_by_the_run_that_installs_its_service_and_made_by_the_line_it_names(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vault-password").write_text("of the vault\n")
    (tmp_path / "group_vars/all").mkdir(parents=True)
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "vault-password"))
    hosts.others = {"grafana": {"hosts": {ONE: None}}}
    assert hosts.play(*ONLY_KAFKA).status == 0

    refused = hosts.play()
    assert refused.status != 0
    remedy = re.search(rf"{ONE}: grafana_admin_password: found nothing. Make one: (.+? >> \S+/vault.yml)", refused.text)
    assert remedy, refused.output
    subprocess.run(remedy[1], shell=True, check=True, cwd=ROOT, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    assert "$ANSIBLE_VAULT" in (tmp_path / "group_vars/all/vault.yml").read_text()

    assert hosts.play().status == 0


def test_the_password_goes_into_the_file_that_ansible_reads(hosts: Hosts, tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text("security_profile: open\n")
    hosts.others = {"akhq": {"hosts": {TWO: None}}}
    refused = hosts.play()
    assert re.search(rf"{TWO}: akhq_password: found nothing. .* >> \S+/group_vars/all.yml", refused.text), refused.output


# -- artefacts that cannot be used, through site.yml itself ----------------------------------------------------------------


def test_a_file_that_is_not_the_locked_one_stops_the_run_before_any_host_is_touched(hosts: Hosts, tmp_path: Path) -> None:
    downloads = tmp_path / "store" / "downloads" / "kafka"
    version = yaml.safe_load((ROOT / "artifacts" / "catalogue.yml").read_text())["components"]["kafka"]["version"]
    locked = json.loads((ROOT / "artifacts" / "lock.json").read_text())["kafka"][version]["maven"]
    (downloads / version / "maven").mkdir(parents=True)
    for name in locked:
        if name.endswith(".jar"):
            (downloads / version / "maven" / name).write_bytes(b"not the jar that was locked")
    hosts.all |= {"estate_store": str(tmp_path / "store"), "estate_artifact_sources": ["maven"]}
    before = state()
    run = hosts.play(playbook=SITE)
    assert run.status != 0
    assert re.search(rf"kafka {version}: activation\S+\.jar.*sha256", run.text), run.output
    assert run.changed() == 0
    assert state() == before


def test_an_artefact_with_no_reachable_source_is_named_with_every_source_tried(hosts: Hosts, tmp_path: Path) -> None:
    hosts.all |= {
        "estate_store": str(tmp_path / "store"),
        "estate_versions": {"kafka": "3.9.99"},
        "estate_artifact_sources": ["maven", "wheel"],
    }
    before = state()
    run = hosts.play(playbook=SITE)
    assert run.status != 0
    assert "kafka 3.9.99" in run.text and "publisher" in run.text and "maven" in run.text, run.output
    assert run.changed() == 0
    assert state() == before


# -- and what must not stop ----------------------------------------------------------------------------------------------


def marked(host: str) -> str:
    return str(in_container(host, f"cat {MARK} 2>/dev/null || true"))


def test_good_hosts_pass_and_the_second_import_ends_at_once(hosts: Hosts) -> None:
    run = hosts.play()
    assert run.status == 0, run.output
    assert run.output.count("TASK [Look at the hosts]") == 1
    assert marked(ONE).startswith(f"{ONE}:2181/kafka ")


def test_unit_of_the_component_may_hold_its_port(hosts: Hosts) -> None:
    in_container(TWO, "systemd-run --unit=kafka.service --uid=nobody python3 -m http.server 9092")
    wait_until(TWO, 'python3 -c "import socket; socket.create_connection((\\"127.0.0.1\\", 9092))"')
    try:
        run = hosts.play()
    finally:
        in_container(TWO, "systemctl stop kafka.service")
    assert run.status == 0, run.output


@pytest.mark.parametrize("args", [(), ("--limit", f"{GONE},{ONE}"), ("--tags", "mark")], ids=["all", "limit", "tags"])
def test_unreachable_host_is_named_and_the_others_go_on(hosts: Hosts, args: tuple[str, ...]) -> None:
    hosts.add_zookeepers_elsewhere(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    run = hosts.play(*args)
    assert run.status == 4, run.output
    assert re.search(rf"{GONE}: connection: found no connection to the host at the start", run.text), run.output
    assert marked(ONE).startswith(f"{ONE}:2181,{TWO}:2181,{GONE}:2181/kafka ")
    assert bool(marked(TWO)) is ("--limit" not in args)


def test_bad_host_stops_all_even_beside_an_unreachable_one(hosts: Hosts) -> None:
    hosts.add_zookeepers_elsewhere(ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=1)
    hosts.all["preflight_disk_install"] = 1e6
    run = hosts.play()
    assert run.status != 0
    assert "preflight_disk_install" in run.text
    assert (marked(ONE), marked(TWO)) == ("", "")


def test_limit_of_one_host_knows_the_whole_estate(hosts: Hosts) -> None:
    hosts.add_zookeepers_elsewhere()
    run = hosts.play("--limit", TWO)
    assert run.status == 0, run.output
    assert marked(TWO).startswith(f"{ONE}:2181,{TWO}:2181,{GONE}:2181/kafka ")
    assert marked(ONE) == ""


def test_check_mode_looks_and_changes_nothing(hosts: Hosts) -> None:
    before = state()
    run = hosts.play("--check", "--diff")
    assert run.status == 0, run.output
    assert "TASK [Judge the hosts]" in run.output
    assert state() == before
