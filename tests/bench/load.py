"""Runs on a broker's host: makes topics where they are missing, and writes a fixed number of records to all of them in turn.

Prints how many records the broker has acknowledged.
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
    parser.add_argument("--rate", type=int, required=True, help="records a second, at most")
    parser.add_argument("--seconds", type=float, required=True, help="how long that takes at this rate")
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

    begin, sent, count = time.monotonic(), 0, int(options.rate * options.seconds)
    while sent < count:
        due = min(count, int(options.rate * (time.monotonic() - begin)))
        # What waits for the broker stays small: a slow one is not sent more.
        while sent < due and len(producer) < options.rate:
            producer.produce(names[sent % len(names)], RECORD, on_delivery=seen)
            sent += 1
        producer.poll(0.05)
    producer.flush(60)
    print(acknowledged)


if __name__ == "__main__":
    main()
