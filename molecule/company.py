"""A company that signs certificates itself: a root, authorities below it, and what they sign, good and bad.

As a program it is that company for the scenario secured_company: ``company.py found FOLDER PKI``, ``company.py sign FOLDER PKI``.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
# Authorities of the scenario that let somebody in by a certificate: each has one of its own below the company's root.
INNER = ("local-brokers", "zookeeper-servers", "zookeeper-clients", "connect-cluster-rest")


@dataclass(frozen=True)
class Wish:
    """What a certificate has; the defaults are those of a good one of a server."""

    names: Sequence[str] = ()
    authority: bool = False
    begins: timedelta = timedelta(hours=-1)
    days: float = 90
    usages: Sequence[x509.ObjectIdentifier] | None = (SERVER,)
    signs: bool = True
    depth: int | None = None
    digest: Any = field(default_factory=hashes.SHA256)


AUTHORITY = Wish(authority=True, days=2000, usages=None)


def named(name: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(f"CN={name},O=Example Corp")


@dataclass
class Authority:
    """A certificate of an authority and its key."""

    certificate: x509.Certificate
    key: Any

    def sign(self, name: str, public: Any, wish: Wish, now: datetime) -> x509.Certificate:
        return signed(named(name), public, self.certificate.subject, self.key, wish, now)

    def below(self, name: str, now: datetime, wish: Wish = AUTHORITY, key: Any = None) -> Authority:
        key = key or new_key()
        return Authority(self.sign(name, key.public_key(), wish, now), key)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def root(name: str, now: datetime, wish: Wish = AUTHORITY, key: Any = None) -> Authority:
    key = key or new_key()
    return Authority(signed(named(name), key.public_key(), named(name), key, wish, now), key)


def signed(subject: x509.Name, public: Any, issuer: x509.Name, key: Any, wish: Wish, now: datetime) -> x509.Certificate:
    begin = now + wish.begins
    builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), begin, begin + timedelta(wish.days))
    digital, signer = (wish.signs and wish.authority is one for one in (False, True))
    usage = x509.KeyUsage(digital, False, False, False, False, signer, False, False, False)
    builder = builder.add_extension(x509.BasicConstraints(wish.authority, wish.depth), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    if wish.usages is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(wish.usages), critical=False)
    if wish.names:
        # The names are host names, and addresses where they are all numbers.
        alternatives = [address(one) if one.replace(".", "").isdigit() else x509.DNSName(one) for one in wish.names]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(key, wish.digest)


def address(text: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(text))


def answer(
    authority: Authority, request: x509.CertificateSigningRequest, now: datetime, wish: Wish | None = None
) -> x509.Certificate:
    """Sign a request as it is; with a wish otherwise."""
    asked = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = [*asked.get_values_for_type(x509.DNSName), *map(str, asked.get_values_for_type(x509.IPAddress))]
    return authority.sign(names[0], request.public_key(), wish or Wish(names), now)


def pem(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def key_pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def requests(pki: Path) -> dict[str, x509.CertificateSigningRequest]:
    """Return the requests that a run has written, by file name."""
    return {path.name: x509.load_pem_x509_csr(path.read_bytes()) for path in sorted((pki / "requests").glob("*.csr"))}


def write(folder: Path, name: str, authority: Authority) -> None:
    (folder / f"{name}.crt").write_text(pem(authority.certificate))
    (folder / f"{name}.key").write_text(key_pem(authority.key))


def read(folder: Path, name: str) -> Authority:
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
    return Authority(certificate, load_pem_private_key((folder / f"{name}.key").read_bytes(), None))


def found(folder: Path, pki: Path, now: datetime) -> None:
    """Make the company, and give the estate an authority of its own for what lets somebody in."""
    folder.mkdir(parents=True)
    top = root("Example Root", now)
    servers = top.below("Example Servers", now)
    for name, one in (("root", top), ("servers", servers)):
        write(folder, name, one)
    for name in INNER:
        (pki / name).mkdir(parents=True)
        own = top.below(f"Example {name}", now, replace(AUTHORITY, depth=0))
        # In no order.
        (pki / name / "ca.crt").write_text(pem(top.certificate, own.certificate))
        (pki / name / "ca.key").write_text(key_pem(own.key))


def sign(folder: Path, pki: Path, now: datetime) -> None:
    """Answer the requests: half as PEM, half as DER, and those above them in a bundle of their own."""
    answers, servers = pki / "answers", read(folder, "servers")
    answers.mkdir(exist_ok=True)
    for number, (name, request) in enumerate(requests(pki).items()):
        made = answer(servers, request, now)
        form = Encoding.DER if number % 2 else Encoding.PEM
        (answers / f"{name.removesuffix('.csr')}.{now:%H%M%S}.cer").write_bytes(made.public_bytes(form))
    (answers / "chain.pem").write_text(pem(read(folder, "root").certificate, servers.certificate))


if __name__ == "__main__":
    {"found": found, "sign": sign}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]), datetime.now(UTC).replace(microsecond=0))
