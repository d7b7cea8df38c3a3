"""A company's authority: requests for it, its answers, and each kind of bad one, refused by name before anything is written."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import company as corp
import pytest
from ansible_collections.estate.kafka.plugins.module_utils.security import certificates as made
from ansible_collections.estate.kafka.plugins.module_utils.security import company
from ansible_collections.estate.kafka.plugins.module_utils.security.faults import clock_faults, covers
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import certificates_in
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted
from company import AUTHORITY, CLIENT, Authority, Wish
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
)
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CA = "kafka-1-listeners"
ONE = Wanted(CA, "one.test", "broker-1", "kafka-1", ("one.test", "10.0.0.1"))
TWO = Wanted(CA, "two.test", "broker-2", "kafka-1", ("two.test", "10.0.0.2"))
ROOT = corp.root("Example Root", NOW)
SERVERS = ROOT.below("Example Servers", NOW)
GOOD = Wish(ONE.names)


def plain(path: Path) -> Folder:
    return Folder(path, lambda text: text)


def ask(path: Path, *wanted: Wanted, new_keys: bool = False, subject: str = "", now: datetime = NOW) -> list[str]:
    """Write requests, as a run does; return what it made."""
    folder = plain(path)
    company.ask(folder, wanted or (ONE,), subject, now, new_keys)
    folder.write()
    return folder.made


def take(path: Path, *wanted: Wanted, now: datetime = NOW) -> tuple[list[str], list[str]]:
    """Take answers in, as a run does; return what is wrong, and what was made."""
    folder = plain(path)
    wrong = company.take(folder, wanted or (ONE,), now)
    if not wrong:
        folder.write()
    return wrong, folder.made


def answers(path: Path, **files: str | bytes) -> None:
    (path / "answers").mkdir(exist_ok=True)
    for name, content in files.items():
        (path / "answers" / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def signed(
    path: Path, wish: Wish | None = None, one: Wanted = ONE, by: Authority = SERVERS, now: datetime = NOW
) -> x509.Certificate:
    return corp.answer(by, corp.requests(path)[company.file_name(one)], now, wish)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """A folder in which a run has written its request."""
    ask(tmp_path / "pki")
    return tmp_path / "pki"


@pytest.fixture
def there(asked: Path) -> Path:
    """A folder whose certificate a run has taken in."""
    answers(asked, one=corp.pem(signed(asked)), above=corp.pem(ROOT.certificate, SERVERS.certificate))
    assert take(asked)[0] == []
    return asked


def test_a_request_says_what_the_certificate_needs(tmp_path: Path) -> None:
    assert ask(tmp_path, ONE, TWO, subject="OU=Data,O=Example Corp") == [
        f"request {CA}_one.test.csr (not there yet)",
        f"request {CA}_two.test.csr (not there yet)",
    ]
    request = corp.requests(tmp_path)[f"{CA}_one.test.csr"]
    assert request.subject.rfc4514_string() == "CN=one.test,OU=Data,O=Example Corp"
    assert request.is_signature_valid
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["one.test"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]
    usages = request.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [corp.SERVER]
    # The same again writes nothing: the request may be on its way.
    assert ask(tmp_path, ONE, TWO, subject="OU=Data,O=Example Corp") == []


def test_keys_of_requests_are_encrypted(tmp_path: Path) -> None:
    folder = Folder(tmp_path, lambda text: text.removeprefix("locked "), lambda text: f"locked {text}")
    company.ask(folder, [ONE], "", NOW, False)
    folder.write()
    assert (tmp_path / CA / "one.test.key").read_text().startswith("locked ")


def test_what_is_missing_is_named_all_at_once(tmp_path: Path) -> None:
    assert [line.split(":")[0] for line in take(tmp_path, ONE, TWO)[0]] == ["one.test", "two.test"]
    ask(tmp_path, ONE)
    first, second = take(tmp_path, ONE, TWO)[0]
    assert f"have {tmp_path}/requests/{CA}_one.test.csr signed" in first and f"put the answer into {tmp_path}/answers" in first
    assert "run playbooks/requests.yml" in second
    assert not (tmp_path / CA / "one.test.crt").exists()


Form = Callable[[x509.Certificate], dict[str, str | bytes]]
ABOVE = [SERVERS.certificate, ROOT.certificate]
FORMS: dict[str, Form] = {
    "a bundle from above": lambda one: {"all.pem": corp.pem(*reversed(ABOVE), one)},
    "files of any name": lambda one: {
        "b.crt": corp.pem(one),
        "a.txt": corp.pem(ROOT.certificate),
        "c": corp.pem(SERVERS.certificate),
    },
    "DER": lambda one: {f"{number}.cer": one.public_bytes(Encoding.DER) for number, one in enumerate([one, *ABOVE])},
    "PKCS#7 as DER": lambda one: {"all.p7b": pkcs7.serialize_certificates([one, *ABOVE], Encoding.DER)},
    "PKCS#7 as PEM": lambda one: {"all.p7b": pkcs7.serialize_certificates([one, *ABOVE], Encoding.PEM)},
    "words around it": lambda one: {"mail.txt": f"Dear all,\n{corp.pem(one)}\nRegards\n{corp.pem(*ABOVE)}", ".hidden": "x"},
}


@pytest.mark.parametrize("form", FORMS)
def test_answers_are_taken_in_whatever_their_form(asked: Path, form: str) -> None:
    certificate = signed(asked)
    answers(asked, **FORMS[form](certificate))
    wrong, lines = take(asked)
    assert wrong == [] and len(lines) == 2
    folder = plain(asked)
    # The chain is served, and the root is what clients trust.
    assert folder.bundle(CA, "one.test", "certificate") == corp.pem(certificate, SERVERS.certificate)
    assert folder.bundle(CA) == corp.pem(ROOT.certificate)
    assert take(asked) == ([], [])


def test_without_a_vault_a_second_run_needs_no_answers(there: Path) -> None:
    for path in (there / "answers").iterdir():
        path.unlink()
    assert take(there) == ([], [])


def test_stores_have_the_chain_and_the_root(there: Path) -> None:
    assert take(there, dataclasses.replace(ONE, stores=True))[0] == []
    folder = plain(there)
    assert certificates_in(folder.store(CA, "one.test")) == [
        folder.certificates(there / CA / "one.test.crt")[0],
        SERVERS.certificate,
    ]
    assert certificates_in(folder.store(CA)) == [ROOT.certificate]


def given_files(path: Path, key: Any) -> None:
    (path / CA).mkdir(parents=True)
    own = SERVERS.sign("one.test", key.public_key(), GOOD, NOW)
    (path / CA / "one.test.key").write_text(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    )
    (path / CA / "one.test.crt").write_text(corp.pem(*reversed(ABOVE), own))


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())])
def test_files_that_are_given_are_put_in_order(tmp_path: Path, key: Any) -> None:
    given_files(tmp_path, key)
    assert take(tmp_path)[0] == []
    bundle = plain(tmp_path).bundle(CA, "one.test")
    # In the one form that Kafka reads.
    assert bundle.startswith("-----BEGIN PRIVATE KEY-----\n") and bundle.endswith(corp.pem(SERVERS.certificate))
    assert plain(tmp_path).bundle(CA) == corp.pem(ROOT.certificate) and take(tmp_path) == ([], [])


def test_a_certificate_about_to_end_is_asked_for_again(there: Path) -> None:
    assert ask(there) == []
    later = NOW + timedelta(days=40)
    assert company.due(plain(there), ONE, later) == "ends on 2027-02-26"
    assert take(there, now=later) == ([], []), "it still holds"
    # The request of before: the key stays.
    assert ask(there, now=later) == []
    before = plain(there).bundle(CA, "one.test", "key")
    answers(there, anew=corp.pem(signed(there, now=later)))
    assert len(take(there, now=later)[1]) == 1
    assert plain(there).bundle(CA, "one.test", "key") == before and company.due(plain(there), ONE, later) == ""


def test_a_new_key_takes_the_place_of_the_old_one_with_its_certificate(there: Path) -> None:
    before = plain(there).bundle(CA, "one.test")
    later = NOW + timedelta(days=1)
    assert ask(there, new_keys=True, now=later) == [f"request {CA}_one.test.csr (with a new key)"]
    assert ask(there, new_keys=True, now=later) == []
    assert take(there, now=later) == ([], []) and plain(there).bundle(CA, "one.test") == before
    answers(there, anew=corp.pem(signed(there, now=later)))
    assert len(take(there, now=later)[1]) == 2
    after = plain(there).bundle(CA, "one.test")
    assert not {*before.split("-----")} & {*after.split("-----")} - {
        *corp.pem(SERVERS.certificate).split("-----"),
        *("\n", ""),
    } - {part for part in before.split("-----") if part.startswith(("BEGIN", "END"))}
    assert [path.name for path in (there / CA).iterdir() if "+" in path.name] == [] and take(there, now=later) == ([], [])


def weak(key: Any) -> Callable[[Path], x509.Certificate]:
    def bad(path: Path) -> x509.Certificate:
        (path / CA / "one.test.key").write_text(corp.key_pem(key))
        return SERVERS.sign("one.test", key.public_key(), GOOD, NOW)

    return bad


BAD: dict[str, tuple[Callable[[Path], x509.Certificate], str]] = {
    "ended": (lambda path: signed(path, dataclasses.replace(GOOD, begins=timedelta(-100))), "that ended on 2026-11-19"),
    "not valid yet": (lambda path: signed(path, dataclasses.replace(GOOD, begins=timedelta(3))), "not valid before 2026-12-02"),
    "another name": (lambda path: signed(path, Wish(["two.test"])), "for two.test, and none for one.test"),
    "no name": (lambda path: signed(path, Wish()), "for no name, and none for one.test"),
    "for clients alone": (lambda path: signed(path, dataclasses.replace(GOOD, usages=[CLIENT])), "without serverAuth"),
    "a key that may not sign": (lambda path: signed(path, dataclasses.replace(GOOD, signs=False)), "without digitalSignature"),
    "an authority": (
        lambda path: signed(path, dataclasses.replace(GOOD, authority=True)),
        "of an authority (basic constraint CA)",
    ),
    "a short key": (weak(rsa.generate_private_key(65537, 1024)), "a key of 1024 bits (RSA; at least 2048)"),
    "a weak curve": (weak(ec.generate_private_key(ec.SECP224R1())), "on the curve secp224r1"),
    "a curve that Java does not read": (weak(ec.generate_private_key(ec.SECP256K1())), "on the curve secp256k1"),
    "another key": (
        lambda _: SERVERS.sign("one.test", corp.new_key().public_key(), GOOD, NOW),
        "answers/one for one.test, which belongs to another key",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_answer_is_named_and_nothing_is_taken_in(asked: Path, case: str) -> None:
    bad, expected = BAD[case]
    answers(asked, one=corp.pem(bad(asked)), above=corp.pem(*ABOVE))
    (line,), _ = take(asked)
    assert line.startswith("one.test: ") and str(asked) in line and expected in line
    assert "have " in line and ".csr signed" in line
    assert not (asked / CA / "one.test.crt").exists() and not (asked / CA / "ca.crt").exists()


UP: dict[str, tuple[Callable[[], list[Authority]], str]] = {
    "an authority that has ended": (
        lambda: [ROOT, ROOT.below("Old", NOW, dataclasses.replace(AUTHORITY, days=0.01))],
        "ended on",
    ),
    "no authority": (lambda: [ROOT, ROOT.below("None", NOW, dataclasses.replace(AUTHORITY, authority=False))], "no authority"),
    "one that may not sign": (
        lambda: [ROOT, ROOT.below("Mute", NOW, dataclasses.replace(AUTHORITY, signs=False))],
        "keyCertSign",
    ),
    "one for clients": (
        lambda: [ROOT, ROOT.below("Mail", NOW, dataclasses.replace(AUTHORITY, usages=[CLIENT]))],
        "sign for servers",
    ),
    "a short key above": (
        lambda: [ROOT, ROOT.below("Short", NOW, key=rsa.generate_private_key(65537, 1024))],
        "a key of 1024 bits",
    ),
    "deeper than allowed": (
        lambda: [flat := corp.root("Flat", NOW, dataclasses.replace(AUTHORITY, depth=0)), flat.below("Below", NOW)],
        "allows 0 authorities below it, and there are 1",
    ),
    "a root that has ended": (
        lambda: [
            old := corp.root("Old Root", NOW, dataclasses.replace(AUTHORITY, begins=timedelta(-3000))),
            old.below("New", NOW),
        ],
        "an authority that ended on",
    ),
}


@pytest.mark.parametrize("case", UP)
def test_a_bad_authority_above_is_named(asked: Path, case: str) -> None:
    above, expected = UP[case]
    chain = above()
    answers(asked, one=corp.pem(signed(asked, by=chain[-1])), above=corp.pem(*(one.certificate for one in chain)))
    (line,), _ = take(asked)
    assert expected in line and "answers/one" in line


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ([], "is signed by CN=Example Servers,O=Example Corp, whose certificate is not there"),
        ([SERVERS], "is signed by CN=Example Root,O=Example Corp, whose certificate is not there"),
        ([ROOT], "is signed by CN=Example Servers,O=Example Corp, whose certificate is not there"),
    ],
)
def test_a_chain_with_a_gap_is_named(asked: Path, above: list[Authority], expected: str) -> None:
    answers(asked, one=corp.pem(signed(asked)), above=corp.pem(*(one.certificate for one in above)) or "\n")
    lines, _ = take(asked)
    assert any(expected in line and "answers/one" in line and "add it" in line for line in lines)


def test_a_certificate_that_signs_itself_is_refused(asked: Path) -> None:
    key = made.read_key((asked / CA / "one.test.key").read_text(), "test")
    answers(asked, one=corp.pem(corp.root("one.test", NOW, GOOD, key).certificate))
    (line,), _ = take(asked)
    assert "a certificate that signs itself" in line


def by_openssl(folder: Path, digest: str, by: Authority, public: Path, *extensions: str) -> x509.Certificate:
    """Sign with a digest that the library refuses to sign with."""
    corp.write(folder, "by", by)
    (folder / "extensions").write_text("\n".join(extensions))
    words = ["openssl", "x509", "-new", "-force_pubkey", str(public), f"-{digest}", "-days", "90", "-subj", "/CN=one.test"]
    words += ["-CA", str(folder / "by.crt"), "-CAkey", str(folder / "by.key"), "-extfile", str(folder / "extensions")]
    return x509.load_pem_x509_certificate(subprocess.run(words, check=True, capture_output=True).stdout)


@pytest.mark.parametrize("digest", ["sha1", "md5"])
@pytest.mark.parametrize("above", [False, True])
def test_a_signature_that_others_could_make_is_refused(tmp_path: Path, digest: str, above: bool) -> None:
    now, path, key = datetime.now(UTC), tmp_path / "pki", rsa.generate_private_key(65537, 2048)
    root = corp.root("Root", now, key=rsa.generate_private_key(65537, 2048))
    ask(path)
    own = made.read_key((path / CA / "one.test.key").read_text(), "test")
    (tmp_path / "public").write_bytes(
        (key if above else own).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    if above:
        way = by_openssl(tmp_path, digest, root, tmp_path / "public", "basicConstraints=critical,CA:TRUE")
        files = [Authority(way, key).sign("one.test", own.public_key(), GOOD, now), way, root.certificate]
    else:
        files = [by_openssl(tmp_path, digest, root, tmp_path / "public", "subjectAltName=DNS:one.test"), root.certificate]
    answers(path, one=corp.pem(*files))
    (line,), _ = take(path, now=now + timedelta(minutes=1))
    assert f"found a signature with {digest.upper()}" in line and ("above it (CN=one.test)" in line) is above


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.integers(1, 600).map(lambda cut: corp.pem(SERVERS.certificate).encode()[:-cut])))
def test_garbage_is_named_and_never_an_exception(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("pki")
    answers(path, garbage=content)
    try:
        x509.load_pem_x509_certificates(content)
    except ValueError:
        lines, _ = take(path, ONE)
        assert f"{path}/answers/garbage: found no certificate that can be read" in lines[0] and len(lines) == 2


def test_a_root_that_nobody_trusts_yet_is_not_taken_in(there: Path) -> None:
    other = corp.root("Second Root", NOW)
    later = NOW + timedelta(days=1)
    ask(there, new_keys=True)
    answers(there, anew=corp.pem(signed(there, by=other, now=later), other.certificate))
    (line,), _ = take(there, now=later)
    assert "CN=Second Root,O=Example Corp, which nobody trusts yet: add that root to" in line
    # It is trusted first, and then it may sign.
    with (there / CA / "ca.crt").open("a") as stream:
        stream.write(corp.pem(other.certificate))
    assert take(there, now=later)[0] == []
    assert plain(there).bundle(CA) == corp.pem(ROOT.certificate, other.certificate)


TOPOLOGY: dict[str, Any] = {"clusters": {"kafka-1": {}}, "ensembles": {"zookeeper": {}}}
KNOWN = [CA, "kafka-1-brokers", "zookeeper-servers", "zookeeper-clients", "connect-rest", "schema-registry", "estate-metrics"]


def chosen(*names: str) -> list[str]:
    return company.signed({**TOPOLOGY, "company": {"authorities": names}}, KNOWN)


def test_a_company_signs_for_servers_whose_clients_log_in_alone() -> None:
    assert company.signed(TOPOLOGY, KNOWN) == []
    assert chosen() == [CA, "estate-metrics"] and chosen(CA) == [CA]
    for name in ("kafka-1-brokers", "zookeeper-clients", "connect-rest", "schema-registry"):
        with pytest.raises(ValueError, match=f"found {name}, whose certificates let somebody in"):
            chosen(name)
    with pytest.raises(ValueError, match="found ghost, which the estate does not have; it has kafka-1-listeners"):
        chosen("ghost")


def test_the_list_says_who_signs_what(asked: Path) -> None:
    asks = {asked / "requests" / company.file_name(ONE): "not there yet"}
    text = company.list_of(TOPOLOGY, KNOWN, [CA], [ONE, TWO], asks)
    assert f"  {CA}_one.test.csr  not there yet  one.test 10.0.0.1\n  two.test: is there\n" in text
    assert f"{CA}: brokers of kafka-1, at their port for clients. Signed by the company" in text
    assert "  kafka-1-brokers: lets in the brokers and the toolkit, who may do everything\n" in text
    assert all(name in text for name in KNOWN)


def test_an_estate_is_not_moved_from_one_to_the_other(tmp_path: Path) -> None:
    folder = plain(tmp_path)
    assert folder.plan([CA], [ONE], NOW) == []
    folder.write()
    (line,) = company.own_faults(plain(tmp_path), [CA], [CA])
    assert f"{tmp_path}/{CA}/ca.crt: found an authority of the toolkit's own, and estate_ca: company" in line
    assert company.own_faults(plain(tmp_path), [CA], []) == []


def test_the_registrys_authority_has_none_above_it(tmp_path: Path) -> None:
    (tmp_path / "schema-registry").mkdir()
    (tmp_path / "schema-registry/ca.crt").write_text(corp.pem(*ABOVE))
    (line,) = company.own_faults(plain(tmp_path), KNOWN, [])
    assert "schema-registry/ca.crt: found an authority with others above it" in line


def clock(off: float, took: float = 2) -> dict[str, float]:
    """A host whose clock is off, read while the controller's went from 1000 on for some seconds."""
    return {"before": 1000, "host": 1000 + off, "after": 1000 + took}


