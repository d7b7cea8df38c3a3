"""An estate installed over SSH by an unprivileged login."""

from __future__ import annotations

from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]


def test_the_login_is_unprivileged_and_the_services_have_their_own_users(host: Host) -> None:
    assert host.user().name == "operator"
    owners = {process.user for process in host.process.filter(comm="java")}
    assert owners == {"zookeeper", "kafka"}


def test_the_cluster_listens(host: Host) -> None:
    assert host.socket("tcp://2181").is_listening
    assert host.socket("tcp://9092").is_listening


def test_the_operator_reads_no_configuration_without_sudo(host: Host) -> None:
    assert host.run("cat /etc/kafka/server.properties").rc != 0
