"""Logging of Kafka's programs: what each line of Kafka reads."""

from __future__ import annotations

from ansible_collections.estate.kafka.plugins.module_utils.kafka.log4j import file_log

PATTERN = "[%d] %p %X{connector.context}%m (%c)%n"


def test_a_worker_on_the_older_line_keeps_its_file_to_the_byte() -> None:
    found = file_log("kafka", "/etc/kafka-connect", "/var/log/kafka-connect/connect.log", "INFO", "50MB", 10, PATTERN)
    assert found["path"] == "/etc/kafka-connect/log4j.properties"
    assert found["flag"] == "-Dlog4j.configuration=file:/etc/kafka-connect/log4j.properties"
    assert list(found["options"].items()) == [
        ("log4j.rootLogger", "INFO, file"),
        ("log4j.appender.file", "org.apache.log4j.RollingFileAppender"),
        ("log4j.appender.file.File", "/var/log/kafka-connect/connect.log"),
        ("log4j.appender.file.MaxFileSize", "50MB"),
        ("log4j.appender.file.MaxBackupIndex", 10),
        ("log4j.appender.file.layout", "org.apache.log4j.PatternLayout"),
        ("log4j.appender.file.layout.ConversionPattern", PATTERN),
    ]


def test_the_pattern_of_a_line_is_the_same_on_both() -> None:
    found = file_log("kafka-4", "/etc/kafka-connect", "/var/log/kafka-connect/connect.log", "INFO", "50MB", 10, PATTERN)
    assert found["flag"] == "-Dlog4j2.configurationFile=file:/etc/kafka-connect/log4j2.properties"
    assert found["options"]["appender.file.layout.pattern"] == PATTERN
    assert file_log("kafka-4", "/e", "/l", "INFO", "1MB", 1)["options"]["appender.file.layout.pattern"] == "[%d] %p %m (%c)%n"
