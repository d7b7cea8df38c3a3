"""The reason why a service ended, as its log words it."""

from __future__ import annotations

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.host.logs import condensed, culprit

BROKER = """\
[2026-11-29 19:19:07,231] INFO Registered kafka:type=kafka.Log4jController MBean (kafka.utils.Log4jControllerRegistration$)
[2026-11-29 19:19:08,002] WARN Something odd (kafka.x.Y)
java.lang.InterruptedException: odd
	at kafka.x.Y.z(Y.scala:1)
[2026-11-29 19:19:10,783] ERROR [KafkaServer id=11] Fatal error during KafkaServer startup (kafka.server.KafkaServer)
org.apache.kafka.common.KafkaException: Socket server failed to bind to one:9092: Address already in use.
	at kafka.network.Acceptor.openServerSocket(SocketServer.scala:772)
	... 12 more
Caused by: java.net.BindException: Address already in use
	at java.base/sun.nio.ch.Net.bind0(Native Method)
	... 14 more
[2026-11-29 19:19:10,800] INFO [KafkaServer id=11] shutting down (kafka.server.KafkaServer)
[2026-11-29 19:19:11,001] ERROR Exiting Kafka. (kafka.Kafka$)
java.lang.IllegalStateException: shut down
"""
PYTHON = """\
Traceback (most recent call last):
  File "/opt/x/bin/exporter", line 8, in <module>
    main()
ModuleNotFoundError: No module named 'prometheus_client'
"""
JVM = """\
Unrecognized VM option 'UseMagicGC'
Error: Could not create the Java Virtual Machine.
Error: A fatal exception has occurred. Program will exit.
"""


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (BROKER, ["Fatal error during KafkaServer startup", "java.net.BindException: Address already in use"]),
        (PYTHON, ["ModuleNotFoundError: No module named 'prometheus_client'"]),
        (JVM, ["Unrecognized VM option 'UseMagicGC'"]),
        ("2026-11-29 [FATAL][root] Error: listen EADDRINUSE\n", ["EADDRINUSE"]),
        ('ts=1 level=info msg="Start"\nts=2 level=error msg="Error loading config" err="yaml: line 3"\n', ["yaml: line 3"]),
        ('time=1 level=INFO msg="Start"\ntime=2 level=ERROR msg="Error loading config" err="yaml: line 3"\n', ["yaml: line 3"]),
        ("nginx: [emerg] bind() to 0.0.0.0:8081 failed (98: Address already in use)\n", ["bind() to 0.0.0.0:8081"]),
        ('Exception in thread "main" java.lang.OutOfMemoryError: heap\n\tat a.B.c(B.java:1)\n', ["OutOfMemoryError: heap"]),
    ],
)
def test_the_error_is_found(log: str, told: list[str]) -> None:
    found = culprit(log.splitlines())
    assert all(words in found for words in told) and "\n" not in found, found


@pytest.mark.parametrize("log", ["", "started\nready\n", "\n\n"])
def test_a_log_without_error_gives_none(log: str) -> None:
    assert culprit(log.splitlines()) == ""


def test_a_long_line_is_cut() -> None:
    assert len(culprit(["ERROR " + "x" * 10_000])) < 500


def test_traces_and_repeats_are_left_out() -> None:
    lines = [
        line for number in range(30) for line in (f"[{number}] ERROR no (x)", f"java.io.IOException: {number}", "\tat a.B.c")
    ]
    assert condensed([*lines, "end"], 10) == ["[29] ERROR no (x)  (30 times)", "java.io.IOException: 29  (30 times)", "end"]


def test_the_last_lines_are_shown() -> None:
    assert condensed(list("abcdef"), 2) == ["e", "f"]
