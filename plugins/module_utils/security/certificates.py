# SPDX-License-Identifier: Apache-2.0
"""Keys, authorities and certificates, made and read on the controller with the library that ansible-core brings."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = timedelta(days=1)
AUTHORITY_DAYS, CERTIFICATE_DAYS = 3650, 397
# A certificate with fewer days left is renewed; an authority with fewer is refused. No certificate ends after its authority.
RENEW_DAYS = 60
ORGANIZATION = "estate"


class CertificateError(Exception):
    """A file that is no key or certificate, or one that must not be used; the text says which and what to do."""


def make_key() -> str:
    """Return a new private key as PEM, in the only form that Kafka and ZooKeeper read (PKCS8)."""
    return key_text(ec.generate_private_key(ec.SECP256R1()))


def key_text(key: Key) -> str:
    """Return a private key as PEM without a password."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def read_key(text: str, where: str) -> Key:
    """Return the private key in a PEM text. Raises CertificateError, which names ``where``."""
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except TypeError as error:
        remedy = "write it without one (openssl pkcs8 -topk8 -nocrypt), then encrypt the file with ansible-vault"
        raise CertificateError(f"{where}: found a private key with a password of its own; {remedy}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{where}: found no private key as PEM ({error})") from error
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise CertificateError(f"{where}: found a key of a kind that is not supported; use RSA or an elliptic curve")
    return key


def read_certificate(text: str, where: str) -> x509.Certificate:
    """Return the first certificate in a PEM text. Raises CertificateError, which names ``where``."""
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise CertificateError(f"{where}: found no certificate as PEM ({error})") from error


def read_certificates(content: bytes, where: str) -> list[x509.Certificate]:
    """Return every certificate in a file as authorities send them: PEM, DER or PKCS#7. Raises CertificateError."""
    readers: list[Callable[[bytes], list[x509.Certificate]]] = [
        x509.load_pem_x509_certificates,
        lambda one: [x509.load_der_x509_certificate(one)],
        pkcs7.load_pem_pkcs7_certificates,
        pkcs7.load_der_pkcs7_certificates,
    ]
    # What begins as PEM is told by what is wrong with that.
    for load in readers[:1] if b"-----BEGIN CERTIFICATE-----" in content else readers:
        with contextlib.suppress(ValueError, UnsupportedAlgorithm):
            found = load(content)
            for one in found:
                # Both are read only now.
                one.public_key(), one.extensions
            return found
    raise CertificateError(f"{where}: found no certificate that can be read, as PEM, DER or PKCS#7; have it sent again")


def pem(*certificates: x509.Certificate) -> str:
    """Return certificates as PEM."""
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def make_authority(name: str, key: Key, now: datetime) -> x509.Certificate:
    """Return a self-signed authority. No two have the same subject: ZooKeeper keeps one authority for each."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name[:48]} {now:%Y%m%d}-{secrets.token_hex(2)}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
        ]
    )
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    builder = _builder(subject, subject, key, now, now + AUTHORITY_DAYS * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def issue(
    subject: x509.Name, names: Iterable[str], key: Key, authority: x509.Certificate, authority_key: Key, now: datetime
) -> x509.Certificate:
    """Return a certificate that serves and connects, for names and addresses."""
    end = min(now + CERTIFICATE_DAYS * DAY, authority.not_valid_after_utc)
    builder = _builder(subject, authority.subject, key, now, end)
    public = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(both, critical=False)
        .add_extension(x509.SubjectAlternativeName(list(map(alternative, names))), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(public), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def subject_of(name: str, unit: str) -> x509.Name:
    """Return the subject of a certificate of the estate, as Java writes it: ``CN=name,OU=unit,O=estate``."""
    parts = ((NameOID.ORGANIZATION_NAME, ORGANIZATION), (NameOID.ORGANIZATIONAL_UNIT_NAME, unit), (NameOID.COMMON_NAME, name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def names_of(certificate: x509.Certificate) -> set[str]:
    """Return the names and addresses that a certificate holds for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))}


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Return whether an authority signed a certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def signs_itself(certificate: x509.Certificate) -> bool:
    """Return whether a certificate is the last of a chain."""
    return certificate.issuer == certificate.subject


def shown(name: x509.Name) -> str:
    """Return a subject or an issuer for a person."""
    return name.rfc4514_string() or "nobody"


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, end: datetime) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Clocks differ.
        .not_valid_before(now - DAY)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def alternative(name: str) -> x509.GeneralName:
    """Return a name or an address as a certificate has it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def utc_now() -> datetime:
    """Return the time to judge by."""
    return datetime.now(UTC).replace(microsecond=0)
