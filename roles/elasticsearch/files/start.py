#!/usr/bin/env python3
"""Starts a node of a cluster of several, and names the nodes of its first formation only while there is no cluster.

``cluster.initial_master_nodes`` is for the very first start.  Later it is not only useless: nodes that are new, or have lost
their data, would form a second cluster with it if they did not find the first.  So it is given on the command line, and only if
this node has never been in a cluster and no other node that answers is in one.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TIMEOUT_SECONDS = 2
DENIED = (401, 403)
# The last commit of the node's own metadata has the term of the last election in it; 0 until the cluster forms.
ELECTED = re.compile(rb"current_term.[1-9]", re.DOTALL)
# Elasticsearch 7 has the directory deeper.
COMMITS = ("_state/segments_*", "nodes/*/_state/segments_*")
# Asked of the node alone, which answers without a master too.
QUESTION = "/_cluster/state/metadata?local=true&filter_path=metadata.cluster_uuid_committed"
Ask = Callable[[str], bool]


def was_in_a_cluster(data: Path) -> bool:
    """Return whether the node with this data directory has been in a cluster."""
    return any(ELECTED.search(path.read_bytes()) for pattern in COMMITS for path in data.glob(pattern))


def asking(files: Mapping[str, str]) -> Ask:
    """Return the question whether a node answers that it is in a cluster that has formed; one without an answer does not.

    Ends the process at one that lets this node not ask.

    ``files`` has the paths ``ca`` and ``login``, of a file with ``user:password``, for nodes that speak TLS.
    """
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    headers = {}
    if "ca" in files:
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=files["ca"])))
        login = base64.b64encode(Path(files["login"]).read_bytes().strip()).decode()
        headers["Authorization"] = f"Basic {login}"
    direct = urllib.request.build_opener(*handlers)

    def is_in_a_cluster(url: str) -> bool:
        try:
            with direct.open(urllib.request.Request(url + QUESTION, headers=headers), timeout=TIMEOUT_SECONDS) as answer:
                return bool(json.load(answer)["metadata"]["cluster_uuid_committed"])
        except urllib.error.HTTPError as error:
            if error.code in DENIED:
                found = f"{url} does not tell this node whether it is in a cluster (HTTP {error.code})"
                remedy = "run playbooks/elasticsearch.yml without --limit, which gives all nodes the same users"
                raise SystemExit(f"{found}, and a second one must not form beside it: {remedy}") from error
            return False
        except (OSError, ValueError, LookupError, TypeError):
            return False

    return is_in_a_cluster


def formation(data: Path, names: Sequence[str], urls: Sequence[str], is_in_a_cluster: Ask) -> list[str]:
    """Return the options of Elasticsearch with which the cluster forms; none where it has formed."""
    if was_in_a_cluster(data) or any(map(is_in_a_cluster, urls)):
        return []
    return ["-E", f"cluster.initial_master_nodes={','.join(names)}"]


def main() -> None:
    """Become Elasticsearch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", required=True, type=Path, help="JSON: names and URLs of all nodes, files for TLS")
    parser.add_argument("--data", required=True, type=Path, help="data directory of this node")
    parser.add_argument("command", nargs="+", help="program and options of Elasticsearch, after --")
    options = parser.parse_args()
    nodes = json.loads(options.nodes.read_text(encoding="utf-8"))
    command = [*options.command, *formation(options.data, nodes["names"], nodes["urls"], asking(nodes))]
    print("Starts:", *command, flush=True)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
