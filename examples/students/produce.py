#!/usr/bin/env python3
"""Sends students to a topic, in Avro with a schema registry, and ends well only when every one is acknowledged.

produce.py --bootstrap-servers b1:9092,b2:9092 --registry http://r:8081 --topic peter-avro01-kafka1 --count 100
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Any

from common import ID_HEADER, LOGIN_HELP, SCHEMA_FILES, finish, id_of, login, progress, registry, schema, student_id
from confluent_kafka import SerializingProducer
from confluent_kafka.schema_registry.avro import AvroSerializer

NAMES = ("Ada", "Barbara", "Edsger", "Frances", "Grace", "Jisoo", "Kristen", "Minjun", "Radia", "Seoyeon", "Tony", "Yuna")


def main() -> int:
    """Send what the command line asks for; return 0 when all of it is acknowledged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--registry", required=True, help="URL of the schema registry")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--version", choices=SCHEMA_FILES, default="v1", help="schema of the students; v2 adds phone and age")
    parser.add_argument("--count", type=int, default=100, help="students of the whole run")
    parser.add_argument("--run", help="name of this run, part of every id; by default version and time")
    parser.add_argument("--rate", type=float, help="students a second; as fast as it goes by default")
    parser.add_argument("--numbers", type=argparse.FileType(), help="file of the only ones to send, - for standard input")
    parser.add_argument("--acknowledged", type=Path, help="file to which every acknowledged record is appended")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one record to be acknowledged")
    parser.add_argument("--kafka-login", type=Path, help=LOGIN_HELP)
    parser.add_argument("--registry-login", type=Path, help=LOGIN_HELP)
    options = parser.parse_args()

    run = options.run or time.strftime(f"{options.version}-%Y%m%dT%H%M%S")
    numbers = range(options.count) if options.numbers is None else [int(word) for word in options.numbers.read().split()]
    problems: list[str] = []
    acknowledged: list[str] = []

    def delivered(error: Any, message: Any) -> None:
        """Called once for each record, when it is acknowledged by all in-sync replicas or given up."""
        if error is not None:
            problems.append(f"{id_of(message)}: {error.str()}")
        else:
            acknowledged.append(f"{message.partition()} {message.offset()} {id_of(message)}\n")

    producer = SerializingProducer(
        {
            **login(options.kafka_login),
            "bootstrap.servers": options.bootstrap_servers,
            "enable.idempotence": True,
            "linger.ms": 5,
            "delivery.timeout.ms": int(options.timeout * 1000),
            "value.serializer": AvroSerializer(
                registry(options.registry, login(options.registry_login)), schema(options.version)
            ),
        }
    )
    begin = time.monotonic()
    for sent, number in enumerate(numbers, start=1):
        student = {"name": random.choice(NAMES), "class": random.randint(1, 5)}
        if options.version != "v1":
            student |= {"phone": f"010-{random.randint(0, 9999):04d}-{number % 10000:04d}", "age": random.randint(7, 19)}
        headers: dict[str, str | bytes | None] = {ID_HEADER: student_id(run, number, options.count)}
        while True:
            try:
                producer.produce(options.topic, value=student, headers=headers, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(1)  # the queue is full: wait for acknowledgements
        producer.poll(0)
        # It returns as soon as something is acknowledged, so once is not enough.
        while options.rate and (early := begin + sent / options.rate - time.monotonic()) > 0:
            producer.poll(early)
        if sent % 10_000 == 0:
            progress(f"{sent} of {len(numbers)} sent")
    left = producer.flush(options.timeout + 5)
    if left:
        problems.append(f"{left} records are neither acknowledged nor refused")
    if options.acknowledged:
        with options.acknowledged.open("a+b") as log:
            # A run that was cut short may have left half a line.
            log.seek(max(log.tell() - 1, 0))
            if log.read() not in (b"", b"\n"):
                log.write(b"\n")
            log.writelines(line.encode("ascii") for line in acknowledged)
    progress(f"{len(acknowledged)} of {len(numbers)} students acknowledged by {options.topic}")
    seconds = round(time.monotonic() - begin, 3)
    return finish({"run": run, "sent": len(acknowledged), "seconds": seconds}, problems)


if __name__ == "__main__":
    sys.exit(main())
