"""Certificates made anew before their time, and an authority that is replaced, with runs that end midway."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole
from ansible_collections.estate.kafka.plugins.module_utils.security import certificates as made
from ansible_collections.estate.kafka.plugins.module_utils.security import folder as folders
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import DROP, ISSUE, TRUST, Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import certificates_in
from ansible_collections.estate.kafka.plugins.module_utils.security.renewal import Renewal, renewal_of
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted, distrusted

NOW = datetime(2026, 11, 29, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
CA = "kafka-1-brokers"
ONE = Wanted(CA, "one", "broker-1", "kafka-1", ("one", "10.0.0.1"))
TWO = dataclasses.replace(ONE, name="two", subject="broker-2", names=("two",))
# Operations on files that a run of a step may be ended after; more than any has.
OPERATIONS = range(24)


def plain(path: Path) -> Folder:
    return Folder(path, lambda text: text)


def run(path: Path, renewal: Renewal | None = None, now: datetime = LATER) -> list[str]:
    """Make what is missing or asked for, as a run does; return what it made."""
    folder = plain(path)
    assert folder.plan([CA], [ONE, TWO], now, *([renewal] if renewal else [])) == []
    if folder.made:
        folder.write()
    return folder.made


def take(path: Path, step: str) -> list[str]:
    """Take a step of a replacement, as a run does."""
    folder = plain(path)
    folder.replace(CA, step, LATER)
    assert folder.plan([CA], [ONE, TWO], LATER) == []
    folder.write()
    return folder.made


def trusted(path: Path) -> str:
    return plain(path).bundle(CA)


def issuer(path: Path, name: str = "one") -> str:
    """Return who issued a certificate, which belongs to the key beside it."""
    return made.read_certificate(plain(path).bundle(CA, name, "certificate"), name).issuer.rfc4514_string()


def subject(text: str) -> str:
    return made.read_certificate(text, "test").subject.rfc4514_string()


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder that a run has filled a month ago."""
    run(tmp_path / "pki", now=NOW)
    return tmp_path / "pki"


def test_a_renewed_certificate_has_another_key_and_all_its_names(there: Path) -> None:
    before = plain(there).bundle(CA, "one", "key")
    path = there / CA / "one.crt"
    names = made.names_of(made.read_certificate(path.read_text(), "test"))
    assert run(there, Renewal(LATER)) == [f"certificate {CA}/one (asked for)", f"certificate {CA}/two (asked for)"]
    assert plain(there).bundle(CA, "one", "key") != before
    assert made.names_of(made.read_certificate(path.read_text(), "test")) == names
    # Made a moment ago: what asks for the same again is done.
    assert run(there, Renewal(LATER)) == [] == run(there)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (Renewal(LATER, host="two"), ["two"]),
        (Renewal(LATER, authority="kafka-2-brokers"), []),
        (Renewal(LATER, authority=CA), ["one", "two"]),
        (Renewal(NOW), []),
    ],
)
def test_only_what_is_asked_for_is_renewed(there: Path, asked: Renewal, names: list[str]) -> None:
    assert run(there, asked) == [f"certificate {CA}/{name} (asked for)" for name in names]


