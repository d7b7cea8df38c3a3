"""Inventories with security_profile: secured: what the topology says, and what is refused because it would leave a part open."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.secured import connect as secured_connect
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import connections
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.plan import targets
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import rights, users
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import COVERED, broker, zookeeper
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import authorities, certificates
from real_estate import ROLES

HOSTS = ("one", "two", "three")


def estate(edits: dict[str, dict[str, Any]] | None = None, every: dict[str, Any] | None = None, **groups: list[str]) -> Plan:
    """Return the plan of three hosts with a server and a broker each; ``edits`` are variables of a host, ``every`` of all."""
    hostvars: dict[str, dict[str, Any]] = {
        host: {
            "security_profile": "secured",
            "zookeeper_id": number,
            "kafka_broker_id": number,
            "kafka_broker_cluster": "kafka-1",
            "kafka_broker_chroot": "/kafka",
            **(every or {}),
            **(edits or {}).get(host, {}),
        }
        for number, host in enumerate(HOSTS, 1)
    }
    placed = {"zookeeper": list(HOSTS), "kafka_broker": list(HOSTS), **groups}
    return plan(placed, {}, hostvars, ROLES)


def refusals(**more: Any) -> list[str]:
    return render(estate(**more).problems)


def test_everything_leads_to_the_secured_ports() -> None:
    found = estate()
    assert not render(found.problems)
    cluster, ensemble = found.topology["clusters"]["kafka-1"], found.topology["ensembles"]["zookeeper"]
    assert cluster["bootstrap"] == "one:9094,two:9094,three:9094"
    assert cluster["client"]["bootstrap.servers"] == "one:9091,two:9091,three:9091"
    assert cluster["client"]["security.protocol"] == "SSL"
    assert cluster["login"]["security.protocol"] == "SASL_SSL"
    assert cluster["zookeeper_connect"] == "one:2281,two:2281,three:2281/kafka"
    assert ensemble["connect"] == "one:2281,two:2281,three:2281"
    wanted = {"zookeeper": [2281, 2888, 3888], "kafka_broker": [9094, 9091]}
    assert {row["component"]: row["ports"] for row in found.topology["components"]} == wanted


def test_an_open_estate_knows_nothing_of_it() -> None:
    found = estate(every={"security_profile": "open"})
    assert not render(found.problems)
    assert "secured" not in found.topology
    cluster, ensemble = found.topology["clusters"]["kafka-1"], found.topology["ensembles"]["zookeeper"]
    assert not {"client", "login"} & cluster.keys()
    nothing: dict[str, Any] = {"options": {}, "files": []}
    more: dict[str, Any] = {"reload": [], "served": {}, "log": {}, "port": 9092, "cli": "", "flags": []}
    assert broker(cluster, "one", "/etc/kafka", "kafka") == nothing | more
    assert zookeeper(ensemble, "zookeeper", "one", "/etc/zookeeper", "zookeeper") == nothing | {
        "watch": [],
        "tls": {},
        "flags": [],
        "port": 2181,
    }


def test_who_lets_in_by_a_certificate_trusts_the_issuer_and_not_those_above_it() -> None:
    topology = estate().topology
    cluster, ensemble = topology["clusters"]["kafka-1"], topology["ensembles"]["zookeeper"]
    files = [
        *broker(cluster, "one", "/etc/kafka", "kafka")["files"],
        *zookeeper(ensemble, "zookeeper", "one", "/etc/zookeeper", "zookeeper")["files"],
    ]
    trusted = {item["path"]: item["pem"].get("part") for item in files if item.get("pem") and not item["pem"].get("name")}
    issuers = {path for path, part in trusted.items() if part == "issuer"}
    assert issuers == {
        "/etc/kafka/tls/brokers-ca.pem",
        "/etc/kafka/tls/zookeeper-ca.pem",
        "/etc/zookeeper/tls/clients-ca.pem",
        "/etc/zookeeper/tls/servers-ca.pem",
    }
    # The toolkit, who is none of these, trusts the root: OpenSSL wants it.
    assert trusted.keys() - issuers and all(path.startswith("/opt/kafka-estate/tls/") for path in trusted.keys() - issuers)


def test_clients_have_no_way_to_the_brokers_own_port() -> None:
    found = connections(estate().topology)
    assert {one.source for one in found if one.port == 9091} == {"one", "two", "three"}
    assert "clients" in {one.source for one in found if one.port == 9094}
    assert not [one for one in found if one.port in (9092, 2181)]


@pytest.mark.parametrize("component", sorted({one.group for one in COMPONENTS} - {*COVERED, "cmak"}))
def test_a_component_that_is_not_covered_is_named(component: str) -> None:
    (line,) = [line for line in refusals(**{component: ["two"]}) if "security_profile" in line]
    assert "not implemented yet for: " + component in line


def test_cmak_is_refused_with_the_reason() -> None:
    (line,) = [line for line in refusals(cmak=["two"]) if "security_profile" in line]
    assert line.startswith("two: groups: found cmak, which speaks no TLS to ZooKeeper")


def with_worker(**more: Any) -> Plan:
    return estate({"two": more}, {"kafka_connect_cluster": "kafka-1"}, kafka_connect=["two"])


def test_a_worker_is_asked_over_tls_and_trusts_what_nothing_else_has() -> None:
    topology = with_worker(kafka_connect_config={"exactly.once.source.support": "enabled"}).topology
    workers = topology["connect_clusters"]["connect-cluster"]
    assert workers["urls"] == ["https://two:8083"]
    assert {row.get("url") for row in topology["components"] if row["component"] == "kafka_connect"} == {"https://two:8083"}
    passwords = {"kafka_password_kafka_1_estate_connect_connect_cluster": "its-own"}
    found = secured_connect(topology, "connect-cluster", "two", "/etc/kafka-connect", "kafka-connect", passwords)
    options, files = found["options"], {item["path"]: item for item in found["files"]}
    assert options["listeners"] == ["https://:8083"] and options["listeners.https.ssl.client.auth"] == "required"
    for client in ("", "producer.", "consumer.", "admin."):
        assert options[f"{client}security.protocol"] == "SASL_SSL"
        assert 'username="estate-connect-connect-cluster"' in options[f"{client}sasl.jaas.config"]
    assert "its-own" not in str(options)
    (kept,) = (item for item in files.values() if "its-own" in item.get("content", ""))
    assert (kept["owner"], kept["mode"], kept["secret"]) == ("kafka-connect", "0400", True)
    named = {str(value) for name, value in options.items() if name.endswith("location")}
    assert named | {kept["path"]} == set(found["watch"]) and named <= files.keys()
    rest = {item["pem"]["authority"] for item in files.values() if item["path"].endswith((".p12", "/connect-ca.pem"))}
    assert rest == {"connect-cluster-rest"}
    assert rest < set(authorities(topology))
    wanted = {(one.name, one.stores) for one in certificates(topology, HOSTS, {}) if one.authority in rest}
    assert wanted == {("two", True), ("toolkit@two", False)}


def test_the_workers_login_has_the_rights_they_use_and_no_more() -> None:
    topology = with_worker(kafka_connect_offset_topic="kept").topology
    assert users(topology, "kafka-1") == [{"name": "estate-connect-connect-cluster"}]
    found = {(one["resource_type"], one["resource_name"]): one["operations"] for one in rights(topology, "kafka-1")}
    state = ["read", "write", "create", "describe_configs"]
    assert found == {
        ("group", "connect-cluster"): ["read"],
        ("topic", "connect-cluster-configs"): state,
        ("topic", "kept"): state,
        ("topic", "connect-cluster-status"): state,
    }
    exactly = with_worker(kafka_connect_config={"exactly.once.source.support": "enabled"}).topology
    assert "connect-cluster-connect-cluster" in {one["resource_name"] for one in rights(exactly, "kafka-1")}
    assert users(topology, "kafka-2") == rights(topology, "kafka-2") == []


def test_workers_of_an_open_estate_have_nothing_of_it() -> None:
    more = {"security_profile": "open", "kafka_connect_cluster": "kafka-1"}
    topology = estate(every=more, kafka_connect=["two"]).topology
    assert users(topology, "kafka-1") == rights(topology, "kafka-1") == []
    found = secured_connect(topology, "connect-cluster", "two", "/etc/kafka-connect", "kafka-connect", {})
    assert found == {"options": {}, "files": [], "watch": [], "tls": {}, "url": "http://two:8083"}
    assert topology["connect_clusters"]["connect-cluster"].keys() == {"cluster", "artefact", "hosts", "urls", "exactly_once"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("kafka_connect_listeners", ["http://:8083"]),
        ("kafka_connect_config", {"listeners": "http://:8083"}),
        ("kafka_connect_host_config", {"admin.listeners": "http://:8084"}),
        ("kafka_connect_config", {"listeners.https.ssl.client.auth": "none"}),
        ("kafka_connect_group_config", {"producer.security.protocol": "PLAINTEXT"}),
        ("kafka_connect_config", {"config.providers.file.param.allowed.paths": "/"}),
        ("kafka_connect_config", {"access.control.allow.origin": "*"}),
        ("kafka_connect_jvm_flags", ["-Dcom.sun.management.jmxremote.port=9999"]),
        ("kafka_connect_environment", {"JMX_PORT": "9999"}),
    ],
)
def test_what_would_open_a_worker_is_refused(variable: str, value: Any) -> None:
    lines = render(with_worker(**{variable: value}).problems)
    assert any(line.startswith(f"two: {variable}") and "security_profile: secured" in line for line in lines), lines


OPENED: dict[str, tuple[dict[str, Any], str]] = {
    "one host open": ({"security_profile": "open"}, "two: security_profile: found 'open'"),
    "an unknown profile": ({"security_profile": "safe"}, "two: security_profile: found 'safe'. It must be one of"),
    "another authority for one host": ({"estate_ca": "company"}, "two: estate_ca: found 'company'. one has nothing, and"),
    "an unknown authority": ({"estate_ca": "nobody"}, "two: estate_ca: found 'nobody'. It must be one of"),
    "the agent without a login": (
        {"kafka_broker_jmx_exporter_config": {"httpServer": {}}},
        "two: kafka_broker_jmx_exporter_config.httpServer: found a value",
    ),
    "an open listener": ({"kafka_broker_listeners": ["PLAINTEXT://:9092"]}, "two: kafka_broker_listeners: found a value"),
    "a login of one's own": ({"kafka_client": {"sasl.username": "a"}}, "two: kafka_client: found a value"),
    "an open listener, as an option": (
        {"kafka_broker_config": {"listeners": "PLAINTEXT://:9092"}},
        "two: kafka_broker_config.listeners: found an option",
    ),
    "everybody may do everything": (
        {"kafka_broker_host_config": {"allow.everyone.if.no.acl.found": True}},
        "two: kafka_broker_host_config.allow.everyone.if.no.acl.found: found an option",
    ),
    "a super user more": (
        {"kafka_broker_group_config": {"super.users": "User:shop"}},
        "two: kafka_broker_group_config.super.users: found an option",
    ),
    "the last super users removed": (
        {"kafka_broker_config": {"super.users": None}},
        "two: kafka_broker_config.super.users: found an option",
    ),
    "no client certificates": (
        {"kafka_broker_config": {"listener.name.broker.ssl.client.auth": "none"}},
        "two: kafka_broker_config.listener.name.broker.ssl.client.auth: found an option",
    ),
    "an old protocol": (
        {"kafka_broker_config": {"ssl.enabled.protocols": "TLSv1.1"}},
        "two: kafka_broker_config.ssl.enabled.protocols: found an option",
    ),
    "znodes without ACLs": (
        {"kafka_broker_config": {"zookeeper.set.acl": False}},
        "two: kafka_broker_config.zookeeper.set.acl: found an option",
    ),
    "ZooKeeper's open port": ({"zookeeper_config": {"clientPort": 2181}}, "two: zookeeper_config.clientPort: found an option"),
    "ZooKeeper's admin server": (
        {"zookeeper_host_config": {"admin.enableServer": True}},
        "two: zookeeper_host_config.admin.enableServer: found an option",
    ),
    "ACLs of znodes skipped": ({"zookeeper_config": {"skipACL": "yes"}}, "two: zookeeper_config.skipACL: found an option"),
    "a port of the JVM": (
        {"kafka_broker_jvm_flags": ["-Dcom.sun.management.jmxremote.port=9999"]},
        "two: kafka_broker_jvm_flags: found the flag -Dcom.sun.management.jmxremote.port",
    ),
    "a debugger": (
        {"zookeeper_jvm_flags": ["-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005"]},
        "two: zookeeper_jvm_flags: found the flag -agentlib:jdwp",
    ),
    "a port of the environment": (
        {"kafka_broker_environment": {"JMX_PORT": "9999"}},
        "two: kafka_broker_environment: found the variable JMX_PORT",
    ),
    "Prometheus' family without TLS": (
        {"node_exporter_config": {"web.config.file": "/etc/mine.yml"}},
        "two: node_exporter_config.web.config.file: found an option",
    ),
    "Prometheus at another port": (
        {"prometheus_flags": ["--web.listen-address=:9099"]},
        "two: prometheus_flags: found the flag --web.listen-address",
    ),
    "Alertmanagers that talk in plain": (
        {"alertmanager_flags": ["--cluster.listen-address=:9099"]},
        "two: alertmanager_flags: found the flag --cluster.listen-address",
    ),
    "a user with the name of the toolkit": (
        {"kafka_users": [{"name": "estate-toolkit", "password": "long-enough-to-be-one"}]},
        "two: kafka_users: found the user estate-toolkit",
    ),
    "a password that everybody tries": (
        {"kafka_users": [{"name": "shop", "password": "Changeit"}]},
        "two: kafka_users: found a password of shop: a password that everybody knows",
    ),
    "a password of Kafka's own manual": (
        {"kafka_users": [{"name": "alice", "password": "alice-secret"}]},
        "two: kafka_users: found a password of alice: a password that everybody knows",
    ),
    "a password that is its user's name": (
        {"kafka_users": [{"name": "order-service", "password": "Order-Service"}]},
        "two: kafka_users: found a password of order-service: the name of its user",
    ),
    "a password that is the name with digits": (
        {"kafka_users": [{"name": "shop", "password": "shop-2024-shop"}]},
        "two: kafka_users: found a password of shop: the name of its user",
    ),
    "everything for everybody": (
        {"kafka_acls": [{"principal": "User:*", "operations": ["all"], "resource_type": "topic", "resource_name": "*"}]},
        "two: kafka_acls[0]: found all on every topic for everybody who logs in (User:*)",
    ),
    "the cluster for everybody": (
        {"kafka_acls": [{"principal": "User:*", "operations": ["alter"], "resource_type": "cluster", "resource_name": "x"}]},
        "two: kafka_acls[0]: found alter on the whole cluster for everybody",
    ),
    "a password that is soon tried": (
        {"kafka_users": [{"name": "shop", "password": "x7-q"}]},
        "two: kafka_users: found a password of shop: a password that everybody knows, or one shorter than 8",
    ),
}


@pytest.mark.parametrize("case", OPENED)
def test_what_would_leave_a_part_open_is_refused(case: str) -> None:
    values, expected = OPENED[case]
    watched: dict[str, Any] = {name: ["two"] for name in ("node_exporter", "prometheus", "alertmanager")}
    lines = refusals(edits={"two": values}, **watched)
    assert any(line.startswith(expected) for line in lines), lines


@pytest.mark.parametrize("variable", ["kafka_broker_port", "zookeeper_client_port"])
def test_a_port_at_which_nobody_listens_is_told(variable: str) -> None:
    (line,) = render(estate(edits={"two": {variable: 9099}}).warnings)
    assert line.startswith(f"two: {variable}: found 9099. Nobody listens there in a secured estate: ")


def test_settings_that_open_nothing_are_taken() -> None:
    values = {
        "kafka_broker_config": {"num.io.threads": 5, "background.threads": 3, "log.cleaner.threads": 2},
        "zookeeper_config": {"tickTime": 3000, "maxClientCnxns": 10},
        "kafka_broker_jvm_flags": ["-XX:+UseG1GC", "-Dfoo=bar"],
        "kafka_users": [{"name": "shop"}],
        "kafka_acls": [
            {"principal": "User:shop", "operations": ["read"], "resource_type": "topic", "resource_name": "orders"},
        ],
    }
    assert not refusals(every=values)


def test_no_setting_of_a_broker_holds_a_secret_or_a_second_way_in() -> None:
    cluster = estate().topology["clusters"]["kafka-1"]
    found = broker(cluster, "two", "/etc/kafka", "kafka")
    options = found["options"]
    assert options["listeners"] == ["BROKER://:9091", "CLIENT://:9094"]
    assert options["listener.security.protocol.map"] == ["BROKER:SSL", "CLIENT:SASL_SSL"]
    assert not [name for name in options if "password" in name]
    keys = {item["path"]: item for item in found["files"] if item.get("pem", {}).get("name")}
    assert {(item["mode"], item["secret"]) for item in keys.values()} == {("0400", True)}
    assert {path: item["owner"] for path, item in keys.items()} == {
        "/etc/kafka/tls/broker.pem": "kafka",
        "/etc/kafka/tls/listener.pem": "kafka",
        "/etc/kafka/tls/zookeeper.pem": "kafka",
        "/opt/kafka-estate/tls/toolkit.pem": "root",
    }
    # Other keys, of other authorities, for the brokers' own listener and for clients'.
    assert len({item["pem"]["authority"] for item in keys.values()}) == 3
    named = {str(value) for name, value in options.items() if name.endswith("location")}
    assert named <= {item["path"] for item in found["files"]}
    # None of them is worth a restart.
    assert "watch" not in found and named == set(found["reload"])
    assert found["served"] == {9091: "/etc/kafka/tls/broker.pem", 9094: "/etc/kafka/tls/listener.pem"}


def test_a_server_has_no_open_port_left() -> None:
    ensemble = estate().topology["ensembles"]["zookeeper"]
    found = zookeeper(ensemble, "zookeeper", "two", "/etc/zookeeper", "zookeeper")
    assert found["options"]["clientPort"] is None
    assert found["options"]["secureClientPort"] == 2281
    assert found["options"]["ssl.clientAuth"] == "need"
    assert found["options"]["sslQuorum"] is True
    stores = {str(value): name for name, value in found["options"].items() if name.endswith("Store.location")}
    assert stores.keys() <= {item["path"] for item in found["files"]}
    # What servers show each other they read themselves when it changes.
    assert set(found["watch"]) == {path for path, name in stores.items() if ".quorum." not in name}


@pytest.mark.parametrize(
    ("prometheus", "exporter", "refused"),
    [
        (["one"], ["one"], ""),
        ([], ["one"], ""),
        (["one"], ["two"], "Put one, where Prometheus is"),
        (["one", "two"], ["one"], "keep one host"),
    ],
)
def test_metrics_without_tls_are_read_on_their_own_host_alone(prometheus: list[str], exporter: list[str], refused: str) -> None:
    found = estate(elasticsearch=["three"], prometheus=prometheus, elasticsearch_exporter=exporter)
    lines = [line for line in render(found.problems) if "there for its own host alone" in line]
    assert [refused in line for line in lines] == ([True] if refused else [])
    if prometheus == exporter:
        jobs = targets(found.topology, ())
        assert jobs["elasticsearch_exporter"][0]["targets"] == ["localhost:9114"]
        assert jobs["elasticsearch_exporter"][0]["labels"]["host"] == "one" and jobs["prometheus"][0]["targets"] == ["one:9090"]


def of_connector(**settings: Any) -> list[str]:
    """Return the problems of a secured estate with one connector of these settings."""
    connectors = [{"name": "db", "config": {"connector.class": "org.example.X", **settings}}]
    workers = {"kafka_connect": ["two"]}
    made = estate({"two": {"kafka_connectors": connectors}}, {"kafka_connect_cluster": "kafka-1"}, **workers)
    return render(made.problems)


PLAIN = {
    "database.password": "hunter2-hunter2",
    "connection.url": "jdbc:postgresql://db/x?user=a&password=hunter2-hunter2",
    "mongo.uri": "mongodb://shop:hunter2-hunter2@db/",
    "sasl.jaas.config": 'x.Login required username="a" password="hunter2-hunter2";',
}


@pytest.mark.parametrize("key", PLAIN)
def test_a_secret_of_a_connector_in_plain_words_is_refused_and_not_shown(key: str) -> None:
    (line,) = [line for line in of_connector(**{key: PLAIN[key]}) if "in plain words" in line]
    assert f"kafka_connectors[0].config.{key}: found db: a secret in plain words" in line
    assert "kafka_connect_secrets" in line and "hunter2" not in line


@pytest.mark.parametrize(
    "settings",
    [
        {"database.password": "${file:/etc/kafka-connect/secrets/connectors.properties:db}"},
        {"sasl.jaas.config": 'x.Login required username="a" password="${file:/etc/kafka-connect/secrets/a.properties:b}";'},
        {"value.converter.basic.auth.user.info": "web:${file:/etc/kafka-connect/secrets/a.properties:c}"},
        {"token.endpoint.url": "https://login.example.com/token", "key.converter.schemas.enable": "false"},
        {"database.password": None},
    ],
    ids=str,
)
def test_a_secret_that_the_worker_reads_passes(settings: dict[str, Any]) -> None:
    assert not [line for line in of_connector(**settings) if "in plain words" in line]


@pytest.mark.parametrize(
    "acl",
    [
        {"operations": ["describe"], "resource_type": "topic", "resource_name": "*"},
        {"operations": ["read"], "resource_type": "topic", "resource_name": "public.", "pattern": "prefixed"},
        {"operations": ["all"], "resource_type": "topic", "resource_name": "*", "permission": "deny"},
    ],
    ids=str,
)
def test_rights_of_everybody_that_do_no_harm_pass(acl: dict[str, Any]) -> None:
    lines = refusals(edits={"two": {"kafka_acls": [{"principal": "User:*", **acl}]}})
    assert not [line for line in lines if "for everybody who logs in" in line]
