# SPDX-License-Identifier: Apache-2.0
"""Logging of Kafka's programs: options of log4j for 3.9, of Log4j 2 for Kafka 4.  Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_3

PATTERN = "[%d] %p %m (%c)%n"


def file_log(
    artefact: str, directory: str, path: str, level: str, size: str, count: int, pattern: str = PATTERN
) -> dict[str, Any]:
    """Return ``path`` of the configuration, the ``flag`` of Java that names it, and its ``options``, for rotated files.

    ``pattern`` is that of a line, which both lines of Kafka read in one form.
    """
    if artefact == LINE_3:
        return _of(
            artefact,
            f"{directory}/log4j",
            {
                "log4j.rootLogger": f"{level}, file",
                "log4j.appender.file": "org.apache.log4j.RollingFileAppender",
                "log4j.appender.file.File": path,
                "log4j.appender.file.MaxFileSize": size,
                "log4j.appender.file.MaxBackupIndex": count,
                "log4j.appender.file.layout": "org.apache.log4j.PatternLayout",
                "log4j.appender.file.layout.ConversionPattern": pattern,
            },
        )
    return _of(
        artefact,
        f"{directory}/log4j",
        {
            "rootLogger.level": level,
            "rootLogger.appenderRef.file.ref": "file",
            "appender.file.type": "RollingFile",
            "appender.file.name": "file",
            "appender.file.fileName": path,
            "appender.file.filePattern": f"{path}.%i",
            "appender.file.layout.type": "PatternLayout",
            "appender.file.layout.pattern": pattern,
            "appender.file.policies.type": "Policies",
            "appender.file.policies.size.type": "SizeBasedTriggeringPolicy",
            "appender.file.policies.size.size": size,
            "appender.file.strategy.type": "DefaultRolloverStrategy",
            # The newest is .1, as with log4j.
            "appender.file.strategy.fileIndex": "min",
            "appender.file.strategy.max": count,
        },
    )


def command_log(artefact: str, directory: str) -> dict[str, Any]:
    """Return the same for the command line, which tells its warnings on stderr."""
    if artefact == LINE_3:
        return _of(
            artefact,
            f"{directory}/cli-log4j",
            {
                "log4j.rootLogger": "WARN, stderr",
                "log4j.appender.stderr": "org.apache.log4j.ConsoleAppender",
                "log4j.appender.stderr.Target": "System.err",
                "log4j.appender.stderr.layout": "org.apache.log4j.PatternLayout",
                "log4j.appender.stderr.layout.ConversionPattern": PATTERN,
            },
        )
    return _of(
        artefact,
        f"{directory}/cli-log4j",
        {
            "rootLogger.level": "WARN",
            "rootLogger.appenderRef.stderr.ref": "stderr",
            "appender.stderr.type": "Console",
            "appender.stderr.name": "stderr",
            "appender.stderr.target": "SYSTEM_ERR",
            "appender.stderr.layout.type": "PatternLayout",
            "appender.stderr.layout.pattern": PATTERN,
        },
    )


def _of(artefact: str, start: str, options: dict[str, Any]) -> dict[str, Any]:
    old = artefact == LINE_3
    path = f"{start}.properties" if old else f"{start}2.properties"
    flag = f"-Dlog4j.configuration=file:{path}" if old else f"-Dlog4j2.configurationFile=file:{path}"
    return {"path": path, "flag": flag, "options": options}
