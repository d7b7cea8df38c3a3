# SPDX-License-Identifier: Apache-2.0
"""The folder beside the inventory with the estate's authorities, keys and certificates; private keys are encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import (
    CertificateError,
    Key,
    authority_faults,
    issue,
    issued_by,
    key_text,
    lacks,
    make_authority,
    make_key,
    names_of,
    pem,
    read_certificate,
    read_key,
    subject_of,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.keystores import certificate_in, key_store, trust_store
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted
from cryptography import x509

# What an encrypted file begins with.
VAULT = "$ANSIBLE_VAULT"
AUTHORITY = "ca"
# Kinds of files with private keys, for their owner alone.
SECRET = (".key", ".p12")
KEEP = "put back the folder as it was, from its copy; an authority cannot be replaced yet"


@dataclass
class Folder:
    """``<authority>/ca.crt`` and ``ca.key``, and ``<name>.crt`` and ``<name>.key`` for each certificate of that authority.

    What is wanted as PKCS12 too stands beside it as ``.p12``, in Base64: a store made anew would never be the same file.

    ``encrypt`` is None where there is no vault password: then keys are files for their owner alone.
    """

    path: Path
    decrypt: Callable[[str], str]
    encrypt: Callable[[str], str] | None = None
    pending: dict[Path, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def file(self, authority: str, name: str, kind: str) -> Path:
        """Return the path of a certificate (``crt``), a key (``key``) or a store (``p12``)."""
        return self.path / quote(authority, safe=" ") / f"{quote(name, safe=' @')}.{kind}"

    def text(self, path: Path) -> str:
        """Return a file decrypted, '' where there is none. Raises CertificateError where the vault does not open."""
        try:
            content = self.pending.get(path) or path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise CertificateError(f"{path}: cannot be read ({error.strerror})") from error
        return self.decrypt(content) if content.startswith(VAULT) else content

    def bundle(self, authority: str, name: str = "", part: str = "") -> str:
        """Return a key with its certificate, or without a name the certificate of the authority; '' where it is not made yet.

        ``part`` is ``key`` or ``certificate`` for one of the two alone.
        """
        if not name:
            return self.text(self.file(authority, AUTHORITY, "crt"))
        at, key_at = self.file(authority, name, "crt"), self.file(authority, name, "key")
        certificate, key = self.text(at), self.text(key_at)
        if not certificate or not key:
            return ""
        if read_certificate(certificate, str(at)).public_key() != read_key(key, str(key_at)).public_key():
            raise CertificateError(f"{at}: found a certificate that belongs to another key; remove it, and it is made anew")
        return {"key": key, "certificate": certificate}.get(part, key + certificate)

    def store(self, authority: str, name: str = "") -> str:
        """Return the same as :meth:`bundle`, as PKCS12 in Base64."""
        return self.text(self.file(authority, name or AUTHORITY, "p12"))

    def plan(self, authorities: Iterable[str], wanted: Iterable[Wanted], now: datetime) -> list[str]:
        """Make what is missing or ends, in memory; return what is wrong with what is there, a line each."""
        wrong = []
        good: dict[str, tuple[x509.Certificate, Key]] = {}
        for name in authorities:
            try:
                good[name] = self._authority(name, now)
            except CertificateError as error:
                wrong.append(str(error))
        for one in wanted:
            try:
                if one.authority in good:
                    self._certificate(one, *good[one.authority], now)
            except CertificateError as error:
                wrong.append(str(error))
        return wrong

    def _authority(self, name: str, now: datetime) -> tuple[x509.Certificate, Key]:
        at, key_at = self.file(name, AUTHORITY, "crt"), self.file(name, AUTHORITY, "key")
        text, key_pem = self.text(at), self.text(key_at)
        if not text:
            if found := next(at.parent.glob("*.crt"), None):
                raise CertificateError(f"{at}: found nothing, and {found.name} beside it; {KEEP}")
            key = read_key(key_pem or make_key(), str(key_at))
            certificate = make_authority(name, key, now)
            self._put(at, pem(certificate))
            if not key_pem:
                self._put(key_at, key_text(key))
            self.made.append(f"authority {name}")
            return certificate, key
        if not key_pem:
            raise CertificateError(f"{key_at}: found nothing, and the certificate beside it; {KEEP}")
        certificate, key = read_certificate(text, str(at)), read_key(key_pem, str(key_at))
        if faults := authority_faults(certificate, key, now):
            raise CertificateError(f"{at}: found {', '.join(faults)}; give another one, before the estate is installed")
        return certificate, key

    def _certificate(self, one: Wanted, authority: x509.Certificate, authority_key: Key, now: datetime) -> None:
        at, key_at = self.file(one.authority, one.name, "crt"), self.file(one.authority, one.name, "key")
        text = self.text(at)
        subject, names, why = subject_of(one.subject, one.unit), list(one.names), ""
        if text:
            found = read_certificate(text, str(at))
            if not issued_by(found, authority):
                raise CertificateError(f"{at}: found a certificate of another authority than {one.authority}; {KEEP}")
            # The key is not looked at here: to decrypt those of a large estate takes a minute.
            if key_at.is_file() and not (why := lacks(found, subject, names, now)):
                self._stores(one, authority)
                return
            # A broker takes a renewed certificate only with all the names that the old one has.
            names += sorted(names_of(found) - set(names))
        key_pem = self.text(key_at)
        key = read_key(key_pem or make_key(), str(key_at))
        self._put(at, pem(issue(subject, names, key, authority, authority_key, now)))
        if not key_pem:
            self._put(key_at, key_text(key))
        self.made.append(f"certificate {one.authority}/{one.name}{f' ({why})' if why else ''}")
        self._stores(one, authority)

    def _stores(self, one: Wanted, authority: x509.Certificate) -> None:
        """Make the stores of a certificate and its authority that are wanted and hold something else, or nothing."""
        if not one.stores:
            return
        trusted, at = (self.file(one.authority, name, "p12") for name in (AUTHORITY, one.name))
        key_at, certificate_at = (self.file(one.authority, one.name, kind) for kind in ("key", "crt"))
        certificate = read_certificate(self.text(certificate_at), str(certificate_at))
        if certificate_in(self.text(trusted)) != authority:
            self._put(trusted, trust_store(authority))
            self.made.append(f"store of authority {one.authority}")
        if certificate_in(self.text(at)) != certificate:
            self._put(at, key_store(certificate, read_key(self.text(key_at), str(key_at))))
            self.made.append(f"store of certificate {one.authority}/{one.name}")

    def _put(self, path: Path, content: str) -> None:
        secret = path.suffix in SECRET
        self.pending[path] = self.encrypt(content) if secret and self.encrypt else content

    def write(self) -> None:
        """Write what was made: keys first, so that no certificate stands there without its key."""
        for path in sorted(self.pending, key=lambda path: path.suffix != ".key"):
            folder = path.parent
            for one in (self.path, folder):
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, self.pending[path].encode(), 0o600 if path.suffix in SECRET else 0o644)
        self.pending.clear()
