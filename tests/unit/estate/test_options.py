"""Options of components against the definitions of the programs themselves."""

from __future__ import annotations

import random
import re
import string
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.object_options import check_topic
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_kinds import KINDS, TOPIC, removed_in_4
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import (
    Complaint,
    check_options,
    load_definitions,
    owned_options,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from hypothesis import given, settings
from hypothesis import strategies as st
from real_estate import DEFINITIONS, ROLES

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = yaml_load((ROOT / "artifacts/catalogue.yml").read_text())["components"]
BOUNDS = {"short": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


def found(role: str, options: dict[Any, Any], allowed: tuple[str, ...] = ()) -> list[Complaint]:
    return check_options(role, options, DEFINITIONS, allowed)


def errors(role: str, options: dict[Any, Any], allowed: tuple[str, ...] = ()) -> str:
    return "\n".join(f"{one.option}: {one.remedy}" for one in found(role, options, allowed) if not one.warning)


def warnings(role: str, options: dict[Any, Any]) -> str:
    return "\n".join(f"{one.option}: {one.remedy}" for one in found(role, options) if one.warning)


def defaults(role: str) -> dict[str, Any]:
    return dict(yaml_load((ROOT / f"roles/{role}/vars/main.yml").read_text())[f"_{role}_defaults"])


@pytest.mark.parametrize(("component", "program"), [("kafka", "kafka"), ("kafka-4", "kafka"), ("elasticsearch", "elasticsearch")])
def test_the_data_are_of_the_versions_that_are_installed(component: str, program: str) -> None:
    """Neither the data of an installed version are missing, nor those of others left over."""
    wanted = {f"{program}-{entry['version']}" for name, entry in CATALOGUE.items() if name in (program, component)}
    found = {path.name for path in (ROOT / "artifacts/options").glob(f"{program}-[0-9]*")}
    assert wanted <= found and (len(found) == (2 if program == "kafka" else 1)), "run: make options"
    sets = DEFINITIONS.of(component).programs
    version = {one.version for name, one in sets.items() if one.name.lower() == program}
    assert version == {CATALOGUE[component]["version"]}, "run: make options"


def test_each_line_of_kafka_has_options_of_its_own() -> None:
    older, newer = DEFINITIONS.programs, DEFINITIONS.of("kafka-4").programs
    assert "zookeeper.connect" in older["broker"].options and "zookeeper.connect" not in newer["broker"].options
    assert "controller.quorum.auto.join.enable" in newer["broker"].options
    assert newer["broker"].options["super.users"] == {"type": "string"}
    assert newer["broker"].options["allow.everyone.if.no.acl.found"] == {"type": "boolean"}
    assert newer["topic"].options["retention.ms"]["broker"] == "log.retention.ms"
    assert newer["zookeeper"] is older["zookeeper"] and newer["node"] is older["node"]


@pytest.mark.parametrize("kind", ["broker", "topic"])
def test_each_option_that_kafka_4_took_out_is_refused_by_name(kind: str) -> None:
    """4.3.1 itself reads over all of them, so nobody else would tell."""
    older, newer = (DEFINITIONS.of(line).programs[kind].options for line in ("kafka", "kafka-4"))
    removed = older.keys() - newer.keys()
    assert len(removed) > (40 if kind == "broker" else 2)
    for name in removed:
        four = DEFINITIONS.of("kafka-4")
        (complaint,) = check_topic({name: 1}, four) if kind == "topic" else check_options("kafka_broker", {name: 1}, four)
        assert "Kafka 4.3.1 has it no more. " in complaint.remedy and not complaint.warning, name
    assert not [name for name in newer if removed_in_4(name)]


@pytest.mark.parametrize("client", ["", "producer.", "consumer.", "admin."])
def test_what_kafka_4_took_out_of_workers_and_their_clients_is_refused_by_name(client: str) -> None:
    name = client or "connect"
    older, newer = (DEFINITIONS.of(line).programs[name.rstrip(".")].options for line in ("kafka", "kafka-4"))
    assert older.keys() - newer.keys()
    for option in older.keys() - newer.keys():
        (complaint,) = check_options("kafka_connect", {f"{client}{option}": "true"}, DEFINITIONS.of("kafka-4"))
        assert complaint.remedy.startswith("Kafka 4.3.1 has it no more. "), complaint
        assert not [one for one in check_options("kafka_connect", {f"{client}{option}": "true"}, DEFINITIONS) if not one.warning]


def test_every_program_has_its_options() -> None:
    """Names that each is known by, so that data which were taken from the wrong place are noticed."""
    known = {name: program.options for name, program in DEFINITIONS.programs.items()}
    assert known["broker"]["num.io.threads"] == {"type": "int", "default": "8", "min": 1}
    assert known["broker"]["super.users"]["type"] == "string"
    assert known["connect"]["exactly.once.source.support"]["values"] == ["DISABLED", "ENABLED", "PREPARING"]
    assert known["topic"]["retention.ms"]["broker"] == "log.retention.ms"
    assert known["producer"]["linger.ms"]["min"] == 0
    assert known["consumer"]["auto.offset.reset"]["values"] == ["earliest", "latest", "none"]
    assert known["admin"]["security.protocol"]["any_case"]
    assert known["zookeeper"]["snapCount"]["type"] == "int" and "4lw.commands.whitelist" in known["zookeeper"]
    assert known["zookeeper"]["ssl.quorum.keyStore.password"]["type"] == "password"
    assert known["node"]["indices.recovery.max_bytes_per_sec"]["type"] == "bytes"
    assert known["node"]["index.number_of_replicas"]["index"] and known["node"]["bootstrap.password"]["type"] == "keystore"


# -- what is right ---------------------------------------------------------------------------------------------------


def free(role: str) -> list[str]:
    """Names that may be set: those without a variable, and no patterns of names."""
    kind = KINDS[role]
    return [
        name
        for name, definition in DEFINITIONS.programs[kind.options].options.items()
        if name not in DEFINITIONS.owned[role]
        and not kind.refusal(name)
        and "*" not in name
        and not name.endswith(".")
        and not definition.get("index")
        and definition["type"] != "keystore"
    ]


def right_values(definition: Any) -> st.SearchStrategy[Any]:
    kind = definition["type"]
    if "values" in definition:
        words = st.sampled_from(definition["values"])
        return st.lists(words, min_size=1) if kind == "list" else words
    if kind == "boolean":
        return st.sampled_from([True, False, "true", "false"])
    if kind in BOUNDS:
        low, high = BOUNDS[kind]
        numbers = st.integers(max(low, definition.get("min", low)), min(high, definition.get("max", high)))
        return numbers | numbers.map(str)
    if kind in ("float", "double"):
        return st.floats(definition.get("min", -1e9), definition.get("max", 1e9), allow_nan=False)
    if kind in ("time", "duration", "bytes", "memory"):
        times = ["ms", "s", "m", "h"]
        units = {"time": times, "duration": ["", *times], "bytes": ["b", "kb", "mb", "GB"], "memory": ["mb", "%"]}[kind]
        return st.tuples(st.integers(0, 99), st.sampled_from(units)).map(lambda pair: f"{pair[0]}{pair[1]}")
    return st.text(string.ascii_letters, min_size=1)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_what_a_program_takes_is_taken(data: st.DataObject) -> None:
    role = data.draw(st.sampled_from(sorted(KINDS)))
    name = data.draw(st.sampled_from(free(role)))
    value = data.draw(right_values(DEFINITIONS.programs[KINDS[role].options].options[name]))
    assert errors(role, {name: value}) == ""


@pytest.mark.parametrize("role", KINDS)
def test_what_the_toolkit_sets_itself_is_right(role: str) -> None:
    fixed = {name: value for name, value in defaults(role).items() if "{{" not in str(value) and not KINDS[role].refusal(name)}
    assert fixed and errors(role, fixed) == warnings(role, fixed) == ""


@pytest.mark.parametrize(
    ("role", "options"),
    [
        (
            "kafka_broker",
            {
                "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config": "x required;",
                "listener.name.internal.ssl.keystore.location": "/a",
                "config.providers": "file",
                "config.providers.file.class": "a.B",
                "config.providers.file.param.allowed.paths": "/a",
                "rlmm.config.remote.log.metadata.topic.replication.factor": 3,
                "metrics.jmx.exclude": "a",
                "sasl.enabled.mechanisms": ["SCRAM-SHA-256", "SCRAM-SHA-512"],
                "num.io.threads": "${file:/etc/kafka/a:threads}",
                "log.cleanup.policy": ["compact", "delete"],
                "offsets.topic.replication.factor": 3,
                "auto.create.topics.enable": True,
                "unclean.leader.election.enable": "TRUE",
                "log.retention.bytes": None,
                "reserved.broker.max.id": 100000,
            },
        ),
        (
            "kafka_connect",
            {
                "producer.linger.ms": 5,
                "consumer.auto.offset.reset": "earliest",
                "admin.security.protocol": "SASL_SSL",
                # Of the clients that the worker makes for its own topics.
                "max.poll.records": 100,
                "listeners.https.ssl.keystore.location": "/a",
                "offset.storage.min.insync.replicas": 2,
                "key.converter.schemas.enable": False,
                "exactly.once.source.support": "enabled",
                "rest.advertised.port": 443,
            },
        ),
        (
            "zookeeper",
            {
                "metricsProvider.httpPort": 7000,
                "authProvider.1": "a.B",
                "weight.1": 2,
                "snapCount": 100,
                "4lw.commands.whitelist": ["*"],
            },
        ),
        (
            "elasticsearch",
            {
                "node": {"attr": {"rack": "r1"}, "roles": ["master"]},
                "transport.profiles.default.port": "9300-9400",
                "xpack.ml.enabled": False,
                "thread_pool.write.queue_size": 100,
                "indices.memory.index_buffer_size": "20%",
                "logger.org.elasticsearch.discovery": "DEBUG",
                "indices.breaker.total.use_real_memory": "false",
            },
        ),
    ],
)
def test_names_that_are_made_of_others_and_values_of_every_form_are_taken(role: str, options: dict[str, Any]) -> None:
    assert errors(role, options) == warnings(role, options) == ""


# -- what is not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "options", "said"),
    [
        (
            "kafka_broker",
            {"num.io.thread": 8},
            "num.io.thread: Kafka 3.9.2 has no such option of a broker. Write num.io.threads if",
        ),
        (
            "kafka_broker",
            {"num_io_threads": 8},
            "Write num.io.threads if that is meant, or list it in kafka_broker_unknown_options",
        ),
        ("kafka_broker", {"retention.ms": 1}, "Write log.retention.ms if that is meant"),
        ("kafka_broker", {"listener.name.INTERNAL.ssl.key.password": "a"}, "Write listener.name.internal.ssl.key.password if"),
        ("kafka_broker", {"listener.name.tls.ssl.keystor.location": 1}, "Write listener.name.tls.ssl.keystore.location if"),
        ("kafka_broker", {"my.authorizer.url": "a"}, "Correct its name or remove it, or list it in kafka_broker_unknown_options"),
        ("kafka_broker", {"config.providers.file.klass": "a"}, "has no such option"),
        ("kafka_connect", {"producr.linger.ms": 5}, "Write producer.linger.ms if"),
        ("kafka_connect", {"producer.lingr.ms": 5}, "Write producer.linger.ms if"),
        ("kafka_connect", {"consumer.linger.ms": 5}, "has no such option of a worker"),
        ("zookeeper", {"ticktime": 2000}, "Zookeeper 3.8.4 has no such option of a server. Write tickTime if"),
        ("zookeeper", {"zookeeper.snapCount": 2000}, "Write snapCount if"),
        ("zookeeper", {"jute.maxbuffer": 4194304}, "zookeeper_jvm_flags"),
        (
            "elasticsearch",
            {"indices": {"recovery": {"max_bytes_per_secs": "1mb"}}},
            "Write indices.recovery.max_bytes_per_sec if",
        ),
        ("elasticsearch", {"index.number_of_replicas": 1}, "refuses settings of indices in its own file"),
        ("elasticsearch", {"bootstrap.password": "hunter22"}, "keystore"),
        # Values.
        ("kafka_broker", {"num.io.threads": "many"}, "takes an integer of at least 1 for num.io.threads"),
        ("kafka_broker", {"num.io.threads": 0}, "takes an integer of at least 1"),
        ("kafka_broker", {"num.io.threads": 8.5}, "takes an integer"),
        ("kafka_broker", {"num.io.threads": True}, "takes an integer"),
        ("kafka_broker", {"num.io.threads": 3_000_000_000}, "within 32 bits"),
        ("kafka_broker", {"num.io.threads": {"a": 1}}, "one value, or a list of values"),
        ("kafka_broker", {"auto.create.topics.enable": "maybe"}, "takes true or false"),
        ("kafka_broker", {"log.cleanup.policy": "delete,compakt"}, "takes a list of compact, delete"),
        ("kafka_broker", {"log.cleaner.min.cleanable.ratio": 1.5}, "takes a number from 0 to 1"),
        ("kafka_broker", {"listener.name.tls.ssl.client.auth": "yes"}, "takes one of none, requested, required"),
        ("kafka_connect", {"producer.linger.ms": -1}, "takes an integer of at least 0 for producer.linger.ms"),
        ("kafka_connect", {"exactly.once.source.support": "on"}, "takes one of DISABLED, ENABLED, PREPARING"),
        ("zookeeper", {"initLimit": "10s"}, "takes an integer"),
        ("zookeeper", {"peerType": "leader"}, "takes one of observer, participant"),
        ("elasticsearch", {"cluster.routing.allocation.enable": "some"}, "takes one of none, new_primaries, primaries, all"),
        ("elasticsearch", {"indices.recovery.max_bytes_per_sec": "fast"}, "a size with its unit"),
        ("elasticsearch", {"transport.connect_timeout": "soon"}, "a time with its unit"),
        ("elasticsearch", {"node.store.allow_mmap": "True"}, "takes true or false"),
        # Options that have a variable, or that follow from the rest of the inventory.
        ("kafka_broker", {"log.dirs": "/data1/kafka,/data2/kafka"}, "Set kafka_broker_log_dirs instead"),
        ("kafka_broker", {"log.dirs": None}, "Set kafka_broker_log_dirs instead"),
        ("kafka_broker", {"broker.id": 7}, "Set kafka_broker_id instead"),
        ("kafka_broker", {"broker.rack": "a"}, "Set kafka_broker_rack instead"),
        ("kafka_broker", {"min.insync.replicas": 5}, "Set kafka_broker_min_insync_replicas instead"),
        ("kafka_broker", {"default.replication.factor": 5}, "Set kafka_broker_default_replication_factor instead"),
        ("kafka_broker", {"num.partitions": 5}, "Set kafka_broker_num_partitions instead"),
        ("kafka_broker", {"zookeeper.connect": "a:2181/b"}, "kafka_broker_ensemble and kafka_broker_chroot"),
        ("kafka_broker", {"log.dir": "/a"}, "Set kafka_broker_log_dirs instead"),
        ("kafka_broker", {"log.retention.hours": 1}, "Set kafka_broker_log_retention_ms instead"),
        ("kafka_broker", {"process.roles": "broker"}, "the controllers of group kafka_controller"),
        ("kafka_broker", {"advertised.host.name": "a"}, "Set kafka_broker_advertised_listeners instead"),
        ("kafka_connect", {"group.id": "a"}, "Set kafka_connect_group_id instead"),
        ("kafka_connect", {"bootstrap.servers": "a:1"}, "kafka_connect_cluster"),
        ("kafka_connect", {"config.storage.replication.factor": 1}, "Set kafka_connect_replication_factor instead"),
        ("kafka_connect", {"status.storage.topic": "a"}, "Set kafka_connect_status_topic instead"),
        ("kafka_connect", {"rest.port": 1}, "Set kafka_connect_listeners instead"),
        ("zookeeper", {"dataDir": "/a"}, "Set zookeeper_data_dir instead"),
        ("zookeeper", {"clientPort": 1}, "Set zookeeper_client_port instead"),
        ("zookeeper", {"server.1": "a:1:2"}, "the servers follow from group zookeeper"),
        ("elasticsearch", {"cluster.name": "a"}, "Set elasticsearch_cluster_name instead"),
        ("elasticsearch", {"path": {"data": "/a"}}, "Set elasticsearch_data_dir instead"),
        ("elasticsearch", {"http": {"port": 1}}, "Set elasticsearch_port instead"),
        ("elasticsearch", {"discovery.seed_hosts": ["a"]}, "the nodes follow from group elasticsearch"),
    ],
)
def test_what_a_program_does_not_take_or_another_variable_sets_is_refused(role: str, options: dict[str, Any], said: str) -> None:
    assert said in errors(role, options)


def test_deprecated_options_and_names_very_near_a_known_one_are_warned_of() -> None:
    assert "calls it deprecated" in warnings("kafka_broker", {"auto.include.jmx.reporter": True})
    assert "knows xpack.security.enabled" in warnings("elasticsearch", {"xpack.securty.enabled": True})


@pytest.mark.parametrize("pattern", ["my.authorizer.url", "my.authorizer.", "my.*"])
def test_an_unknown_option_is_passed_on_purpose(pattern: str) -> None:
    options = {"my.authorizer.url": "a"}
    assert errors("kafka_broker", options) and not errors("kafka_broker", options, (pattern,))
    # What has a variable has one, whatever is passed.
    assert "kafka_broker_log_dirs" in errors("kafka_broker", {"log.dirs": "/a"}, ("log.dirs",))


def test_secrets_are_marked() -> None:
    options = {"ssl.keystore.passwordd": "hunter2", "listener.name.a.plain.sasl.jaas.config": {"a": "hunter2"}}
    assert [complaint.secret for complaint in found("kafka_broker", options)] == [True, True]


def test_topics() -> None:
    assert not check_topic({"retention.ms": "86400000", "cleanup.policy": "compact,delete", "flush.ms": None}, DEFINITIONS)
    said = [
        f"{one.option}: {one.remedy}"
        for one in check_topic({"retention.m": 1, "log.retention.ms": 1, "segment.bytes": 1}, DEFINITIONS)
    ]
    assert "Write retention.ms if that is meant" in said[0] and "unknown_options" not in said[0]
    assert "Write retention.ms if that is meant" in said[1]
    assert "takes an integer of at least 14 for segment.bytes" in said[2]


def test_a_version_without_data_makes_unknown_names_doubtful_only() -> None:
    other = load_definitions(ROOT, {"kafka": "3.9.1"})
    (complaint,) = check_options("kafka_broker", {"num.io.thread": 8}, other)
    assert complaint.warning and "3.9.1" in complaint.remedy and "num.io.threads" in complaint.remedy
    assert not check_options("kafka_broker", {"num.io.threads": "many"}, other)[0].warning
    assert not load_definitions(ROOT, {"kafka": CATALOGUE["kafka"]["version"]}).programs["broker"].wanted


# -- rules that the roles keep ---------------------------------------------------------------------------------------


def test_the_variable_of_its_name_owns_an_option_and_others_follow() -> None:
    values = {
        "a.b": "{{ r_a_b }}",
        "c.d": "{{ r_a_b }}",
        "e": "{{ r_e or none }}",
        "f": "{{ _r_x }}",
        "g": "{{ r_e }}/x",
        "h": 1,
        "i": "{{ r_i | int }}",
    }
    assert owned_options("r", values) == {"a.b": "r_a_b", "e": "r_e", "i": "r_i"}
    assert owned_options("r", {"a": "{{ r_all }}", "b": "{{ r_all }}"}) == {"a": "r_all", "b": "r_all"}


FOLLOWERS = {
    # Follows from the id, and only where that is one of those that Kafka would give out itself.
    "reserved.broker.max.id",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
    "config.providers.file.param.allowed.paths",
    "config.providers.directory.param.allowed.paths",
    # Of Kibana: what it is called, how browsers reach it, another Elasticsearch, a log of another form.
    "server.name",
    "server.publicBaseUrl",
    "elasticsearch.hosts",
    "logging.appenders.file",
}


@pytest.mark.parametrize("role", KINDS)
def test_whatever_the_roles_compute_is_owned_refused_or_may_be_set_otherwise(role: str) -> None:
    """A new option in the variables of a role is a decision: who else depends on it?"""
    computed = {name for name, value in defaults(role).items() if "{{" in str(value)}
    open_ones = {name for name in computed if name not in DEFINITIONS.owned[role] and not KINDS[role].refusal(name)}
    assert open_ones <= FOLLOWERS


@pytest.mark.parametrize("role", KINDS)
def test_variables_named_in_refusals_are_there(role: str) -> None:
    specs = yaml_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    text = " ".join([*(remedy for _, remedy in KINDS[role].refused), *DEFINITIONS.owned[role].values(), KINDS[role].unknown])
    assert set(re.findall(rf"\b{role}_\w+", text)) <= specs.keys()


# -- any name, any value ---------------------------------------------------------------------------------------------


def misspelt(name: str, chance: random.Random) -> str:
    place, letter = chance.randrange(len(name)), chance.choice(string.ascii_lowercase)
    return chance.choice(
        [
            name[:place] + name[place + 1 :],
            name[:place] + letter + name[place:],
            name[:place] + letter + name[place + 1 :],
            name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :],
        ]
    )


