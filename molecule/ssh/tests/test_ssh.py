"""An estate installed over SSH by an unprivileged login."""

from __future__ import annotations

from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]


def test_the_login_is_unprivileged_and_the_services_have_their_own_users(host: Host) -> None:
    # One command: each is a run of Ansible of its own here.
    login, *owners = host.check_output("id -un; ps -C java -o user:20=").split()
    assert login == "operator"
    assert sorted(owners) == ["kafka", "zookeeper"]


def test_the_cluster_answers_by_the_name_of_the_host(host: Host) -> None:
    connect = "import socket; [socket.create_connection((socket.gethostname(), port), 5) for port in (2181, 9092)]"
    host.check_output("python3 -c %s", connect)


def test_the_operator_reads_no_configuration_without_sudo(host: Host) -> None:
    assert host.run("cat /etc/kafka/server.properties").rc != 0
