# SPDX-License-Identifier: Apache-2.0
"""Certificates that a company's authority signs: requests for it, and its answers, looked at before they are taken in.

It signs for nobody who is let in by a certificate: whoever else has one of the same company would be let in too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import (
    DAY,
    RENEW_DAYS,
    CertificateError,
    alternative,
    key_text,
    make_key,
    names_of,
    pem,
    read_certificates,
    read_key,
    shown,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import REST
from ansible_collections.estate.kafka.plugins.module_utils.security.faults import (
    chain,
    chain_faults,
    covers,
    is_authority,
    server_faults,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import AUTHORITY, FRESH, Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import AUTHORITY as METRICS
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import common_name
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import AUTHORITY as REGISTRY
from ansible_collections.estate.kafka.plugins.module_utils.security.search import HTTP, KIBANA_HTTP, TRANSPORT
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted, for_clients
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Folders beside those of the authorities.
REQUESTS, ANSWERS, LIST = "requests", "answers", "list.txt"
PLAYBOOK = "playbooks/requests.yml"


def signable(topology: Mapping[str, Any], known: Collection[str]) -> dict[str, str]:
    """Return the authorities of an estate that a company's may stand for, with what each is of.

    They are those of servers alone, whose clients log in with a password.
    """
    found = {name: f"brokers of {cluster}, at their port for clients" for name, cluster in for_clients(topology).items()}
    found |= {
        HTTP: "Elasticsearch, for its clients",
        KIBANA_HTTP: "Kibana",
        METRICS: "metrics, Prometheus, Alertmanager, Grafana",
    }
    return {name: what for name, what in found.items() if name in known}


def signed(topology: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """Return the authorities that the company's is to stand for; raises ValueError for one that it cannot."""
    company = topology.get("company")
    if company is None:
        return []
    able = signable(topology, known)
    for name in company["authorities"]:
        if name not in known:
            raise ValueError(f"estate_ca_authorities: found {name}, which the estate does not have; it has {', '.join(known)}")
        if name not in able:
            raise ValueError(
                f"estate_ca_authorities: found {name}, whose certificates let somebody in: with a company's authority, everybody "
                f"else's certificate of the company would too. Leave it to the toolkit; the company may sign {', '.join(able)}"
            )
    return list(company["authorities"] or able)


def own_faults(folder: Folder, known: Iterable[str], company: Collection[str]) -> list[str]:
    """Return what is wrong with authorities whose keys are here: where they stand for the company's, or have one above them."""
    wrong = []
    for name in known:
        at = folder.file(name, AUTHORITY, "crt")
        above = len(folder.certificates(at)) > 1
        if name in company and not above and folder.there(folder.file(name, AUTHORITY, "key")):
            wrong.append(
                f"{at}: found an authority of the toolkit's own, and estate_ca: company. To move an estate from the one to the "
                "other is not implemented yet: leave it with estate_ca: own, or name only others in estate_ca_authorities"
            )
        if name == REGISTRY and above:
            wrong.append(
                f"{at}: found an authority with others above it. The registry's proxy accepts every client certificate that "
                "chains to the root, so it would accept theirs as well: use a self-signed authority, or leave it to the toolkit"
            )
    return wrong


@dataclass(frozen=True)
class Sent:
    """A certificate, and the file that it was found in."""

    certificate: x509.Certificate
    file: str


def answers_in(folder: Path) -> tuple[list[Sent], list[str]]:
    """Return every certificate in the files of a folder, whatever their names, and what is wrong with others."""
    found, wrong = [], []
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    for path in sorted(path for path in files if path.suffix != ".csr"):
        try:
            found += [Sent(one, str(path)) for one in read_certificates(path.read_bytes(), str(path))]
        except CertificateError as error:
            wrong.append(f"{error}, or remove the file")
        except OSError as error:
            wrong.append(f"{path}: cannot be read ({error.strerror})")
    return found, wrong


def take(folder: Folder, wanted: Iterable[Wanted], now: datetime) -> list[str]:
    """Put answers in place where they are newer than what is there; return what is missing or wrong, a line each."""
    answers, wrong = answers_in(folder.path / ANSWERS)
    for one in wanted:
        try:
            _take(folder, one, answers, now)
        except CertificateError as error:
            wrong.append(f"{one.names[0]}: {error}")
    return wrong