def test_without_a_time_what_was_made_more_than_a_day_ago_is_meant() -> None:
    assert renewal_of({"authority": None}, LATER, [CA], ["one"]) == Renewal(LATER - timedelta(days=1))
    assert renewal_of(None, LATER, [CA], ["one"]).limit < NOW - timedelta(days=9999)
    assert renewal_of({"made_before": "2026-11-29T02:00:00+02:00"}, LATER, [], []).limit == NOW
    assert renewal_of({"made_before": "2026-11-29T00:00:00"}, LATER, [], []).limit == NOW


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"authority": "kafka-9"}, f"authority is kafka-9, which has no certificates here; there are {CA}"),
        ({"host": "nine"}, "host is nine, which has no certificates here; there are one"),
        ({"made_before": "soon"}, "made_before is soon, which is no time"),
    ],
)
def test_what_is_not_there_is_named(asked: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        renewal_of(asked, LATER, [CA], ["one"])


def test_an_authority_is_replaced_in_three_steps(there: Path) -> None:
    former = trusted(there)
    run(there, Renewal(LATER, host="two"))
    two = plain(there).bundle(CA, "two")
    assert take(there, TRUST) == [f"authority {CA}: a new one is trusted beside it"]
    both = trusted(there)
    following = both.removeprefix(former)
    assert both == former + following and subject(following) != subject(former)
    assert issuer(there) == subject(former) and plain(there).bundle(CA, "two") == two
    assert take(there, ISSUE)[1:] == [f"certificate {CA}/{name} (of the former authority)" for name in ("one", "two")]
    assert trusted(there) == both and {issuer(there, name) for name in ("one", "two")} == {subject(following)}
    assert plain(there).bundle(CA, "two", "key") != two[: two.index("-----BEGIN CERT")]
    take(there, DROP)
    assert trusted(there) == following
    plain(there).finish(CA)
    assert trusted(there) == following == (there / CA / "ca.crt").read_text()
    assert [path.name for path in (there / CA).iterdir() if "+" in path.name] == [] == run(there)
    # And once more.
    take(there, TRUST)
    assert trusted(there).startswith(following) and trusted(there) != following


def test_an_authority_that_somebody_gives_is_the_next_one(there: Path) -> None:
    key = made.read_key(made.make_key(), "test")
    given = made.pem(made.make_authority("company", key, NOW))
    for kind, text in (("crt", given), ("key", made.key_text(key))):
        (there / CA / f"ca+next.{kind}").write_text(text)
    # It counts from the first step on.
    assert given not in trusted(there) and run(there) == []
    take(there, TRUST)
    assert trusted(there).endswith(given)


def test_stores_of_an_authority_that_is_replaced_have_both(there: Path) -> None:
    one = dataclasses.replace(ONE, stores=True)

    def step(name: str) -> list[str]:
        folder = plain(there)
        folder.replace(CA, name, LATER)
        assert folder.plan([CA], [one, TWO], LATER) == []
        folder.write()
        return [found.subject.rfc4514_string() for found in certificates_in(plain(there).store(CA))]

    former = subject(trusted(there))
    both = step(TRUST)
    assert len(both) == 2 and former in both
    assert step(ISSUE) == both
    (following,) = step(DROP)
    assert following != former and following == issuer(there)
    plain(there).finish(CA)
    folder = plain(there)
    assert folder.plan([CA], [one, TWO], LATER) == [] and folder.made == []


def test_an_authority_with_the_same_name_is_refused(there: Path) -> None:
    for kind in ("crt", "key"):
        (there / CA / f"ca+next.{kind}").write_text((there / CA / f"ca.{kind}").read_text())
    with pytest.raises(made.CertificateError, match="give one with another"):
        take(there, TRUST)


def test_hosts_may_trust_what_the_step_and_the_one_before_wanted(there: Path) -> None:
    former = trusted(there)
    take(there, TRUST)
    both = trusted(there)
    assert plain(there).accepted(CA) == [both, former]
    take(there, ISSUE)
    assert set(plain(there).accepted(CA)) == {both}
    take(there, DROP)
    assert plain(there).accepted(CA) == [both.removeprefix(former), both]
    topology = {"ensembles": {}, "clusters": {"kafka-1": {"ensemble": "z", "brokers": [{"host": "one"}]}}}
    seen: dict[str, dict[str, Any]] = {"one": {"observed": {"authorities": {"brokers-ca.pem": "0" * 64}}}}
    assert len(distrusted(topology, seen, plain(there).accepted, "pki", [CA])) == 1


class Ended(Exception):
    """The run was killed."""


def ended_after(number: int, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> bool:
    """Do something that is killed after so many operations on files; return whether it was."""
    left = [number]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def one(*args: Any, **kwargs: Any) -> Any:
            if not left[0]:
                raise Ended
            left[0] -= 1
            return real(*args, **kwargs)

        return one

    with monkeypatch.context() as patched:
        patched.setattr(folders, "write_whole", counted(write_whole))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        patched.setattr(Path, "replace", counted(Path.replace))
        try:
            act()
        except Ended:
            return True
    return False


@pytest.mark.parametrize("step", [TRUST, ISSUE, DROP, "done"])
def test_a_run_may_end_after_any_operation_of_a_step(there: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    former = trusted(there)
    steps = [TRUST, ISSUE, DROP, "done"]

    def one(step: str) -> None:
        if step == "done":
            plain(there).finish(CA)
        else:
            take(there, step)

    for before in steps[: steps.index(step)]:
        one(before)
    came = [ended_after(number, monkeypatch, lambda: one(step)) for number in OPERATIONS if step != plain(there).step(CA)]
    assert came[0]
    # The next run reads where it stands, and goes on from there.
    run(there)
    order = ["", TRUST, ISSUE, DROP]
    stands = plain(there).step(CA)
    assert stands in ("", step, *steps[: steps.index(step)])
    for left in steps[order.index(stands) :] if trusted(there) == former or stands else []:
        one(left)
    assert former not in trusted(there) and trusted(there).count("BEGIN CERTIFICATE") == 1
    assert {issuer(there, name) for name in ("one", "two")} == {subject(trusted(there))}
    assert not {"ca+step", "ca+next.crt", "ca+next.key"} & {path.name for path in (there / CA).iterdir()} and run(there) == []


def test_a_renewal_may_end_after_any_operation(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {name: plain(there).bundle(CA, name, "key") for name in ("one", "two")}
    number = 0
    while ended_after(number, monkeypatch, lambda: run(there, Renewal(LATER))):
        # What any other run does then: each certificate has its key.
        run(there)
        assert all(plain(there).bundle(CA, name) for name in keys)
        number += 1
    assert number > 2
    run(there, Renewal(LATER))
    assert not {plain(there).bundle(CA, name, "key") for name in keys} & {*keys.values()}
    assert not [path for path in (there / CA).glob("*+new*") if not path.name.startswith(".")]
