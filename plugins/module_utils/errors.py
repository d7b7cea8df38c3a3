# SPDX-License-Identifier: Apache-2.0
"""The errors of services: refused, or nobody there to ask."""

from __future__ import annotations


class ClusterError(Exception):
    """A cluster, or another service, that does not answer or refuses; the message says which, why and what to do."""


class NoAnswerError(ClusterError):
    """A service that nobody answers for, or a host that cannot ask: perhaps it is not installed yet."""


class LoginError(ClusterError):
    """Brokers that are there and refuse this user."""


class PermissionMissingError(ClusterError):
    """A user who is let in, and may not see or do what is needed; the message names the right."""
