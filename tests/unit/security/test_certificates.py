"""The folder of certificates: what is made, when it is made anew, and what in it is refused."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.estate.kafka.plugins.module_utils.security import certificates as made
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import certificates_in
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import common_name
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import (
    Wanted,
    addresses_of,
    certificates,
    distrusted,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ONE = Wanted("kafka-1-brokers", "one", "broker-1", "kafka-1", ("one", "10.0.0.1"))
AUTHORITIES = ["kafka-1-brokers"]


def plain(path: Path) -> Folder:
    return Folder(path, lambda text: text)


def vaulted(path: Path, password: bytes = b"in-a-test") -> Folder:
    vault = VaultLib([("default", VaultSecret(password))])
    return Folder(path, lambda text: vault.decrypt(text).decode(), lambda text: vault.encrypt(text).decode())


def run(folder: Folder, wanted: list[Wanted], now: datetime = NOW) -> list[str]:
    """Make what is missing, as a run does; return what it made."""
    assert folder.plan(AUTHORITIES, wanted, now) == []
    folder.write()
    return folder.made


def certificate(folder: Folder, one: Wanted = ONE) -> x509.Certificate:
    return made.read_certificate(folder.text(folder.file(one.authority, one.name, "crt")), "test")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder that a run has filled."""
    run(plain(tmp_path / "pki"), [ONE])
    return tmp_path / "pki"


def test_made_once_and_then_left_alone(there: Path) -> None:
    before = {path: path.read_bytes() for path in there.rglob("*.*")}
    assert len(before) == 4
    assert run(plain(there), [ONE]) == []
    assert {path: path.read_bytes() for path in there.rglob("*.*")} == before


def test_a_plan_alone_writes_nothing(tmp_path: Path) -> None:
    folder = plain(tmp_path / "pki")
    assert folder.plan(AUTHORITIES, [ONE], NOW) == []
    assert folder.made == ["authority kafka-1-brokers", "certificate kafka-1-brokers/one"]
    assert not (tmp_path / "pki").exists()


def test_a_certificate_serves_and_connects_under_all_its_names(there: Path) -> None:
    folder = plain(there)
    found, authority = certificate(folder), made.read_certificate(folder.bundle("kafka-1-brokers"), "test")
    assert found.subject.rfc4514_string() == "CN=broker-1,OU=kafka-1,O=estate"
    assert made.names_of(found) == {"one", "10.0.0.1"}
    both = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {usage._name for usage in both} == {"serverAuth", "clientAuth"}
    found.verify_directly_issued_by(authority)
    assert folder.bundle("kafka-1-brokers", "one").startswith("-----BEGIN PRIVATE KEY-----\n")


def test_keys_are_for_their_owner_and_encrypted_where_there_is_a_password(tmp_path: Path) -> None:
    folder = vaulted(tmp_path / "pki")
    run(folder, [ONE])
    keys = list((tmp_path / "pki").rglob("*.key"))
    assert len(keys) == 2
    assert all(key.read_text().startswith("$ANSIBLE_VAULT") for key in keys)
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "pki", *keys[0].parents[:1])} == {0o700}
    assert run(vaulted(tmp_path / "pki"), [ONE]) == []


def test_a_vault_that_does_not_open_changes_nothing(tmp_path: Path) -> None:
    run(vaulted(tmp_path / "pki"), [ONE])

    def refuse(text: str) -> str:
        raise made.CertificateError("the vault password does not open it")

    folder = Folder(tmp_path / "pki", refuse)
    assert folder.plan(AUTHORITIES, [ONE], NOW) == [f"{tmp_path}/pki/kafka-1-brokers/ca.key: the vault password does not open it"]
    assert folder.made == []


LATER: dict[str, tuple[Wanted, timedelta, str]] = {
    "about to end": (ONE, timedelta(days=340), "ends on"),
    "ended": (ONE, timedelta(days=500), "ends on"),
    "a name more": (dataclasses.replace(ONE, names=("one", "10.0.0.2")), timedelta(), "without 10.0.0.2"),
    "another subject": (dataclasses.replace(ONE, subject="broker-7"), timedelta(), "another subject"),
}


