# SPDX-License-Identifier: Apache-2.0
"""Option of every module that waits until a service serves."""

from __future__ import annotations


class ModuleDocFragment:
    """``extends_documentation_fragment: estate.kafka.probe``."""

    DOCUMENTATION = r"""
options:
  probe:
    description: How to see that the service serves.
    type: dict
    suboptions:
      kind: {description: Kind of probe., type: str, choices: [tcp, http, zookeeper, none], default: none}
      host: {description: Address to ask., type: str, default: 127.0.0.1}
      port: {description: Port to ask., type: int}
      path: {description: Path of an HTTP probe., type: str, default: /}
      ca: {description: File of the authority of a server that speaks TLS; HTTP becomes HTTPS with it., type: path}
      key: {description: File with the key and the certificate for that server., type: path}
      login: {description: "File with C(user:password) for that server, sent over TLS only.", type: path}
      status: {description: HTTP status codes that count as serving., type: list, elements: int, default: [200]}
"""