# Whatever follows these is a setting.
ANYTHING = [name for name in DEFINITIONS.programs["node"].options if name.endswith(".")]


@pytest.mark.parametrize("role", [*KINDS, "topic"])
def test_one_wrong_letter_is_refused_with_the_name_that_was_meant(role: str) -> None:
    chance = random.Random(1)
    kind = KINDS.get(role, TOPIC)
    names = free(role) if role in KINDS else list(DEFINITIONS.programs["topic"].options)
    guessed = tried = 0
    for name in chance.sample(names, min(len(names), 60)):
        wrong = misspelt(name, chance)
        said = found(role, {wrong: 1}) if role in KINDS else check_topic({wrong: 1}, DEFINITIONS)
        known = DEFINITIONS.programs[kind.options].options
        if wrong in known or any(prefix.match(wrong) for prefix in kind.open) or wrong.startswith(tuple(ANYTHING)):
            continue
        tried += 1
        assert said, wrong
        guessed += f"Write {name} if" in said[0].remedy
    assert tried > 20 and guessed / tried > 0.9, f"{guessed} of {tried}"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    st.text() | st.integers() | st.none() | st.sampled_from([name for p in DEFINITIONS.programs.values() for name in p.options])
)


@settings(deadline=None, max_examples=60)
@given(
    role=st.sampled_from(sorted(KINDS)),
    options=st.dictionaries(NAMES, VALUES, max_size=3),
    allowed=st.lists(st.text(), max_size=2),
)
def test_nothing_that_can_be_written_breaks_the_check(role: str, options: dict[Any, Any], allowed: list[str]) -> None:
    for complaint in [*found(role, options, tuple(allowed)), *check_topic(options, DEFINITIONS)]:
        assert complaint.remedy and isinstance(complaint.option, str)


