"""An ensemble of three as a client and its operator see it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import testinfra
from lab import module, until
from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]

SERVERS = ["one.zookeeper.test", "two.zookeeper.test", "three.zookeeper.test"]
ASK = """
import socket, sys
connection = socket.create_connection((sys.argv[1], 2181), 20)
connection.sendall(sys.argv[2].encode())
while answer := connection.recv(65536):
    sys.stdout.buffer.write(answer)
"""
CLIENT = "/usr/bin/java -cp '/opt/zookeeper/current/libs/*' org.apache.zookeeper.ZooKeeperMain -server"


def word(host: Host, name: str) -> str:
    return str(host.check_output("python3 -c %s %s %s", ASK, host.backend.get_hostname(), name))


def mode(host: Host) -> str:
    """Return what a server says it is; '' when it does not answer or serves nobody."""
    answer = host.run("python3 -c %s %s srvr", ASK, host.backend.get_hostname())
    found = re.search(r"^Mode: (\w+)", answer.stdout, re.MULTILINE)
    return found[1] if found else ""


def hosts() -> list[Host]:
    return [testinfra.get_host(f"ansible://{name}") for name in SERVERS]


def whole() -> dict[str, str]:
    """Return what each server is, as soon as one leads and the others follow."""
    wanted = ["follower", "follower", "leader"]
    return until(
        lambda: {str(host.backend.get_hostname()): mode(host) for host in hosts()},
        120,
        "one leads and the others follow",
        lambda found: sorted(found.values()) == wanted,
    )


def test_one_leads_and_the_others_follow() -> None:
    assert set(whole()) == set(SERVERS)


def test_what_one_server_takes_another_gives() -> None:
    host = hosts()[0]

    def read() -> str:
        host.run(f"{CLIENT} one.zookeeper.test:2181 create /proof kept")
        return str(host.run(f"{CLIENT} three.zookeeper.test:2181 get /proof").stdout)

    # A server may give what was true a moment ago.
    until(read, 60, "the third server has it", lambda shown: "kept" in shown)


def test_options_laid_over_the_toolkits_own_are_in_force(host: Host) -> None:
    options = dict(line.split("=", 1) for line in word(host, "conf").splitlines() if "=" in line)
    assert options["maxClientCnxns"] == "17"
    assert options["dataDir"].startswith("/var/lib/zookeeper")
    assert int(options["serverId"]) == SERVERS.index(host.backend.get_hostname()) + 1


def test_no_word_more_than_the_list_and_no_admin_server(host: Host) -> None:
    assert "not executed because it is not in the whitelist" in word(host, "dump")
    assert not host.socket("tcp://8080").is_listening


def test_the_server_has_its_own_user(host: Host) -> None:
    (server,) = host.process.filter(comm="java")
    assert server.user == "zookeeper"


def test_the_unit_is_hardened(host: Host, unit: Any, hardened: dict[str, str]) -> None:
    assert unit(host, "zookeeper") == hardened


def test_modes(host: Host) -> None:
    for name in ("zoo.cfg", "log4j.properties"):
        file = host.file(f"/etc/zookeeper/{name}")
        assert (file.user, file.group, file.mode) == ("root", "streaming", 0o640)
    data = host.file("/var/lib/zookeeper")
    assert (data.user, data.mode) == ("zookeeper", 0o750)
    assert host.file("/var/log/zookeeper/zookeeper.log").user == "zookeeper"


def process(host: Host, unit: Any) -> tuple[str, list[str], list[str]]:
    """Return id, words and environment of the server's process."""
    pid = unit(host, "zookeeper", "MainPID")["MainPID"]
    words, environment = (
        host.check_output("tr '\\0' '\\n' < /proc/%s/%s", pid, name).splitlines() for name in ("cmdline", "environ")
    )
    return pid, words, environment


def test_own_files_are_there_with_a_template_from_beside_the_inventory(host: Host) -> None:
    rack, password = (host.file(f"/etc/zookeeper/own/{name}") for name in ("rack", "password"))
    assert rack.content_string == f"rack of {host.backend.get_hostname()}: hall-a\n" and rack.mode == 0o644
    assert (password.content_string, password.group, password.mode) == ("correct-horse-battery", "streaming", 0o640)


