"""Containers with systemd in them, as the lab's, for tests that need one or two."""

from __future__ import annotations

import subprocess

BARE, WITH_JAVA = "kafka-estate/debian:12", "kafka-estate/debian:12-jre"
# What a play must know of such a host.
VARIABLES = {"ansible_connection": "docker", "ansible_user": "root", "ansible_python_interpreter": "/usr/bin/python3"}


def docker(*args: str, check: bool = True) -> str:
    """Return what the container engine's client prints; raises RuntimeError where it fails, unless that is allowed."""
    done = subprocess.run(["docker", *args], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"docker {' '.join(args)}: {done.stderr}")
    return done.stdout.strip()


def start(name: str, image: str, *options: str) -> None:
    """Start a container with systemd in it."""
    assert docker("images", "-q", image), f"no image {image}: tests/lab/image builds it"
    docker(
        *("run", "-d", "--name", name, "--hostname", name, *options),
        *("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--security-opt", "seccomp=unconfined"),
        *("--cgroupns=private", "--tmpfs", "/run", "--tmpfs", "/tmp", image, "/sbin/init"),
    )


def in_container(host: str, script: str) -> str:
    """Return what a line of shell prints there; raises RuntimeError where it fails."""
    return docker("exec", host, "/bin/sh", "-c", script)
