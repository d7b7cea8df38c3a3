# SPDX-License-Identifier: Apache-2.0
"""What a certificate says that a port showed.  For the controller: hosts have no library for it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MIN_BITS = {"RSA": 2048, "EC": 224}
BROKEN_HASHES = ("md5", "sha1")


@dataclass(frozen=True)
class Certificate:
    """A certificate: subject, names and addresses, seconds since the epoch, and its key by kind, bits and digest.

    ``digest`` is the SHA-256 of all of it, ``hash`` the one that its signature is made with.
    """

    subject: str
    common_name: str
    names: tuple[str, ...]
    begins: float
    ends: float
    key: str
    bits: int
    key_digest: str
    hash: str
    digest: str

    @property
    def weak(self) -> bool:
        """Return whether its key is too short or its signature broken."""
        return self.bits < MIN_BITS.get(self.key, 0) or self.hash in BROKEN_HASHES

    def is_for(self, *names: str) -> bool:
        """Return whether it has one of these names or addresses; a name may stand for one label, as in ``*.example.com``."""
        wanted = {one.lower() for one in names}
        return any(one.lower() in wanted or any(_covers(one.lower(), name) for name in wanted) for one in self.names)


def _covers(pattern: str, name: str) -> bool:
    return pattern.startswith("*.") and name.partition(".")[2] == pattern[2:]


def decoded(encoded: str) -> Certificate | None:
    """Return the certificate of DER in Base64; None where it is none that can be read."""
    try:
        raw = base64.b64decode(encoded)
        found = x509.load_der_x509_certificate(raw)
        public = found.public_key()
        digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
        common = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return Certificate(
            subject=found.subject.rfc4514_string(),
            common_name=str(common[0].value) if common else "",
            names=_names(found),
            begins=found.not_valid_before_utc.timestamp(),
            ends=found.not_valid_after_utc.timestamp(),
            key="RSA"
            if isinstance(public, rsa.RSAPublicKey)
            else "EC"
            if isinstance(public, ec.EllipticCurvePublicKey)
            else "other",
            bits=int(getattr(public, "key_size", 256)),
            key_digest=digest,
            digest=hashlib.sha256(raw).hexdigest(),
            hash=found.signature_hash_algorithm.name if found.signature_hash_algorithm else "",
        )
    except ValueError:
        return None


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return (*names.get_values_for_type(x509.DNSName), *addresses)
