"""Runs on a broker's host: makes topics where they are missing, and writes to all of them at a bounded rate.

Prints the number of records the broker has acknowledged.
"""

from __future__ import annotations

import argparse
import sys
import time

sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

RECORD = b"x" * 500


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--topics", type=int, required=True)
    parser.add_argument("--partitions", type=int, required=True)
    parser.add_argument("--rate", type=int, required=True, help="records a second")
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    servers = {"bootstrap.servers": options.broker}
    admin, producer = AdminClient(servers), Producer({**servers, "linger.ms": 100})
    names = [f"bench-{number:03d}" for number in range(options.topics)]
    if missing := set(names) - admin.list_topics(timeout=30).topics.keys():
        made = admin.create_topics([NewTopic(name, options.partitions, 1) for name in sorted(missing)])
        for one in made.values():
            one.result(60)
    acknowledged = 0

    def seen(error: object, _: object) -> None:
        nonlocal acknowledged
        acknowledged += not error

    begin, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begin) < options.seconds:
        for _ in range(int(options.rate * passed) - sent):
            producer.produce(names[sent % len(names)], RECORD, on_delivery=seen)
            sent += 1
        producer.poll(0.05)
    producer.flush(60)
    print(acknowledged)


if __name__ == "__main__":
    main()
