"""What groups consented to: that the app may reach their CRM of one provider.

Ampersand calls an authorization a connection. It is there before any installation, which then uses it, and
goes with the last one. No credential is part of it: a mock needs none, and the settings refer to those of a
live CRM.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.journal import JournalEntry, Row
from ampsandbox.engine.model import Installation
from ampsandbox.engine.timestamps import from_micros, to_micros

_SAVE = "INSERT OR REPLACE INTO authorizations(provider, group_ref, created_at, details) VALUES (?, ?, ?, ?)"
_REMOVE = "DELETE FROM authorizations WHERE provider = ? AND group_ref = ?"


class Authorization(msgspec.Struct, frozen=True):
    """One group's consent for one provider.

    Attributes:
        scheme: How the customer signed in, in Ampersand's words (`oauth2/authorizationCode`, `apiKey` …).
        consumer: The user of the group who consented.
        workspace: What the customer named at the provider, such as a Salesforce subdomain.
        fields: Custom fields that were asked for before there was an installation, by object: they are
            created by the next one.
    """

    provider: str
    group: str
    created_at: datetime
    group_name: str = ""
    consumer: str = ""
    consumer_name: str = ""
    scheme: str = "oauth2/authorizationCode"
    workspace: str = ""
    fields: dict[str, list[dict[str, Any]]] = {}


class _Details(msgspec.Struct):
    group_name: str = ""
    consumer: str = ""
    consumer_name: str = ""
    scheme: str = "oauth2/authorizationCode"
    workspace: str = ""
    fields: dict[str, list[dict[str, Any]]] = {}


class Authorizations:
    """Every authorization that was not revoked, in order of consent."""

    def __init__(self, context: EngineContext) -> None:
        self._context = context
        self._all: dict[tuple[str, str], Authorization] = {}

    def __iter__(self) -> Iterator[Authorization]:
        return iter(tuple(self._all.values()))

    def find(self, provider: str, group: str) -> Authorization | None:
        """The authorization of a group for a provider."""
        return self._all.get((provider, group))

    def load(self, installations: Iterable[Installation]) -> None:
        """Take up what the journal holds; an installation of an older journal stands for its consent."""
        self._all = {}
        for row in self._context.journal.read.authorizations():
            details = msgspec.json.decode(row.details, type=_Details)
            key = (row.provider, row.group)
            self._all[key] = Authorization(
                *key, from_micros(row.created_at), **msgspec.structs.asdict(details)
            )
        for each in installations:
            key = (each.provider, each.group)
            self._all.setdefault(key, Authorization(*key, each.created_at))

    def keep(self, authorization: Authorization, entry: JournalEntry) -> None:
        """Remember an authorization, and store it along with `entry`."""
        self._all[(authorization.provider, authorization.group)] = authorization
        entry.statements.append((_SAVE, [_row(authorization)]))

    def forget(self, provider: str, group: str, entry: JournalEntry) -> None:
        """Forget an authorization, along with `entry`."""
        if self._all.pop((provider, group), None) is not None:
            entry.statements.append((_REMOVE, [(provider, group)]))

    def save_all(self, entry: JournalEntry) -> None:
        """Store every authorization again, as after a reset."""
        entry.statements.append((_SAVE, [_row(each) for each in self._all.values()]))


def _row(each: Authorization) -> Row:
    details = msgspec.to_builtins(each)
    for key in ("provider", "group", "created_at"):
        del details[key]
    return each.provider, each.group, to_micros(each.created_at), msgspec.json.encode(details)
