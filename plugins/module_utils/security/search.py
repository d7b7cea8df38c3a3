# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of Elasticsearch and of what reads it: TLS, users and their roles.  Pure.

Users and roles are files on every node, which reads them again by itself: there is no moment at which nobody, or everybody, has a
login. Nodes know each other by an authority that nothing else has.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.yaml_file import yaml_file
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    OWN,
    PROTOCOLS,
    SUITES,
    TOOLKIT_DIR,
    Item,
    authority,
    issuer_item,
    pem_item,
    store_item,
    tls_folder,
)

HTTP, TRANSPORT = authority("elasticsearch", "http"), authority("elasticsearch", "transport")
KIBANA_HTTP = authority("kibana", "http")
TOOLKIT, INDEXER, EXPORTER, KIBANA = (f"{OWN}{name}" for name in ("toolkit", "indexer", "exporter", "kibana"))
# What Kibana encrypts in Elasticsearch with a key of its own each; one that is lost makes that unreadable.
KIBANA_KEYS = {
    "security": "xpack.security.encryptionKey",
    "saved_objects": "xpack.encryptedSavedObjects.encryptionKey",
    "reporting": "xpack.reporting.encryptionKey",
}
ITERATIONS, KEY_BYTES = 10000, 32


def login_files() -> dict[str, str]:
    """Return the files with which the toolkit asks Elasticsearch, on a node's host."""
    return {"ca": f"{TOOLKIT_DIR}/elasticsearch-ca.pem", "login": f"{TOOLKIT_DIR}/elasticsearch.login"}


def kibana_files() -> dict[str, str]:
    """Return the files with which the toolkit asks Kibana, on its host: the login is one of Elasticsearch."""
    return {"ca": f"{TOOLKIT_DIR}/kibana-ca.pem", "login": f"{TOOLKIT_DIR}/elasticsearch.login"}


def variable_of(user: str) -> str:
    """Return the variable with the password of a user of Elasticsearch whom the inventory gives none."""
    return "estate_password_elasticsearch_" + re.sub(r"[^A-Za-z0-9]+", "_", user).strip("_").lower()


def key_variable(purpose: str) -> str:
    """Return the variable with one of the keys of Kibana."""
    return f"estate_secret_kibana_{purpose}"


def secrets(topology: Mapping[str, Any], users: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the variables with what nobody has written, and a run makes; [] in an estate that is open, or has no node.

    ``users`` are the inventory's own. Raises ValueError where two of them would share a variable.
    """
    if not topology.get("secured") or not topology["elasticsearch"]["hosts"]:
        return []
    found: dict[str, str] = {}
    for name in [*_own(topology), *(str(user["name"]) for user in users if not user.get("password"))]:
        if (other := found.setdefault(variable_of(name), name)) != name:
            both = f"{name} and {other} would share the variable {variable_of(name)}"
            raise ValueError(f"elasticsearch_users: {both}: give one of them a password")
    return [*found, *(map(key_variable, KIBANA_KEYS) if topology["kibana"]["hosts"] else ())]


def _own(topology: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the toolkit's own users with the names of their roles."""
    used = {row["component"] for row in topology["components"]}
    # Objects of Kibana are written with the toolkit's login.
    found = {TOOLKIT: [TOOLKIT, *(["kibana_admin"] if "kibana" in used else [])], INDEXER: [INDEXER]}
    if "elasticsearch_exporter" in used:
        found[EXPORTER] = [EXPORTER]
    if "kibana" in used:
        found[KIBANA] = ["kibana_system"]
    return found


def _roles(indices: Sequence[str]) -> dict[str, Any]:
    """Return the least that each of these users needs, as roles.yml has it; ``indices`` are those of the indexer."""
    writes = ["create_index", "index", "auto_configure", "view_index_metadata", "indices:admin/mapping/put"]
    # It counts what it wrote: after a refresh, which is maintenance.
    return {
        TOOLKIT: {"cluster": ["monitor"], "indices": [{"names": ["*"], "privileges": ["monitor"]}]},
        EXPORTER: {"cluster": ["monitor"], "indices": [{"names": ["*"], "privileges": ["monitor", "view_index_metadata"]}]},
        INDEXER: {"indices": [{"names": list(indices), "privileges": [*writes, "read", "maintenance"]}]},
    }


@functools.cache
def password_hash(user: str, password: str) -> str:
    """Return a password as the file ``users`` has it; the same for the same password, so that a run changes nothing.

    The salt is no faster to try than the hash itself.
    """

    def stretched(salt: bytes) -> bytes:
        return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, KEY_BYTES)

    salt = stretched(f"salt of {user}".encode())
    return f"{{PBKDF2}}{ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(stretched(salt)).decode()}"


