# SPDX-License-Identifier: Apache-2.0
"""Filters for clients of a cluster: its address with ``kafka_client``, and that login under the names of Java's clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged
from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import properties
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    SCRAM,
    STORE_PASSWORD,
    pem_item,
    store_item,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import AUTHORITY

MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}

IN_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def client(cluster: Mapping[str, Any], login: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of librdkafka for a cluster of the topology: its address, with ``kafka_client`` laid over it.

    To a secured cluster the toolkit talks with a certificate of its own, which lies on the brokers' hosts.
    """
    return merged({"bootstrap.servers": cluster["bootstrap"]}, cluster.get("client", {}), login)


def java_client(login: Mapping[str, Any]) -> dict[str, str]:
    """Return protocol, login and authority; other settings of a client are left to the tools of the command line.

    Raises AnsibleFilterError where the command line cannot log in so.
    """
    result = {}
    protocol = str(login.get("security.protocol") or "").upper()
    if protocol:
        result["security.protocol"] = protocol
    if protocol.startswith("SASL_"):
        mechanism = str(login.get("sasl.mechanism") or login.get("sasl.mechanisms") or "")
        if mechanism not in MODULES:
            raise AnsibleFilterError(
                f"kafka_client: sasl.mechanism is {mechanism or 'not set'}: the command line can log in with {', '.join(MODULES)}"
            )
        user, password = (_quoted(login, key) for key in ("sasl.username", "sasl.password"))
        result["sasl.mechanism"] = mechanism
        result["sasl.jaas.config"] = f"{MODULES[mechanism]} required username={user} password={password};"
    if authority := login.get("ssl.ca.location"):
        result |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(authority)}
    key = login.get("ssl.key.location")
    # Java wants key and certificate in one file, as the toolkit writes its own.
    if key and key == login.get("ssl.certificate.location"):
        result |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(key)}
    if login.get("ssl.endpoint.identification.algorithm") == "none":
        result["ssl.endpoint.identification.algorithm"] = ""
    return result


def client_files(
    cluster: Mapping[str, Any], user: Mapping[str, Any], authority: str, folder: str, there: str
) -> list[dict[str, str]]:
    """Return path and content of the files that a user of a secured cluster needs, in ``folder``.

    ``user`` is an item of ``kafka_users`` with its password, ``authority`` a certificate as PEM, ``there`` the directory that the
    client will find the files in.
    """
    login = {
        **cluster["login"],
        "sasl.mechanism": user.get("mechanism") or SCRAM,
        "sasl.username": user["name"],
        "sasl.password": user.get("password"),
        "ssl.ca.location": f"{there}/ca.pem",
    }
    java = properties({"bootstrap.servers": login["bootstrap.servers"], **java_client(login)})
    plain = "".join(f"{name}={value}\n" for name, value in login.items())
    contents = {"librdkafka.properties": plain, "java.properties": java, "ca.pem": authority}
    return [{"path": f"{folder}/{name}", "content": content} for name, content in contents.items()]


def registry_files(topology: Mapping[str, Any], name: str, password: str, folder: str, there: str) -> list[dict[str, Any]]:
    """Return the files that a client of a secured schema registry needs, as items of the module ``files``.

    ``name`` is the login, ``there`` the directory that the client will find the files in.
    """
    login, urls = f"{name}:{password}", topology["schema_registries"].values()
    plain = {"url": ",".join(urls), "basic.auth.user.info": login, "ssl.ca.location": f"{there}/registry-ca.pem"}
    java = {
        "schema.registry.url": plain["url"],
        "basic.auth.credentials.source": "USER_INFO",
        "basic.auth.user.info": login,
        "schema.registry.ssl.truststore.type": "PKCS12",
        "schema.registry.ssl.truststore.location": f"{there}/registry-ca.p12",
        "schema.registry.ssl.truststore.password": STORE_PASSWORD,
    }
    contents = {
        "registry.properties": "".join(f"{key}={value}\n" for key, value in plain.items()),
        "registry-java.properties": properties(java),
    }
    return [
        *({"path": f"{folder}/{file}", "content": content, "secret": True} for file, content in contents.items()),
        pem_item(f"{folder}/registry-ca.pem", AUTHORITY),
        store_item(f"{folder}/registry-ca.p12", AUTHORITY),
    ]


def _quoted(login: Mapping[str, Any], key: str) -> str:
    value = login.get(key)
    if value is None or str(value) == "":
        raise AnsibleFilterError(f"kafka_client: {key} is not set; a login needs it")
    # Kafka reads it with Java's StreamTokenizer, for which a line end ends a text in quotes.
    return '"' + str(value).translate(IN_QUOTES) + '"'


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {
            "client": client,
            "client_files": client_files,
            "java_client": java_client,
            "registry_files": registry_files,
        }
