# SPDX-License-Identifier: Apache-2.0
"""Clients that speak versions of the protocol which Kafka 4 no longer understands, as a broker of 3.9 has logged them.

A broker of 3.9 logs every request of such a version at INFO, with the address, the name and the software of who sent it
(``kafka.request.logger``); requests of other versions are logged at DEBUG.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests, explain_code

LOGGER = "kafka.request.logger"
BROKER_LOGGER = 8
# Levels at which they are logged.
TELLS = ("INFO", "DEBUG", "TRACE", "ALL")
MARK = b'"requestApiVersionDeprecated":true'
LINE = re.compile(r"\[(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)[^\]]*\].*?(?P<json>\{.*\}) \(kafka\.request\.logger\)")
# A connection is called by both its ends and a number: host:port-host:port-number.
CLIENT_END = re.compile(r"-(?P<host>\[?[^\[\]]+?\]?):\d+-\d+$")
SHOWN_REQUESTS = 5


@dataclass
class OldClient:
    """Who sent such requests, which (``FETCH 3``), and when the last one."""

    address: str
    client_id: str
    principal: str
    software: str
    requests: set[str] = field(default_factory=set)
    last: datetime = datetime.min

    def __str__(self) -> str:
        """Return it as people read it."""
        names = sorted(self.requests)
        more = f" and {len(names) - SHOWN_REQUESTS} more" if len(names) > SHOWN_REQUESTS else ""
        return (
            f"{self.address}, client id {self.client_id!r}, {self.principal}, {self.software}: "
            f"{', '.join(names[:SHOWN_REQUESTS])}{more}; last at {self.last:%Y-%m-%d %H:%M:%S}"
        )


def old_clients(lines: Iterable[str], since: datetime) -> list[OldClient]:
    """Return the clients of the lines of a log since a time, those of one address and name as one."""
    found: dict[tuple[str, ...], OldClient] = {}
    for when, told in _requests(lines):
        if when < since:
            continue
        header, software = told.get("requestHeader") or {}, told.get("clientInformation") or {}
        end = CLIENT_END.search(str(told.get("connection") or ""))
        key = (
            end["host"] if end else "unknown address",
            str(header.get("clientId") or ""),
            str(told.get("principal") or "unknown principal"),
            _software(software),
        )
        one = found.setdefault(key, OldClient(*key))
        one.requests.add(f"{header.get('requestApiKeyName')} {header.get('requestApiVersion')}")
        one.last = max(one.last, when)
    return sorted(found.values(), key=lambda one: (one.address, one.client_id))


def _software(told: Mapping[str, Any]) -> str:
    # Clients that old do not tell it, as a rule: what does is newer than 2.4.
    name, version = (str(told.get(key) or "unknown") for key in ("softwareName", "softwareVersion"))
    return "software unknown" if name == "unknown" else f"{name} {version}"


def _requests(lines: Iterable[str]) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    for line in lines:
        if match := LINE.match(line):
            try:
                told = json.loads(match["json"])
            except ValueError:
                continue  # broken off
            yield datetime.strptime(match["time"], "%Y-%m-%d %H:%M:%S"), told


def lines_of(log: Path, since: datetime) -> Iterator[str]:
    """Yield the lines of such requests in a log and in what was rotated out of it since a time. Raises OSError."""
    for path in [log, *log.parent.glob(f"{log.name}.*")]:
        if path.stat().st_mtime >= since.timestamp():
            with path.open("rb") as file:
                yield from (line.decode(errors="replace") for line in file if MARK in line)


def level_of(requests: Requests, broker: int) -> str:
    """Return the level at which a broker logs requests, asked of itself. Raises ClusterError."""
    from kafka.protocol.admin import DescribeConfigsRequest

    resource = DescribeConfigsRequest.DescribeConfigsResource(
        resource_type=BROKER_LOGGER, resource_name=str(broker), configuration_keys=[LOGGER]
    )
    answer = requests.send_to(broker, DescribeConfigsRequest(resources=[resource], include_synonyms=False))
    for result in answer.results:
        if result.error_code:
            return explain_code(result.error_code, result.error_message)
        for entry in result.configs:
            if entry.name == LOGGER:
                return str(entry.value)
    return "not known"
