"""What both CRM clients offer beyond the engine's `Crm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ampsandbox.crm.field_definitions import FieldDefinition, FieldUpsert
from ampsandbox.crm.http import HttpRequest
from ampsandbox.engine.crm import Answer, Crm, Method, Record
from ampsandbox.engine.write_options import DEFAULT, WriteOptions
from ampsandbox.manifest.model import Mode


class CrmClient(Crm, Protocol):
    """A CRM that also shows its requests, finds and removes records, and takes fields of every type."""

    async def requests(
        self,
        object_name: str,
        mode: Mode,
        records: Sequence[Record],
        method: Method,
        options: WriteOptions = DEFAULT,
    ) -> list[HttpRequest]:
        """The exact write requests that `write` would send, without sending them.

        They carry the access token; show them through `ampsandbox.snippets`, which leaves it out.
        """

    def mark_baseline(self) -> None:
        """Make the schema that is cached now what `return_to_baseline` returns to."""

    def return_to_baseline(self) -> None:
        """Return to the schema that was remembered, none if none was: for an org that was put back itself."""

    async def record_url(self, object_name: str, record_id: str) -> str:
        """Where a person finds the record in the CRM's own pages."""

    async def delete(self, object_name: str, record_ids: Sequence[str]) -> list[Answer]:
        """Remove records in one request, at most `limits.collection`; what is gone already has succeeded."""

    async def search(self, object_name: str, filters: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The records whose fields have these values, as the CRM gives them: one page."""

    async def upsert_fields(
        self, object_name: str, definitions: Sequence[FieldDefinition]
    ) -> list[FieldUpsert]:
        """Create the custom fields that are missing and change those that differ; one answer a field."""
