"""Filter for clients of Java: the login of ``kafka_client``, which has the names of librdkafka, under their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: java_client
short_description: Settings of a librdkafka client as those of a Java client that concern its login
"""

MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def java_client(client: Mapping[str, Any]) -> dict[str, str]:
    """Return protocol, login and authority; other settings of a client are left to the tools of the command line."""
    result = {}
    protocol = str(client.get("security.protocol") or "").upper()
    if protocol:
        result["security.protocol"] = protocol
    if protocol.startswith("SASL_"):
        mechanism = str(client.get("sasl.mechanism") or client.get("sasl.mechanisms") or "")
        if mechanism not in MODULES:
            raise AnsibleFilterError(
                f"kafka_client: sasl.mechanism is {mechanism or 'not set'}: the command line can log in with {', '.join(MODULES)}"
            )
        user, password = (_quoted(client, key) for key in ("sasl.username", "sasl.password"))
        result["sasl.mechanism"] = mechanism
        result["sasl.jaas.config"] = f"{MODULES[mechanism]} required username={user} password={password};"
    if authority := client.get("ssl.ca.location"):
        result |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(authority)}
    if client.get("ssl.endpoint.identification.algorithm") == "none":
        result["ssl.endpoint.identification.algorithm"] = ""
    return result


def _quoted(client: Mapping[str, Any], key: str) -> str:
    value = client.get(key)
    if value is None or str(value) == "":
        raise AnsibleFilterError(f"kafka_client: {key} is not set; a login needs it")
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {"java_client": java_client}
