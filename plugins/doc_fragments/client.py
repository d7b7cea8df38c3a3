# SPDX-License-Identifier: Apache-2.0
"""Options of every module that talks to a Kafka cluster."""

from __future__ import annotations


class ModuleDocFragment:
    """``extends_documentation_fragment: estate.kafka.client``."""

    DOCUMENTATION = r"""
options:
  client:
    description:
      - Settings of librdkafka for the connection, at least C(bootstrap.servers).
      - Values of passwords, keys and tokens are kept out of every output.
    type: dict
    required: true
  timeout:
    description: Seconds for the cluster to answer one request, and for a change to show everywhere.
    type: int
    default: 30
requirements:
  - confluent-kafka, which the C(kafka-client) release brings to every broker host
"""
