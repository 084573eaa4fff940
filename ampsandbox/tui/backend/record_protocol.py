"""What the screen needs in order to browse mock orgs; a part of `Backend`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ampsandbox.tui.backend.views import Found, ObjectView, RecordPage, RelatedView, SeedFailure


class RecordBackend(Protocol):
    """The records of mock orgs. A live installation is refused with a `ConflictError`."""

    async def objects(self, installation_id: str) -> Sequence[ObjectView]:
        """The objects of a mock org, those with records first."""

    async def org_stamp(self, installation_id: str) -> int:
        """A number that is another one whenever something in the org changed."""

    async def records(
        self, installation_id: str, object_name: str, *, search: str = "", sort: str = "",
        descending: bool = False, archived: bool = False, offset: int = 0, limit: int = 500,
    ) -> RecordPage:  # fmt: skip
        """A window on the records of an object that hold a text, in the order of a field.

        Without a field the newest come first; `archived` looks into the recycle bin. Both search and order
        are over all records, however many there are.
        """

    async def record(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Mapping[str, Any] | None:
        """One record; None when it is gone."""

    async def related(self, installation_id: str, object_name: str, record_id: str) -> Sequence[RelatedView]:
        """The records that a record points to, and those that point to it."""

    async def history(
        self, installation_id: str, object_name: str, record_id: str
    ) -> Sequence[Mapping[str, Any]]:
        """What happened to a record, newest first."""

    async def update_record(
        self, installation_id: str, object_name: str, record_id: str, fields: Mapping[str, Any]
    ) -> None:
        """Change a record under the CRM's own rules."""

    async def delete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin under the CRM's own rules."""

    async def undelete_record(self, installation_id: str, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin."""

    async def query(self, installation_id: str, text: str, limit: int = 2_000) -> Found:
        """Run SOQL on Salesforce, or a search body in JSON on HubSpot."""

    async def create_records(
        self, installation_id: str, object_name: str, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[SeedFailure]:
        """Create records under the CRM's own rules; those that were refused, by their place in `rows`."""

    async def reset_org(self, installation_id: str) -> None:
        """Empty one mock org; what the installation created in its schema stays."""
