# SPDX-License-Identifier: Apache-2.0
"""What an inventory with the profile ``secured`` may not have: components not covered yet, and settings that would open it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import flat
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.weakness import weakness
from ansible_collections.estate.kafka.plugins.module_utils.secrets import REFERENCE, secrets_in
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import CLIENTS, plain
from ansible_collections.estate.kafka.plugins.module_utils.security.mirrors import unsafe
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import COVERED, OWN
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import LOGINS

VARIABLE = "security_profile"
# What the whole estate has in common.
SHARED = ("estate_ca", "estate_ca_authorities", "estate_ca_subject", "estate_pki_dir")
# Whose settings Apicurio gives its clients of Kafka.
KAFKASQL = ("producer", "consumer", "admin")
# The implementation of the Kafka exporter in Python says the same with other flags.
PYTHON = ("consumer-config", "bootstrap-brokers", "port")
# Programs whose port has neither TLS nor a login.
BESIDE_PROMETHEUS = ("elasticsearch_exporter", "kafka_exporter")
# Of logins whose hash is a quick one.
PASSWORD_LENGTH = 24
# Ports of an open estate, and those of a secured one.
PORTS = {"kafka_broker_port": "kafka_broker_secured_port", "zookeeper_client_port": "zookeeper_secured_port"}
# Options that the profile itself sets, or that would open what it closes; by role, the beginnings of their names.
OPTIONS = {
    "kafka_broker": (
        *("listener", "advertised.listener", "inter.broker.", "security.", "ssl.", "sasl.", "authorizer.", "super.users"),
        *("allow.everyone", "principal.", "early.start.listeners", "control.plane.", "connection.disconnect.authentication"),
        "controller.listener",
        *("zookeeper.ssl", "zookeeper.set.acl", "zookeeper.connect", "zookeeper.clientCnxnSocket", "metric.reporters"),
        *("host.name", "port", "advertised.host.name", "advertised.port"),
    ),
    "kafka_controller": (
        *("listener", "advertised.listener", "inter.broker.", "security.", "ssl.", "sasl.", "authorizer.", "super.users"),
        *("allow.everyone", "principal.", "early.start.listeners", "controller.listener", "connection.disconnect.authentication"),
        *("controller.quorum.bootstrap", "controller.quorum.voters", "metric.reporters"),
    ),
    "zookeeper": (
        *("clientPort", "secureClientPort", "ssl", "serverCnxnFactory", "portUnification", "client.portUnification"),
        *("authProvider", "X509AuthenticationProvider", "DigestAuthenticationProvider", "skipACL", "admin.", "metricsProvider."),
        *("server.", "fips-mode", "enforce.auth", "quorum.auth", "sessionRequireClientSASLAuth"),
    ),
    "kafka_connect": (
        *("listeners", "admin.listeners", "rest.", "access.control.", "config.providers", "metric.reporters"),
        *(f"{client}{kind}." for client in CLIENTS for kind in ("bootstrap", "security", "ssl", "sasl")),
    ),
    "schema_registry": (
        *("quarkus.http.", "quarkus.management.", "quarkus.config.", "quarkus.profile", "smallrye.", "config_ordinal", "%"),
        *("apicurio.kafka.", "apicurio.kafkasql.bootstrap", "apicurio.kafkasql.security", "apicurio.storage.kind"),
        *(f"apicurio.kafkasql.{client}.{kind}" for client in KAFKASQL for kind in ("bootstrap", "security", "ssl", "sasl")),
    ),
    "elasticsearch": ("xpack.security.", "transport.profiles.", "remote_cluster"),
    "elasticsearch_exporter": ("es.uri", "es.ca", "es.client", "es.ssl", "es.apiKey", "web."),
    "grafana": (
        *("server.protocol", "server.cert_", "server.min_tls_version", "server.root_url", "auth.", "security.admin_"),
        *("security.cookie_secure", "security.disable_initial_admin_creation", "users.allow_sign_up", "users.allow_org_create"),
    ),
    "kafka_exporter": ("sasl.", "tls.", "server.", "kafka.server", "zookeeper.", "use.consumelag", "web.listen-address", *PYTHON),
    "kibana": (
        *("server.ssl.", "elasticsearch.hosts", "elasticsearch.username", "elasticsearch.password", "elasticsearch.ssl."),
        *("elasticsearch.serviceAccountToken", "xpack.security.authc.", "xpack.security.encryptionKey"),
        *("xpack.encryptedSavedObjects.", "xpack.reporting.encryptionKey", "status.allowAnonymous"),
    ),
    "node_exporter": ("web.",),
}
# Variables that an open estate has for the same purpose.
VARIABLES = {
    "kafka_broker": ("kafka_broker_listeners", "kafka_broker_advertised_listeners", "kafka_client", "kafka_users_login"),
    "kafka_connect": ("kafka_connect_listeners",),
    "grafana": ("grafana_prometheus_url",),
}
# Flags with which a JVM listens, or ZooKeeper reads other settings than those of its file.
FLAGS = re.compile(
    r"jmxremote(?!\.authenticate=true)|-agentlib:|-agentpath:|-javaagent:|-Xrunjdwp|-Dzookeeper\.|-Djava\.security"
    r"|-Dquarkus\.|-Dapicurio\.|-Dsmallrye\."
)
# Of ACLs: who everybody is, and what everybody may on everything without harm.
EVERYBODY = "User:*"
HARMLESS = {"describe", "describe_configs"}
SEARCH_NAME = re.compile(r"[A-Za-z0-9_][\w@.$-]{0,200}", re.ASCII)
ENVIRONMENT = re.compile(r"JMX_PORT|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|(_\w+_)?(QUARKUS|APICURIO|SMALLRYE)_.*")
# The same of programs.
PROGRAM_FLAGS = re.compile(r"--?(no-)?(web\.(config|listen)|cluster\.)")


def secured(inventory: Inventory) -> bool:
    """Return whether the estate is a secured one; :func:`check_profile` sees to it that it is one or the other."""
    return any(inventory.hostvars[host].get(VARIABLE) == "secured" for host in inventory.hostvars)


def check_profile(inventory: Inventory) -> None:
    """Add what is wrong with the profile: a part of the estate left open is worse than none secured."""
    if not secured(inventory):
        for host in inventory.hosts_of("elasticsearch"):
            for variable in ("elasticsearch_users", "elasticsearch_roles"):
                if inventory.value(host, variable, may_need_facts=True):
                    remedy = "Remove it, or set security_profile: secured"
                    inventory.problem(host, variable, Found("a value in an estate that is open, where nobody logs in"), remedy)
        return
    carrying = [host for host, placed in inventory.placed.items() if placed]
    for host in carrying:
        if inventory.value(host, VARIABLE) != "secured":
            inventory.problem(
                host,
                VARIABLE,
                inventory.hostvars[host].get(VARIABLE, Found("nothing")),
                "Other hosts of this inventory are secured: set it once, for group all",
            )
    for variable in SHARED:
        values = {host: inventory.hostvars[host].get(variable) for host in carrying}
        for host in (host for host in carrying if values[host] != values[carrying[0]]):
            said = "nothing" if values[carrying[0]] is None else repr(values[carrying[0]])
            remedy = f"{carrying[0]} has {said}, and the estate has one authority: set it once, for group all"
            inventory.problem(host, variable, Found("nothing") if values[host] is None else values[host], remedy)
    for host in inventory.hosts_of("cmak"):
        found = Found("cmak, which speaks no TLS to ZooKeeper, and so has no way into a secured estate")
        inventory.problem(host, "groups", found, "Empty group cmak, or set security_profile: open")
    names = sorted({component.name for placed in inventory.placed.values() for component in placed} - {*COVERED, "cmak"})
    if names:
        inventory.problem(
            "group all",
            VARIABLE,
            Found(f"'secured', which is not implemented yet for: {', '.join(names)}"),
            "Empty these groups, or set security_profile: open; nothing is brought up half secured",
        )
    readers = inventory.hosts_of("prometheus")
    for group in BESIDE_PROMETHEUS if readers else ():
        for host in (host for host in inventory.hosts_of(group) if readers != [host]):
            found = Found(f"{group}, whose port has neither TLS nor a login, and so is there for its own host alone")
            remedy = f"Put {readers[0]}, where Prometheus is, into group {group} instead" + (
                ", and keep one host in group prometheus" if readers[1:] else ""
            )
            inventory.problem(host, "groups", found, remedy)
    for host in inventory.hosts_of("alertmanager")[1:]:
        _missing(inventory, host, "groups", "a second Alertmanager")
    for role in COVERED:
        for host in inventory.hosts_of(role):
            _check_host(inventory, host, role)


def _missing(inventory: Inventory, host: str, variable: str, what: str) -> None:
    found = Found(f"{what}, which is not implemented yet for security_profile: secured")
    inventory.problem(host, variable, found, "Leave it out, or set security_profile: open")


def _check_host(inventory: Inventory, host: str, role: str) -> None:
    for option, _ in flat(inventory.options(host, role)):
        if str(option).startswith(OPTIONS.get(role, ())):
            inventory.problem(
                host,
                f"{inventory.level_of(host, role, str(option))}.{option}",
                Found("an option that security_profile: secured sets itself, or that would open the estate"),
                "Remove it, or set security_profile: open",
            )
    for variable in VARIABLES.get(role, ()):
        if variable in inventory.hostvars[host]:
            inventory.problem(
                host,
                variable,
                Found("a value, and security_profile: secured"),
                "Remove it: listeners and logins follow from the profile",
            )
    for variable, instead in PORTS.items():
        if variable.startswith(f"{role}_") and variable in inventory.hostvars[host]:
            found = inventory.hostvars[host][variable]
            inventory.warning(
                host, variable, found, f"Nobody listens there in a secured estate: {instead} is the port of clients"
            )
    for variable, found in _opening(inventory, host, role):
        inventory.problem(
            host,
            variable,
            Found(f"{found}, and security_profile: secured"),
            "Remove it: the process would listen, or take settings, beside what the profile closes",
        )
    agent = inventory.value(host, f"{role}_jmx_exporter_config", may_need_facts=True)
    if isinstance(agent, Mapping) and "httpServer" in agent:
        variable, found = f"{role}_jmx_exporter_config.httpServer", Found("a value, and security_profile: secured")
        inventory.problem(host, variable, found, "Remove it: TLS and login of the agent follow from the profile")
    if role == "kafka_broker":
        _check_users(inventory, host)
        _check_acls(inventory, host)
    if role == "kafka_connect":
        _check_connectors(inventory, host)
    if role == "schema_registry":
        _check_registry(inventory, host)
    if role == "elasticsearch":
        _check_search_users(inventory, host)


def _opening(inventory: Inventory, host: str, role: str) -> Iterator[tuple[str, str]]:
    """Yield variable and finding of JVM flags and environment that open what the options do not."""
    for flag in inventory.value(host, f"{role}_jvm_flags", may_need_facts=True) or []:
        if FLAGS.search(str(flag)):
            yield f"{role}_jvm_flags", f"the flag {str(flag).split('=')[0]}"
    for flag in inventory.value(host, f"{role}_flags", may_need_facts=True) or []:
        if PROGRAM_FLAGS.match(str(flag)):
            yield f"{role}_flags", f"the flag {str(flag).split('=')[0]}"
    environment = inventory.value(host, f"{role}_environment", may_need_facts=True)
    for name in environment if isinstance(environment, Mapping) else {}:
        if ENVIRONMENT.fullmatch(str(name)):
            yield f"{role}_environment", f"the variable {name}"


def _check_registry(inventory: Inventory, host: str) -> None:
    if inventory.value(host, "schema_registry_implementation") == "confluent":
        _missing(inventory, host, "schema_registry_implementation", "Confluent's registry")
    for variable in LOGINS.values():
        password = inventory.hostvars[host].get(variable)
        if isinstance(password, str) and password and len(password) < PASSWORD_LENGTH:
            inventory.problem(
                host,
                variable,
                Found(f"a password shorter than {PASSWORD_LENGTH} characters"),
                "Give a longer one, or remove it: the run makes one",
            )


def _check_connectors(inventory: Inventory, host: str) -> None:
    """Connectors that would speak plainly to a port with TLS: it answers with what they take for a length of 352 MB."""
    addresses, services = _addresses(inventory), _services(inventory)
    connectors: Any = inventory.value(host, "kafka_connectors", may_need_facts=True) or []
    for number, connector in enumerate(connectors):
        config = connector.get("config") if isinstance(connector, Mapping) else None
        for key, found in unsafe(config, addresses) if isinstance(config, Mapping) else ():
            remedy = (
                "Set it to SASL_SSL, with login and truststore. A client that speaks plainly to a port with TLS runs out of "
                "memory, and ends the worker with all its connectors"
            )
            inventory.problem(
                host, f"kafka_connectors[{number}].config.{key}", Found(f"{connector.get('name')}: {found}"), remedy
            )
        for key, found in plain(config, services) if isinstance(config, Mapping) else ():
            remedy = "Write https://, with a login and the authority, which every worker has: docs/security.md, Kafka Connect"
            inventory.problem(
                host, f"kafka_connectors[{number}].config.{key}", Found(f"{connector.get('name')}: {found}"), remedy
            )
        for key, value in config.items() if isinstance(config, Mapping) and not undefined_in(config) else ():
            if _in_plain_words(str(key), value):
                remedy = (
                    "Put it into kafka_connect_secrets and write ${file:…} here: Connect keeps settings in a topic, and its REST "
                    "interface shows them to everybody who may see connectors"
                )
                found = Found(f"{connector.get('name')}: a secret in plain words")
                inventory.problem(host, f"kafka_connectors[{number}].config.{key}", found, remedy)


def _in_plain_words(key: str, value: Any) -> bool:
    """Return whether a setting has a secret; one that is put together of references and other words has none but those within."""
    whole = not REFERENCE.search(str(value)) and "jaas" not in key.lower()
    return bool(secrets_in({key: value} if whole else str(value)))


def _services(inventory: Inventory) -> dict[str, str]:
    """Return where services of the estate are that connectors may write to or ask, each with its name."""
    names = {"elasticsearch": "Elasticsearch", "schema_registry": "the schema registry"}
    return {
        f"{host}:{inventory.number(host, f'{role}_port')}".lower(): name
        for role, name in names.items()
        for host in inventory.hosts_of(role)
    }


def _addresses(inventory: Inventory) -> dict[str, str]:
    """Return where the brokers of the estate take clients, each with the name of its cluster."""
    found = {}
    for host in inventory.hosts_of("kafka_broker"):
        for port in ("kafka_broker_secured_port", "kafka_broker_peer_port"):
            found[f"{host}:{inventory.value(host, port, may_need_facts=True)}"] = str(
                inventory.value(host, "kafka_broker_cluster")
            )
    return found


def _check_users(inventory: Inventory, host: str) -> None:
    """Names of users that would be super users, for the toolkit and the brokers have these; passwords that can be guessed."""
    users: Any = inventory.value(host, "kafka_users", may_need_facts=True) or []
    for user in (user for user in users if isinstance(user, Mapping)):
        if str(user.get("name", "")).startswith(OWN) and user.get("state") != "absent":
            inventory.problem(
                host,
                "kafka_users",
                Found(f"the user {user['name']}"),
                f"Names that begin with {OWN} are those of the brokers and the toolkit, who may do everything: choose another",
            )
        _check_password(inventory, host, "kafka_users", user)


def _check_acls(inventory: Inventory, host: str) -> None:
    """Rights of everybody who logs in, on everything of a kind: they would make all other rights idle."""
    acls: Any = inventory.value(host, "kafka_acls", may_need_facts=True) or []
    for number, acl in enumerate(acls):
        if not isinstance(acl, Mapping) or undefined_in(acl) or acl.get("principal") != EVERYBODY:
            continue
        kind, operations = acl.get("resource_type"), acl.get("operations") or ()
        wide = kind == "cluster" or acl.get("resource_name") == "*"
        given = sorted({str(one).lower() for one in operations} - HARMLESS)
        if wide and given and acl.get("permission", "allow") == "allow":
            what = "the whole cluster" if kind == "cluster" else f"every {kind}"
            inventory.problem(
                host,
                f"kafka_acls[{number}]",
                Found(f"{', '.join(given)} on {what} for everybody who logs in ({EVERYBODY})"),
                "Name the principals that need it, or the resources by a prefix: this right would make all others idle",
            )


def _check_password(inventory: Inventory, host: str, variable: str, user: Mapping[str, Any]) -> None:
    """A password of a user that can be guessed; one that only the run knows is not looked at."""
    password = user.get("password")
    if not password or undefined_in(password):
        return
    if why := weakness(password, (user.get("name"),)):
        remedy = "Leave it out, and a run makes one, or make one with: openssl rand -hex 24"
        inventory.problem(host, variable, Found(f"a password of {user.get('name')}: {why}"), remedy)


def _check_search_users(inventory: Inventory, host: str) -> None:
    """Users and roles of Elasticsearch that would be the toolkit's own, or that its files cannot hold."""
    users: Any = inventory.value(host, "elasticsearch_users", may_need_facts=True) or []
    seen: set[str] = set()
    for user in (user for user in users if isinstance(user, Mapping)):
        for key, name in [("name", user.get("name")), *(("roles", role) for role in user.get("roles") or ())]:
            if not SEARCH_NAME.fullmatch(str(name)):
                remedy = "Elasticsearch has names of letters, digits and _ @ . $ -, not beginning with a sign: choose another"
                inventory.problem(host, f"elasticsearch_users.{key}", name, remedy)
        name = str(user.get("name"))
        if name.startswith(OWN):
            remedy = f"Names that begin with {OWN} are those of the toolkit: choose another"
            inventory.problem(host, "elasticsearch_users", Found(f"the user {name}"), remedy)
        if name in seen:
            inventory.problem(host, "elasticsearch_users", Found(f"the user {name} twice"), "Keep one of them")
        seen.add(name)
        _check_password(inventory, host, "elasticsearch_users", user)
    for name in inventory.value(host, "elasticsearch_roles", may_need_facts=True) or {}:
        if str(name).startswith(OWN):
            remedy = f"Names that begin with {OWN} are those of the toolkit: choose another"
            inventory.problem(host, "elasticsearch_roles", Found(f"the role {name}"), remedy)
