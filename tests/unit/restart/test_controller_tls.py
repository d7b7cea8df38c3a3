"""Controllers behind TLS: asked with a certificate, and one that refuses it is no controller that is down."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import LoginError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import ask
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.client import Voters
from ansible_collections.estate.kafka.plugins.module_utils.kafka.wire import NOT_AUTHORIZED
from ansible_collections.estate.kafka.plugins.module_utils.restart import members
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import (
    issue,
    key_text,
    make_authority,
    make_key,
    pem,
    read_key,
    subject_of,
    utc_now,
)
from test_controller_rules import leader_says

LEADS = leader_says(3, [(number, 17, 100_000) for number in (1, 2, 3)])
MAY_NOT = b"\0\0\0\1\0" + struct.pack(">h", NOT_AUTHORIZED) + b"\0"


class Keys:
    """An authority in a folder, and a key of it for ``localhost``, as the toolkit has them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        authority_key, key = (read_key(make_key(), "") for _ in range(2))
        authority = make_authority(folder.name, authority_key, utc_now())
        subject = subject_of("toolkit", "local")
        certificate = issue(subject, ["localhost", "127.0.0.1"], key, authority, authority_key, utc_now())
        self.files = {"ca": str(folder / "ca.pem"), "key": str(folder / "key.pem")}
        Path(self.files["ca"]).write_text(pem(authority))
        Path(self.files["key"]).write_text(key_text(key) + pem(certificate))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys") / "own")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys") / "other")


@contextlib.contextmanager
def controller(keys: Keys, answer: bytes) -> Iterator[str]:
    """A port that requires a client certificate of this authority, and sends every client the same answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys.files["key"])
    context.load_verify_locations(keys.files["ca"])
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), plain, context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(1000)
                    connection.sendall(struct.pack(">i", len(answer)) + answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"localhost:{listener.getsockname()[1]}"


def test_the_leader_answers_who_has_a_certificate(own: Keys) -> None:
    with controller(own, LEADS) as address:
        view = ask([address], 5, own.files)
        assert view.quorum is not None and view.quorum.leader == 3 and not view.silent


@pytest.mark.parametrize("case", ["another authority's", "none", "a file that is not there", "no right"])
def test_who_is_refused_does_not_take_it_for_down(own: Keys, other: Keys, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no controller that says that it leads, one would be restarted after a while: not where it is just not told."""
    tls = {
        "another authority's": {"ca": own.files["ca"], "key": other.files["key"]},
        "none": {},
        "a file that is not there": {"ca": own.files["ca"], "key": "/nonexistent/key.pem"},
        "no right": own.files,
    }[case]
    monkeypatch.setattr(members, "ELECTION_SECONDS", 0)
    with controller(own, MAY_NOT if case == "no right" else LEADS) as address:
        view = ask([address, "localhost:1"], 5, tls)
        assert view.quorum is None and set(view.silent) == {address, "localhost:1"}
        if case == "none":
            # In plain to a port with TLS: nothing tells that from one that ends.
            assert not view.refused
            return
        if case == "a file that is not there":
            assert set(view.refused) == {address, "localhost:1"} and "/nonexistent/key.pem" in view.refused[address]
        else:
            assert set(view.refused) == {address}
        member = members.Controller({"controller_id": 1, "servers": [address, "localhost:1"], "tls": tls})
        for asked in (member.before, member.last):
            with pytest.raises(LoginError, match="refuses the toolkit"):
                asked()
        with pytest.raises(LoginError, match="refuses the toolkit"):
            Voters([address], "id", 60, tls).leading()


def test_a_certificate_of_another_authority_is_not_believed(own: Keys, other: Keys) -> None:
    with controller(other, LEADS) as address:
        view = ask([address], 5, own.files)
        assert view.quorum is None and "CERTIFICATE_VERIFY_FAILED" in view.refused[address]
