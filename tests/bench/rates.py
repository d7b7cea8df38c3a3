"""Runs on a host of the estate, beside the scripts of the exercise: how fast records pass, against the bare clients.

Prints one line of JSON. Everything it makes has a name of its own and is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import Reader, ended, progress
from confluent_kafka import OFFSET_BEGINNING, Consumer, ConsumerGroupState, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient
from elasticsearch import Elasticsearch
from index import AHEAD, Index

SCRIPTS = Path("/opt/kafka-estate/exercise")

BULK = 1000
"""Documents of one bulk request, as the indexer sends them."""
WAIT = 120
TIMES = 5
"""How often the mirror and the bare clients get the records: 200,000 are gone in two seconds, and new tasks begin slowly."""
WARM_ROUNDS = 8
"""Eight million records, after which the second compiler is done; after one million the mirror has half its speed."""
PAIRS = 7
"""How often Elasticsearch and the indexer are compared: one of its runs differs from the next by a quarter."""
DELAY_RATE, DELAY_COUNT = 1000, 10_000


class Rates:
    """One measurement: topics, a mirror and indices of its own."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.name = f"bench-{uuid.uuid4().hex[:8]}"
        self.rate, self.delay, self.bare = (f"{self.name}-{what}" for what in ("rate", "delay", "bare"))
        self.source = AdminClient({"bootstrap.servers": options.source})
        self.target = AdminClient({"bootstrap.servers": options.target})
        self.upstream, self.downstream = (self.producer(servers) for servers in (options.source, options.target))
        self.elastic = Elasticsearch(options.elasticsearch.split(","), request_timeout=60)

    def producer(self, servers: str) -> Producer:
        """Return a producer that sends batches as the Connect workers do."""
        return Producer(
            {
                "bootstrap.servers": servers,
                **pairs(self.options.producer),
                "queue.buffering.max.messages": TIMES * self.options.count,
            }
        )

    def connect(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Connect."""
        request = urllib.request.Request(
            f"{self.options.connect}/connectors/{self.name}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return json.loads(answer.read() or b"null")

    def make(self) -> None:
        """Make topics and the mirror. Records of the mirrored topic bear the time when the target's broker wrote them."""
        one: dict[str, Any] = {"num_partitions": 1, "replication_factor": 3}
        # Beside a quiet topic that the mirror takes too, as some topic always is: what that costs must not be chance.
        quiet = self.source.list_topics("heartbeats", timeout=WAIT).topics["heartbeats"].partitions[0]
        busy = NewTopic(self.rate, num_partitions=1, replica_assignment=[quiet.replicas])
        created = [*self.source.create_topics([busy, NewTopic(self.delay, **one)]).values()]
        appended = NewTopic(f"src.{self.rate}", **one, config={"message.timestamp.type": "LogAppendTime"})
        created += self.target.create_topics([appended, NewTopic(self.bare, **one)]).values()
        for one_of_them in created:
            one_of_them.result()
        self.configure({})
        self.until("RUNNING")

    def configure(self, more: dict[str, str]) -> None:
        """Give the mirror its settings and some more."""
        config = {
            "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
            "source.cluster.alias": "src",
            "target.cluster.alias": "dst",
            "source.cluster.bootstrap.servers": self.options.source,
            "target.cluster.bootstrap.servers": self.options.target,
            "topics": f"{self.rate},{self.delay}",
            "replication.factor": "3",
            "tasks.max": "1",
            **pairs(self.options.set),
            **more,
        }
        self.connect("PUT", "/config", config)

    def until(self, state: str) -> None:
        """Wait until the mirror and its task have a state."""

        def has_it() -> bool:
            try:
                status = self.connect("GET", "/status")
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
                return False  # a new one has none for a moment
            tasks = status["tasks"]
            return bool(tasks) and all(part["state"] == state for part in [status["connector"], *tasks])

        until(has_it)

    def remove(self) -> None:
        """Remove all that was made, but for the groups: Kafka forgets them in time."""
        self.connect("DELETE", "")
        removed = [*self.source.delete_topics([self.rate, self.delay]).values()]
        removed += self.target.delete_topics([f"src.{self.rate}", f"src.{self.delay}", self.bare]).values()
        for one in removed:
            one.result()
        for index in self.elastic.indices.get(index=f"{self.name}-*"):
            self.elastic.indices.delete(index=index)
        registry = SchemaRegistryClient({"url": self.options.registry})
        # By their names: Apicurio gives all subjects, whatever prefix is asked for.
        for subject in {f"{topic}-value" for topic in (self.rate, self.delay)} & {*registry.get_subjects()}:
            registry.delete_subject(subject)

    # -- what is measured ---------------------------------------------------------------------------------------------

    def consumer(self, servers: str, topic: str, first: int) -> Consumer:
        """Return a consumer that reads a topic from an offset on."""
        consumer = Consumer({"bootstrap.servers": servers, "group.id": self.name, "enable.auto.commit": False})
        consumer.list_topics(topic, timeout=WAIT)
        consumer.assign([TopicPartition(topic, 0, first or OFFSET_BEGINNING)])
        return consumer

    def read(self, servers: str, topic: str, first: int, count: int) -> tuple[list[Any], float]:
        """Read records from an offset on; return them and how many came in a second."""
        consumer = self.consumer(servers, topic, first)
        messages: list[Any] = []
        begin = time.monotonic()
        end = begin + WAIT
        while len(messages) < count:
            messages += [message for message in consumer.consume(10_000, timeout=0.05) if not ended(message)]
            if time.monotonic() > end:
                raise TimeoutError(f"{len(messages)} of {count} records of {topic} came")
        seconds = time.monotonic() - begin
        consumer.close()
        return messages[:count], count / seconds

    def write(self, producer: Producer, topic: str, batches: Iterable[list[tuple[Any, Any]]]) -> float:
        """Write records, keys and values, to a topic; return how many were acknowledged in a second."""
        failed: list[str] = []
        count = 0
        begin = time.monotonic()
        for batch in batches:
            for key, value in batch:
                producer.produce(topic, value, key, on_delivery=lambda error, _: failed.append(error.str()) if error else None)
            producer.poll(0)
            count += len(batch)
        left = producer.flush(WAIT)
        seconds = time.monotonic() - begin
        if left or failed:
            raise RuntimeError(f"{topic}: {left} records not acknowledged, {len(failed)} refused: {failed[:1]}")
        return count / seconds

    def relay(self, first: int, count: int) -> float:
        """Read records upstream and write them downstream at the same time; return how many were acknowledged in a second."""
        consumer = self.consumer(self.options.source, self.rate, first)

        def read() -> Iterator[list[tuple[Any, Any]]]:
            left, end = count, time.monotonic() + WAIT
            while left:
                messages = [message for message in consumer.consume(min(left, 10_000), timeout=0.05) if not ended(message)]
                left -= len(messages)
                yield [(message.key(), message.value()) for message in messages]
                if time.monotonic() > end:
                    raise TimeoutError(f"{left} of {count} records of {self.rate} did not come")

        rate = self.write(self.downstream, self.bare, read())
        consumer.close()
        return rate

    def mirrored(self, first: int, count: int) -> float:
        """Wait until the mirror has brought so many records; return how many it wrote in a second, by the broker's clock."""
        topic = f"src.{self.rate}"
        place = TopicPartition(topic, 0)
        consumer = Consumer({"bootstrap.servers": self.options.target, "group.id": self.name})
        # Asked for its end only: whoever reads along takes processor time from the mirror.
        until(lambda: consumer.get_watermark_offsets(place, timeout=WAIT, cached=False)[1] >= first + count)
        consumer.close()
        begun, done = (self.read(self.options.target, topic, offset, 1)[0][0] for offset in (first, first + count - 1))
        return count / float(done.timestamp()[1] - begun.timestamp()[1]) * 1000

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the mirror still inside."""
        self.connect("PUT", "/pause")
        self.until("PAUSED")
        yield
        self.connect("PUT", "/resume")

    def bodies(self, messages: list[Any]) -> list[bytes]:
        """Return the bulk requests that the indexer would send for records."""
        made = Index(self.options.elasticsearch, "unused", 60, 60)
        read = Reader(self.options.registry, "v2")
        batches = [messages[start : start + BULK] for start in range(0, len(messages), BULK)]
        return [made.body(batch, read) for batch in batches]

    def bulk(self, bodies: list[bytes], count: int) -> float:
        """Send the bulk requests of so many students, as many at a time as the indexer does; return how many in a second."""
        index = f"{self.name}-bulk"
        made = Index(self.options.elasticsearch, index, 60, 60)
        made.prepare()
        begin = time.monotonic()
        with ThreadPoolExecutor(AHEAD) as pool:
            list(pool.map(made.bulk, bodies))
        seconds = time.monotonic() - begin
        self.elastic.indices.delete(index=index)
        return count / seconds

    def indexed(self, first: int, count: int) -> float:
        """Index mirrored students from an offset on, with the exercise's script; return how many it did in a second."""
        own = f"{self.name}-{uuid.uuid4().hex[:8]}"
        self.position(own, first)
        done = self.index(f"src.{self.rate}", own, "--until-end")
        # Merges of what was written before would be work beside what is measured next.
        self.elastic.indices.delete(index=own)
        if done["indexed"] != count:
            raise RuntimeError(f"{done['indexed']} of {count} students were indexed")
        return float(count / done["seconds"])

    def script(self, name: str, *words: str) -> dict[str, Any]:
        """Run a script of the exercise; return its result."""
        done = subprocess.run([sys.executable, str(SCRIPTS / f"{name}.py"), *words], stdout=subprocess.PIPE, check=True)
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def produce(self, topic: str, count: int, *more: str) -> float:
        """Send students as the exercise does; return how many were acknowledged in a second."""
        words = ["--bootstrap-servers", self.options.source, "--registry", self.options.registry, "--topic", topic]
        result = self.script("produce", *words, "--version", "v3", "--count", str(count), *more)
        return float(result["sent"] / result["seconds"])

    def index(self, topic: str, index: str, *more: str) -> dict[str, Any]:
        """Index a mirrored topic as the exercise does, in a group that has the name of the index."""
        words = ["--bootstrap-servers", self.options.target, "--registry", self.options.registry, "--topic", topic]
        words += ["--elasticsearch", self.options.elasticsearch, "--index", index, "--group", index, "--batch", str(BULK)]
        return self.script("index", *words, *more)

    def position(self, group: str, offset: int) -> None:
        """Set the position of a new group."""
        consumer = Consumer({"bootstrap.servers": self.options.target, "group.id": group, "enable.auto.commit": False})
        consumer.commit(offsets=[TopicPartition(f"src.{self.rate}", 0, offset)], asynchronous=False)
        consumer.close()

    def delays(self) -> dict[str, float]:
        """Send at an even rate; return how long records take to the mirrored topic and to Elasticsearch's acknowledgement."""
        topic, group = f"src.{self.delay}", f"{self.name}-delay"
        until(lambda: topic in self.target.list_topics(timeout=WAIT).topics)
        consumer = Consumer({"bootstrap.servers": self.options.target, "group.id": self.name, "enable.auto.commit": False})
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        seen: list[float] = []
        with ThreadPoolExecutor(2) as pool:
            indexer = pool.submit(self.index, topic, group, "--idle", "10")
            groups = self.target.describe_consumer_groups
            until(lambda: groups([group])[group].result().state == ConsumerGroupState.STABLE)
            producer = pool.submit(self.produce, self.delay, DELAY_COUNT, "--rate", str(DELAY_RATE))
            end = time.monotonic() + WAIT
            while len(seen) < DELAY_COUNT and time.monotonic() < end:
                messages = [message for message in consumer.consume(1000, timeout=0.02) if not ended(message)]
                now = time.time()
                seen += [now - message.timestamp()[1] / 1000 for message in messages]
            producer.result()
            indexed = indexer.result()
        consumer.close()
        if not len(seen) == indexed["indexed"] == DELAY_COUNT:
            raise RuntimeError(f"of {DELAY_COUNT} students {len(seen)} came downstream, {indexed['indexed']} were indexed")
        ordered = sorted(seen)
        return {
            "mirrored_p50": ordered[DELAY_COUNT // 2],
            "mirrored_p99": ordered[DELAY_COUNT * 99 // 100],
            "indexed_p50": indexed["p50"],
            "indexed_p99": indexed["p99"],
        }

    def measure(self) -> dict[str, Any]:
        """Measure everything, rates in rounds."""
        count = self.options.count
        progress("students of v3, which warm up the mirror")
        sent = self.produce(self.rate, count)
        self.mirrored(0, count)
        end, many = count, TIMES * count
        messages, _ = self.read(self.options.target, f"src.{self.rate}", 0, count)
        students = [(message.key(), message.value()) for message in messages]
        self.write(self.downstream, self.bare, [students])
        self.indexed(0, count)
        # Until all that runs often is compiled.
        self.configure(pairs(self.options.flow))
        for _ in range(WARM_ROUNDS):
            self.write(self.upstream, self.rate, TIMES * [students])
            self.mirrored(end, many)
            end += many
        self.configure({})
        rounds = []
        for number in range(1, self.options.rounds + 1):
            found: dict[str, float] = {}
            spent: dict[str, float] = {}
            with self.paused():
                self.write(self.upstream, self.rate, TIMES * [students])
                with cost(spent, "consume", many):
                    _, found["consume"] = self.read(self.options.source, self.rate, end, many)
                with cost(spent, "produce", many):
                    found["produce"] = self.write(self.downstream, self.bare, TIMES * [students])
                with cost(spent, "relay", many):
                    found["relay"] = self.relay(end, many)
            with cost(spent, "mirror", many):
                found["mirror"] = self.mirrored(end, many)
            end += many
            self.configure(pairs(self.options.flow))
            with self.paused():
                self.write(self.upstream, self.rate, TIMES * [students])
            with cost(spent, "flow", many):
                found["flow"] = self.mirrored(end, many)
            end += many
            self.configure({})
            rounds.append(said(f"round {number}", found, spent))
        bodies = self.bodies(messages)
        return {
            "count": count,
            "many": many,
            "sent": sent,
            "rounds": rounds,
            "pairs": [self.pair(number, bodies, end - count) for number in range(1, PAIRS + 1)],
            "delays": self.delays(),
        }

    def pair(self, number: int, bodies: list[bytes], first: int) -> dict[str, dict[str, float]]:
        """Measure Elasticsearch with prepared requests, and the indexer with the same students, the last ones of the topic."""
        count = self.options.count
        found: dict[str, float] = {}
        spent: dict[str, float] = {}
        with cost(spent, "bulk", count):
            found["bulk"] = self.bulk(bodies, count)
        with cost(spent, "index", count):
            found["index"] = self.indexed(first, count)
        return said(f"pair {number}", found, spent)


def pairs(words: Iterable[str]) -> dict[str, str]:
    """Return settings given as ``key=value``."""
    return dict(word.split("=", 1) for word in words)


def said(which: str, rates: dict[str, float], cpu: dict[str, float]) -> dict[str, dict[str, float]]:
    """Show what was measured together, and return it."""
    progress(f"{which}: " + ", ".join(f"{what} {value:.0f}/s {cpu[what]:.2f}" for what, value in rates.items()))
    return {"rates": rates, "cpu": cpu}


@contextmanager
def cost(spent: dict[str, float], what: str, records: int) -> Iterator[None]:
    """Note the processor seconds of the whole machine for 100,000 records."""
    before = cpu()
    yield
    spent[what] = (cpu() - before) / records * 100_000


def cpu() -> float:
    """Return the seconds that all processors of the machine together were busy since it started, but with what is nice."""
    user, _nice, system, _idle, _iowait, irq, softirq, _steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + WAIT
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("it did not come to be so")
        time.sleep(0.2)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    for one in ("source", "target", "registry", "elasticsearch", "connect"):
        parser.add_argument(f"--{one}", required=True)
    parser.add_argument("--producer", nargs="+", required=True, help="settings of the workers' producers, key=value")
    parser.add_argument("--flow", nargs="+", required=True, help="what a flow has besides the book's connector, key=value")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", nargs="*", default=[], help="settings of the mirror to try, key=value")
    rates = Rates(parser.parse_args())
    try:
        rates.make()
        result = rates.measure()
    finally:
        rates.remove()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