def _take(folder: Folder, one: Wanted, answers: Sequence[Sent], now: datetime) -> None:
    at, key_at = (folder.file(one.authority, one.name, kind) for kind in ("crt", "key"))
    keys = {path: read_key(text, str(path)) for path in (key_at, fresh(key_at)) if (text := folder.text(path))}
    here = [Sent(found, str(at)) for found in folder.certificates(at)]
    request = folder.path / REQUESTS / file_name(one)
    if not keys:
        raise CertificateError(f"{key_at}: found nothing; run {PLAYBOOK}, which makes the key and asks for its certificate")
    public = {path: key.public_key() for path, key in keys.items()}
    fitting = [sent for sent in (*here, *answers) if sent.certificate.public_key() in public.values()]
    if not fitting:
        raise CertificateError(_missing(one, at, request, here, answers))
    newest = max(fitting, key=lambda sent: sent.certificate.not_valid_before_utc)
    certificate, file = newest.certificate, newest.file
    root_at = folder.file(one.authority, AUTHORITY, "crt")
    roots = folder.certificates(root_at)
    again = (
        f"have {request} signed anew, as its {LIST} says" if folder.there(request) else f"run {PLAYBOOK} and have it signed anew"
    )
    try:
        way = chain(certificate, [*(sent.certificate for sent in (*here, *answers)), *roots])
    except CertificateError as error:
        faults = server_faults(certificate, one.names[0], now)
        said = f"found {', '.join(faults)}; {again}" if faults else f"{error} ({folder.path / ANSWERS})"
        raise CertificateError(f"{file}: {said}") from error
    if faults := [*server_faults(certificate, one.names[0], now), *chain_faults(way, now)]:
        raise CertificateError(f"{file}: found {', '.join(faults)}; {again}")
    if roots and way[-1] not in roots:
        raise CertificateError(
            f"{file}: found a certificate under {shown(way[-1].subject)}, which nobody trusts yet: add that root to {root_at}, "
            f"take {file} away, run, and give it to the clients (playbooks/client.yml); then put {file} back"
        )
    _put(folder, one, way, key_text(keys[next(path for path, key in public.items() if key == certificate.public_key())]))


def _put(folder: Folder, one: Wanted, way: Sequence[x509.Certificate], key: str) -> None:
    """Have a certificate written with those that are served beside it, its key where it is a fresh one, and its root."""
    at, key_at = (folder.file(one.authority, one.name, kind) for kind in ("crt", "key"))
    root_at, text = folder.file(one.authority, AUTHORITY, "crt"), pem(*way[:-1])
    if not folder.text(root_at):
        folder.put(root_at, pem(way[-1]))
        folder.made.append(f"authority {one.authority}: {shown(way[-1].subject)} is trusted")
    if folder.text(at) != text:
        folder.put(at, text)
        folder.made.append(f"certificate {one.authority}/{one.name} (signed by {shown(way[0].issuer)})")
    former = folder.text(key_at)
    if not former or key_text(read_key(former, str(key_at))) != key:
        folder.put(key_at, key)
        folder.made.append(f"key of certificate {one.authority}/{one.name}")
    folder.held[f"{one.authority}/{one.name}"] = way
    folder.stores(one)


def _missing(one: Wanted, at: Path, request: Path, here: Sequence[Sent], answers: Sequence[Sent]) -> str:
    """Return what is there instead of a certificate for a key."""
    host, into = one.names[0], at.parents[1] / ANSWERS
    if here:
        return f"{at}: found a certificate that belongs to another key; put back the one of {at.with_suffix('.key').name}"
    others = [sent for sent in answers if not is_authority(sent.certificate) and covers(names_of(sent.certificate), host)]
    found = f"found nothing, and {others[0].file} for {host}, which belongs to another key" if others else "found nothing"
    return f"{at}: {found}; have {request} signed ({PLAYBOOK} writes it) and put the answer into {into}"


def fresh(key_at: Path) -> Path:
    """Return where a key lies that is to take the place of another one, as soon as it has a certificate."""
    return key_at.with_name(key_at.stem + FRESH + key_at.suffix)


def file_name(one: Wanted) -> str:
    """Return the name of a request's file."""
    return f"{quote(one.authority, safe=' ')}_{quote(one.name, safe=' @')}.csr"


