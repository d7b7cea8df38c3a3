"""What the toolkit writes, read back by systemd and by nginx themselves, in a container."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.filter.formats import FilterModule
from lab import until
from systemd_container import WITH_JAVA, start

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit/formats"))
from format_values import CASES, ONE_LINE, TEXT, generated

FILTERS = FilterModule().filters()
Run = Callable[..., subprocess.CompletedProcess[bytes]]
# Tells what it was started with.
PROGRAM = """
import json, os, sys
with open("/run/told.json", "w") as out:
    json.dump({"words": sys.argv[1:], "directory": os.getcwd(), "environment": dict(os.environ)}, out)
"""


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run a command in a container of systemd."""
    name = f"kafka-estate-readers-{uuid.uuid4().hex[:8]}"
    start(name, WITH_JAVA, "--rm", "--label=kafka-estate=readers", "--network=none")

    def run(*command: str, text: str = "") -> subprocess.CompletedProcess[bytes]:
        words = ["docker", "exec", "-i", name, *command]
        return subprocess.run(words, input=text.encode(), capture_output=True, timeout=300, check=False)

    try:
        until(lambda: run("systemctl", "is-system-running").stdout.strip() in (b"running", b"degraded"), 180, "systemd is up")
        yield run
    finally:
        subprocess.run(["docker", "kill", name], check=False, capture_output=True)


def write(run: Run, path: str, text: str) -> None:
    done = run("tee", path, text=text)
    assert done.returncode == 0, done.stderr


def test_systemd_reads_what_was_given(run: Run) -> None:
    plain = [text for text in [*generated(ONE_LINE, 1000), *CASES] if not re.search(r"[\x00-\x1f\x7f]", text)]
    words = [text for text in plain if len(text) < 1000] + ["x" * 100_000]
    variables = {
        f"V{number}": text for number, text in enumerate([*words[:500], *words[-60:], "a\nb\tc", "-----BEGIN X-----\nabc=\n"])
    }
    description, directory = "서울 50% of $HOME; \"a' #b", "/srv/a b %t$x'\"서울"
    unit = ["[Unit]", f"Description={FILTERS['unit_text'](description, 'Description')}", "[Service]", "Type=oneshot"]
    unit += ["RemainAfterExit=yes"]
    unit += [f"Environment={FILTERS['unit_environment'](name, value)}" for name, value in variables.items()]
    unit += [f"WorkingDirectory={FILTERS['unit_text'](directory, 'WorkingDirectory')}", "ProtectSystem=strict"]
    unit += [f"ExecStartPre={FILTERS['unit_script'](script)}" for script in (SCRIPT, 'echo "$((1+1)) 50% \\\\" > /run/script')]
    unit += [f"ReadWritePaths={FILTERS['unit_paths']([directory, '/run'])}"]
    unit += [f"ExecStart={FILTERS['unit_words'](['/usr/bin/python3', '/run/told.py', *words])}"]
    run("mkdir", "-p", directory)
    write(run, "/run/told.py", PROGRAM)
    write(run, "/etc/systemd/system/told.service", "\n".join(unit) + "\n")
    run("systemctl", "daemon-reload")
    done = run("systemctl", "start", "told")
    assert done.returncode == 0, run("journalctl", "--unit=told", "--no-pager", "--lines=20").stdout
    told = json.loads(run("cat", "/run/told.json").stdout)
    assert [pair for pair in zip(told["words"], words) if pair[0] != pair[1]] == [] and len(told["words"]) == len(words)
    assert {name: value for name, value in variables.items() if told["environment"].get(name) != value} == {}
    assert told["directory"] == directory
    shown = run("systemctl", "show", "told", "--property=Description", "--value").stdout.decode()
    assert shown == f"{description}\n"
    assert run("cat", "/run/script").stdout == b"2 50% \\\n"
    assert run("cat", f"{directory}/written").stdout == b"it's\n"


SCRIPT = 'echo "it\'s" > written'


def test_nginx_reads_what_was_given(run: Run) -> None:
    texts = [text for text in [*generated(TEXT, 300), *CASES] if "$" not in text and "\0" not in text and len(text) < 1000]
    places = "".join(
        f"location = /{number} {{ return 200 {FILTERS['nginx_word'](text, 'return')}; }}\n" for number, text in enumerate(texts)
    )
    server = f"server {{ listen 127.0.0.1:8080; {places} }}"
    config = f"daemon on; pid /run/nginx.pid; events {{}}\nhttp {{ access_log off; {server} }}\n"
    write(run, "/etc/nginx/readers.conf", config)
    done = run("nginx", "-c", "/etc/nginx/readers.conf")
    assert done.returncode == 0, done.stderr[-1000:]
    write(run, "/run/ask.py", ASK)
    asked = run("python3", "/run/ask.py", str(len(texts)))
    assert asked.returncode == 0, asked.stderr
    got = [bytes.fromhex(line).decode() for line in asked.stdout.decode().split("\n")[:-1]]
    assert [pair for pair in zip(got, texts) if pair[0] != pair[1]] == [] and len(got) == len(texts)


ASK = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", 8080)
for number in range(int(sys.argv[1])):
    connection.request("GET", f"/{number}")
    print(connection.getresponse().read().hex())
"""
