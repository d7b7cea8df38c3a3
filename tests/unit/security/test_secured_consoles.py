"""Grafana of a secured estate: TLS, a password that is made, and its login at Prometheus."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.plan import targets
from ansible_collections.estate.kafka.plugins.module_utils.security.consoles import grafana
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.services import logins
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import authorities, certificates, trusted
from test_secured_inventory import estate, refusals

PASSWORDS = {variable_of("monitoring"): "m" * 48, "grafana_admin_password": "g" * 48}
NOTHING: dict[str, Any] = {"options": {}, "datasource": {}, "files": [], "watch": [], "password": "", "probe": {}}


def added(topology: dict[str, Any], host: str = "two") -> dict[str, Any]:
    return grafana(topology, host, "/etc/grafana", "grafana", PASSWORDS)


def test_its_certificate_is_of_the_authority_of_prometheus_and_the_toolkit_asks_with_it() -> None:
    picture = estate(grafana=["two"], prometheus=["one"], blackbox_exporter=["one"])
    assert not render(picture.problems)
    names = [one.name for one in certificates(picture.topology, ["two"], {}) if one.authority == "estate-metrics"]
    assert names == ["grafana@two"] and "metrics-ca.pem" in trusted(picture.topology, "two")
    assert authorities(picture.topology).count("estate-metrics") == 1
    alone = estate(grafana=["two"]).topology
    assert "estate-metrics" in authorities(alone) and not added(alone)["datasource"]
    (row,) = (row for row in picture.topology["components"] if row["component"] == "grafana")
    asked = {"ca": "/opt/kafka-estate/tls/metrics-ca.pem"}
    assert row["url"] == "https://two:3000" and row["tls"] == asked
    assert added(picture.topology)["probe"] == {"host": "two", **asked}
    assert {"targets": ["two:3000"], "labels": {"role": "grafana", "host": "two"}} in targets(picture.topology, ())["probe_tls"]


def test_no_file_but_one_of_its_own_has_the_password_of_prometheus() -> None:
    found = added(estate(grafana=["two"], prometheus=["one"]).topology)
    assert "m" * 48 not in str([found["options"], found["datasource"]])
    (kept,) = (item for item in found["files"] if item.get("content") == "m" * 48)
    assert (kept["owner"], kept["mode"], kept["secret"]) == ("grafana", "0400", True)
    assert found["datasource"]["secureJsonData"]["basicAuthPassword"] == f"$__file{{{kept['path']}}}"
    assert found["datasource"]["basicAuthUser"] == "monitoring" and kept["path"] in found["watch"]


def test_the_administrators_password_is_made_and_a_known_one_is_refused() -> None:
    picture = estate(grafana=["two"])
    assert picture.placement["two"]["components"][-1]["passwords"] == {"grafana_admin_password": ""}
    assert logins(picture.topology) == {"grafana_admin_password": "two"}
    assert added(picture.topology)["password"] == "g" * 48
    known = estate({"two": {"grafana_admin_password": "admin"}}, grafana=["two"])
    assert "everybody knows" in known.placement["two"]["components"][-1]["passwords"]["grafana_admin_password"]
    opened = estate(every={"security_profile": "open"}, grafana=["two"])
    assert opened.placement["two"]["components"][-1]["passwords"] == {"grafana_admin_password": "nothing"}
    assert added(opened.topology) == NOTHING and logins(opened.topology) == {}


@pytest.mark.parametrize("option", ["auth.anonymous.enabled", "server.protocol", "auth.proxy.enabled", "security.cookie_secure"])
def test_options_that_would_open_it_are_refused(option: str) -> None:
    found = refusals(every={"grafana_config": {option: "x"}}, grafana=["two"])
    assert any(line.startswith(f"two: grafana_config.{option}: found an option that security_profile") for line in found)


def test_another_prometheus_would_get_the_login_and_is_refused() -> None:
    (found,) = refusals(every={"grafana_prometheus_url": "http://elsewhere:9090"}, grafana=["two"])
    assert found.startswith("two: grafana_prometheus_url: found a value, and security_profile: secured")
