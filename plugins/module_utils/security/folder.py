# SPDX-License-Identifier: Apache-2.0
"""The folder beside the inventory with the estate's authorities, keys and certificates; private keys are encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import (
    CertificateError,
    Key,
    issue,
    issued_by,
    key_text,
    make_authority,
    make_key,
    names_of,
    pem,
    read_certificate,
    read_certificates,
    read_key,
    shown,
    signs_itself,
    subject_of,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.faults import authority_faults, chain, chain_faults, lacks
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import certificates_in, key_store, trust_store
from ansible_collections.estate.kafka.plugins.module_utils.security.renewal import NOTHING, Renewal
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted
from cryptography import x509

# What an encrypted file begins with.
VAULT = "$ANSIBLE_VAULT"
AUTHORITY = "ca"
# Beside an authority that is being replaced: the one that follows it, and how far that has come. Quoting leaves '+' to no host.
NEXT, STEP = "ca+next", "ca+step"
# All trust both, and the former one issues; the next one issues; the next one alone is trusted.
TRUST, ISSUE, DROP = "trust", "issue", "drop"
STEPS = {"": TRUST, TRUST: ISSUE, ISSUE: DROP}
# Kinds of files with private keys, for their owner alone.
SECRET = (".key", ".p12")
# Of a key that is written and that no certificate belongs to yet.
FRESH = "+new"
SAID = {
    TRUST: "a new one is trusted beside it",
    ISSUE: "the new one issues the certificates",
    DROP: "the new one alone is trusted",
}
# Of an authority: who issues, where a server is to let in what that one has issued and nobody else. Without it, what a client
# trusts: the root above it.
ISSUER = "issuer"
KEEP = "put back the folder as it was, from its copy; an authority is replaced by playbooks/rotate.yml alone"


@dataclass(frozen=True)
class Issuer:
    """An authority whose key is here, and those above it; the last one signs itself."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()

    @property
    def served(self) -> list[x509.Certificate]:
        """Return what is shown beside a certificate: all above it but the root."""
        return [one for one in (self.certificate, *self.above) if not signs_itself(one)]


