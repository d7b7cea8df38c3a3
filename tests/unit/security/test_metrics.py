"""Metrics of a secured estate: which logins there are, what a program gets for its own, and how Prometheus asks."""

from __future__ import annotations

import hashlib
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import connections
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.plan import configuration, targets
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import ALIAS
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import PASSWORD, agent, listener, logins, scraper
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import authorities, certificates, trusted
from test_secured_inventory import HOSTS, estate, refusals

WATCHED: dict[str, Any] = {
    "node_exporter": ["one", "two"],
    "prometheus": ["two"],
    "alertmanager": ["two"],
    "blackbox_exporter": ["two"],
}
PASSWORDS = {"estate_metrics_password": "m" * 48, "estate_monitoring_password": "n" * 48}


def topology(profile: str = "secured") -> dict[str, Any]:
    found = estate(every={"security_profile": profile}, **WATCHED)
    assert not render(found.problems)
    topology: dict[str, Any] = found.topology
    return topology


def test_a_program_gets_a_key_of_its_own_and_the_hash_of_its_login() -> None:
    found = listener(topology(), "node_exporter", "one", "/etc/node-exporter", "node-exporter", PASSWORDS)
    files = {item["path"]: item for item in found["files"]}
    web = files[found["web"]]
    assert (web["owner"], web["mode"], web["secret"]) == ("node-exporter", "0400", True)
    config = yaml_load(web["content"])
    assert config["basic_auth_users"].keys() == {"metrics"} and config["tls_server_config"]["min_version"] == "TLS12"
    assert not [suite for suite in config["tls_server_config"]["cipher_suites"] if "CBC" in suite]
    import bcrypt

    hashed = config["basic_auth_users"]["metrics"].encode()
    assert bcrypt.checkpw(PASSWORDS["estate_metrics_password"].encode(), hashed)
    # The same again, or every run would change the file.
    assert listener(topology(), "node_exporter", "one", "/etc/node-exporter", "node-exporter", PASSWORDS) == found
    assert files["/etc/node-exporter/tls/metrics.pem"]["pem"] == {"authority": "estate-metrics", "name": "node_exporter@one"}
    kept = [item for item in files.values() if PASSWORDS["estate_metrics_password"] in item.get("content", "")]
    assert [(item["path"], item["owner"], item["mode"], item["secret"]) for item in kept] == [
        (found["probe"]["login"], "root", "0400", True)
    ]


def test_every_key_is_wanted_and_every_host_knows_whom_it_trusts() -> None:
    found = [one for one in certificates(topology(), HOSTS, {}) if one.authority == "estate-metrics"]
    names = {f"{name}@{host}" for name, hosts in WATCHED.items() for host in hosts}
    assert {one.name for one in found} == names and "estate-metrics" in authorities(topology())
    assert "metrics-ca.pem" in trusted(topology(), "one") and "metrics-ca.pem" not in trusted(topology(), "three")


def test_prometheus_has_both_logins_and_uses_the_one_of_each_job() -> None:
    picture = topology()
    assert logins(picture) == ["metrics", "monitoring"]
    files = {item["path"]: item for item in scraper(picture, "/etc/prometheus", "prometheus", PASSWORDS)}
    jobs = targets(picture, ())
    config = configuration(picture, (), jobs, [], {})
    asked = {job["job_name"]: job["basic_auth"]["username"] for job in config["scrape_configs"]}
    expected = {name: "metrics" if name == "node_exporter" else "monitoring" for name in WATCHED}
    assert asked == expected | {"probe_tls": "monitoring"}
    for job in [*config["scrape_configs"], *config["alerting"]["alertmanagers"]]:
        assert job["scheme"] == "https"
        assert f"/etc/prometheus/{job['tls_config']['ca_file']}" in files
        secret = files[f"/etc/prometheus/{job['basic_auth']['password_file']}"]
        assert secret["content"] == PASSWORDS[f"estate_{job['basic_auth']['username']}_password"]
        assert (secret["owner"], secret["mode"], secret["secret"]) == ("prometheus", "0400", True)
    watched = [row["targets"][0] for row in jobs["probe_tls"]]
    clients = [f"{host}:9094" for host in HOSTS]
    assert sorted(watched) == sorted([*clients, "one:9100", "two:9100", "two:9090", "two:9093", "two:9115"])


