"""Passwords that nobody has written: which are missing, and how they get into the inventory's file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultHelper, VaultLib, VaultSecret
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import (
    needed,
    renewable,
    variable_of,
    with_passwords,
)
from ansible_collections.estate.kafka.plugins.plugin_utils.vault_file import (
    add_secrets,
    vault_file,
    with_secrets,
    without_secrets,
)

SECRETS = [("default", VaultSecret(b"in-a-test"))]
USERS = [
    {"name": "shop"},
    {"name": "with", "password": "one-of-its-own"},
    {"name": "gone", "state": "absent"},
]


def test_only_users_without_a_password_need_one() -> None:
    assert needed({"kafka-1": USERS, "kafka-2": []}) == {"kafka_password_kafka_1_shop": ("kafka-1", "shop")}


def test_each_user_gets_its_own() -> None:
    filled = with_passwords(USERS, "kafka-1", {"kafka_password_kafka_1_shop": "made"})
    assert [user.get("password") for user in filled] == ["made", "one-of-its-own", None]
    assert with_passwords(USERS, "kafka-2", {"kafka_password_kafka_1_shop": "made"})[0].get("password") is None


def test_two_users_never_share_a_password() -> None:
    with pytest.raises(ValueError, match="would share the variable kafka_password_kafka_1_a_b"):
        needed({"kafka-1": [{"name": "a.b"}, {"name": "a-b"}]})
    assert variable_of("kafka-1", "a b") == "kafka_password_kafka_1_a_b"


def loaded(path: Path) -> dict[str, str]:
    loader = DataLoader()
    loader.set_vault_secrets(SECRETS)
    vault = VaultLib(SECRETS)

    def clear(value: object) -> str:
        text = VaultHelper.get_ciphertext(value, with_tags=False)
        return str(value) if text is None else vault.decrypt(text).decode()

    return {name: clear(value) for name, value in loader.load_from_file(str(path)).items()}


@pytest.mark.parametrize(
    "before", ["", "---\nother: 1\n", "---\n# no end of line\nother: 1", VaultLib(SECRETS).encrypt("other: 1\n").decode()]
)
def test_added_to_what_is_there_and_encrypted(tmp_path: Path, before: str) -> None:
    path = tmp_path / "group_vars/all/vault.yml"
    if before:
        path.parent.mkdir(parents=True)
        path.write_text(before)
        path.chmod(0o640)
    add_secrets(path, {"kafka_password_a": "first-secret"}, VaultLib(SECRETS))
    add_secrets(path, {"kafka_password_b": "second-secret"}, VaultLib(SECRETS))
    assert "secret" not in path.read_text()
    wanted = {"kafka_password_a": "first-secret", "kafka_password_b": "second-secret"}
    assert loaded(path) == ({"other": "1"} if before else {}) | wanted
    assert stat.S_IMODE(path.stat().st_mode) == (0o640 if before else 0o600)


def test_the_file_is_one_that_ansible_reads(tmp_path: Path) -> None:
    assert vault_file(str(tmp_path)) == str(tmp_path / "group_vars/all/vault.yml")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text(yaml.safe_dump({"a": 1}))
    assert vault_file(str(tmp_path)) == str(tmp_path / "group_vars/all.yml")


WHOLE = "other: 1\nkafka_password_a: old\nkafka_password_ab: kept\n"


@pytest.mark.parametrize("whole", [True, False])
def test_a_secret_is_replaced_and_the_others_stay(tmp_path: Path, whole: bool) -> None:
    vault, path = VaultLib(SECRETS), tmp_path / "vault.yml"
    path.write_text(vault.encrypt(WHOLE).decode() if whole else "---\n# mine\nother: 1\n")
    if not whole:
        add_secrets(path, {"kafka_password_a": "old", "kafka_password_ab": "kept"}, vault)
    add_secrets(path, {"next_kafka_password_a": "new"}, vault)
    content = without_secrets(path.read_text(), ["kafka_password_a", "next_kafka_password_a"], vault)
    path.write_text(with_secrets(content, {"kafka_password_a": "new"}, vault))
    assert loaded(path) == {"other": "1", "kafka_password_a": "new", "kafka_password_ab": "kept"}
    assert whole or "# mine" in path.read_text()


KNOWN = {"kafka-1": [*USERS, {"name": "estate-mirror-up-source"}]}


@pytest.mark.parametrize(
    ("cluster", "user", "said"),
    [
        ("kafka-2", "shop", "cluster is kafka-2; there are kafka-1"),
        ("kafka-1", "nobody", "user is nobody; cluster kafka-1 has shop"),
        ("kafka-1", "with", "user is with, whose password is written in the inventory"),
        ("kafka-1", "estate-mirror-up-source", "one of a flow, whose password cannot be changed yet"),
    ],
)
def test_whose_password_cannot_be_changed_is_told_what_to_do(cluster: str, user: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        renewable(KNOWN, ["estate-mirror-up-source"], cluster, user)


def test_a_password_that_was_made_can_be_made_anew() -> None:
    assert renewable(KNOWN, [], "kafka-1", "shop") == "kafka_password_kafka_1_shop"
