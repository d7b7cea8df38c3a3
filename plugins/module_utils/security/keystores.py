# SPDX-License-Identifier: Apache-2.0
"""PKCS12 stores for what reads no PEM, which is Connect's REST interface; on the controller, as Base64 of the files."""

from __future__ import annotations

import base64

from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import Key
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import STORE_PASSWORD
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

ALIAS = b"estate"
PROTECTION = BestAvailableEncryption(STORE_PASSWORD.encode())


def key_store(certificate: x509.Certificate, key: Key) -> str:
    """Return a store with a key and its certificate."""
    return _text(pkcs12.serialize_key_and_certificates(ALIAS, key, certificate, None, PROTECTION))


def trust_store(authority: x509.Certificate) -> str:
    """Return a store with an authority, as Java wants those marked that it may trust."""
    trusted = [pkcs12.PKCS12Certificate(authority, ALIAS)]
    return _text(pkcs12.serialize_java_truststore(trusted, PROTECTION))


def certificate_in(store: str) -> x509.Certificate | None:
    """Return the only certificate of a store; None where it is no store that can be read."""
    try:
        found = pkcs12.load_pkcs12(base64.b64decode(store), STORE_PASSWORD.encode())
    except ValueError:
        return None
    return next((one.certificate for one in (found.cert, *found.additional_certs) if one is not None), None)


def _text(store: bytes) -> str:
    return base64.b64encode(store).decode()