@dataclass
class Folder:
    """``<authority>/ca.crt`` and ``ca.key``, and ``<name>.crt`` and ``<name>.key`` for each certificate of that authority.

    What is wanted as PKCS12 too stands beside it as ``.p12``, in Base64: a store made anew would never be the same file.

    ``encrypt`` is None where there is no vault password: then keys are files for their owner alone. ``over`` is a folder whose
    files count before those of ``path``: what check mode would have written.
    """

    path: Path
    decrypt: Callable[[str], str]
    encrypt: Callable[[str], str] | None = None
    over: Path | None = None
    pending: dict[Path, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    # What is used, by names for a person: each certificate and those above it.
    held: dict[str, Sequence[x509.Certificate]] = field(default_factory=dict)

    def file(self, authority: str, name: str, kind: str) -> Path:
        """Return the path of a certificate (``crt``), a key (``key``) or a store (``p12``)."""
        return self.path / quote(authority, safe=" ") / f"{quote(name, safe=' @')}.{kind}"

    def text(self, path: Path) -> str:
        """Return a file decrypted, '' where there is none. Raises CertificateError where the vault does not open."""
        try:
            content = self.pending.get(path) or self._at(path).read_text(encoding="utf-8")
            return self.decrypt(content) if content.startswith(VAULT) else content
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise CertificateError(f"{path}: cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise CertificateError(f"{path}: found no text, as DER is none; write it as PEM, with openssl") from error
        except CertificateError as error:
            raise CertificateError(f"{path}: {error}") from error

    def _at(self, path: Path) -> Path:
        """Return where a file of the folder is read."""
        other = self.over and self.over / path.relative_to(self.path)
        return other if other and other.is_file() else path

    def bundle(self, authority: str, name: str = "", part: str = "") -> str:
        """Return a key with its certificate, or without a name what is trusted of the authority; '' where it is not made yet.

        ``part`` is ``key`` or ``certificate`` for one of the two alone, of an authority it may be ``issuer``.
        Raises CertificateError where one cannot be read.
        """
        if not name:
            return self._trusted(authority, self.step(authority), part)
        at, key_at = self.file(authority, name, "crt"), self.file(authority, name, "key")
        certificate, key = self.text(at), self.text(key_at)
        if not certificate or not key:
            return ""
        private = read_key(key, str(key_at))
        if read_certificate(certificate, str(at)).public_key() != private.public_key():
            raise CertificateError(f"{at}: found a certificate that belongs to another key; remove it, and it is made anew")
        # Whatever form somebody gave it in.
        key = key_text(private)
        return {"key": key, "certificate": certificate}.get(part, key + certificate)

    def there(self, path: Path) -> bool:
        """Return whether a file is there, or is about to be."""
        return path in self.pending or self._at(path).is_file()

    def step(self, authority: str) -> str:
        """Return how far the replacement of an authority is; '' where none is under way."""
        return self.text(self._own(authority, STEP)).strip()

    def accepted(self, authority: str) -> list[str]:
        """Return what the members may trust at this moment: what the step wants, and what the one before wanted."""
        step = self.step(authority)
        before = {TRUST: "", DROP: ISSUE}.get(step, step)
        return [self._trusted(authority, one) for one in (step, before)]

    def _trusted(self, authority: str, step: str, part: str = "") -> str:
        former, following = (self._part(self._own(authority, f"{name}.crt"), part) for name in (AUTHORITY, NEXT))
        if step == DROP:
            # At the very end it has its place, and is there no more.
            return pem(*(following or former))
        # Two that one root signed have it in common.
        return pem(*dict.fromkeys([*former, *(following if step in (TRUST, ISSUE) else ())]))

    def _part(self, at: Path, part: str) -> list[x509.Certificate]:
        found = self.certificates(at)
        return lowest(found) if part == ISSUER else [one for one in found if signs_itself(one)]

    def certificates(self, at: Path) -> list[x509.Certificate]:
        """Return the certificates in a file, none where it is not there. Raises CertificateError."""
        text = self.text(at)
        return read_certificates(text.encode(), str(at)) if text else []

    def _own(self, authority: str, name: str) -> Path:
        return self.path / quote(authority, safe=" ") / name

    def replace(self, authority: str, step: str, now: datetime) -> None:
        """Take the step with which the replacement of an authority goes on, in memory. Raises CertificateError.

        The next authority is made, unless somebody has given it.
        """
        at, key_at = (self._own(authority, f"{NEXT}.{kind}") for kind in ("crt", "key"))
        if step == TRUST and not self.text(at):
            # A run that was broken off may have left a key alone.
            key = read_key(self.text(key_at) or make_key(), str(key_at))
            self.put(key_at, key_text(key))
            self.put(at, pem(make_authority(authority, key, now)))
        following = self._judged(at, key_at, now).certificate
        if step == TRUST and following.subject == self._former(authority).subject:
            raise CertificateError(f"{at}: found the subject of the former authority: give one with another")
        self.put(self._own(authority, STEP), f"{step}\n")
        self.made.append(f"authority {authority}: {SAID[step]}")

    def _former(self, authority: str) -> x509.Certificate:
        return lowest(self.certificates(self._own(authority, f"{AUTHORITY}.crt")))[0]

    def finish(self, authority: str) -> None:
        """Give the next authority the place of the former one, which nobody trusts any more; broken off, it is done again."""
        key_at = self._own(authority, f"{NEXT}.key")
        if key_at.is_file():
            # As it stands there, which is encrypted.
            key, following = key_at.read_bytes(), self.text(self._own(authority, f"{NEXT}.crt"))
            write_whole(self._own(authority, f"{AUTHORITY}.key"), key, 0o600)
            write_whole(self._own(authority, f"{AUTHORITY}.crt"), following.encode(), 0o644)
        for name in (f"{NEXT}.key", f"{NEXT}.crt", STEP):
            self._own(authority, name).unlink(missing_ok=True)
        self.made.append(f"authority {authority}: the new one has replaced it")

    def store(self, authority: str, name: str = "") -> str:
        """Return the same as :meth:`bundle`, as PKCS12 in Base64."""
        return self.text(self.file(authority, name or AUTHORITY, "p12"))

    def plan(self, authorities: Iterable[str], wanted: Iterable[Wanted], now: datetime, renewal: Renewal = NOTHING) -> list[str]:
        """Make what is missing or ends, and what is asked for anew; return what is wrong with what is there, a line each.

        All of it in memory.
        """
        wrong = []
        good: dict[str, Issuer] = {}
        for name in authorities:
            try:
                good[name] = self._authority(name, now)
            except CertificateError as error:
                wrong.append(str(error))
        for one in wanted:
            try:
                if one.authority in good:
                    self._certificate(one, good[one.authority], now, renewal)
            except CertificateError as error:
                wrong.append(f"{one.names[0]}: {error}")
        return wrong

    def _authority(self, name: str, now: datetime) -> Issuer:
        # Without its key it has taken the place of the former one, and only what is left of it is to be removed.
        issues = self.step(name) in (ISSUE, DROP) and self._at(self._own(name, f"{NEXT}.key")).is_file()
        at, key_at = (self._own(name, f"{NEXT if issues else AUTHORITY}.{kind}") for kind in ("crt", "key"))
        text, key_pem = self.text(at), self.text(key_at)
        if not text:
            if found := next(at.parent.glob("*.crt"), None):
                raise CertificateError(f"{at}: found nothing, and {found.name} beside it; {KEEP}")
            key = read_key(key_pem or make_key(), str(key_at))
            certificate = make_authority(name, key, now)
            self.put(at, pem(certificate))
            if not key_pem:
                self.put(key_at, key_text(key))
            self.made.append(f"authority {name}")
            return Issuer(certificate, key)
        return self._judged(at, key_at, now)

    def _judged(self, at: Path, key_at: Path, now: datetime) -> Issuer:
        key_pem = self.text(key_at)
        if not key_pem:
            raise CertificateError(
                f"{key_at}: found nothing, and an authority beside it, which signs with it; give it, or {KEEP}"
            )
        certificates, key = self.certificates(at), read_key(key_pem, str(key_at))
        own = lowest(certificates)
        if len(own) > 1:
            names = ", ".join(shown(one.subject) for one in own)
            raise CertificateError(f"{at}: found several authorities, {names}; give one, with those above it")
        faults = authority_faults(own[0], key, now)
        try:
            way = chain(own[0], certificates)
        except CertificateError as error:
            raise CertificateError(f"{at}: {error}") from error
        if faults := faults + chain_faults(way, now):
            raise CertificateError(f"{at}: found {', '.join(faults)}; give another one, before the estate is installed")
        return Issuer(own[0], key, tuple(way[1:]))

    def _certificate(self, one: Wanted, authority: Issuer, now: datetime, renewal: Renewal) -> None:
        at, key_at = self.file(one.authority, one.name, "crt"), self.file(one.authority, one.name, "key")
        text = self.text(at)
        subject, names, why, key_pem = subject_of(one.subject, one.unit), list(one.names), "", ""
        if text:
            found = read_certificate(text, str(at))
            asked = renewal.asks(one, found)
            if not issued_by(found, authority.certificate):
                if self.step(one.authority) not in (ISSUE, DROP) or not issued_by(found, self._former(one.authority)):
                    raise CertificateError(f"{at}: found a certificate of another authority than {one.authority}; {KEEP}")
                asked = "of the former authority"
            self._end_of_write(one, found, key_at)
            # The key is not looked at here: to decrypt those of a large estate takes a minute.
            if self.there(key_at) and not (why := asked or lacks(found, subject, names, now)):
                self.held[f"{one.authority}/{one.name}"] = [found, authority.certificate, *authority.above]
                self.stores(one)
                return
            # A broker takes a renewed certificate only with all the names that the old one has.
            names += sorted(names_of(found) - set(names))
            # What is asked for anew has a key of its own.
            key_pem = "" if asked else self.text(key_at)
        else:
            key_pem = self.text(key_at)
        key = read_key(key_pem or make_key(), str(key_at))
        issued = issue(subject, names, key, authority.certificate, authority.key, now)
        self.put(at, pem(issued, *authority.served))
        self.held[f"{one.authority}/{one.name}"] = [issued, authority.certificate, *authority.above]
        if not key_pem:
            self.put(key_at, key_text(key))
        self.made.append(f"certificate {one.authority}/{one.name}{f' ({why})' if why else ''}")
        self.stores(one)

    def stores(self, one: Wanted) -> None:
        """Make the stores of a certificate and its authority that are wanted and hold something else, or nothing."""
        if not one.stores:
            return
        trusted, at = (self.file(one.authority, name, "p12") for name in (AUTHORITY, one.name))
        key_at, certificate_at = (self.file(one.authority, one.name, kind) for kind in ("key", "crt"))
        certificates = self.certificates(certificate_at)
        authorities = read_certificates(self.bundle(one.authority, part=ISSUER).encode(), one.authority)
        if set(certificates_in(self.text(trusted))) != set(authorities):
            self.put(trusted, trust_store(authorities))
            self.made.append(f"store of authority {one.authority}")
        if certificates_in(self.text(at)) != certificates:
            self.put(at, key_store(certificates, read_key(self.text(key_at), str(key_at))))
            self.made.append(f"store of certificate {one.authority}/{one.name}")

    def _end_of_write(self, one: Wanted, certificate: x509.Certificate, key_at: Path) -> None:
        """Take over a new key whose certificate an earlier run wrote before it was ended; one without it was of no use."""
        fresh = key_at.with_name(key_at.stem + FRESH + key_at.suffix)
        text = self.text(fresh)
        if text and read_key(text, str(fresh)).public_key() == certificate.public_key():
            self.put(key_at, text)
            self.made.append(f"key of certificate {one.authority}/{one.name} (a run that was broken off had made it)")

    def put(self, path: Path, content: str) -> None:
        """Have a file written; one with a private key is encrypted."""
        secret = path.suffix in SECRET
        self.pending[path] = self.encrypt(content) if secret and self.encrypt else content

    def write(self, folder: Path | None = None) -> None:
        """Write what was made, into another folder in check mode.

        A key is written beside the one it replaces, then the certificate, and then the key takes its place: whenever that is
        broken off, each certificate has its key.
        """
        root = folder or self.path
        made = {root / path.relative_to(self.path): content for path, content in self.pending.items()}
        keys = [path for path in made if path.suffix == ".key"]
        fresh = {path: path.with_name(path.stem + FRESH + path.suffix) for path in keys if path.is_file()}
        for path in sorted(made, key=lambda path: path.suffix != ".key"):
            for one in (root, path.parent):
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(fresh.get(path, path), made[path].encode(), 0o600 if path.suffix in SECRET else 0o644)
        for path, draft in fresh.items():
            draft.replace(path)
        self.pending.clear()


def lowest(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return those that signed none of the others: in a file with an authority and those above it, that authority."""
    return [one for one in certificates if not any(other != one and issued_by(other, one) for other in certificates)]