def test_the_process_has_the_units_own_settings_environment_and_log(host: Host, unit: Any) -> None:
    _, words, environment = process(host, unit)
    assert "PROOF=two words and 100%" in environment
    shown = unit(host, "zookeeper", "LimitNPROC", "ExecStartPost", "Documentation", "RequiresMountsFor", "NeedDaemonReload")
    assert shown["LimitNPROC"] == "4321" and "path=/bin/true" in shown["ExecStartPost"] and shown["NeedDaemonReload"] == "no"
    assert {"/var/lib/zookeeper", "/var/log/zookeeper"} <= set(shown["RequiresMountsFor"].split())
    own_template = host.backend.get_hostname() == SERVERS[-1]
    assert ("https://example.com/runbooks/zookeeper" in shown["Documentation"]) == own_template
    assert "man:java(1)" in shown["Documentation"]
    assert "\nOWN INFO " in "\n" + host.check_output("tail -n 50 /var/log/zookeeper/zookeeper.log")
    # What the JVM leaves for those who look for the cause.
    assert "-XX:+HeapDumpOnOutOfMemoryError" in words and "-XX:HeapDumpPath=/var/lib/zookeeper/tmp/heap.hprof" in words
    assert "Using Serial" in host.check_output("cat /var/log/zookeeper/gc.log")


def test_the_user_has_the_ids_and_the_group_of_the_inventory(host: Host) -> None:
    user = host.user("zookeeper")
    assert (user.group, user.gid) == ("streaming", 4711)
    assert host.backend.get_hostname() != SERVERS[-1] or user.uid == 4712


def told(count: int) -> list[str]:
    config = {"4lw.commands.whitelist": ["srvr", "ruok", "mntr", "conf"], "maxClientCnxns": count}
    return ["--extra-vars", json.dumps({"zookeeper_config": config})]


def test_a_change_can_be_written_today_and_restarted_tonight(converge: Any, unit: Any) -> None:
    # Another one than an earlier run of this test left.
    count = 20 if "maxClientCnxns=19" in word(hosts()[0], "conf") else 19
    before = [process(host, unit)[0] for host in hosts()]
    for part in ("--tags=configure", "--skip-tags=restart"):
        run = converge(part, *told(count))
        assert run.returncode == 0, run.stdout[-3000:]
        for host in hosts():
            assert f"maxClientCnxns={count}" in host.file("/etc/zookeeper/zoo.cfg").content_string
            assert f"maxClientCnxns={count}" not in word(host, "conf")
    assert [process(host, unit)[0] for host in hosts()] == before
    tonight = converge("--tags=restart", *told(count))
    assert tonight.returncode == 0, tonight.stdout[-3000:]
    after = [process(host, unit)[0] for host in hosts()]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert all(f"maxClientCnxns={count}" in word(host, "conf") for host in hosts())
    again = converge("--tags=restart", *told(count))
    assert again.returncode == 0 and not re.search("changed=[1-9]", again.stdout), again.stdout[-3000:]
    assert [process(host, unit)[0] for host in hosts()] == after


def test_what_a_hatch_changes_is_foretold_and_a_secret_is_not_shown(converge: Any) -> None:
    run = converge("--check", "--diff", "--extra-vars", "proof_password=new-and-secret proof_rack=hall-b")
    assert run.returncode == 0, run.stdout[-3000:]
    assert "+rack of one.zookeeper.test: hall-b" in run.stdout
    assert "correct-horse" not in run.stdout and "new-and-secret" not in run.stdout
    assert "/etc/zookeeper/own/password" in run.stdout
    # A drop-in that is taken away.
    run = converge("--check", "--diff", "--extra-vars", json.dumps({"zookeeper_unit": {}}))
    assert run.returncode == 0 and "+restart of zookeeper because of /etc/systemd/system/zookeeper.service" in run.stdout


