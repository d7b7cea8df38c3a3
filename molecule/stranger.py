"""The lab as seen without a login: its open ports, what they answer, and secrets that are somewhere they should not be."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import FileVaultSecret, VaultHelper, VaultLib
from lab import ROOT, on

SCAN = """
import json, socket, sys
found = []
for port in range(1, 65536):
    with socket.socket() as one:
        one.settimeout(2)
        if one.connect_ex((sys.argv[1], port)) == 0:
            found.append(port)
print(json.dumps(found))
"""
# What a port answers to words in plain, and within TLS without a certificate, or with the one that is given.
ASK = """
import concurrent.futures, json, socket, ssl, sys
host, port, key, most, suites = json.loads(sys.argv[1])
WORDS = {
    "four letters": b"srvr",
    "http": b"GET / HTTP/1.0\\r\\n\\r\\n",
}
# Metadata of all topics, version 1.
body = b"\\x00\\x03\\x00\\x01\\x00\\x00\\x00\\x07\\x00\\x04" + b"four" + b"\\xff\\xff\\xff\\xff"
WORDS["metadata"] = len(body).to_bytes(4, "big") + body

def wrapped(plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if most:
        context.minimum_version = ssl.TLSVersion.TLSv1 if most == "TLSv1_1" else ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion[most]
        context.set_ciphers(suites or "ALL:@SECLEVEL=0")
    if key:
        context.load_cert_chain(key)
    return context.wrap_socket(plain)

def asked(question):
    tls, words = question
    try:
        with socket.create_connection((host, port), timeout=5) as plain:
            connection = wrapped(plain) if tls else plain
            connection.settimeout(5)
            shaken = connection.version() if tls else ""
            connection.sendall(words)
            answer = connection.recv(1000)
            # A TLS server tells a plain client that it is none: an alert and no more.
            answer = b"" if not tls and answer[:1] == b"\\x15" else answer
            return {"shaken": shaken, "answer": answer.hex()}
    except OSError as error:
        return {"refused": str(error), "answer": ""}

questions = {f"{name}, tls {tls}": (tls, words) for tls in (False, True) for name, words in WORDS.items()}
with concurrent.futures.ThreadPoolExecutor() as pool:
    print(json.dumps(dict(zip(questions, pool.map(asked, questions.values())))))
"""
SECRETS = """
import json, os, pathlib, subprocess, sys
secrets = sys.stdin.read().split()
texts = {"processes": subprocess.run(["ps", "auxwwe"], capture_output=True, text=True).stdout}
texts["journal"] = subprocess.run(["journalctl", "--no-pager"], capture_output=True, text=True).stdout
for place in pathlib.Path("/proc").glob("[0-9]*/environ"):
    try:
        texts[str(place)] = place.read_text(errors="replace")
    except OSError:
        pass
for folder in ("/etc/systemd", "/var/log", "/run", "/tmp", "/root", *sys.argv[1:]):
    for place in (pathlib.Path(parent, name) for parent, _, names in os.walk(folder) for name in names):
        try:
            if place.is_file() and not place.name.endswith(".pem") and place.parent.name != "secrets":
                texts[str(place)] = place.read_text(errors="replace")
        except FileNotFoundError:  # gone meanwhile
            pass
print(json.dumps([name for name, text in texts.items() for secret in secrets if secret in text]))
"""


Answers = dict[str, dict[str, str]]


def ask(host: str, port: int, key: str = "", most: str = "", suites: str = "", *, source: str) -> Answers:
    """Return what a port answers to each question; see ASK."""
    answers: Answers = json.loads(on(source, "python3", "-c", ASK, json.dumps([host, port, key, most, suites])))
    return answers


def shaken(answers: Answers) -> set[str]:
    """Return the versions of TLS that a server took."""
    return {answer["shaken"] for answer in answers.values() if answer.get("shaken")}


def open_ports(host: str, source: str) -> set[int]:
    """Return the ports of a host that another one can open: found by trying each, not taken from the inventory."""
    return set(json.loads(on(source, "python3", "-c", SCAN, host)))


def answers_to(host: str, port: int, source: str) -> dict[str, str]:
    """Return what a port answers to somebody without a certificate, by question, without those it does not answer."""
    return {name: answer["answer"] for name, answer in ask(host, port, source=source).items() if answer["answer"]}


def vault_passwords(scenario: Path) -> dict[str, str]:
    """Return the passwords that the first run made, read as an operator would, out of the vault file that it named."""
    loader = DataLoader()
    secret = FileVaultSecret(filename=str(scenario / "vault-password"), loader=loader)
    secret.load()
    vault = VaultLib([("default", secret)])
    loader.set_vault_secrets(vault.secrets)
    found = loader.load_from_file(str(scenario / "inventory/group_vars/all/vault.yml"))
    return {name: vault.decrypt(VaultHelper.get_ciphertext(value, with_tags=False)).decode() for name, value in found.items()}


def exposed(host: str, secrets: Iterable[str], *folders: str) -> list[str]:
    """Return where a secret stands on a host that is no place for it: processes, journal, logs, units, further folders."""
    found: list[str] = json.loads(on(host, "python3", "-c", SECRETS, *folders, text="\n".join(secrets)))
    return found


def exposed_here(scenario: Path, secrets: Iterable[str], left_out: str = "") -> list[Path]:
    """Return the files on the controller that show a secret: Ansible's log, and what is beside a scenario's inventory.

    Folders with the name ``left_out`` are for their owner alone, and hold some on purpose.
    """
    wanted = list(secrets)
    written = [ROOT / ".cache/ansible.log", *(scenario / "inventory").rglob("*")]
    files = [path for path in written if path.is_file() and left_out not in path.parts]
    return [path for path in files if any(secret in path.read_text(errors="replace") for secret in wanted)]