HELD = {"kafka-1-brokers/one": [SERVERS.sign("one.test", corp.new_key().public_key(), GOOD, NOW), SERVERS.certificate]}


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (0, ""),
        (-3500, ""),
        (
            -4000,
            "two: found a clock 4000 s behind the controller's, by which the estate has a certificate that is not valid before",
        ),
        (89 * 86400, ""),
        (
            91 * 86400,
            "two: found a clock 7862398 s ahead of the controller's, by which the estate has a certificate that ended on",
        ),
    ],
)
def test_a_clock_by_which_certificates_do_not_hold_is_named(off: float, said: str) -> None:
    lines = clock_faults({"one": clock(1), "two": clock(off)}, HELD, NOW)
    assert len(lines) == bool(said) and "".join(lines).startswith(said)
    assert not said or "(kafka-1-brokers/one); set the clock" in lines[0]
    assert clock_faults({"two": clock(off)}, {}, NOW) == []


@pytest.mark.parametrize(
    ("names", "host", "holds"),
    [
        (["one.test"], "one.test", True),
        (["ONE.test."], "one.test", True),
        (["*.test"], "one.test", True),
        (["*.test"], "a.one.test", False),
        (["*"], "one", False),
        (["10.0.0.1"], "10.0.0.1", True),
        (["*.0.0.1"], "10.0.0.1", False),
        ([], "one.test", False),
    ],
)
def test_names_hold_as_clients_take_them(names: list[str], host: str, holds: bool) -> None:
    assert covers(names, host) is holds


def test_keys_of_other_kinds_are_refused(asked: Path) -> None:
    (asked / CA / "one.test.key").write_text(corp.key_pem(ed25519.Ed25519PrivateKey.generate()))
    assert "a key of a kind that is not supported" in take(asked)[0][0]
    locked = corp.new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"unknown")).decode()
    (asked / CA / "one.test.key").write_text(locked)
    (line,), _ = take(asked)
    assert f"{asked}/{CA}/one.test.key: found a private key with a password of its own; write it without one" in line
