# SPDX-License-Identifier: Apache-2.0
"""Finalised features of a cluster, read and raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.plan import Member, Raise
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests, explain_code
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import SECONDS
from ansible_collections.estate.kafka.plugins.module_utils.kafka.wire import (
    ProtocolError,
    Reader,
    compact,
    exchange,
    message,
    read,
)
from ansible_collections.estate.kafka.plugins.module_utils.tls import NO_TLS

API_VERSIONS, VERSION = 18, 4
SUPPORTED = 0
UPGRADE = 1
Answer = TypeVar("Answer")


class Features:
    """The features of one cluster: brokers are asked through their listener, controllers at their own port."""

    def __init__(self, client: Mapping[str, Any], timeout: float) -> None:
        self.client, self.timeout = client, timeout

    def _with(self, ask: Callable[[Requests], Answer]) -> Answer:
        with Requests(self.client, self.timeout) as requests:
            return ask(requests)

    def finalised(self, broker: int | None = None) -> dict[str, int]:
        """Return the level of each finalised feature as a broker has it, any if none is named; level 0 is left out."""

        def ask(requests: Requests) -> Any:
            # Its class can be imported once there are requests.
            asked = _api_versions()
            return requests.send(asked) if broker is None else requests.send_to(broker, asked)

        answer = self._with(ask)
        return {one.name: int(one.max_version_level) for one in answer.finalized_features or () if one.max_version_level}

    def members(self, brokers: Sequence[int], controllers: Sequence[Mapping[str, Any]]) -> list[Member]:
        """Return what each broker and each controller supports."""
        found = self._with(lambda requests: [_broker(requests, one) for one in brokers])
        return [*found, *(_controller(one, self.tls) for one in controllers)]

    @property
    def tls(self) -> Mapping[str, str]:
        """Return the files with which controllers are asked: they let in whoever the brokers' own port does."""
        files = {"ca": str(self.client.get("ssl.ca.location") or ""), "key": str(self.client.get("ssl.key.location") or "")}
        return files if all(files.values()) else NO_TLS

    def send(self, actions: Sequence[Raise], only_validate: bool) -> list[tuple[Raise, str]]:
        """Raise all of them in one request, or have the controllers say whether they would; return those refused."""

        def ask(requests: Requests) -> Any:
            from kafka.protocol.admin import UpdateFeaturesRequest

            update = UpdateFeaturesRequest.FeatureUpdateKey
            updates = [update(feature=one.feature, max_version_level=one.new, upgrade_type=UPGRADE) for one in actions]
            return requests.send(
                UpdateFeaturesRequest(timeout_ms=int(self.timeout * 1000), feature_updates=updates, validate_only=only_validate)
            )

        if not actions:
            return []
        answer = self._with(ask)
        if answer.error_code:
            return [(one, explain_code(answer.error_code, answer.error_message)) for one in actions]
        codes = {one.feature: (one.error_code, one.error_message) for one in getattr(answer, "results", None) or ()}
        return [(one, explain_code(*codes[one.feature])) for one in actions if codes.get(one.feature, (0, ""))[0]]

    def minimums(self) -> dict[str, int]:
        """Return ``min.insync.replicas`` of every topic."""
        cluster = Cluster(self.client, self.timeout)
        return cluster.min_in_sync(cluster.metadata().topics)


def _api_versions() -> Any:
    from kafka.protocol.metadata import ApiVersionsRequest

    return ApiVersionsRequest(client_software_name="kafka-estate", client_software_version="1", version=VERSION)


def _broker(requests: Requests, broker: int) -> Member:
    name = f"broker {broker}"
    try:
        answer = requests.send_to(broker, _api_versions())
    except ClusterError as error:
        return Member(name, {}, str(error))
    return Member(name, {one.name: (one.min_version, one.max_version) for one in answer.supported_features or ()})


def _controller(row: Mapping[str, Any], tls: Mapping[str, str]) -> Member:
    name = f"controller {row['id']}"
    body = compact("kafka-estate") + compact("1") + b"\0"
    try:
        answer = exchange(f"{row['host']}:{row['port']}", message(API_VERSIONS, VERSION, body), SECONDS, tls)
        # The one answer whose header has no tags, whatever its version.
        return Member(name, read(answer[:4] + b"\0" + answer[4:], supported))
    except (OSError, ProtocolError) as error:
        return Member(name, {}, str(error) or type(error).__name__)


def supported(reader: Reader) -> dict[str, tuple[int, int]]:
    """Return the supported features out of the body of an answer to ApiVersions.

    Raises ProtocolError where the answer is an error.
    """
    if code := reader.number("h"):
        raise ProtocolError(f"error code {code} of Kafka's protocol")
    for _ in range(reader.length()):
        reader.skip(6)  # key, least and greatest version of a request
        reader.tags()
    reader.number("i")  # milliseconds of throttling
    found: dict[str, tuple[int, int]] = {}
    for _ in range(reader.varint()):
        tag, size = reader.varint(), reader.varint()
        if tag != SUPPORTED:
            reader.skip(size)
            continue
        for _ in range(reader.length()):
            name = reader.text()
            found[name] = (reader.number("h"), reader.number("h"))
            reader.tags()
    return found
