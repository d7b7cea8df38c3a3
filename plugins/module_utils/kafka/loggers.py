# SPDX-License-Identifier: Apache-2.0
"""The level of one logger of a running broker."""

from __future__ import annotations

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import NO_ERROR, Requests, explain_code

BROKER_LOGGER, SET = 8, 0


def set_level(requests: Requests, broker: int, logger: str, level: str) -> None:
    """Have a broker log more or less, until it is restarted; raises ClusterError where it does not."""
    from kafka.protocol.admin import IncrementalAlterConfigsRequest

    resource = (BROKER_LOGGER, str(broker), [(logger, SET, level)])
    answer = requests.send_to(broker, IncrementalAlterConfigsRequest(resources=[resource], validate_only=False))
    for one in answer.responses:
        if one.error_code != NO_ERROR:
            raise ClusterError(f"logger {logger} of broker {broker}: {explain_code(one.error_code, one.error_message)}")
