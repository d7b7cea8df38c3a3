# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of Grafana: TLS, and its login at Prometheus.  Pure.

It shows what Prometheus has, so its certificate is of the same authority: who trusts the one trusts the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import AUTHORITY, LOGINS, variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    TOOLKIT_DIR,
    pem_item,
    tls_folder,
)

# The variable with the password of each console's administrator.
ADMINISTRATORS = {"grafana": "grafana_admin_password"}


def hosts(topology: Mapping[str, Any], component: str) -> list[str]:
    """Return the hosts of a component in a secured estate."""
    rows = topology.get("components", ()) if topology.get("secured") else ()
    return [row["host"] for row in rows if row["component"] == component]


def logins(topology: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables with passwords of administrators, and for each a host that it is for."""
    found = {variable: hosts(topology, component) for component, variable in ADMINISTRATORS.items()}
    return {variable: some[0] for variable, some in found.items() if some}


def reader(component: str) -> dict[str, str]:
    """Return the files with which the toolkit asks a console whether it serves, on its host; {} for what is none of these."""
    return {"ca": f"{TOOLKIT_DIR}/metrics-ca.pem"} if component in ADMINISTRATORS else {}


def grafana(topology: Mapping[str, Any], host: str, directory: str, user: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return what Grafana has more: ``options`` of grafana.ini, ``datasource``, ``files``, ``watch``, ``password`` and ``probe``.

    ``directory`` is that of its files, ``passwords`` are by variable. ``datasource`` is laid over what its data source has,
    ``password`` is that of the administrator, where the inventory has none. In an open estate all of it is empty.
    """
    if host not in hosts(topology, "grafana"):
        return {"options": {}, "datasource": {}, "files": [], "watch": [], "password": "", "probe": {}}
    tls, secrets, login = f"{directory}/tls", f"{directory}/secrets", LOGINS["prometheus"]
    key = pem_item(f"{tls}/grafana.pem", AUTHORITY, f"grafana@{host}", user)
    ca = pem_item(f"{tls}/metrics-ca.pem", AUTHORITY)
    # Grafana takes the whole file.
    password = {"path": f"{secrets}/{login}", "content": passwords.get(variable_of(login), ""), "owner": user, "mode": "0400"}
    asks = bool(hosts(topology, "prometheus"))
    toolkit = [tls_folder("/opt/kafka-estate"), tls_folder(TOOLKIT_DIR), pem_item(reader("grafana")["ca"], AUTHORITY)]
    return {
        "options": {
            "server.protocol": "https",
            "server.cert_file": key["path"],
            "server.cert_key": key["path"],
            # Of what is older, it offers suites that are weak, and they cannot be chosen.
            "server.min_tls_version": "TLS1.3",
            "security.cookie_secure": True,
            "security.strict_transport_security": True,
            "auth.anonymous.hide_version": True,
        },
        "datasource": {
            "basicAuth": True,
            "basicAuthUser": login,
            "jsonData": {"tlsAuthWithCACert": True},
            "secureJsonData": {
                "basicAuthPassword": f"$__file{{{password['path']}}}",
                "tlsCACert": f"$__file{{{ca['path']}}}",
            },
        }
        if asks
        else {},
        "files": [
            tls_folder(tls),
            tls_folder(secrets),
            key,
            *([ca, password | {"secret": True}] if asks else []),
            *(item | {"group": "root"} for item in toolkit),
        ],
        "watch": [key["path"], *([ca["path"], password["path"]] if asks else [])],
        "password": passwords.get(ADMINISTRATORS["grafana"], ""),
        "probe": {"host": host, **reader("grafana")},
    }