def _key_files(directory: str, name: str, ca: str, host: str, user: str) -> list[Item]:
    """Return a key and its certificate as two files: Elasticsearch reads no file with both."""
    item = pem_item(f"{directory}/{name}", ca, host, user)
    return [
        item | {"path": f"{item['path']}.{end}", "pem": item["pem"] | {"part": part}}
        for end, part in (("key", "key"), ("crt", "certificate"))
    ]


def _login(path: str, user: str, owner: str, passwords: Mapping[str, str]) -> Item:
    return _secret(path, f"{user}:{passwords.get(variable_of(user), '')}\n", owner)


def _secret(path: str, content: str, owner: str) -> Item:
    return {"path": path, "content": content, "owner": owner, "mode": "0400", "secret": True}


def _of_toolkit(files: Mapping[str, str], ca: str, passwords: Mapping[str, str]) -> list[Item]:
    folders = [tls_folder("/opt/kafka-estate"), tls_folder(TOOLKIT_DIR)]
    own = [*folders, pem_item(files["ca"], ca), _login(files["login"], TOOLKIT, "root", passwords)]
    return [item | {"group": "root"} for item in own]


def _tls(prefix: str, directory: str, name: str) -> dict[str, Any]:
    return {
        f"{prefix}.enabled": True,
        f"{prefix}.key": f"{directory}/{name}.key",
        f"{prefix}.certificate": f"{directory}/{name}.crt",
        f"{prefix}.supported_protocols": list(PROTOCOLS),
        f"{prefix}.cipher_suites": list(SUITES),
    }


