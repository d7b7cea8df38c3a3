"""Secrets in every place a file or a setting can have one are hidden, and plain settings are not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import diff
from ansible_collections.estate.kafka.plugins.module_utils.host.masked import mask_secrets
from ansible_collections.estate.kafka.plugins.module_utils.secrets import COMMON, hide_words, secrets_in
from hypothesis import example, given, settings
from hypothesis import strategies as st
from module_run import run_module

WRITE = FilterModule().filters()
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
# What a secret begins with is found nowhere else; after it comes what each place can hold.
START = "Zq9"
WORDS = st.text("abcXYZ0189_-.~+", min_size=5, max_size=30).map(lambda text: START + text)
TEXTS = st.text("abcXYZ0189_-. ~+/!#$%^*(){}[]:;=<>?|\\\"'`서é", min_size=5, max_size=30).map(lambda text: START + text)
BODIES = st.lists(st.text("ABCabc019+/", min_size=16, max_size=64), min_size=1, max_size=4)

# A place for a word that needs no quotes there.
PLACES = [
    "connection.url=jdbc:postgresql://h:5432/d?user=u&password={}\n",
    "url: jdbc:mysql://h/d?password={}&useSSL=true\n",
    "url: http://u:{}@h/\n",
    "ExecStart=/opt/x --kafka.server=a:1 --sasl.password={} --sasl.enabled\n",
    'ExecStart=/opt/x "--sasl.password={}" --web.listen-address=:1\n',
    'ExecStart=/opt/x "--sasl.password={} and more" --a\n',
    "ExecStart=/usr/bin/java -Xmx1g -Djavax.net.ssl.keyStorePassword={} -cp x Main\n",
    'Environment="DB_PASSWORD={}"\n',
    'Environment="A=b" "API_KEY={}"\n',
    "    Authorization: Bearer {}\n",
    "header: 'Authorization: Bearer {}'\n",
    "headers=Accept:text/plain|Authorization:Bearer {}\n",
    '{{"headers": {{"Authorization": "Basic {}"}}}}\n',
    '  "password": "{}",\n',
    "a: 1\npassword: |\n  {}\n  {}\nb: 2\n",
    "receivers:\n- name: x\n  opsgenie_configs:\n  - api_key: >-\n      {}\n\n      more {}\n",
    "tokens:\n- {}\n- {}\nb: 2\n",
    "credentials:\n  user: x\n  value: {}\n",
    'password: "first \\\n  {}"\n',
    f'sasl.jaas.config={LOGIN} \\\n  username="u" \\\n  password="{{}}";\n',
    f'listener.name.x.plain.sasl.jaas.config={LOGIN} username="u" password="{{}}" user_a="{{}}";\n',
    'KafkaServer {{\n  x.Module required\n  username="u"\n  password="{}";\n}};\n',
    "DB_PASSWORD='first\nsecond {}'\nB=2\n",
    "[security]\nadmin_password = `first\n{}`\n",
]


@settings(deadline=None)
@given(WORDS, st.sampled_from(PLACES))
def test_a_secret_in_a_file_is_hidden(secret: str, place: str) -> None:
    text = place.format(*[secret] * 2)
    shown = mask_secrets(text)
    assert START not in shown and "(secret)" in shown
    other = mask_secrets(text.replace(START, "Qz8"), text)
    assert "Qz8" not in other and "changed" in other


@settings(deadline=None)
@example(START + " -X0")
@example(START + " -Db=2")
@given(TEXTS)
def test_a_secret_of_any_characters_is_hidden_in_what_the_toolkit_writes(secret: str) -> None:
    for text in (
        WRITE["properties"]({"a": 1, "db.password": secret, "b": 2}),
        WRITE["yaml"]({"a": 1, "password": secret, "deep": {"list": [{"api_key": secret}]}, "b": 2}),
        WRITE["ini"]({"a.b": 1, "security.admin_password": secret}),
        WRITE["hocon"]({"a.b": 1, "basicAuthentication.password": secret}),
        WRITE["sh"]({"DB_PASSWORD": secret, "B": 2}),
        "[Service]\nEnvironment=" + WRITE["unit_environment"]("DB_PASSWORD", secret) + "\n",
        "[Service]\nExecStart=" + WRITE["unit_words"](["/x", f"--sasl.password={secret}", "--b=2"]) + "\n",
    ):
        assert START not in mask_secrets(text), text


@settings(deadline=None)
@given(BODIES, st.sampled_from(["", "RSA ", "EC ", "ENCRYPTED "]), st.sampled_from(["\n", "\r\n", "\n    "]))
def test_a_private_key_is_hidden_and_a_certificate_is_not(body: list[str], kind: str, end: str) -> None:
    key = end.join([f"-----BEGIN {kind}PRIVATE KEY-----", *(START + line for line in body), f"-----END {kind}PRIVATE KEY-----"])
    certificate = end.join(["-----BEGIN CERTIFICATE-----", "MIIabc", "-----END CERTIFICATE-----"])
    for text in (
        key + "\n",
        f"a: 1\ntls: |\n    {key}\nb: 2\n",
        WRITE["properties"]({"ssl.keystore.text": key, "b": certificate}),
        WRITE["yaml"]({"tls": key, "b": certificate}),
        WRITE["ini"]({"a.tls": key, "a.b": certificate}),
    ):
        shown = mask_secrets(text)
        assert START not in shown and ("MIIabc" in shown) == ("MIIabc" in text), text
        assert "changed" in mask_secrets(text.replace(START, "Qz8"), text), text


PLAIN = """\
http.authorization.type: none
sasl.oauthbearer.token.endpoint.url=https://h/token
delegation.token.expiry.time.ms=86400000
password.encoder.iterations=4096
password.encoder.cipher.algorithm=AES/CBC/PKCS5Padding
password.encoder.key.length=128
basic.auth.credentials.source=USER_INFO
token.enabled: true
ssl.keystore.type=PEM
security.token.provider=a.b.Provider
credentials.class: com.shop.auth.Provider
authorization: none
password: null
db.password=${file:/etc/all.properties:db}
admin_password = $__file{/etc/grafana/admin-password}
password_file: /etc/x/password
basicAuth.username: shop
sasl.mechanism=PLAIN
listeners=SASL_SSL://:9092
broker.id=1
ExecStart=/opt/x --token.enabled=true --secret.path=/run/x
# password
log.dirs=/data/1,/data/2
tokenizer: standard
url: jdbc:postgresql://h:5432/d?user=u&ssl=true
token.max: 5
ExecStartPre=/bin/sh -c 'test -s /etc/x/secret-key || head -c 32 /dev/urandom | base64 > /etc/x/secret-key'
key.converter=a.B
""".splitlines()


def test_plain_settings_are_shown_and_hide_nothing_elsewhere() -> None:
    text = "".join(f"{line}\n" for line in PLAIN)
    assert mask_secrets(text).splitlines() == PLAIN
    pairs = [line.replace(" = ", "=").replace(": ", "=", 1).split("=", 1) for line in PLAIN if not line.startswith(("#", "Exec"))]
    assert secrets_in(dict(pairs)) == set()
    shown = diff({}, {"x": dict(pairs)})["after"]
    assert "(secret)" not in shown


@given(st.sampled_from(["type", "mechanism", "provider", "class", "enabled", "url", "ms", "path", "iterations"]), WORDS)
def test_what_a_key_says_about_a_secret_is_plain(last: str, value: str) -> None:
    for start in ("token", "db.password", "http.authorization", "private.key", "api_key", "credential"):
        for key in (f"{start}.{last}", f"{start}_{last}", f"{start}{last.title()}" if start[-1].isalpha() else f"{start}.{last}"):
            assert secrets_in({key: value}) == set() and mask_secrets(f"{key}={value}\n") == f"{key}={value}\n"


@given(st.sampled_from(sorted(COMMON)))
def test_a_common_word_is_no_secret(word: str) -> None:
    assert secrets_in({"token": word, "password": word.upper()}) == set()


@settings(deadline=None)
@given(WORDS)
def test_a_secret_within_a_value_is_known(secret: str) -> None:
    for config in (
        {"connection.url": f"jdbc:postgresql://h/d?user=u&password={secret}"},
        {"headers": f"Accept:x,Authorization:Bearer {secret}"},
        {"args": ["--a=1", f"--sasl.password={secret}"]},
        {"login": f'{LOGIN} username="u" password="{secret}";'},
        {"tls": f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n"},
    ):
        assert any(secret in one for one in secrets_in(config)), config
        assert secret not in diff({}, {"x": config})["after"], config


def test_short_secrets_are_hidden_as_words_and_nowhere_within_others() -> None:
    said: Any = {
        "msg": "login of kafka failed: kafka; see /etc/kafka/a, kafka.Kafka, kafka-1",
        "numbers": [1, "1"],
        "paths": ["/x/kafka"],
    }
    assert hide_words(said, {"kafka", "1"}) == {
        "msg": "login of (secret) failed: (secret); see /etc/kafka/a, kafka.Kafka, kafka-1",
        "numbers": [1, "1"],
        "paths": ["/x/kafka"],
    }


def test_settings_about_secrets_leave_a_module_s_result_whole(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    config = {"http.authorization.type": "none", "token.max": 1, "delegation.token.expiry.time.ms": 10, "name": "none of 10"}
    items = [{"path": str(tmp_path / "none-10" / "x"), "content": "x"}]
    result = run_module(
        "connectors", capsys, urls=["http://127.0.0.1:1"], timeout=1, connectors=[{"name": "none-1", "config": config}]
    )
    assert "none-1" in result["msg"] and "*" not in result["msg"]
    assert "none-10" in run_module("files", capsys, items=items)["msg"]