# -- in an inventory -------------------------------------------------------------------------------------------------


def lines(**variables: Any) -> tuple[list[str], list[str]]:
    """Problems and warnings of one host with everything on it."""
    groups = {name: ["one"] for name in KINDS if name != "kafka_controller"}
    own = {
        "zookeeper_id": 1,
        "kafka_broker_id": 1,
        "kafka_broker_cluster": "local",
        "kafka_broker_chroot": "/local",
        "kafka_broker_default_replication_factor": 1,
        "kafka_broker_min_insync_replicas": 1,
        "kafka_connect_cluster": "local",
        "kafka_connect_replication_factor": 1,
    }
    made = plan(groups, {}, {"one": own | variables}, ROLES, definitions=DEFINITIONS)
    return render(made.problems), render(made.warnings)


def test_an_inventory_without_options_has_no_problem() -> None:
    assert lines() == ([], [])


def test_the_variable_that_has_the_last_word_is_named() -> None:
    (problem,), _ = lines(kafka_broker_config={"num.io.threads": 8}, kafka_broker_host_config={"num.io.threads": "many"})
    assert problem.startswith(
        "one: kafka_broker_host_config.num.io.threads: found 'many'. Kafka 3.9.2 takes an integer of at least 1"
    )
    assert lines(kafka_broker_config={"num.io.threads": "many"}, kafka_broker_host_config={"num.io.threads": 8}) == ([], [])
    (problem,), _ = lines(elasticsearch_group_config={"http": {"port": 9201}})
    assert problem.startswith("one: elasticsearch_group_config.http.port: found 9201. Set elasticsearch_port instead")