def node(topology: Mapping[str, Any], host: str, directory: str, user: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return what a node has more: ``options`` of elasticsearch.yml, ``files``, ``nodes`` for its start, ``tls``.

    ``directory`` is that of the node's files, ``passwords`` are by variable. A node of an open estate has
    nothing. Nodes read files anew by themselves, so there is nothing to watch.
    """
    files = topology["elasticsearch"].get("tls")
    if not files:
        return {"options": {}, "files": [], "nodes": {}, "tls": {}}
    tls = f"{directory}/tls"
    options = {
        "xpack.security.enabled": True,
        **_tls("xpack.security.http.ssl", tls, "http"),
        **_tls("xpack.security.transport.ssl", tls, "transport"),
        "xpack.security.transport.ssl.certificate_authorities": [f"{tls}/transport-ca.crt"],
        "xpack.security.transport.ssl.client_authentication": "required",
        "xpack.security.transport.ssl.verification_mode": "full",
    }
    login = {"ca": f"{tls}/http-ca.crt", "login": f"{tls}/toolkit.login"}
    items = [
        tls_folder(tls),
        *_key_files(tls, "http", HTTP, host, user),
        *_key_files(tls, "transport", TRANSPORT, host, user),
        issuer_item(f"{tls}/transport-ca.crt", TRANSPORT),
        # With which the node asks the others whether there is a cluster.
        pem_item(login["ca"], HTTP),
        _login(login["login"], TOOLKIT, user, passwords),
    ]
    return {"options": options, "files": [*items, *_of_toolkit(files, HTTP, passwords)], "nodes": login, "tls": files}


def user_files(
    topology: Mapping[str, Any],
    directory: str,
    user: str,
    passwords: Mapping[str, str],
    users: Sequence[Mapping[str, Any]],
    roles: Mapping[str, Any],
    indices: Sequence[str],
) -> list[Item]:
    """Return the files with users and roles, the same on every node; [] in an open estate.

    ``users`` and ``roles`` are the inventory's own, ``indices`` those that the indexer writes.
    """
    if "tls" not in topology["elasticsearch"]:
        return []
    wanted = {name: (passwords.get(variable_of(name), ""), names) for name, names in _own(topology).items()}
    for one in users:
        name = str(one["name"])
        wanted[name] = (str(one.get("password") or passwords.get(variable_of(name), "")), list(one["roles"]))
    members: dict[str, list[str]] = {}
    for name, (_, names) in wanted.items():
        for role in names:
            members.setdefault(role, []).append(name)
    texts = {
        "users": "".join(f"{name}:{password_hash(name, password)}\n" for name, (password, _) in wanted.items()),
        "users_roles": "".join(f"{role}:{','.join(names)}\n" for role, names in members.items()),
        "roles.yml": yaml_file({**_roles(indices), **roles}),
    }
    return [
        {"path": f"{directory}/{name}", "content": text, "owner": user, "mode": "0400", "secret": name == "users"}
        for name, text in texts.items()
    ]


def kibana(topology: Mapping[str, Any], host: str, directory: str, user: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return what Kibana has more: ``options`` of kibana.yml, ``files``, ``watch``, ``words`` of the command, ``tls``, ``url``.

    A Kibana of an open estate has nothing but its ``url``.
    """
    found = topology["kibana"]
    url = found["urls"][found["hosts"].index(host)]
    if "tls" not in found:
        return {"options": {}, "files": [], "watch": [], "words": [], "tls": {}, "url": url}
    tls, own = f"{directory}/tls", f"{directory}/secrets.yml"
    options = {
        "server.publicBaseUrl": url,
        "server.ssl.enabled": True,
        "server.ssl.key": f"{tls}/http.key",
        "server.ssl.certificate": f"{tls}/http.crt",
        "server.ssl.supportedProtocols": list(reversed(PROTOCOLS)),
        "elasticsearch.username": KIBANA,
        "elasticsearch.ssl.certificateAuthorities": [f"{tls}/elasticsearch-ca.crt"],
        "elasticsearch.ssl.verificationMode": "full",
    }
    secret = {"elasticsearch.password": passwords.get(variable_of(KIBANA), "")}
    secret |= {option: passwords.get(key_variable(purpose), "") for purpose, option in KIBANA_KEYS.items()}
    watched = [
        *_key_files(tls, "http", KIBANA_HTTP, host, user),
        pem_item(f"{tls}/elasticsearch-ca.crt", HTTP),
        {"path": own, "content": yaml_file(secret), "owner": user, "mode": "0400", "secret": True},
    ]
    return {
        "options": options,
        "files": [tls_folder(tls), *watched, *_of_toolkit(found["tls"], KIBANA_HTTP, passwords)],
        "watch": [item["path"] for item in watched],
        # Each file of settings is laid over those before it.
        "words": ["--config", f"{directory}/kibana.yml", "--config", own],
        "tls": found["tls"],
        "url": url,
    }


def for_workers(topology: Mapping[str, Any], directory: str, user: str, passwords: Mapping[str, str]) -> list[Item]:
    """Return the files with which sinks of a Connect worker write to Elasticsearch; none without a node.

    The authority as PEM and as PKCS12, and the login, for ``${file:...}``.
    """
    if not topology["elasticsearch"]["hosts"]:
        return []
    content = f"username={INDEXER}\npassword={passwords.get(variable_of(INDEXER), '')}\n"
    return [
        pem_item(f"{directory}/tls/elasticsearch-ca.pem", HTTP),
        store_item(f"{directory}/tls/elasticsearch-ca.p12", HTTP),
        _secret(f"{directory}/secrets/elasticsearch.properties", content, user),
    ]


def exporter(topology: Mapping[str, Any], directory: str, user: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return what the exporter has more: ``flags``, ``files``, ``watch``, ``environment``, the file with its login.

    It takes a login from its environment alone. Its own port has neither TLS nor a login, so it is there for its host only.
    """
    if "tls" not in topology["elasticsearch"]:
        return {"flags": {}, "files": [], "watch": [], "environment": ""}
    login = f"{directory}/login"
    watched = [
        pem_item(f"{directory}/elasticsearch-ca.crt", HTTP),
        {
            "path": login,
            "content": f"ES_USERNAME={EXPORTER}\nES_PASSWORD={passwords.get(variable_of(EXPORTER), '')}\n",
            "owner": user,
            "mode": "0400",
            "secret": True,
        },
    ]
    return {
        "flags": {"es.ca": watched[0]["path"]},
        "files": [tls_folder(directory), *watched],
        "watch": [item["path"] for item in watched],
        "environment": login,
    }