def test_an_open_estate_has_nothing_of_it() -> None:
    picture = topology("open")
    found = listener(picture, "node_exporter", "one", "/etc/node-exporter", "node-exporter", {})
    assert found == {"files": [], "web": "", "flags": [], "probe": {}}
    assert scraper(picture, "/etc/prometheus", "prometheus", {}) == [] and logins(picture) == []
    config = configuration(picture, (), targets(picture, ()), [], {})
    assert not [job for job in config["scrape_configs"] if job.keys() & {"scheme", "tls_config", "basic_auth"}]
    assert {row["component"] for row in picture["metrics"] if "tls" in row} == set()


def test_a_second_alertmanager_is_refused_and_a_single_one_needs_no_port_more() -> None:
    (line,) = [line for line in refusals(**WATCHED | {"alertmanager": ["one", "two"]}) if "Alertmanager" in line]
    assert line.startswith("two: groups: found a second Alertmanager, which is not implemented yet")
    assert not [one for one in connections(topology()) if "peers" in one.purpose]


def test_a_password_of_ones_own_is_long_and_fits_into_every_file() -> None:
    assert PASSWORD.fullmatch("a-long.Enough_password~1")
    assert not [one for one in ("short", "with a blank in it 123", "x" * 73, "colon:in:between:it") if PASSWORD.fullmatch(one)]


def test_an_agent_gets_a_store_a_hash_and_restarts_for_both() -> None:
    watched = estate(every={"estate_jmx_exporter": True})
    assert not render(watched.problems)
    picture = watched.topology
    found = agent(picture, "kafka_broker", "one", "/etc/kafka", "kafka", PASSWORDS)
    server = found["config"]["httpServer"]
    basic = server["authentication"]["basic"]
    worked_out = hashlib.pbkdf2_hmac(
        "sha512", PASSWORDS["estate_metrics_password"].encode(), basic["salt"].encode(), basic["iterations"], basic["keyLength"]
    )
    assert basic["passwordHash"] == worked_out.hex()
    files = {item["path"]: item for item in found["files"]}
    store = files[server["ssl"]["keyStore"]["filename"]]
    assert store["pem"] == {"authority": "estate-metrics", "name": "kafka_broker@one", "store": True}
    assert server["ssl"]["certificate"]["alias"] == ALIAS.decode()
    (suites,) = (path for path in found["watch"] if found["flags"] == [f"-Djava.security.properties={path}"])
    assert "AES_256_CBC" in files[suites]["content"] and "TLSv1.1" in files[suites]["content"]
    other = agent(picture, "kafka_broker", "one", "/etc/kafka", "kafka", {"estate_metrics_password": "o" * 48})
    changed = [item["path"] for item, new in zip(found["files"], other["files"]) if item != new]
    assert store["path"] in found["watch"] and set(changed) & set(found["watch"])
    wanted = {one.name: one.stores for one in certificates(picture, ["one"], {}) if one.authority == "estate-metrics"}
    assert wanted == {"zookeeper@one": True, "kafka_broker@one": True}
    jobs = targets(picture, ())
    asked = {job["job_name"]: job["basic_auth"]["username"] for job in configuration(picture, (), jobs, [], {})["scrape_configs"]}
    assert asked == {"zookeeper": "metrics", "kafka_broker": "metrics"}
    opened = estate(every={"estate_jmx_exporter": True, "security_profile": "open"}).topology
    assert agent(opened, "kafka_broker", "one", "/etc/kafka", "kafka", {}) == {
        "config": {},
        "files": [],
        "watch": [],
        "flags": [],
    }
