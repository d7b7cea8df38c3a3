# SPDX-License-Identifier: Apache-2.0
"""Names of hosts where a component cannot work with them, and addresses a component binds.  Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem

Value = Callable[[str], Any]
# A host as java.net.URI takes it: labels of letters, digits and inner hyphens, the last beginning with a letter.
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
URI_HOST = re.compile(rf"({LABEL}\.)*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?\.?")
# A label of a host's name; '_' is no letter of DNS proper, but hosts have it.
HOST_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
LONGEST_NAME = 253
HIGHEST_PORT = 65535
LOCALHOST = ("localhost", "localhost.localdomain", "ip6-localhost")
LISTENER = re.compile(r"[^:/]+://(\[[^\]]*\]|[^:/]*)(:\d+)?/?")
# Variables with listeners as Kafka writes them, name://address:port, and options with one address, by component.
LISTENERS = {"kafka_broker": "kafka_broker_listeners", "kafka_connect": "kafka_connect_listeners"}
ADDRESSES = {"elasticsearch": ("elasticsearch_network_host",)}
OPTIONS = {
    "zookeeper": ("zookeeper_config", ("clientPortAddress",)),
    "elasticsearch": ("elasticsearch_config", ("network.host", "network.bind_host", "network.publish_host", "transport.host")),
}


def binds(component: str, value: Value) -> dict[str, list[str]]:
    """Return the addresses or names that a component is told to bind or publish, by variable, but those for all interfaces.

    ``value`` gives the value of a variable on the host, None where it has none.
    """
    found: dict[str, list[str]] = {}
    listeners = LISTENERS.get(component, "")
    if listeners:
        texts = value(listeners)
        matches = [LISTENER.fullmatch(text) for text in _as_strings(texts)]
        found[listeners] = [match[1].strip("[]") for match in matches if match]
    for variable in ADDRESSES.get(component, ()):
        found[variable] = _as_strings(value(variable))
    variable, names = OPTIONS.get(component, ("", ()))
    options = value(variable) if variable else None
    if isinstance(options, Mapping):
        found[variable] = [text for name in names for text in _as_strings(options.get(name))]
    every = ("", "0.0.0.0", "::")
    return {name: kept for name, texts in found.items() if (kept := [text for text in texts if text not in every])}


def refused(component: str, host: str, value: Value) -> Iterator[Problem]:
    """Yield what is wrong with the name under which others reach a component on this host."""
    if component != "kafka_connect":
        return
    name = advertised_host(host, value)
    if not uri_host(name):
        yield Problem(
            host,
            "kafka_connect_advertised_host",
            f"the name '{name}', which is no host of a URI",
            "Workers forward requests to one another by this name, and Jetty refuses it ('Invalid URI host: null'): set "
            "kafka_connect_advertised_host to a name of letters, digits, hyphens and dots, or to an address",
        )


def advertised_host(host: str, value: Value) -> str:
    """Return the name by which a Connect worker is known to the others."""
    given = value("kafka_connect_advertised_host")
    # The role's own default is a template of the host's name.
    return host if given is None or "{{" in str(given) else str(given)


def login_mistakes(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield variable and remedy of what Ansible cannot log in with; templates and what only the run knows are passed over."""
    address, port = values.get("ansible_host"), values.get("ansible_port")
    if address != "" and isinstance(address, (str, int, float)) and "{{" not in str(address) and not is_address(str(address)):
        yield "ansible_host", "Write a name or an address and nothing else: a port is ansible_port, a login ansible_user"
    digits = str(port) if isinstance(port, (int, str)) else "{{"
    if "{{" not in digits and not (re.fullmatch(r"\d{1,5}", digits) and 0 < int(digits) <= HIGHEST_PORT):
        yield "ansible_port", f"Write a number from 1 to {HIGHEST_PORT}"
    if re.search(r"python2(\.\d+)?$", str(values.get("ansible_python_interpreter") or "")):
        yield "ansible_python_interpreter", "Ansible and its modules need Python 3 on the host: leave it out, or write its path"


def is_address(text: str) -> bool:
    """Return whether a text may be an address, or the name of a host or of an entry of ssh_config."""
    try:
        ipaddress.ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        labels = text.rstrip(".").split(".")
        return len(text) <= LONGEST_NAME and all(map(HOST_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return True


def name_mistake(name: str, alone: bool) -> str:
    """Return what to do about the name of a host in the inventory by which the others cannot reach it; '' where they can.

    ``alone`` says that there are no others.
    """
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        labels = name.rstrip(".").split(".")
        if len(name) > LONGEST_NAME or not all(map(HOST_LABEL.fullmatch, labels)) or labels[-1].isdigit():
            return "Write a name of letters, digits, '-' and '.', and ansible_host where the controller uses another one"
        address = None
    if isinstance(address, ipaddress.IPv6Address):
        return "Write a name or an IPv4 address, and this one as ansible_host: addresses with a port have a colon of their own"
    if address and address.is_unspecified:
        return "Write the address by which the other hosts reach it"
    if not alone and (name.lower().rstrip(".") in LOCALHOST or (address and address.is_loopback)):
        return (
            "Every host is that for itself: write the name by which the others reach it, and ansible_connection: local if need be"
        )
    return ""


def uri_host(name: str) -> bool:
    """Return whether Java takes a name or an address as the host of a URI."""
    try:
        ipaddress.ip_address(name.strip("[]").split("%")[0])
    except ValueError:
        return bool(URI_HOST.fullmatch(name))
    return True


def names(host: str, observed: Mapping[str, Any], gone: Collection[str]) -> tuple[list[Problem], list[Problem]]:
    """Names of other hosts that do not resolve on this one, or resolve to this one: problems, and warnings.

    The name of a host that could not be reached either is a warning: it may have left DNS with its host.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name, answer in observed["names"].items():
        addresses = answer["addresses"]
        if not addresses:
            (warnings if name in gone else problems).append(
                Problem(
                    host,
                    "inventory_hostname",
                    f"name {name} that does not resolve ({answer.get('error', 'no address')})",
                    "Add it to DNS or to /etc/hosts of the host",
                )
            )
        elif name != host and loopback(addresses):
            problems.append(
                Problem(
                    host,
                    "inventory_hostname",
                    f"name {name} that resolves to {', '.join(addresses)}, this host itself",
                    "Correct DNS or /etc/hosts of the host",
                )
            )
    return problems, warnings


def own_name(host: str, observed: Mapping[str, Any], carried: Mapping[str, Any]) -> list[Problem]:
    """Components that bind or publish the host's own name, where the host itself takes that for its loopback interface."""
    addresses = observed["names"].get(host, {}).get("addresses", [])
    if not loopback(addresses):
        return []
    problems = []
    for row in carried["components"]:
        for variable, named in row.get("binds", {}).items():
            if host in named:
                problems.append(
                    Problem(
                        host,
                        variable,
                        f"the host's own name {host}, which is {', '.join(addresses)} on the host itself",
                        f"No other host could reach {row['component']} there: take the line out of /etc/hosts of the host, or "
                        "name no address, or one of the host's interfaces",
                    )
                )
    return problems


def loopback(addresses: Collection[str]) -> bool:
    """Return whether there are addresses, all of the loopback interface."""
    return bool(addresses) and all(ipaddress.ip_address(address.split("%")[0]).is_loopback for address in addresses)


def _as_strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [str(one) for one in value] if isinstance(value, list) else []