def test_what_is_passed_on_purpose_is_a_variable() -> None:
    unknown = {"my.authorizer.url": "a"}
    (problem,), _ = lines(kafka_broker_config=unknown)
    assert "list it in kafka_broker_unknown_options if it is for a plugin" in problem
    assert lines(kafka_broker_config=unknown, kafka_broker_unknown_options=["my.authorizer."]) == ([], [])


def test_a_secret_is_not_shown() -> None:
    (problem,), _ = lines(kafka_broker_config={"ssl.keystore.passwrd": "hunter2"})
    assert "hunter2" not in problem and "a secret value" in problem and "Write ssl.keystore.password if" in problem


def test_a_topic_is_named() -> None:
    topics = [
        {"name": "orders", "config": {"retention.ms": 1}},
        {"name": "bills", "config": {"retention.m": 1, "segment.bytes": "1g"}},
    ]
    (name, value), _ = lines(kafka_topics=topics)
    assert name.startswith(
        "one: kafka_topics[1].config.retention.m: found 1. Topic bills: Kafka 3.9.2 has no such option of a topic"
    )
    assert value.startswith(
        "one: kafka_topics[1].config.segment.bytes: found '1g'. Topic bills: Kafka 3.9.2 takes an integer of at least 14"
    )


def test_what_only_the_run_knows_is_left_to_the_run() -> None:
    later = Undefined("'ansible_facts' is undefined", later=True)
    assert lines(kafka_broker_config={"num.io.threads": later}) == ([], [])
    assert lines(kafka_broker_config=later) == ([], [])


def test_copies_of_the_brokers_own_topics_need_brokers() -> None:
    (problem,), _ = lines(kafka_broker_config={"offsets.topic.replication.factor": 3})
    assert problem.startswith("one: kafka_broker_config.offsets.topic.replication.factor: found 3. Cluster local has 1 broker")


def test_deprecated_options_only_warn() -> None:
    problems, (warning,) = lines(kafka_connect_config={"auto.include.jmx.reporter": True})
    assert not problems and "calls it deprecated" in warning
