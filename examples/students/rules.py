#!/usr/bin/env python3
"""Shows the rules of the students' schemas: v2 fits to v1, and what does not fit is refused by the registry.

rules.py --registry http://r:8081 --topic peter-avro01-kafka1
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from common import LOGIN_HELP, finish, login, registry, schema
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

RULE = "FULL"


def wrong_schema() -> str:
    """Return a schema that breaks the rule: a field without a default, which readers of v1 records cannot fill."""
    wrong = json.loads(schema("v2"))
    wrong["fields"].append({"name": "school", "type": "string"})
    return json.dumps(wrong)


def refusal(client: SchemaRegistryClient, subject: str) -> str | None:
    """Try to register the wrong schema; return why the registry refused it, or None when it took it."""
    try:
        client.register_schema(subject, Schema(wrong_schema(), "AVRO"))
    except SchemaRegistryError as error:
        if error.http_status_code != 409:
            raise
        return str(error.error_message)
    return None


def rule(client: SchemaRegistryClient, subject: str) -> str | None:
    """Return the subject's own compatibility, or None when it has none."""
    try:
        return str(client.get_compatibility(subject))
    except SchemaRegistryError as error:
        if error.http_status_code != 404:
            raise
        return None


def main() -> int:
    """Register both schemas and try a wrong one, under the rule that the inventory declares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registry", required=True, help="URL of the schema registry")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--timeout", type=float, default=60, help="not used: the client of the registry has its own patience")
    parser.add_argument("--registry-login", type=Path, help=LOGIN_HELP)
    options = parser.parse_args()

    client = registry(options.registry, login(options.registry_login))
    subject = f"{options.topic}-value"
    ids = {version: client.register_schema(subject, Schema(schema(version), "AVRO")) for version in ("v1", "v2")}
    level = rule(client, subject)
    if level != RULE:
        return finish({}, [f"{subject}: its compatibility is {level} instead of {RULE}; declare it in schema_subjects"])
    reason = refusal(client, subject)
    problems = [] if reason else [f"{subject}: the registry took a schema that is not compatible"]
    return finish({"compatibility": level, "ids": ids, "refused": reason}, problems)


if __name__ == "__main__":
    sys.exit(main())
