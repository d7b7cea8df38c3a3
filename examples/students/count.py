#!/usr/bin/env python3
"""Counts the students in a topic or in an index; prints all their ids as JSON, for the table of the exercise.

count.py --bootstrap-servers b1:9092 --topic peter-avro01-kafka1 --at-least 100
count.py --elasticsearch http://e:9200 --index students
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common import LOGIN_HELP, NO_LOGIN, finish, id_of, login, records, search_login
from elasticsearch import Elasticsearch, helpers


def in_topic(
    bootstrap_servers: str, topic: str, at_least: int, timeout: float, secured: Mapping[str, Any] = NO_LOGIN
) -> dict[str, Any]:
    """Return the ids in a topic in the order of its records, and the lowest offset of each partition that has any."""
    ids: list[str] = []
    distinct: set[str] = set()
    low: dict[int, int] = {}
    for message in records(bootstrap_servers, topic, timeout, lambda: len(distinct) >= at_least, secured):
        ids.append(id_of(message))
        distinct.add(ids[-1])
        low.setdefault(message.partition(), message.offset())
    return {"ids": ids, "low": low}


def in_index(urls: str, index: str, timeout: float, secured: Mapping[str, Any] = NO_LOGIN) -> dict[str, Any]:
    """Return the ids of all documents of an index; none when there is no such index."""
    elastic = Elasticsearch(urls.split(","), request_timeout=timeout, retry_on_timeout=True, max_retries=5, **secured)
    if not elastic.indices.exists(index=index):
        return {"ids": []}
    elastic.indices.refresh(index=index)
    return {"ids": [hit["_source"].get("id", "") for hit in helpers.scan(elastic, index=index, source=["id"], size=5000)]}


def main() -> int:
    """Count what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers")
    parser.add_argument("--topic")
    parser.add_argument("--at-least", type=int, default=0, help="wait until the topic holds so many different ids")
    parser.add_argument("--elasticsearch", help="URLs, separated by commas")
    parser.add_argument("--index", default="students")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for a record")
    parser.add_argument("--kafka-login", type=Path, help=LOGIN_HELP)
    parser.add_argument("--elasticsearch-login", type=Path, help=LOGIN_HELP)
    options = parser.parse_args()

    if options.topic:
        secured = login(options.kafka_login)
        return finish(in_topic(options.bootstrap_servers, options.topic, options.at_least, options.timeout, secured), [])
    secured = search_login(options.elasticsearch_login)
    return finish(in_index(options.elasticsearch, options.index, options.timeout, secured), [])


if __name__ == "__main__":
    sys.exit(main())
