from testinfra.host import Host

testinfra_hosts = ["ansible://all"]


def test_java_runs(host: Host) -> None:
    version = host.run("/usr/bin/java -version")
    assert version.rc == 0
    assert 'version "17.' in version.stderr


def test_no_desktop_comes_with_it(host: Host) -> None:
    assert not host.package("openjdk-17-jre").is_installed
