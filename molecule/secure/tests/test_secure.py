"""A living open estate is moved to secured, and back from every state but the last, while somebody writes to it.

The tests are one sequence: each begins where the one before ended. The table goes to .cache/transitions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from lab import Run, kill_run, on, playbook
from living import MAX_SECONDS, refused, transition
from stranger import vault_passwords

NAMES = ["one.secure.test", "two.secure.test", "three.secure.test"]
SCENARIO = Path(__file__).resolve().parents[1]
PROFILE = SCENARIO / "inventory/group_vars/all/profile.yml"
BACK = ("-e", "back=true")
CLOSE = ("-e", "secure_confirm_close=local")
OPEN_PORT, SECURED_PORT = 9092, 9094
SECURED = """
security_profile: secured
kafka_users: [{name: shop}]
kafka_acls:
  - {principal: "User:shop", operations: [read, write], resource_type: topic, resource_name: counted}
  - {principal: "User:shop", operations: [read], resource_type: group, resource_name: load, pattern: prefixed}
"""


def inventory(text: str) -> None:
    """Write what the inventory has beside its hosts."""
    PROFILE.parent.mkdir(parents=True, exist_ok=True)
    PROFILE.write_text(text)


def secure(*args: str) -> Run:
    return playbook("playbooks/secure.yml", *args, seconds=MAX_SECONDS)


def done(*args: str) -> Run:
    run = secure(*args)
    assert run.status == 0, run.output[-6000:]
    return run


def killed(*args: str, when: Callable[[], object]) -> None:
    kill_run("playbooks/secure.yml", *args, when=when)


def stage(host: str, unit: str) -> str:
    """Return the stage that a process was started in; '' outside of the way."""
    pid = on(host, "systemctl", "show", unit, "--property=MainPID", "--value").strip()
    words = on(host, "cat", f"/proc/{pid}/cmdline").split("\0") if pid != "0" else []
    return next((word.rpartition("=")[2] for word in words if word.startswith("-Destate.security=")), "")


def stages(unit: str) -> list[str]:
    return [stage(name, unit) for name in NAMES]


def reached(unit: str, wanted: str) -> Callable[[], bool]:
    """Return what tells that the first process of a unit, and not every one, is in a stage."""
    return lambda: wanted in (found := stages(unit)) and found != [wanted] * len(found)


def listening(host: str) -> set[int]:
    """Return the ports of the estate that somebody listens at."""
    found = on(host, "ss", "-Hltn")
    ports = {int(line.split()[3].rpartition(":")[2]) for line in found.splitlines()}
    return ports & {2181, 2281, 9091, 9092, 9094}


def under_load(name: str, port: int = OPEN_PORT) -> AbstractContextManager[None]:
    """Do what is within while somebody writes to a port of the brokers."""
    settings = {"client.id": "till", "log_level": 0}
    if port == SECURED_PORT:
        settings |= {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": "/opt/kafka-estate/tls/listeners-ca.pem",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "shop",
            "sasl.password": vault_passwords(SCENARIO)["kafka_password_local_shop"],
        }
    servers = ",".join(f"{one}:{port}" for one in NAMES)
    return transition(name, host=NAMES[1], servers=servers, settings=settings)


@pytest.fixture(scope="module", autouse=True)
def no_profile() -> Iterator[None]:
    yield
    PROFILE.unlink(missing_ok=True)


def test_the_profile_alone_moves_no_live_estate() -> None:
    inventory(SECURED)
    refused(playbook("playbooks/kafka.yml"), "playbooks/secure.yml moves a live estate", *NAMES)


def test_the_steps_are_told_before_anything_changes() -> None:
    run = secure("--check")
    # What would be made on the controller alone.
    assert run.status == 0 and {*run.changed()} == {NAMES[0]}, run.output[-6000:]
    for step in ("zookeeper_beside", "zookeeper_between", "brokers_beside", "brokers_between", "brokers_watched"):
        assert f"{step}: " in run.output
    assert "Way back: -e back=true" in run.output and "secure_confirm_close=local" in run.output
    assert not PROFILE.with_name("vault.yml").exists() and not (SCENARIO / "inventory/pki").exists()


def test_forward_killed_and_back() -> None:
    with under_load("secured up to `between`, the run killed there; back to open"):
        killed(when=reached("kafka", "between"))
        refused(playbook("playbooks/kafka.yml"), "playbooks/secure.yml")
        done(*BACK)
    assert stages("kafka") == stages("zookeeper") == [""] * 3
    assert [listening(name) for name in NAMES] == [{2181, 9092}] * 3
    inventory("")
    run = playbook("site.yml")
    assert run.status == 0 and not run.changed(), run.output[-6000:]


def test_forward_until_the_last_step() -> None:
    inventory(SECURED)
    with under_load("secured up to the last step; the run killed in `beside`, and run again"):
        killed(when=reached("kafka", "beside"))
        run = done(*CLOSE)
        # Who is still there, before anything is closed.
        assert "client id till" in run.output and "User:ANONYMOUS" in run.output
        assert "write on topic counted" in run.output
    assert stages("kafka") == ["watched"] * 3 and stages("zookeeper") == ["between"] * 3
    assert [listening(name) for name in NAMES] == [{2181, 2281, 9091, 9092, 9094}] * 3
    assert not done().changed()
    assert not playbook("site.yml").changed()


def test_back_from_before_the_last_step_and_forward_again() -> None:
    with under_load("back from before the last step; the run killed in it and run again"):
        killed(*BACK, when=reached("kafka", "beside"))
        done(*BACK)
    assert [listening(name) for name in NAMES] == [{2181, 9092}] * 3
    done()
    assert stages("kafka") == ["watched"] * 3


def test_the_last_step() -> None:
    with under_load("the open ports closed; the run killed in it and run again", SECURED_PORT):
        refused(secure("-e", "secure_confirm_close=other"), "other")
        killed(*CLOSE, when=lambda: "" in stages("kafka") and "watched" in stages("kafka"))
        refused(secure(*BACK), "the last step has begun")
        done(*CLOSE)
    assert [listening(name) for name in NAMES] == [{2281, 9091, 9094}] * 3
    assert stages("kafka") == stages("zookeeper") == [""] * 3


def test_afterwards_it_is_an_estate_like_any_that_was_secured_from_the_start() -> None:
    run = playbook("site.yml")
    assert run.status == 0 and not run.changed(), run.output[-6000:]
    assert not done(*CLOSE).changed()
    audit = playbook("playbooks/audit.yml")
    assert audit.status == 0, audit.output[-6000:]
