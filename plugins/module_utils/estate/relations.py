# SPDX-License-Identifier: Apache-2.0
"""What a program wants of several options together, or of the words in one, beside what it declares of each.  Pure.

A program compares these at its start and ends, or starts and can never do its work. Kafka 3.9.2 and 4.3.1 and their ZooKeeper
were asked for each of their rules; those of Elasticsearch are in its own messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Option, and what to do about its value.
Wrong = tuple[str, str]
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Values:
    """The options of a component: ``given`` by people, ``assumed`` by the toolkit or its variables, else the program's own."""

    given: Mapping[str, Any]
    assumed: Mapping[str, Any]
    defaults: Mapping[str, Any]
    version: str = ""

    def get(self, option: str) -> Any:
        """Return what the program will read, None where nobody knows."""
        if option in self.given:
            # A null takes away what the toolkit would set.
            return self.defaults.get(option) if self.given[option] is None else self.given[option]
        return self.assumed.get(option, self.defaults.get(option))

    def number(self, option: str) -> int | None:
        """Return an option that is an integer, None for anything else."""
        text = str(self.get(option)).strip()
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,19}", text) else None

    def word(self, option: str) -> str:
        """Return an option as text, '' where it is not there or not known before the run."""
        found = self.get(option)
        if isinstance(found, bool):
            return "true" if found else "false"
        return str(found).strip() if isinstance(found, (str, int, float)) and "{{" not in str(found) else ""

    def people_set(self, *options: str) -> str:
        """Return the first of the options that people set, '' for none."""
        return next((option for option in options if self.given.get(option) is not None), "")


@dataclass(frozen=True)
class AtMost:
    """One number must not be more than another, or must be less; ``above`` is what the first must exceed to count at all."""

    low: str
    high: str
    less: bool = False
    above: int | None = None
    high_above: int | None = None

    def __call__(self, values: Values) -> Iterator[Wrong]:
        """Yield what is wrong, under the option that people set."""
        low, high = values.number(self.low), values.number(self.high)
        option = values.people_set(self.low, self.high)
        if low is None or high is None or not option:
            return
        counts = (self.above is None or low > self.above) and (self.high_above is None or high > self.high_above)
        if counts and (low >= high if self.less else low > high):
            words = "less than" if self.less else "at most"
            yield option, f"{self.low} ({low}) must be {words} {self.high} ({high}): change one of them"


@dataclass(frozen=True)
class AtLeast:
    """A number must not be less than another one that is fixed, where the program itself declares no bound."""

    option: str
    least: int

    def __call__(self, values: Values) -> Iterator[Wrong]:
        """Yield what is wrong."""
        number = values.number(self.option)
        if number is not None and number < self.least and values.people_set(self.option):
            yield self.option, f"It must be at least {self.least}"


def _between(prefix: str, end: str) -> tuple[AtMost, AtMost, AtMost]:
    """Return the rules for a setting of groups, and the least and the most that groups may ask for."""
    least, own, most = f"{prefix}.min.{end}", f"{prefix}.{end}", f"{prefix}.max.{end}"
    return AtMost(least, most), AtMost(least, own), AtMost(own, most)


def _alive(values: Values) -> Iterator[Wrong]:
    """Of Kafka 4: a member must be heard more often than it may be silent."""
    for prefix in ("group.consumer", "group.share", "group.streams") if values.version.startswith("4.") else ():
        yield from AtMost(f"{prefix}.heartbeat.interval.ms", f"{prefix}.session.timeout.ms", less=True)(values)


def _cleaner(values: Values) -> Iterator[Wrong]:
    size, threads = values.number("log.cleaner.dedupe.buffer.size"), values.number("log.cleaner.threads")
    option = values.people_set("log.cleaner.dedupe.buffer.size", "log.cleaner.threads")
    if threads is not None and threads < 1 and values.people_set("log.cleaner.threads"):
        yield "log.cleaner.threads", "It must be at least 1; log.cleaner.enable turns the cleaner off"
    elif size is not None and threads and option and size // threads <= MEBIBYTE:
        yield option, f"log.cleaner.dedupe.buffer.size must be more than {MEBIBYTE} for each of log.cleaner.threads ({threads})"


