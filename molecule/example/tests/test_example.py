from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]


def test_hosts_resolve_each_other(host: Host) -> None:
    assert host.addr("one.example.test").is_resolvable
    assert host.file("/etc/example").content_string == "hello\n"