def test_what_collides_or_is_missing_is_named_before_anything_changes(converge: Any) -> None:
    taken = [{"path": "/etc/zookeeper/../zookeeper/zoo.cfg", "content": "x"}, {"path": "/etc/zookeeper//zoo.cfg", "content": "x"}]
    for number, remedy in enumerate(("absolute path without '..'", "toolkit writes this path itself")):
        run = converge("--extra-vars", json.dumps({"zookeeper_files": taken[number:]}))
        assert run.returncode != 0 and "zookeeper_files[0].path" in run.stdout and remedy in run.stdout, run.stdout[-3000:]
        assert not re.search("changed=[1-9]", run.stdout)
    run = converge(
        "--extra-vars", json.dumps({"zookeeper_manage_user": False, "zookeeper_user": "ldap-user", "zookeeper_gid": 4})
    )
    assert run.returncode != 0 and "no user 'ldap-user' on the host" in run.stdout, run.stdout[-3000:]
    assert "zookeeper_gid: found 4, where the group 'streaming' has the id 4711" in run.stdout
    assert not re.search("changed=[1-9]", run.stdout)


def test_a_server_that_hangs_keeps_the_others_back_and_is_restarted(unit: Any) -> None:
    modes = whole()
    sick, healthy = (host for host in hosts() if modes[str(host.backend.get_hostname())] == "follower")
    process = unit(sick, "zookeeper", "MainPID")["MainPID"]
    sick.check_output("kill -STOP %s", process)

    def restart(host: Host, **options: Any) -> dict[str, Any]:
        name = str(host.backend.get_hostname())
        member = {"member": f"{name}:2181", "servers": [f"{server}:2181" for server in SERVERS]}
        probe = {"kind": "zookeeper", "host": name, "port": 2181}
        return module(name, "restart", name="zookeeper", kind="zookeeper", member=member, probe=probe, timeout=60, **options)

    passed_over = restart(healthy, defer_last=True)
    assert passed_over["deferred"] and not passed_over["changed"]
    assert passed_over["waits_for"][0] == f"ZooKeeper {sick.backend.get_hostname()}:2181 does not serve"
    done = restart(sick, defer_last=True)
    assert done["changed"], done
    assert unit(sick, "zookeeper", "MainPID")["MainPID"] != process
    whole()


def test_a_changed_option_goes_round_one_by_one_leader_last(converge: Any, unit: Any) -> None:
    if whole()[SERVERS[-1]] == "leader":
        # The last host of the inventory would go last anyway.
        hosts()[-1].check_output("systemctl restart zookeeper")
        until(whole, 120, "another leader", lambda modes: modes[SERVERS[-1]] == "follower")
    (leader,) = [name for name, found in whole().items() if found == "leader"]
    every = {"4lw.commands.whitelist": ["srvr", "ruok", "mntr", "conf"], "maxClientCnxns": 18}
    run = converge("--extra-vars", json.dumps({"zookeeper_config": every}))
    assert run.returncode == 0, run.stdout[-3000:]
    down_up = []
    for host in hosts():
        shown = unit(host, "zookeeper", "InactiveEnterTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        times = int(shown["InactiveEnterTimestampMonotonic"]), int(shown["ActiveEnterTimestampMonotonic"])
        down_up.append((*times, host.backend.get_hostname()))
        assert "maxClientCnxns=18" in word(host, "conf")
    down_up.sort()
    assert leader != SERVERS[-1]
    assert [name for _, _, name in down_up][-1] == leader
    for (_, up, _), (down, _, _) in pairwise(down_up):
        assert up < down, f"two servers were down at once: {down_up}"
    whole()


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    run = converge("--extra-vars", "zookeeper_id=1 zookeeper_client_prot=2182")
    assert run.returncode != 0
    assert "zookeeper_id: found '1'" in run.stdout
    assert "Write zookeeper_client_port if that is meant" in run.stdout
    assert len(re.findall("changed=0", run.stdout)) == len(re.findall("changed=", run.stdout))