@pytest.mark.parametrize("case", LATER)
def test_made_anew_with_the_names_of_before(there: Path, case: str) -> None:
    wanted, later, why = LATER[case]
    before = certificate(plain(there))
    (line,) = run(plain(there), [wanted], NOW + later)
    assert why in line
    after = certificate(plain(there))
    assert made.names_of(before) | set(wanted.names) <= made.names_of(after)
    assert after.serial_number != before.serial_number
    # The key stays, and a second run finds nothing to do.
    assert after.public_key() == before.public_key()
    assert run(plain(there), [wanted], NOW + later) == []


def given_authority(folder: Path, **changes: object) -> None:
    """Put an authority into the folder as a person would; ``changes`` make it a bad one."""
    key: made.Key = changes.get("key") or ec.generate_private_key(ec.SECP256R1())  # type: ignore[assignment]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example Corp")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(changes.get("issuer", "Example Corp")))])
    end = NOW + timedelta(days=int(str(changes.get("days", 3000))))
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(NOW + timedelta(days=int(str(changes.get("begins", -100))))).not_valid_after(end)
    builder = builder.add_extension(x509.BasicConstraints(bool(changes.get("ca", True)), None), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    path = folder / "kafka-1-brokers"
    path.mkdir(parents=True, exist_ok=True)
    (path / "ca.crt").write_text(made.pem(builder.sign(key, hashes.SHA256())))
    if changes.get("with_key", True):
        other = ec.generate_private_key(ec.SECP256R1()) if changes.get("other_key") else key
        (path / "ca.key").write_text(made.key_text(other))


def test_an_authority_that_is_given_is_used(tmp_path: Path) -> None:
    given_authority(tmp_path, key=rsa.generate_private_key(65537, 2048))
    assert run(plain(tmp_path), [ONE]) == ["certificate kafka-1-brokers/one"]
    assert certificate(plain(tmp_path)).issuer.rfc4514_string() == "CN=Example Corp"


BAD: dict[str, tuple[dict[str, object], str]] = {
    "ended": ({"days": -1}, "ca.crt: found an authority that ended on"),
    "about to end": ({"days": 50}, "in less than 60 days"),
    "not valid yet": ({"begins": 10}, "an authority that is not valid before"),
    "no authority": ({"ca": False}, "no authority"),
    "another key": ({"other_key": True}, "a certificate that belongs to another key"),
    "without a key": ({"with_key": False}, "ca.key: found nothing"),
    "a short key": ({"key": rsa.generate_private_key(65537, 1024)}, "a key of 1024 bits"),
    "signed by another": ({"issuer": "Root"}, "CN=Example Corp is signed by CN=Root, whose certificate is not there"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_authority_that_must_not_be_used_is_named(tmp_path: Path, case: str) -> None:
    changes, expected = BAD[case]
    given_authority(tmp_path, **changes)
    folder = plain(tmp_path)
    (line,) = folder.plan(AUTHORITIES, [ONE], NOW)
    assert expected in line and str(tmp_path) in line
    assert folder.pending == {}


def lose(folder: Path, pattern: str) -> None:
    for path in folder.rglob(pattern):
        path.unlink()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "the authority is gone": (lambda folder: lose(folder, "ca.*"), "put back the folder"),
    "its key is gone": (lambda folder: lose(folder, "ca.key"), "put back the folder"),
    "another authority": (lambda folder: given_authority(folder), "of another authority than kafka-1-brokers"),
    "no certificate": (lambda folder: (folder / "kafka-1-brokers/one.crt").write_text("nonsense"), "found no certificate"),
    "no key of the authority": (
        lambda folder: (folder / "kafka-1-brokers/ca.key").write_text("nonsense"),
        "found no private key",
    ),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_folder_is_refused_and_left_alone(there: Path, case: str) -> None:
    damage, expected = DAMAGE[case]
    damage(there)
    folder = plain(there)
    lines = folder.plan(AUTHORITIES, [ONE], NOW)
    assert any(expected in line for line in lines), lines


@pytest.mark.parametrize(
    ("key", "expected"), [("nonsense", "found no private key"), (made.make_key(), "a certificate that belongs to another key")]
)
def test_a_key_that_does_not_fit_is_never_handed_to_a_host(there: Path, key: str, expected: str) -> None:
    (there / "kafka-1-brokers/one.key").write_text(key)
    with pytest.raises(made.CertificateError, match=expected):
        plain(there).bundle("kafka-1-brokers", "one")


def test_a_key_that_is_gone_is_made_anew(there: Path) -> None:
    lose(there, "one.key")
    assert len(run(plain(there), [ONE])) == 1
    assert plain(there).bundle("kafka-1-brokers", "one")


def test_an_interrupted_run_is_finished_by_the_next(there: Path) -> None:
    lose(there, "*.crt")
    assert len(run(plain(there), [ONE])) == 2
    assert run(plain(there), [ONE]) == []


def held(folder: Folder, name: str = "") -> x509.Certificate | None:
    return next(iter(certificates_in(folder.store("kafka-1-brokers", name))), None)


def test_stores_are_made_once_and_follow_their_certificates(tmp_path: Path) -> None:
    path, wanted = tmp_path / "pki", dataclasses.replace(ONE, stores=True)
    run(vaulted(path), [ONE])
    assert not list(path.rglob("*.p12"))
    made_now = run(vaulted(path), [wanted])
    assert made_now == ["store of authority kafka-1-brokers", "store of certificate kafka-1-brokers/one"]
    before = {store: store.read_bytes() for store in path.rglob("*.p12")}
    assert len(before) == 2 and all(text.startswith(b"$ANSIBLE_VAULT") for text in before.values())
    assert {stat.S_IMODE(store.stat().st_mode) for store in before} == {0o600}
    folder = vaulted(path)
    assert held(folder, "one") == certificate(folder)
    assert held(folder) == made.read_certificate(folder.bundle("kafka-1-brokers"), "test")
    assert run(vaulted(path), [wanted]) == []
    assert {store: store.read_bytes() for store in path.rglob("*.p12")} == before
    # Renewed together, and a run that ended between the two is finished by the next.
    later = NOW + timedelta(days=340)
    run(vaulted(path), [wanted], later)
    assert held(vaulted(path), "one") == certificate(vaulted(path))
    for store, text in before.items():
        store.write_bytes(text)
    assert run(vaulted(path), [wanted], later) == ["store of certificate kafka-1-brokers/one"]
    lose(path, "one.p12")
    (path / "kafka-1-brokers/ca.p12").write_text("bm9uc2Vuc2U=")
    assert len(run(vaulted(path), [wanted], later)) == 2
    assert held(vaulted(path), "one") == certificate(vaulted(path))


TOPOLOGY = {
    "ensembles": {"zookeeper": {"servers": [{"id": 1, "host": "one"}]}},
    "clusters": {
        name: {"name": name, "ensemble": "zookeeper", "brokers": [{"id": 1, "host": host}, {"id": 2, "host": f"{host}2"}]}
        for name, host in (("kafka-1", "one"), ("kafka-2", "two"))
    },
}


def test_brokers_of_a_cluster_are_one_to_zookeeper_and_clusters_are_not() -> None:
    wanted = certificates(TOPOLOGY, ["one", "one2", "two", "two2"], {})
    subjects = {(one.subject, one.unit) for one in wanted if one.authority == "zookeeper-clients" and "kafka" in one.name}
    assert subjects == {("kafka-1", "kafka"), ("kafka-2", "kafka")}


def test_only_hosts_of_the_run_get_certificates() -> None:
    assert {name for one in certificates(TOPOLOGY, ["two"], {}) for name in one.names} == {"two"}


def test_addresses_are_those_that_others_have_for_a_host() -> None:
    def saw(**names: list[str]) -> dict[str, object]:
        return {"observed": {"names": {name: {"addresses": addresses} for name, addresses in names.items()}}}

    seen = {"one": saw(one=["127.0.1.1", "::1"], two=["10.0.0.2"]), "two": saw(one=["10.0.0.1"], two=["10.0.0.2"]), "gone": None}
    assert addresses_of(seen) == {"one": ["10.0.0.1"], "two": ["10.0.0.2"]}


def test_a_host_that_trusts_another_authority_is_named(there: Path) -> None:
    folder = plain(there)
    seen = {"one": {"observed": {"authorities": {"brokers-ca.pem": "0" * 64}}}}
    (line,) = distrusted(TOPOLOGY, seen, folder.accepted, "pki", AUTHORITIES)
    assert line.startswith("one: trusts another authority kafka-1-brokers than pki has")


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=300))
def test_every_name_fits_into_a_certificate_and_stays_the_same(name: str) -> None:
    assert common_name(name) == common_name(name)
    assert 0 < len(common_name(name)) <= 64
    made.subject_of(common_name(name), common_name(name))
