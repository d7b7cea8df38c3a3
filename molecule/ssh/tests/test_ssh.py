"""An estate installed over SSH by an unprivileged login."""

from __future__ import annotations

from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]


def test_the_login_is_unprivileged_and_the_services_have_their_own_users(host: Host) -> None:
    assert host.user().name == "operator"
    owners = {process.user for process in host.process.filter(comm="java")}
    assert owners == {"zookeeper", "kafka"}


def test_the_cluster_answers_by_the_name_of_the_host(host: Host) -> None:
    connect = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"
    name = host.check_output("hostname")
    for port in ("2181", "9092"):
        host.check_output("python3 -c %s %s %s", connect, name, port)


def test_the_operator_reads_no_configuration_without_sudo(host: Host) -> None:
    assert host.run("cat /etc/kafka/server.properties").rc != 0
