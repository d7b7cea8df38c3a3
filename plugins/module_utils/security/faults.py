# SPDX-License-Identifier: Apache-2.0
"""Why a certificate must not be used: its dates, names, key, signature and what it may be used for.  Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import (
    DAY,
    RENEW_DAYS,
    CertificateError,
    Key,
    issued_by,
    names_of,
    shown,
    signs_itself,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

Kind = TypeVar("Kind", bound=x509.ExtensionType)
MIN_RSA_BITS = 2048
WEAK_HASHES = ("md5", "sha1")
# Those that Java reads.
CURVES = ("secp256r1", "secp384r1", "secp521r1")
AUTHORITY, CERTIFICATE = "an authority", "a certificate"
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE


def authority_faults(certificate: x509.Certificate, key: Key, now: datetime) -> list[str]:
    """Return why an authority must not issue with a key."""
    found = [*weak_signature(certificate), *weak_key(certificate)]
    if certificate.public_key() != key.public_key():
        found.append("a certificate that belongs to another key")
    found += no_authority(certificate)
    if not found and not _has(certificate, x509.SubjectKeyIdentifier):
        found.append("an authority without a subject key identifier")
    if not (usable(certificate, SERVER) and usable(certificate, CLIENT)):
        found.append("an authority that may not sign for servers and clients (extended key usage)")
    found += dated(certificate, AUTHORITY, now)
    if now <= certificate.not_valid_after_utc < now + RENEW_DAYS * DAY:
        found.append(f"an authority that ends on {certificate.not_valid_after_utc:%Y-%m-%d}, in less than {RENEW_DAYS} days")
    return found


def chain(certificate: x509.Certificate, pool: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return a certificate and the authorities above it, in the order of a handshake; the last one signs itself.

    Raises CertificateError, which says who is missing among ``pool``.
    """
    found, others = [certificate], list(pool)
    while not signs_itself(found[-1]):
        if faults := weak_signature(found[-1]):
            # The library does not even look whose it is.
            raise CertificateError(f"found {faults[0]} above it ({shown(found[-1].subject)}); have it signed anew")
        above = [one for one in others if one not in found and issued_by(found[-1], one)]
        if not above:
            raise CertificateError(
                f"found no chain to a root: {shown(found[-1].subject)} is signed by {shown(found[-1].issuer)}, whose certificate "
                "is not there; add it, and those above it"
            )
        found.append(max(above, key=lambda one: (signs_itself(one), one.not_valid_after_utc)))
    return found


def chain_faults(way: Sequence[x509.Certificate], now: datetime) -> list[str]:
    """Return why the authorities above the first certificate of a chain must not be used."""
    found: list[str] = []
    for below, one in enumerate(way[1:], start=int(is_authority(way[0]))):
        # Nobody looks at the signature of a root, for it is trusted as it is.
        faults = [*([] if signs_itself(one) else weak_signature(one)), *weak_key(one), *no_authority(one)]
        faults += dated(one, AUTHORITY, now)
        depth = _constraint(one)
        if depth is not None and depth < below:
            faults.append(f"an authority that allows {depth} authorities below it, and there are {below}")
        if not usable(one, SERVER):
            faults.append("an authority that may not sign for servers (extended key usage)")
        found += [f"{fault} above it ({shown(one.subject)})" for fault in faults]
    return found


def server_faults(certificate: x509.Certificate, host: str, now: datetime) -> list[str]:
    """Return why a host must not be shown to clients with a certificate."""
    found = [*weak_signature(certificate), *weak_key(certificate), *dated(certificate, CERTIFICATE, now)]
    if not covers(names_of(certificate), host):
        found.append(f"a certificate for {', '.join(sorted(names_of(certificate))) or 'no name'}, and none for {host}")
    if signs_itself(certificate):
        found.append("a certificate that signs itself")
    if is_authority(certificate):
        found.append("a certificate of an authority (basic constraint CA), not of a server")
    if not usable(certificate, SERVER):
        found.append("a certificate that is not for servers (extended key usage without serverAuth)")
    usage = _extension(certificate, x509.KeyUsage)
    if usage and not usage.digital_signature:
        found.append("a certificate whose key may not sign (key usage without digitalSignature)")
    return found


