#!/usr/bin/env python3
"""Prints the students of a topic, from its beginning to its present end, as a reader of one schema sees them.

A reader of v1 does not see the phone and the age of newer students; a reader of v2 sees the defaults for older ones.

consume.py --bootstrap-servers b1:9092 --registry http://r:8081 --topic peter-avro01-kafka1 --version v2
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from common import LOGIN_HELP, SCHEMA_FILES, Reader, finish, login, record_time, records


def main() -> int:
    """Print one line for each student, and at the end how many were written with each schema of the registry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--registry", required=True, help="URL of the schema registry")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--version", choices=SCHEMA_FILES, default="v1", help="schema of this reader")
    parser.add_argument("--quiet", action="store_true", help="print only the counts")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for each service to answer")
    parser.add_argument("--kafka-login", type=Path, help=LOGIN_HELP)
    parser.add_argument("--registry-login", type=Path, help=LOGIN_HELP)
    options = parser.parse_args()

    read = Reader(options.registry, options.version, login(options.registry_login))
    writers: Counter[int] = Counter()
    for message in records(options.bootstrap_servers, options.topic, options.timeout, secured=login(options.kafka_login)):
        student = read(message.value())
        writers[read.writer(message.value())] += 1
        if not options.quiet:
            more = "".join(f", {field} {student[field]}" for field in ("phone", "age") if field in student)
            print(f"{record_time(message)}  {student['name']}, class {student['class']}{more}")
    return finish({"read": writers.total(), "writers": writers}, [])


if __name__ == "__main__":
    sys.exit(main())
