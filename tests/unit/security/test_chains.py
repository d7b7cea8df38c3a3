"""Authorities that others have signed, given with their keys: what is served, what is trusted, and what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import company as corp
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.estate.kafka.plugins.module_utils.security import certificates as made
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import CertificateError
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import DROP, ISSUE, ISSUER, TRUST, Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import certificates_in
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted
from ansible_collections.estate.kafka.plugins.plugin_utils.pki import folder_of
from company import AUTHORITY, CLIENT, SERVER, Authority
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CA = "kafka-1-brokers"
ONE = Wanted(CA, "one", "broker-1", "kafka-1", ("one", "10.0.0.1"), stores=True)
ROOT = corp.root("Example Root", NOW)
MIDDLE = ROOT.below("Example Middle", NOW)
OWN = MIDDLE.below("Example Kafka", NOW, dataclasses.replace(AUTHORITY, depth=0))
OLD = ROOT.below("Old", NOW, dataclasses.replace(AUTHORITY, days=0.01))
FLAT = ROOT.below("Flat", NOW, dataclasses.replace(AUTHORITY, depth=0))
CHAIN = [OWN.certificate, MIDDLE.certificate, ROOT.certificate]


def plain(path: Path) -> Folder:
    return Folder(path, lambda text: text)


def give(path: Path, *certificates: x509.Certificate, key: Any = None, name: str = "ca") -> None:
    (path / CA).mkdir(parents=True, exist_ok=True)
    (path / CA / f"{name}.crt").write_text(corp.pem(*certificates))
    (path / CA / f"{name}.key").write_text(corp.key_pem(key or OWN.key))


def run(path: Path) -> list[str]:
    folder = plain(path)
    assert folder.plan([CA], [ONE], NOW) == []
    folder.write()
    return folder.made


def wrong(path: Path) -> str:
    folder = plain(path)
    (line,) = folder.plan([CA], [ONE], NOW)
    assert folder.pending == {} and str(path) in line
    return line


@settings(max_examples=10, deadline=None)
@given(st.permutations(CHAIN))
def test_the_chain_is_served_and_the_root_trusted_by_clients(
    tmp_path_factory: pytest.TempPathFactory, order: list[x509.Certificate]
) -> None:
    path = tmp_path_factory.mktemp("pki")
    give(path, *order)
    assert run(path)[0] == f"certificate {CA}/one"
    folder = plain(path)
    leaf, *above = folder.certificates(path / CA / "one.crt")
    assert made.issued_by(leaf, OWN.certificate) and above == [OWN.certificate, MIDDLE.certificate]
    assert folder.bundle(CA, "one", "certificate") == corp.pem(leaf, *above)
    assert folder.bundle(CA) == corp.pem(ROOT.certificate)
    # Who lets somebody in trusts no other authority of the company.
    assert folder.bundle(CA, part=ISSUER) == corp.pem(OWN.certificate)
    assert certificates_in(folder.store(CA)) == [OWN.certificate]
    assert certificates_in(folder.store(CA, "one")) == [leaf, *above]
    assert run(path) == []


def test_an_authority_of_the_toolkits_own_has_nothing_above_it(tmp_path: Path) -> None:
    run(tmp_path)
    folder = plain(tmp_path)
    assert folder.bundle(CA) == folder.bundle(CA, part=ISSUER) == (tmp_path / CA / "ca.crt").read_text()
    assert len(folder.certificates(tmp_path / CA / "one.crt")) == 1


def take(path: Path, step: str) -> Folder:
    folder = plain(path)
    folder.replace(CA, step, NOW)
    assert folder.plan([CA], [ONE], NOW) == []
    folder.write()
    return plain(path)


def test_one_of_the_same_root_takes_its_place(tmp_path: Path) -> None:
    give(tmp_path, *CHAIN)
    run(tmp_path)
    following = ROOT.below("Example Kafka 2", NOW)
    give(tmp_path, ROOT.certificate, following.certificate, key=following.key, name="ca+next")
    folder = take(tmp_path, TRUST)
    both = [OWN.certificate, following.certificate]
    assert folder.bundle(CA, part=ISSUER) == corp.pem(*both) and folder.bundle(CA) == corp.pem(ROOT.certificate)
    assert certificates_in(folder.store(CA)) == both
    folder = take(tmp_path, ISSUE)
    assert made.issued_by(folder.certificates(tmp_path / CA / "one.crt")[0], following.certificate)
    folder = take(tmp_path, DROP)
    folder.finish(CA)
    assert plain(tmp_path).bundle(CA, part=ISSUER) == corp.pem(following.certificate)
    assert certificates_in(plain(tmp_path).store(CA)) == [following.certificate] and run(tmp_path) == []


def below(**changes: Any) -> Authority:
    return MIDDLE.below("Example Kafka", NOW, dataclasses.replace(AUTHORITY, **changes))


def chained(authority: Authority, *above: Authority) -> Callable[[Path], None]:
    certificates = [authority.certificate, *(one.certificate for one in above or (MIDDLE, ROOT))]
    return lambda path: give(path, *certificates, key=authority.key)


def with_key(key: Any) -> Callable[[Path], None]:
    return chained(MIDDLE.below("Example Kafka", NOW, key=key))


def as_der(path: Path) -> None:
    give(path, *CHAIN)
    (path / CA / "ca.crt").write_bytes(OWN.certificate.public_bytes(Encoding.DER))


def keyless(path: Path) -> None:
    give(path, *CHAIN)
    (path / CA / "ca.key").unlink()


def garbage(path: Path) -> None:
    give(path, *CHAIN)
    (path / CA / "ca.crt").write_text("nonsense")


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "no root": (
        lambda path: give(path, *CHAIN[:2]),
        "CN=Example Middle,O=Example Corp is signed by CN=Example Root,O=Example Corp",
    ),
    "a gap": (lambda path: give(path, CHAIN[0], CHAIN[2]), "found several authorities, CN=Example Kafka"),
    "alone": (lambda path: give(path, CHAIN[0]), "whose certificate is not there; add it, and those above it"),
    "without its key": (keyless, "ca.key: found nothing, and an authority beside it, which signs with it; give it"),
    "another key": (lambda path: give(path, *CHAIN, key=corp.new_key()), "a certificate that belongs to another key"),
    "no authority": (chained(below(authority=False)), "no authority (basic constraint CA)"),
    "it may not sign": (
        chained(below(signs=False)),
        "an authority that may not sign certificates (key usage without keyCertSign)",
    ),
    "for servers alone": (chained(below(usages=[SERVER])), "may not sign for servers and clients"),
    "for clients alone": (chained(below(usages=[CLIENT])), "may not sign for servers and clients"),
    "not valid yet": (chained(below(begins=timedelta(2))), "an authority that is not valid before 2026-12-01 00:00 UTC"),
    "ended": (chained(below(days=0.01)), "an authority that ended on 2026-11-28"),
    "about to end": (chained(below(days=50)), "in less than 60 days"),
    "a short key": (with_key(rsa.generate_private_key(65537, 1024)), "a key of 1024 bits (RSA; at least 2048)"),
    "a weak curve": (with_key(ec.generate_private_key(ec.SECP224R1())), "a key on the curve secp224r1"),
    "ended above": (
        chained(OLD.below("Own", NOW), OLD, ROOT),
        "an authority that ended on 2026-11-28 above it (CN=Old,O=Example Corp)",
    ),
    "too deep": (chained(FLAT.below("Own", NOW), FLAT, ROOT), "an authority that allows 0 authorities below it, and there are 1"),
    "DER": (as_der, "ca.crt: found no text, as DER is none; write it as PEM, with openssl"),
    "garbage": (garbage, "ca.crt: found no certificate"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_authority_that_must_not_be_used_is_named(tmp_path: Path, case: str) -> None:
    put, expected = BAD[case]
    put(tmp_path)
    assert expected in wrong(tmp_path)


def test_a_vault_that_does_not_open_is_named_with_its_file(tmp_path: Path) -> None:
    class Loader:
        def __init__(self, password: bytes) -> None:
            self._vault = VaultLib([("default", VaultSecret(password))])

    topology = {"pki": str(tmp_path)}
    folder = folder_of(topology, Loader(b"right"), False)
    assert folder.plan([CA], [ONE], NOW) == []
    folder.write()
    (line,) = folder_of(topology, Loader(b"wrong"), False).plan([CA], [ONE], NOW)
    assert line.startswith(f"{tmp_path}/{CA}/ca.key: found what the vault password of this run does not open")
    # A file that was cut, too.
    at = tmp_path / CA / "ca.key"
    at.write_text(at.read_text()[:200])
    (line,) = folder_of(topology, Loader(b"right"), False).plan([CA], [ONE], NOW)
    assert line.startswith(f"{at}: found what the vault password of this run does not open")


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["ca.crt", "ca.key", "one.crt", "one.key"]))
def test_no_file_ends_a_run_by_an_exception(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    path = tmp_path_factory.mktemp("pki")
    give(path, *CHAIN)
    run(path)
    (path / CA / name).write_bytes(content)
    folder = plain(path)
    # A key is looked at when it is handed to a host; one that is empty is made anew.
    assert folder.plan([CA], [ONE], NOW) or name == "one.key" or not content
    if name == "one.key" and content:
        with pytest.raises(CertificateError):
            plain(path).bundle(CA, "one")
