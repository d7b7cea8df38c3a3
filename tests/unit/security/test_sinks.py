"""Connectors of a secured estate that write to Elasticsearch: what every worker has for them, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.secured import connect
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import plain
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import certificates
from test_secured_inventory import HOSTS, estate

ROLES = {"kafka_connect": ["two"], "elasticsearch": ["three"], "schema_registry": ["one"]}
PASSWORDS = {"estate_password_elasticsearch_estate_indexer": "writes-documents"}


def planned(*values: Any, **every: Any) -> Plan:
    """Return the plan of an estate with a connector for each value of its settings."""
    class_ = {"connector.class": "io.example.ItSource"}
    connectors = [{"name": f"sink{number}", "config": {**class_, "it.url": value}} for number, value in enumerate(values)]
    clusters = {"kafka_connect_cluster": "kafka-1", "schema_registry_cluster": "kafka-1"}
    found: Plan = estate({"two": {"kafka_connectors": connectors}}, {**clusters, **every}, **ROLES)
    return found


def test_every_worker_has_the_authority_in_both_forms_and_the_login() -> None:
    topology = planned().topology
    found = connect(topology, "connect-cluster", "two", "/etc/kafka-connect", "kafka-connect", PASSWORDS)
    files = {item["path"]: item for item in found["files"]}
    login = files["/etc/kafka-connect/secrets/elasticsearch.properties"]
    assert login["content"] == "username=estate-indexer\npassword=writes-documents\n"
    assert (login["owner"], login["mode"], login["secret"]) == ("kafka-connect", "0400", True)
    for name, store in (("elasticsearch-ca.pem", False), ("elasticsearch-ca.p12", True)):
        pem = files[f"/etc/kafka-connect/tls/{name}"]["pem"]
        assert pem == {"authority": "elasticsearch-http"} | ({"store": True} if store else {})
    # A connector reads them at its start, so no worker restarts for them.
    assert not [path for path in found["watch"] if "elasticsearch" in path]
    assert [one.stores for one in certificates(topology, HOSTS, {}) if one.authority == "elasticsearch-http"] == [True]


@pytest.mark.parametrize(
    ("value", "service"),
    [
        ("http://three:9200", "Elasticsearch"),
        ("https://other:9200,http://Three:9200/", "Elasticsearch"),
        ("HTTP://user:word@three:9200", "Elasticsearch"),
        ("http://one:8081", "the schema registry"),
    ],
)
def test_an_address_in_plain_of_a_service_with_tls_is_refused_by_name(value: str, service: str) -> None:
    (problem,) = [line for line in render(planned("https://three:9200", value).problems) if "in plain words" not in line]
    assert problem.startswith(
        f"two: kafka_connectors[1].config.it.url: found sink1: it.url with http:// for {service}, which speaks https alone"
    )
    assert "word" not in problem
    assert not render(planned(value, security_profile="open").problems)


@pytest.mark.parametrize("value", ["https://three:9200", "three:9200", "http://three:9201", "http://elsewhere:9200", 9200, None])
def test_other_addresses_are_left_alone(value: Any) -> None:
    assert list(plain({"it.url": value}, {"three:9200": "Elasticsearch"})) == []
