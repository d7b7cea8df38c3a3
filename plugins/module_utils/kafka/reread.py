# SPDX-License-Identifier: Apache-2.0
"""Having a running broker read its keys, certificates and authorities anew, and seeing that it serves them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, config_entries, refused
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until

# To delete a setting of one broker has it read all its files of certificates that changed, and leaves nothing behind where the
# setting was never made: to make it would count more than server.properties for ever.
SETTING = "listener.name.broker.ssl.keystore.location"
HANDSHAKE_SECONDS = 5


@dataclass(frozen=True)
class Broker:
    """A broker as the toolkit reaches it; ``served`` are files of certificates by the port that shows them."""

    id: int
    host: str
    client: Mapping[str, Any]
    served: Mapping[int, str]

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Broker:
        """Build it from a module's options."""
        served = {int(port): str(path) for port, path in params["served"].items()}
        return cls(int(params["broker_id"]), str(params["host"]), params["client"], served)

    def read_anew(self, timeout: float) -> str:
        """Have the broker read its files and wait until it serves them; return what went wrong, '' when nothing did.

        ``timeout`` is in seconds.
        """
        try:
            admin = Cluster(self.client, timeout).admin
            # Which can be found from here on.
            from confluent_kafka.admin import ConfigResource, ResourceType

            resource = ConfigResource(ResourceType.BROKER, str(self.id), incremental_configs=config_entries({SETTING: None}))
            answers = admin.incremental_alter_configs([resource], request_timeout=timeout).items()
        except ClusterError as error:
            return str(error)
        if wrong := refused(answers):
            return wrong[0][1]
        return "; ".join(poll_until(self._not_served, timeout))

    def _not_served(self) -> list[str]:
        found = []
        for port, path in self.served.items():
            try:
                if shown(self.host, port, self.client.get("ssl.key.location")) != first_certificate(Path(path).read_text()):
                    found.append(f"port {port} does not show the certificate of {path}")
            except OSError as error:
                found.append(f"port {port}: {error}")
        return found


def shown(host: str, port: int, key: str | None = None) -> bytes:
    """Return the certificate that a port shows, whoever signed it; ``key`` is a file for one that wants to see the client's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # It is compared with a file, which says more than that somebody signed it.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if key:
        context.load_cert_chain(key)
    with socket.create_connection((host, port), timeout=HANDSHAKE_SECONDS) as plain, context.wrap_socket(plain) as connection:
        return connection.getpeercert(binary_form=True) or b""


def first_certificate(text: str) -> bytes:
    """Return the first certificate of a PEM text, in the form that a port shows; b'' where there is none."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    if begin not in text or end not in text:
        return b""
    return ssl.PEM_cert_to_DER_cert(text[text.index(begin) : text.index(end) + len(end)])