def _protocol(values: Values) -> Iterator[Wrong]:
    """Versions of protocol and format that the program knows: none after its own."""
    own = tuple(map(int, values.version.split(".")[:2])) if re.match(r"\d+\.\d+", values.version) else (99, 0)
    for option in ("inter.broker.protocol.version", "log.message.format.version"):
        text = values.word(option)
        match = re.fullmatch(r"(\d+)\.(\d+)(\.\d+)*(-IV\d+)?", text)
        if not text or not values.people_set(option):
            continue
        if not match or (int(match[1]), int(match[2])) > own:
            yield option, f"Write a version up to {own[0]}.{own[1]} with its dot, such as '{own[0]}.{own[1]}'"


def _authorizer(values: Values) -> Iterator[Wrong]:
    option = "authorizer.class.name"
    name = values.word(option)
    if not name or values.version.startswith("4.") or values.word("process.roles"):
        return
    instead = "write kafka.security.authorizer.AclAuthorizer"
    if name == "kafka.security.auth.SimpleAclAuthorizer":
        yield option, f"Kafka has had no such class since 3.0: {instead}"
    elif name == "org.apache.kafka.metadata.authorizer.StandardAuthorizer":
        yield option, f"It waits for controllers, and on ZooKeeper there are none: {instead}"
    elif "." not in name:
        yield option, f"Write the class with its package; if Kafka's own is meant, {instead}"


def _super_users(values: Values) -> Iterator[Wrong]:
    text = values.word("super.users")
    own = values.word("authorizer.class.name").endswith((".AclAuthorizer", ".StandardAuthorizer"))
    if own and any(":" not in user for user in text.split(";") if user.strip()):
        yield "super.users", "Write each as User:NAME, with ';' between them"


def _connections(values: Values) -> Iterator[Wrong]:
    overrides = values.get("max.connections.per.ip.overrides")
    if values.number("max.connections.per.ip") == 0 and not overrides and values.people_set("max.connections.per.ip"):
        yield "max.connections.per.ip", "0 needs max.connections.per.ip.overrides, which says who may connect at all"
    items = overrides if isinstance(overrides, (list, tuple)) else str(overrides or "").split(",")
    for item in items:
        if str(item).strip() and not re.fullmatch(r".+:[0-9]+", str(item).strip()) and "{{" not in str(item):
            yield "max.connections.per.ip.overrides", "Write ADDRESS:NUMBER, with ',' between them"
            return


def _tiered(values: Values) -> Iterator[Wrong]:
    on, name = "remote.log.storage.system.enable", "remote.log.storage.manager.class.name"
    if values.word(on).lower() == "true" and not values.get(name):
        yield on, f"Name the class that stores the segments in {name}: Kafka has none of its own"


def _sessions(values: Values) -> Iterator[Wrong]:
    """The least and the most that clients of ZooKeeper may ask for, which follow from tickTime unless they are set."""
    tick = values.number("tickTime")
    if tick is None or tick < 1:
        return
    least, most = values.number("minSessionTimeout"), values.number("maxSessionTimeout")
    least = tick * 2 if least in (None, -1) else least
    most = tick * 20 if most in (None, -1) else most
    option = values.people_set("minSessionTimeout", "maxSessionTimeout")
    if option and least is not None and most is not None and least > most:
        yield option, f"minSessionTimeout ({least}) must be at most maxSessionTimeout ({most}); unset, they are 2 and 20 tickTime"


def _election(values: Values) -> Iterator[Wrong]:
    if values.people_set("electionAlg") and values.number("electionAlg") != 3:
        yield "electionAlg", "Remove it: 3 is the only one that ZooKeeper has"
    if (peer := values.word("peerType").lower()) and peer not in ("observer", "participant"):
        yield "peerType", "Write participant or remove it"
    elif peer == "observer":
        yield "peerType", "Remove it: the servers of group zookeeper all vote; observers are not implemented yet"


# What health, audit and the restarts ask a server by.
ASKED = ("srvr",)


