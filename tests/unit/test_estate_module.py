"""What modules are given stays out of the journal, of errors and of results."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import diff
from ansible_collections.estate.kafka.plugins.module_utils.host.masked import mask_secrets
from ansible_collections.estate.kafka.plugins.module_utils.secrets import SECRET, secrets_in
from module_run import run_module

MODULES = Path(__file__).resolve().parents[2] / "plugins/modules"
CLIENT = {"bootstrap.servers": "127.0.0.1:1", "sasl.username": "shop", "sasl.password": "lab-s3cret"}
LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="shop" password="lab-s3cret";'
CONFIG = {"db.password": "lab-s3cret", "url": "mongodb://shop:lab-s3cret@127.0.0.1/", "sasl.jaas.config": LOGIN}
TOPIC = {"name": "orders", "config": {"pasword": "lab-s3cret"}}
CONNECTOR = {"name": "orders", "config": CONFIG}
COMPLETE = {"name": "orders", "config": {**CONFIG, "connector.class": "Sink"}}
URLS = {"urls": ["http://shop:lab-s3cret@127.0.0.1:1"]}


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what modules write to the journal of the host."""
    lines: list[str] = []
    monkeypatch.setattr(AnsibleModule, "log", lambda self, msg, log_args=None: lines.append(f"{msg} {log_args}"))
    return lines


def test_every_module_is_one_that_writes_its_arguments_nowhere() -> None:
    told = [path.name for path in MODULES.glob("*.py") if re.search(r"\bAnsibleModule\b", path.read_text())]
    assert told == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("topics", {"client": CLIENT, "timeout": 1, "topics": []}, ""),
        ("topics", {"client": CLIENT, "topics": [TOPIC, {**TOPIC, "replicas": [["one"]]}]}, "replicas"),
        ("topics", {"client": CLIENT, "topcis": []}, "missing required arguments: topics"),
        ("topics", {"cleint": CLIENT, "topics": []}, "missing required arguments: client"),
        ("topics", {"client": json.dumps(CLIENT), "topics": [], "timeout": 1}, ""),
        ("topics", {"client": " ".join(f"{key}={value}" for key, value in CLIENT.items()), "topics": [], "timeout": 1}, ""),
        ("topics", {"client": "sasl.password lab-s3cret", "topics": []}, "client"),
        ("topics", {"client": [CLIENT], "topics": []}, "client"),
        ("scram_users", {"client": CLIENT, "users": [{"name": "shop", "pasword": "lab-s3cret"}]}, "pasword"),
        ("scram_users", {"client": CLIENT, "users": ["shop lab-s3cret"]}, "dictionary requested"),
        ("scram_users", {"client": CLIENT, "users": [], "login": {**CLIENT, "bootstrap.servers": ""}}, "login"),
        ("connectors", {**URLS, "connectors": [CONNECTOR], "timeout": 1}, "no connector.class"),
        ("connectors", {**URLS, "connectors": [COMPLETE], "timeout": 1}, ""),
        ("connectors", {**URLS, "connectors": [CONNECTOR, CONNECTOR]}, "listed twice"),
        ("connectors", {**URLS, "connectors": [{**CONNECTOR, "state": "runing"}]}, "runing"),
        ("connectors", {**URLS, "connectors": [{"name": "orders", "configs": CONFIG}]}, "configs"),
        ("subjects", {**URLS, "timeout": 1}, ""),
        ("prometheus_query", {"url": URLS["urls"][0], "queries": {"up": "up"}, "timeout": 1}, "127.0.0.1"),
        ("files", {"items": [{"path": "/dev/null/x", "content": "ssl.key.password=lab-s3cret"}]}, "/dev/null"),
        ("files", {"items": [{"path": "/etc/hosts", "content": "ssl.key.password=lab-s3cret", "state": "fiel"}]}, "fiel"),
    ],
)
def test_secrets_are_told_to_nobody(
    name: str, args: dict[str, Any], said: str, check: bool, capsys: pytest.CaptureFixture[str], journal: list[str]
) -> None:
    result = run_module(name, capsys, check, **args)
    assert said in json.dumps(result)
    assert "s3cret" not in json.dumps(result) + capsys.readouterr().err + str(journal)


def test_what_counts_as_a_secret() -> None:
    assert secrets_in(CONFIG) == {"lab-s3cret", LOGIN}
    assert secrets_in({"a": [{"b": {"password": 12345}}]}) == {"12345"}
    assert secrets_in({"password": {"first": "one", "second": ["two", None, True]}}) == {"one", "two"}
    assert secrets_in(["amqp://u:a:b/c@d@h1:1/x", "http://h:8083/", "https://u@h/", "token"]) == {"a:b/c@d"}
    assert secrets_in({"db.password": "${file:/etc/all.properties:db}", "token.required": "true"}) == set()
    assert secrets_in({"jaas": "x required password=one accessToken='two' user=three;"}) >= {"one", "two"}


def test_a_file_is_shown_without_the_secrets_among_its_settings() -> None:
    old = "broker.id=1\nssl.key.password=one\nsasl.jaas.config=a b;\n"
    new = "broker.id=1\nssl.key.password=two\nsasl.jaas.config=a b;\n  some_word: x\n  'token': y z\nurl: http://u:v@h/\n"
    assert mask_secrets(old) == "broker.id=1\nssl.key.password=(secret)\nsasl.jaas.config=(secret)\n"
    assert mask_secrets(new, old).splitlines() == [
        "broker.id=1",
        "ssl.key.password=(secret), changed",
        "sasl.jaas.config=(secret)",
        "  some_word: x",
        "  'token': (secret)",
        "url: (secret)",
    ]
    for plain in ("db.password=${file:/etc/all.properties:db}\n", "[Service]\nExecStart=/bin/sh -c 'token'\n", "# password\n"):
        assert mask_secrets(plain) == plain


SECRET_KEYS = [
    *("source.cluster.ssl.keystore.key", "api.key", "apiKey", "x-api-key", "db.pass", "db_pass", "connection.pwd", "db.passwd"),
    *("aws.access.key.id", "accessKey", "azblob.account.key", "http.authorization", "sasl.jaas.config", "ssl.key.pem"),
]
PLAIN_KEYS = [
    *("ssl.keystore.type", "ssl.keystore.location", "ssl.truststore.certificates", "key.converter", "bypass.cache", "passive"),
    *("authorizer.class.name", "message.key.columns", "primary.key.mode", "compass.url", "partition.key"),
]


def test_keys_that_say_they_are_secret() -> None:
    assert [key for key in SECRET_KEYS if not SECRET.search(key)] == []
    assert [key for key in PLAIN_KEYS if SECRET.search(key)] == []


def test_a_password_in_an_address_is_not_in_a_diff() -> None:
    before = {"a": {"connection.url": "mongodb://u:one@h1,mongodb://u:two@h2/", "topics": "t"}}
    after = {"a": {"connection.url": "mongodb://u:one@h1,mongodb://u:new@h2/", "topics": "t"}, "b": {"url": "http://u:three@h/"}}
    assert diff(before, after) == {
        "before": "a:\n  connection.url: mongodb://u:(secret)@h1,mongodb://u:(secret)@h2/\n  topics: t\n",
        "after": "a:\n  connection.url: mongodb://u:(secret)@h1,mongodb://u:(secret)@h2/, changed\n  topics: t\n"
        "b:\n  url: http://u:(secret)@h/\n",
    }


def test_a_text_full_of_beginnings_of_addresses_is_read_in_time() -> None:
    begin = time.process_time()
    secrets_in("://a:" * 20_000)
    assert time.process_time() - begin < 15