def clock_faults(
    clocks: Mapping[str, Mapping[str, float]], held: Mapping[str, Sequence[x509.Certificate]], now: datetime
) -> list[str]:
    """Return the hosts by whose clock a certificate of the estate does not hold, a line each.

    A host read its clock between two readings of the controller's; what the way there took is not counted.
    """
    every = [(one, name) for name, way in held.items() for one in way]
    if not every:
        return []
    youngest = max(every, key=lambda item: item[0].not_valid_before_utc)
    shortest = min(every, key=lambda item: item[0].not_valid_after_utc)
    lines = []
    for host, clock in clocks.items():
        ahead, behind = clock["host"] - clock["after"], clock["before"] - clock["host"]
        there = now + timedelta(seconds=max(ahead, 0) - max(behind, 0))
        said = f"{max(ahead, behind):.0f} s {'ahead of' if ahead > 0 else 'behind'} the controller's"
        for certificate, name in (youngest, shortest):
            if why := dated(certificate, CERTIFICATE, there):
                lines.append(
                    f"{host}: found a clock {said}, by which the estate has {why[0]} ({name}); set the clock that is wrong, for "
                    "instance with chrony"
                )
                break
    return lines


def lacks(certificate: x509.Certificate, subject: x509.Name, names: Iterable[str], now: datetime) -> str:
    """Return why a certificate of the estate must be made anew, '' where it is good."""
    if certificate.subject != subject:
        return "another subject"
    if missing := sorted(set(names) - names_of(certificate)):
        return f"without {', '.join(missing)}"
    if certificate.not_valid_before_utc > now:
        return f"not valid before {certificate.not_valid_before_utc:%Y-%m-%d}"
    if certificate.not_valid_after_utc < now + RENEW_DAYS * DAY:
        return f"ends on {certificate.not_valid_after_utc:%Y-%m-%d}"
    return ", ".join([*weak_signature(certificate), *weak_key(certificate)])


def weak_signature(certificate: x509.Certificate) -> list[str]:
    """Return whether somebody else could have made the signature."""
    algorithm = certificate.signature_hash_algorithm
    if algorithm is not None and algorithm.name in WEAK_HASHES:
        return [f"a signature with {algorithm.name.upper()}"]
    return []


def weak_key(certificate: x509.Certificate) -> list[str]:
    """Return whether a key is too short, or of a kind that not everybody here reads."""
    public = certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        return [f"a key of {public.key_size} bits (RSA; at least {MIN_RSA_BITS})"] if public.key_size < MIN_RSA_BITS else []
    if isinstance(public, ec.EllipticCurvePublicKey):
        return [] if public.curve.name in CURVES else [f"a key on the curve {public.curve.name} (one of {', '.join(CURVES)})"]
    return [f"a key that is neither RSA nor on a curve of {', '.join(CURVES)}"]


def dated(certificate: x509.Certificate, what: str, now: datetime) -> list[str]:
    """Return whether a certificate does not hold at a time."""
    if certificate.not_valid_before_utc > now:
        return [f"{what} that is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"]
    if certificate.not_valid_after_utc < now:
        return [f"{what} that ended on {certificate.not_valid_after_utc:%Y-%m-%d}"]
    return []


def is_authority(certificate: x509.Certificate) -> bool:
    """Return whether a certificate says that it may sign others."""
    constraints = _extension(certificate, x509.BasicConstraints)
    return bool(constraints and constraints.ca)


def no_authority(certificate: x509.Certificate) -> list[str]:
    """Return why a certificate may not sign others."""
    if not is_authority(certificate):
        return ["a certificate that is no authority (basic constraint CA)"]
    usage = _extension(certificate, x509.KeyUsage)
    return (
        ["an authority that may not sign certificates (key usage without keyCertSign)"]
        if usage and not usage.key_cert_sign
        else []
    )


def usable(certificate: x509.Certificate, purpose: x509.ObjectIdentifier) -> bool:
    """Return whether the extended key usages allow a purpose; without any, all are allowed."""
    usages = _extension(certificate, x509.ExtendedKeyUsage)
    return usages is None or purpose in usages or ANY in usages


def covers(names: Iterable[str], host: str) -> bool:
    """Return whether a certificate for some names holds for a host; ``*`` stands for the first part of a name."""
    known = {name.lower().rstrip(".") for name in names}
    wanted = host.lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(wanted)) in known
    except ValueError:
        return bool({wanted, f"*.{wanted.partition('.')[2]}"} & known)


def _constraint(certificate: x509.Certificate) -> int | None:
    constraints = _extension(certificate, x509.BasicConstraints)
    return constraints.path_length if constraints else None


def _has(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> bool:
    return _extension(certificate, kind) is not None


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
