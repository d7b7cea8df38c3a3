# SPDX-License-Identifier: Apache-2.0
"""The SCRAM users of a live cluster, read and changed with Kafka's own requests, and passwords tried by logging in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import explain
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import (
    NO_ERROR,
    Requests,
    explain_code,
    in_chunks,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.plan import MECHANISMS, Action, Login, Write
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll

MECHANISM_NAMES = {number: name for name, number in MECHANISMS.items()}
RESOURCE_NOT_FOUND = 91
HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
SALT_BYTES = 24
LOGIN_POLL_SECONDS = 0.25
AT_ONCE = 8
# How librdkafka begins to say that the listener has no such mechanism, or no logins at all; the password was not looked at.
HANDSHAKE = "mechanism handshake failed"


def password_works(settings: Mapping[str, Any], login: Login, password: str, timeout: float) -> bool:
    """Return whether a listener accepts a password; ``timeout`` is in seconds, ``settings`` are those of librdkafka.

    Raises ClusterError where a login cannot be tried.

    librdkafka asks here, for kafka-python loses the broker's refusal when the connection is closed together with it.
    """
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    heard: list[Any] = []
    own: dict[str, Any] = {
        "sasl.mechanism": login.mechanism,
        "sasl.username": login.user,
        "sasl.password": password,
        "log_level": 0,
        "error_cb": heard.append,
    }
    try:
        client = AdminClient({**settings, **own})
    except Exception as error:  # KafkaException, ValueError or TypeError: a setting librdkafka does not take
        raise ClusterError(f"login: {explain(error)}") from error

    def attempt() -> bool | None:
        """Return whether it is accepted, None where nobody has said; what waits here is librdkafka."""
        try:
            client.list_topics(timeout=LOGIN_POLL_SECONDS)
            return True
        except KafkaException:
            client.poll(0)
        return False if any(error.name() == "_AUTHENTICATION" for error in heard) else None

    accepted = poll(attempt, lambda verdict: verdict is not None, timeout, pause=lambda _: 0)
    if accepted or (accepted is False and not any(HANDSHAKE in error.str() for error in heard)):
        return accepted
    reasons = "; ".join(dict.fromkeys(explain(error) for error in heard[-3:])) or "no answer"
    address = settings.get("bootstrap.servers")
    raise ClusterError(f"{login}: a login cannot be tried at {address}: {reasons}; correct login, or leave it out")


class LiveUsers:
    """The SCRAM users of one cluster: those named, or everybody.

    ``login`` has the client settings of a listener where they can log in.
    """

    def __init__(self, requests: Requests, login: Mapping[str, Any] | None, names: Collection[str], everybody: bool) -> None:
        self.requests = requests
        self.timeout = requests.timeout
        self.login = login
        self.names = sorted(set(names))
        self.everybody = everybody

    def users(self) -> dict[Login, int]:
        """Return the logins with their iterations; raises ClusterError where they cannot be read."""
        # By name first: asked for all users, a broker does not answer at all to somebody who may not know them.
        found = self._described(self.names or ["nobody"]) if self.names or self.everybody else {}
        return self._described(None) if self.everybody else found

    def _described(self, names: Sequence[str] | None) -> dict[Login, int]:
        from kafka.protocol.admin import DescribeUserScramCredentialsRequest as Request

        answer = self.requests.send(Request(users=names and [Request.UserName(name=name) for name in names]))
        failed = [answer, *(result for result in answer.results if result.error_code != RESOURCE_NOT_FOUND)]
        for one in failed:
            if one.error_code != NO_ERROR:
                raise ClusterError(f"users cannot be read: {explain_code(one.error_code, one.error_message)}")
        return {
            Login(result.user, MECHANISM_NAMES[found.mechanism]): found.iterations
            for result in answer.results
            for found in result.credential_infos
            if found.mechanism in MECHANISM_NAMES
        }

    def rejected(self, passwords: Mapping[Login, str]) -> set[Login]:
        """Return those who cannot log in with these passwords."""
        if not passwords:
            return set()
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(AT_ONCE) as pool:
            verdicts = pool.map(
                lambda item: password_works(self.login or {}, item[0], item[1], self.requests.timeout), passwords.items()
            )
            return {login for login, accepted in zip(passwords, verdicts) if not accepted}

    def apply(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        """Carry the actions out; return those refused, with the reason."""
        return in_chunks(actions, self._alter)

    def _alter(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        # A cluster without ZooKeeper refuses a user who stands in a request twice.
        by_mechanism = [[action for action in actions if action.login.mechanism == name] for name in MECHANISMS]
        return [refused for chosen in by_mechanism if chosen for refused in self._altered(chosen)]

    def _altered(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        """Send changes of one mechanism; return those refused."""
        from kafka.protocol.admin import AlterUserScramCredentialsRequest as Request

        upsertions, deletions = [], []
        for action in actions:
            name, mechanism = action.login.user, action.login.mechanism
            if isinstance(action, Write):
                salt = secrets.token_bytes(SALT_BYTES)
                salted = hashlib.pbkdf2_hmac(HASHES[mechanism], action.password.encode(), salt, action.iterations)
                upsertions.append(
                    Request.ScramCredentialUpsertion(
                        name=name,
                        mechanism=MECHANISMS[mechanism],
                        iterations=action.iterations,
                        salt=salt,
                        salted_password=salted,
                    )
                )
            else:
                deletions.append(Request.ScramCredentialDeletion(name=name, mechanism=MECHANISMS[mechanism]))
        answer = self.requests.send_to_controller(
            Request(deletions=deletions, upsertions=upsertions), lambda answer: [result.error_code for result in answer.results]
        )
        results = {result.user: result for result in answer.results}
        return [
            (action, explain_code(results[action.login.user].error_code, results[action.login.user].error_message))
            for action in actions
            if results[action.login.user].error_code != NO_ERROR
        ]
