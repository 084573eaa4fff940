"""The mock HubSpot account as hosts see it: plain calls in Python beside HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mock_crm.core.browsing import Reading, Related
from mock_crm.core.clock import Clock
from mock_crm.core.errors import CrmError
from mock_crm.core.org import Org
from mock_crm.core.settings import OrgSettings
from mock_crm.core.store import Row
from mock_crm.hubspot import errors
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.middleware import HubSpotMiddleware
from mock_crm.hubspot.records import Change, Draft
from mock_crm.hubspot.routes import router
from mock_crm.hubspot.routes.schemas import schema_body
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.search import search_rows
from mock_crm.hubspot.timestamps import iso_ms


class HubSpotOrg(Org):
    """One HubSpot account with the calls of `mock_crm.core.org.Org` for hosts."""

    provider = "hubspot"

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        self.context = HubSpotContext(name, random_seed, clock, path, settings)
        super().__init__(self.context, router(), HubSpotMiddleware(self.context))
        self.token = self.context.tokens.private_token
        self.portal_id = self.context.portal_id

    def objects(self) -> list[str]:
        """Names of all objects as they stand in paths, standard ones first."""
        return [kind.plural for kind in self.context.schema.types()]

    def object_name(self, name: str) -> str:
        """The name in paths of an object that is named in any case, singular or plural."""
        return self._type(name).type.plural

    def describe(self, object_name: str) -> dict[str, Any]:
        """The schema of an object, as `GET /crm-object-schemas/v3/schemas/{objectType}` shows it."""
        return schema_body(self.context, self._type(object_name))

    def records(
        self, object_name: str, limit: int | None = None, offset: int = 0, archived: bool = False
    ) -> list[dict[str, Any]]:
        """Records as flat dicts: `id` and every property that has a value."""
        schema = self._type(object_name)
        rows = self.store.scan(schema.type.id, limit=limit, offset=offset, archived=archived)
        return [_flat(row) for row in rows]

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """One living record as a flat dict."""
        row = self.context.records.get(self._type(object_name), record_id)
        return None if row is None else _flat(row)

    def reading(self, object_name: str) -> Reading:
        """How the records of an object are read from the store; numbers, kept as text, compare as numbers."""
        schema = self._type(object_name)

        def value(row: Row, name: str) -> Any:
            found = row.id if name == "id" else row.document.get(name)
            prop = schema.properties.get(name)
            is_number = name in ("id", "hs_object_id") or (prop is not None and prop.type == "number")
            return float(found) if found and is_number else found

        return Reading(schema.type.id, _flat, value)

    def related(self, object_name: str, record_id: str) -> list[Related]:
        """The records associated with a record, kind by kind."""
        schema = self._type(object_name)
        found = []
        for kind in self.context.schema.types():
            for other in self.context.associations.neighbours(schema.type.id, record_id, kind.id, limit=50):
                labels = [link.label for link in other.types if link.label]
                row = self.store.get(kind.id, other.id)
                name = _name(row) if row is not None else ""
                found.append(Related(", ".join(labels) or kind.plural, kind.plural, other.id, name))
        return found

    def create(self, object_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record from properties."""
        schema = self._type(object_name)
        with self.store.transaction():
            draft = self.context.records.draft(schema, [(fields, ())])[0]
            if not isinstance(draft, Draft):
                raise draft
            self.context.records.insert(schema, [draft])
            return _flat(draft.row())

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change properties of a record."""
        schema = self._type(object_name)
        with self.store.transaction():
            row = self.context.records.get(schema, record_id)
            if row is None:
                raise errors.some_not_found(schema.type.name, [record_id])
            change = self.context.records.plan(schema, [(row, fields)])[0]
            if not isinstance(change, Change):
                raise change
            return _flat(self.context.records.apply(schema, [change])[0])

    def delete(self, object_name: str, record_id: str) -> None:
        """Archive a record; an unknown id is no error, as over HTTP."""
        self.context.archive_records(self._type(object_name), [record_id])

    def undelete(self, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin; its associations stay gone, as in HubSpot [A]."""
        schema = self._type(object_name)
        if self.context.records.get(schema, record_id, archived=True) is None:
            raise errors.some_not_found(schema.type.name, [record_id])
        with self.store.transaction():
            self.store.archive(schema.type.id, [record_id], self.context.now_ms(), archived=False)

    def query(self, search: Any) -> list[dict[str, Any]]:
        """Records that match a search.

        Args:
            search: The body of HubSpot's search, with the object's name under `object` or `objectType`.
        """
        return [_flat(row) for row in self._search(search)]

    def ask(self, search: Any, limit: int) -> tuple[list[dict[str, Any]], int]:
        """The first records that match a search, up to its own limit, with the properties that it names."""
        rows = self._search(search)
        wanted, own = search.get("properties"), search.get("limit")
        most = min(limit, own) if own else limit
        flat = [_flat(row) for row in rows[:most]]
        if wanted:
            flat = [{name: row.get(name) for name in ("id", *wanted)} for row in flat]
        return flat, len(rows)

    def _search(self, search: Mapping[str, Any]) -> list[Row]:
        body = dict(search)
        name = body.pop("objectType", "contacts")
        schema = self._type(str(body.pop("object", name)))
        return search_rows(self.context, schema, body)

    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        """The versions of a record, oldest first."""
        versions = self.store.history(self._type(object_name).type.id, record_id)
        return [{"at": iso_ms(v.modified), "archived": v.archived, "fields": v.document} for v in versions]

    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Create many records, all or none."""
        schema = self._type(object_name)
        inputs: list[tuple[Mapping[str, Any], Sequence[Any]]] = [(row, ()) for row in rows]
        with self.store.transaction():
            found = self.context.records.draft(schema, inputs)
            for number, item in enumerate(found, start=1):
                if isinstance(item, HubSpotError):
                    raise CrmError(item.code, f"Row {number}: {item.message}", item.fields)
            drafts = [item for item in found if isinstance(item, Draft)]
            self.context.records.insert(schema, drafts)
        return [draft.id for draft in drafts]

    def create_each(self, object_name: str, rows: Sequence[Mapping[str, Any]]) -> list[str | CrmError]:
        """Create records, each for itself: its id, or why HubSpot refuses it."""
        schema = self._type(object_name)
        inputs: list[tuple[Mapping[str, Any], Sequence[Any]]] = [(row, ()) for row in rows]
        with self.store.transaction():
            found = self.context.records.draft(schema, inputs)
            self.context.records.insert(schema, [item for item in found if isinstance(item, Draft)])
        return [item.id if isinstance(item, Draft) else item for item in found]

    def count(self, object_name: str) -> int:
        """How many living records there are."""
        return self.store.count(self._type(object_name).type.id)

    def expire_token(self, token: str) -> None:
        """Let an access token end now, as if its time were over."""
        self.context.tokens.expire(token)

    def revoke_token(self, token: str) -> None:
        """Take a token back."""
        self.context.tokens.revoke(token)

    def _type(self, object_name: str) -> TypeSchema:
        schema = self.context.schema
        # Hosts may leave out the `p_` of a custom object, which paths need.
        found = schema.find(object_name) or schema.find(f"p_{object_name}")
        if found is None:
            raise errors.unknown_object_type(object_name)
        return found


def _flat(row: Row) -> dict[str, Any]:
    return {"id": row.id, **row.document}


def _name(row: Row) -> str:
    """What a person calls a record: its name, or that of a person, or an address."""
    values = row.document
    person = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip()
    named = (values.get(name, "") for name in ("name", "dealname", "subject", "hs_name"))
    return next(filter(None, (*named, person, values.get("email", ""))), "")