def _four_letters(values: Values) -> Iterator[Wrong]:
    option = "4lw.commands.whitelist"
    given = values.get(option)
    if not values.people_set(option) or "{{" in str(given):
        return
    words = {str(word).strip() for word in (given if isinstance(given, (list, tuple)) else str(given).split(","))}
    lacking = [word for word in ASKED if word not in words]
    if "*" not in words and lacking:
        yield option, f"Add {', '.join(lacking)}: the toolkit asks the servers by them"


def _idempotent(values: Values) -> Iterator[Wrong]:
    """Kafka's producer refuses these where idempotence is asked for in so many words, as the toolkit does for workers."""
    if values.word("producer.enable.idempotence").lower() != "true":
        return
    off = ", or set producer.enable.idempotence: false"
    if values.people_set("producer.acks") and values.word("producer.acks") not in ("all", "-1", ""):
        yield "producer.acks", f"An idempotent producer needs all: remove it{off}"
    flights = values.number("producer.max.in.flight.requests.per.connection")
    if flights is not None and flights > 5:
        yield "producer.max.in.flight.requests.per.connection", f"An idempotent producer takes at most 5: lower it{off}"
    if values.number("producer.retries") == 0:
        yield "producer.retries", f"An idempotent producer tries again: remove it{off}"


def _delivery(values: Values) -> Iterator[Wrong]:
    option = "producer.delivery.timeout.ms"
    limit, linger = values.number(option), values.number("producer.linger.ms")
    request = values.number("producer.request.timeout.ms")
    request = 30000 if request is None else request
    if values.people_set(option) and limit is not None and linger is not None and limit < linger + request:
        yield option, f"It must be at least producer.linger.ms and producer.request.timeout.ms together ({linger + request})"


ROLES_OF_NODES = (
    *("master", "data", "data_content", "data_hot", "data_warm", "data_cold", "data_frozen"),
    *("ingest", "ml", "remote_cluster_client", "transform", "voting_only"),
)


def _node_roles(values: Values) -> Iterator[Wrong]:
    given = values.get("node.roles")
    for role in given if isinstance(given, (list, tuple)) else str(given or "").split(","):
        name = str(role).strip()
        if name and "{{" not in name and name not in ROLES_OF_NODES:
            yield "node.roles", f"Elasticsearch knows no role {name}: write some of {', '.join(ROLES_OF_NODES)}"


WATERMARK = re.compile(r"[0-9]+(\.[0-9]+)?%|[01]?\.[0-9]+|[0-9]+(\.[0-9]+)?\s*([kmgtp]?b)", re.IGNORECASE)


def _watermarks(values: Values) -> Iterator[Wrong]:
    low, high, flood = (f"cluster.routing.allocation.disk.watermark.{name}" for name in ("low", "high", "flood_stage"))
    for option in (low, high, flood):
        if (text := values.word(option)) and values.people_set(option) and not WATERMARK.fullmatch(text):
            yield option, "Write a share such as 85%, or the room that must be left, such as 50gb"
    for lower, higher in ((low, high), (high, flood)):
        texts = [values.word(lower), values.word(higher)]
        shares = [float(text.rstrip("%")) for text in texts if re.fullmatch(r"\d+(\.\d+)?%", text)]
        option = values.people_set(lower, higher)
        if len(shares) == 2 and option and shares[0] > shares[1]:
            yield option, f"{lower} ({texts[0]}) must be at most {higher} ({texts[1]}): change one of them"


def _open_search(values: Values) -> Iterator[Wrong]:
    for option in ("xpack.security.enabled", "xpack.security.http.ssl.enabled", "xpack.security.transport.ssl.enabled"):
        if values.word(option).lower() == "true":
            yield option, "Remove it and set security_profile: secured, which gives what asks Elasticsearch a login and TLS too"


def _codec(values: Values) -> Iterator[Wrong]:
    option = "offsets.topic.compression.codec"
    number = values.number(option)
    if values.people_set(option) and number is not None and not 0 <= number <= 4:
        yield option, "Write 0 for none, 1 gzip, 2 snappy, 3 lz4 or 4 zstd"


