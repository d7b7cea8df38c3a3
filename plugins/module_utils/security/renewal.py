# SPDX-License-Identifier: Apache-2.0
"""Which certificates somebody asks to have made anew before their time.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import DAY
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import Wanted
from cryptography import x509


@dataclass(frozen=True)
class Renewal:
    """Certificates made before a time; of one authority and for one host where these are named."""

    before: datetime | None = None
    authority: str = ""
    host: str = ""

    @property
    def limit(self) -> datetime:
        """Return the time; what was made at it or later stays."""
        return self.before or datetime.min.replace(tzinfo=UTC)

    def asks(self, one: Wanted, found: x509.Certificate) -> str:
        """Return why a certificate is to be made anew, '' where it is not."""
        if self.authority not in ("", one.authority) or self.host not in ("", one.names[0]):
            return ""
        return "asked for" if made_at(found) < self.limit else ""


NOTHING = Renewal()


def made_at(certificate: x509.Certificate) -> datetime:
    """Return when a certificate of the estate was made: they are valid from a day before, for clocks differ."""
    return certificate.not_valid_before_utc + DAY


def renewal_of(params: Mapping[str, Any] | None, now: datetime, authorities: list[str], hosts: list[str]) -> Renewal:
    """Return what the options of a run ask for; raises ValueError, which says what is wrong with them.

    Without a time it is what was made more than a day ago, so that a run that was broken off goes on where it was.
    """
    if not params:
        return NOTHING
    authority, host, before = (str(params.get(name) or "") for name in ("authority", "host", "made_before"))
    for what, chosen, known in (("authority", authority, authorities), ("host", host, hosts)):
        if chosen and chosen not in known:
            raise ValueError(f"{what} is {chosen}, which has no certificates here; there are {', '.join(sorted(known))}")
    return Renewal(time_of(before) if before else now - DAY, authority, host)


def time_of(text: str) -> datetime:
    """Return a time that somebody wrote, UTC where it names no zone; raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"made_before is {text}, which is no time such as 2026-12-31T08:00:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