def due(folder: Folder, one: Wanted, now: datetime) -> str:
    """Return why a certificate is to be asked for, '' where it is good for a while."""
    found = folder.certificates(folder.file(one.authority, one.name, "crt"))
    if not found:
        return "not there yet"
    certificate = found[0]
    if certificate.not_valid_after_utc < now + RENEW_DAYS * DAY:
        return f"ends on {certificate.not_valid_after_utc:%Y-%m-%d}"
    return "" if covers(names_of(certificate), one.names[0]) else f"without {one.names[0]}"


def ask(folder: Folder, wanted: Sequence[Wanted], subject: str, now: datetime, new_keys: bool) -> dict[Path, str]:
    """Make requests, in memory, and keys for them where they are missing; return why each is made, by its file.

    A request that says what is wanted is left as it is. With ``new_keys`` every certificate is asked for, with a new key.
    """
    reasons = {one: "with a new key" if new_keys else due(folder, one, now) for one in wanted}
    asked = {}
    for one in (one for one in wanted if reasons[one]):
        key_at = folder.file(one.authority, one.name, "key")
        at = fresh(key_at) if folder.text(fresh(key_at)) or (new_keys and folder.text(key_at)) else key_at
        text = folder.text(at)
        key = read_key(text or make_key(), str(at))
        if not text:
            folder.put(at, key_text(key))
        builder = request_of(one, subject)
        path = folder.path / REQUESTS / file_name(one)
        before = folder.text(path)
        made = builder.sign(key, hashes.SHA256())
        if not before or not _same(before, made):
            folder.put(path, made.public_bytes(serialization.Encoding.PEM).decode())
            folder.made.append(f"request {path.name} ({reasons[one]})")
        asked[path] = reasons[one]
    return asked


def _same(text: str, other: x509.CertificateSigningRequest) -> bool:
    try:
        found = x509.load_pem_x509_csr(text.encode())
        keys = found.public_key() == other.public_key()
    except ValueError:
        return False
    return keys and found.subject == other.subject and list(found.extensions) == list(other.extensions)


def request_of(one: Wanted, subject: str) -> x509.CertificateSigningRequestBuilder:
    """Return a request for a server's certificate; raises ValueError for a subject that is none."""
    try:
        above = x509.Name.from_rfc4514_string(subject).rdns if subject else []
    except ValueError as error:
        raise ValueError(f"estate_ca_subject: found {subject}, which is no subject such as OU=Data,O=Example Corp") from error
    common = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, common_name(one.names[0]))])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([*above, common]))
        .add_extension(x509.SubjectAlternativeName(list(map(alternative, one.names))), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )


INNER = {
    "brokers": "lets in the brokers and the toolkit, who may do everything",
    "servers": "lets in ZooKeeper's servers",
    "clients": "lets in the brokers' clusters and the toolkit at ZooKeeper",
    REST: "lets in whoever may do everything with connectors",
    TRANSPORT.rpartition("-")[2]: "lets in nodes of Elasticsearch",
    REGISTRY.rpartition("-")[2]: "lets in the toolkit at the schema registry",
}


def list_of(
    topology: Mapping[str, Any], known: Sequence[str], company: Sequence[str], wanted: Sequence[Wanted], asked: Mapping[Path, str]
) -> str:
    """Return in plain words who signs what, and what each certificate needs."""
    able = signable(topology, known)
    lines = [
        "Certificates that a Kafka estate asks its company's authority for.",
        "",
        "Sign each request (*.csr, PKCS#10) as the certificate of a server:",
        "  names               all that the request has, as subject alternative names; the host's name is a must",
        "  key usage           digital signature",
        "  extended key usage  server authentication",
        "  basic constraints   no authority",
        "  signature           SHA-256 or better",
        "  subject             as you like; nobody looks at it",
        "",
        f"Then put into the folder {ANSWERS} beside this one: the certificates, every authority between them and the root,",
        "and the root. PEM, DER or PKCS#7, in as many files as you like, of any name and order. The next run takes them in.",
    ]
    for name in company:
        lines += ["", f"{name}: {able[name]}. Signed by the company"]
        for one in (one for one in wanted if one.authority == name):
            why = next((why for path, why in asked.items() if path.name == file_name(one)), "")
            lines.append(f"  {file_name(one)}  {why}  {' '.join(one.names)}" if why else f"  {one.name}: is there")
    lines += ["", "Signed by the toolkit, with authorities of its own, or with one below the company's whose key it is given:"]
    lines += [f"  {name}: {INNER.get(name.rpartition('-')[2], able.get(name, ''))}" for name in known if name not in company]
    return "".join(f"{line}\n" for line in lines)