def _base_path(values: Values) -> Iterator[Wrong]:
    path, url = values.word("server.basePath"), values.word("server.publicBaseUrl")
    if path and (not path.startswith("/") or path.endswith("/")):
        yield "server.basePath", "It must begin with '/' and not end with one, such as /kibana"
    if url and (not re.match(r"https?://[^/]", url) or url.endswith("/")):
        yield "server.publicBaseUrl", "It must begin with http:// or https:// and not end with '/'"


Rule = Callable[[Values], Iterator[Wrong]]

RULES: dict[str, tuple[Rule, ...]] = {
    "kafka_broker": (
        AtMost("replica.fetch.wait.max.ms", "replica.lag.time.max.ms"),
        AtMost("replica.fetch.wait.max.ms", "replica.socket.timeout.ms"),
        AtMost("socket.request.max.bytes", "queued.max.request.bytes", high_above=0),
        AtMost("offsets.commit.required.acks", "offsets.topic.replication.factor"),
        AtMost("transaction.state.log.min.isr", "transaction.state.log.replication.factor"),
        AtMost("group.min.session.timeout.ms", "group.max.session.timeout.ms"),
        AtMost("connection.failed.authentication.delay.ms", "connections.max.idle.ms", less=True, high_above=-1),
        AtLeast("offsets.commit.required.acks", -1),
        AtLeast("log.roll.jitter.ms", 0),
        *_between("group.consumer", "heartbeat.interval.ms"),
        *_between("group.consumer", "session.timeout.ms"),
        *_between("group.share", "heartbeat.interval.ms"),
        *_between("group.share", "session.timeout.ms"),
        *_between("group.streams", "heartbeat.interval.ms"),
        *_between("group.streams", "session.timeout.ms"),
        _alive,
        _cleaner,
        _protocol,
        _authorizer,
        _super_users,
        _connections,
        _tiered,
        _codec,
    ),
    "kafka_connect": (
        AtMost("heartbeat.interval.ms", "session.timeout.ms", less=True),
        AtMost("consumer.heartbeat.interval.ms", "consumer.session.timeout.ms", less=True),
        _idempotent,
        _delivery,
    ),
    "zookeeper": (
        AtLeast("tickTime", 1),
        AtLeast("initLimit", 1),
        AtLeast("syncLimit", 1),
        _sessions,
        _election,
        _four_letters,
    ),
    "elasticsearch": (_node_roles, _watermarks, _open_search),
    "kibana": (_base_path,),
}
# Defaults of the programs that their definitions leave out, as far as a rule asks for them.
LEFT_OUT: dict[str, Mapping[str, Any]] = {
    "kafka_connect": {"consumer.heartbeat.interval.ms": 3000, "consumer.session.timeout.ms": 45000},
    "elasticsearch": {
        f"cluster.routing.allocation.disk.watermark.{name}": share
        for name, share in (("low", "85%"), ("high", "90%"), ("flood_stage", "95%"))
    },
}
# Options that a variable decides without being called after it.
FOLLOWERS = {
    "offsets.topic.replication.factor": "kafka_broker_default_replication_factor",
    "transaction.state.log.replication.factor": "kafka_broker_default_replication_factor",
    "transaction.state.log.min.isr": "kafka_broker_min_insync_replicas",
}


def related(
    role: str,
    given: Mapping[str, Any],
    assumed: Mapping[str, Any],
    defaults: Mapping[str, Any],
    version: str = "",
    passed: Collection[str] = (),
) -> list[Wrong]:
    """Return everything wrong with a component's options taken together.

    ``given`` are those that people set, with dotted names; ``assumed`` what roles and variables decide, ``defaults`` the
    program's own;
    ``passed`` are the options that already have a complaint.
    """
    values = Values(given, assumed, {**defaults, **LEFT_OUT.get(role, {})}, version)
    found = dict.fromkeys(wrong for rule in RULES.get(role, ()) for wrong in rule(values))
    return [(option, remedy) for option, remedy in found if option not in passed]
