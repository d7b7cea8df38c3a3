# SPDX-License-Identifier: Apache-2.0
"""PKCS12 stores for what reads no PEM, which is Connect's REST interface; on the controller, as Base64 of the files."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import Key
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import STORE_PASSWORD
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

ALIAS = b"estate"
PROTECTION = BestAvailableEncryption(STORE_PASSWORD.encode())


def key_store(certificates: Sequence[x509.Certificate], key: Key) -> str:
    """Return a store with a key, its certificate and those above it that are served along."""
    return _text(pkcs12.serialize_key_and_certificates(ALIAS, key, certificates[0], certificates[1:], PROTECTION))


def trust_store(authorities: Sequence[x509.Certificate]) -> str:
    """Return a store with authorities, as Java wants those marked that it may trust."""
    names = [ALIAS + (str(number).encode() if number else b"") for number in range(len(authorities))]
    trusted = [pkcs12.PKCS12Certificate(one, name) for one, name in zip(authorities, names)]
    return _text(pkcs12.serialize_java_truststore(trusted, PROTECTION))


def certificates_in(store: str) -> list[x509.Certificate]:
    """Return the certificates of a store, that of its key first; none where it is no store that can be read."""
    try:
        found = pkcs12.load_pkcs12(base64.b64decode(store), STORE_PASSWORD.encode())
    except ValueError:
        return []
    return [one.certificate for one in (found.cert, *found.additional_certs) if one is not None]


def _text(store: bytes) -> str:
    return base64.b64encode(store).decode()
