"""Who comes to a port that is to be closed, and what the rights would not allow: from lines of a broker's logs."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.estate.kafka.plugins.module_utils.host.sockets import connected
from ansible_collections.estate.kafka.plugins.module_utils.kafka import still_open
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import Acl

LOG = "[2026-11-30 21:00:00,001] DEBUG Principal = User:{} is Allowed Operation = {} from host = 10.0.0.5 on resource = {} for {}"


def test_what_the_rights_would_not_allow() -> None:
    asked = [
        LOG.format("shop", "Write", "Topic:LITERAL:orders", "request = Produce with resourceRefCount = 1"),
        LOG.format("shop", "Write", "Topic:LITERAL:payroll", "request = Produce with resourceRefCount = 1"),
        LOG.format("shop", "Describe", "Topic:LITERAL:orders", "request = Metadata with resourceRefCount = 1"),
        LOG.format("shop", "IdempotentWrite", "Cluster:LITERAL:kafka-cluster", "request = InitProducerId"),
        LOG.format("estate-broker", "ClusterAction", "Cluster:LITERAL:kafka-cluster", "request = Fetch"),
        LOG.format("ANONYMOUS", "Read", "Group:LITERAL:g", "request = JoinGroup with resourceRefCount = 1"),
        "[2026-11-30 21:00:00,001] DEBUG principal = User:ANONYMOUS is a super user, allowing operation without checking acls.",
    ]
    acls = [Acl("User:shop", "*", "allow", "topic", "ord", "prefixed", "write")]
    found = still_open.denied(still_open.decisions(asked), acls, ["User:estate-broker"])
    assert found == [
        ("User:ANONYMOUS", "10.0.0.5", "read", "group", "g"),
        ("User:shop", "10.0.0.5", "write", "topic", "payroll"),
    ]
    acls.append(Acl("User:*", "*", "deny", "topic", "orders", "literal", "all"))
    assert ("User:shop", "10.0.0.5", "write", "topic", "orders") in still_open.denied(still_open.decisions(asked), acls, [])


REQUEST = (
    '[2026-11-30 21:00:00,001] DEBUG Completed request:{"requestHeader":{"requestApiKey":0,"clientId":"till"},'
    '"request":{},"response":{},"connection":"10.0.0.1:9092-10.0.0.5:51234-3","totalTimeMs":1,"securityProtocol":"PLAINTEXT",'
    '"principal":"User:ANONYMOUS","listener":"%s","clientInformation":{"softwareName":"librdkafka","softwareVersion":"2.16"}} (x)'
)


def test_who_sends_requests_to_the_open_port() -> None:
    rows = still_open.requests([REQUEST % "PLAINTEXT", REQUEST % "PLAINTEXT", REQUEST % "CLIENT", "something else"], "PLAINTEXT")
    assert rows == [
        {"address": "10.0.0.5", "principal": "User:ANONYMOUS", "client_id": "till", "software": "librdkafka 2.16"},
    ]
    brokers = {"one": {"port": 9092, "connected": ["10.0.0.5", "10.0.0.6"], "clients": rows, "denied": [], "since": "2026"}}
    servers = {"one": {"port": 2181, "connected": [], "clients": [], "denied": []}}
    assert still_open.told({"kafka_broker": brokers, "zookeeper": servers}) == [
        "Nobody is connected to port 2181 of ZooKeeper",
        "Still at port 9092 of the brokers:",
        "  10.0.0.5 (User:ANONYMOUS, client id till, librdkafka 2.16), at one",
        "  10.0.0.6 (sent nothing meanwhile), at one",
        "Nobody would have been denied anything since 2026",
    ]


def test_who_is_connected(tmp_path: Path) -> None:
    """As the kernel of a machine with the low byte first writes it: 9092 is 2384."""
    plain, six = tmp_path / "tcp", tmp_path / "tcp6"
    plain.write_text(
        "  sl  local_address rem_address   st\n"
        "   0: 00000000:2384 00000000:0000 0A\n"
        "   1: 0100000A:2384 0500000A:C822 01\n"
        "   2: 0100000A:2386 0600000A:C822 01\n"
    )
    six.write_text(
        "  sl  local_address rem_address   st\n"
        "   0: 0000000000000000FFFF00000100000A:2384 0000000000000000FFFF00000700000A:C822 01\n"
    )
    assert connected(9092, (str(plain), str(six), str(tmp_path / "none"))) == ["10.0.0.5", "10.0.0.7"]
