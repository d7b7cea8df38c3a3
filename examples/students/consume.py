#!/usr/bin/env python3
"""Prints the students of a topic, from its beginning to its present end.

consume.py --bootstrap-servers b1:9092 --registry http://r:8081 --topic peter-avro01-kafka1
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from common import SCHEMA, finish, record_time, records
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def main() -> int:
    """Print one line for each student."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--registry", required=True, help="URL of the schema registry")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--timeout", type=float, default=60, help="seconds for each service to answer")
    options = parser.parse_args()

    read = AvroDeserializer(SchemaRegistryClient({"url": options.registry}), SCHEMA)
    context = SerializationContext(options.topic, MessageField.VALUE)
    seen = 0
    for message in records(options.bootstrap_servers, options.topic, timeout=options.timeout):
        student: Any = read(message.value(), context)
        print(f"{record_time(message)}  {student['name']}, class {student['class']}")
        seen += 1
    return finish({"read": seen}, [])


if __name__ == "__main__":
    sys.exit(main())
