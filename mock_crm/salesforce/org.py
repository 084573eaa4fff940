"""One Salesforce org: its schema, records, users and rules, behind HTTP and behind Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from mock_crm.core.browsing import Reading, Related
from mock_crm.core.clock import Clock, epoch_ms
from mock_crm.core.errors import CrmError
from mock_crm.core.faults import Rule
from mock_crm.core.http import BodyError, Request, Response
from mock_crm.core.org import Org, OrgSettings
from mock_crm.core.quota import Window
from mock_crm.core.routing import Route
from mock_crm.core.store import Row
from mock_crm.salesforce import bodies, errors, flavours, refusals
from mock_crm.salesforce.access import permitted_fields
from mock_crm.salesforce.bootstrap import bootstrap
from mock_crm.salesforce.dml import Dml, DmlOptions, RowResult
from mock_crm.salesforce.editions import edition
from mock_crm.salesforce.endpoints import router
from mock_crm.salesforce.ids import IdFactory, to_18
from mock_crm.salesforce.model import SObject
from mock_crm.salesforce.records import Records, moment_text
from mock_crm.salesforce.rules import Rules
from mock_crm.salesforce.schema import Schema
from mock_crm.salesforce.sessions import Sessions


class SalesforceOrg(Org):
    """A Salesforce org; see `mock_crm.core.org.Org` for its arguments.

    Attributes:
        schema: Its objects and fields.
        dml: The way to write records.
        reader: Makes whole records of stored rows.
        rules: Validation rules, duplicate rules and formulas.
        ids: Gives out record ids.
        sessions: Access tokens and what was handed out for signing in.
        edition: Its edition as `Organization.OrganizationType` names it.
        caches: Answers that were worked out once; forgotten with the schema.
        recent: Ids of the records used last, oldest first.
    """

    provider: ClassVar[str] = "salesforce"

    def __init__(
        self, name: str, random_seed: int | str, clock: Clock, path: Path | None, settings: OrgSettings
    ) -> None:
        self._edition = edition(settings.edition)
        self.edition = self._edition.name
        super().__init__(name, random_seed, clock, path, settings)
        self.router = router()
        self.ids = IdFactory(self.store, random_seed, name)
        is_new = not self.store.tables()
        self._identity = bootstrap(self)
        self.schema = Schema(self.store, partial(permitted_fields, self), self.now_ms)
        self.rules = Rules(self)
        self.reader = Records(self)
        self.dml = Dml(self)
        self.sessions = Sessions(self)
        self.token = self.sessions.own_token
        self.caches: dict[Any, Any] = {}
        self.recent: dict[str, None] = {}
        if is_new:
            self.store.mark_baseline()

    # -- identity --------------------------------------------------------------------------------------------

    @property
    def org_id(self) -> str:
        """The organization's id, 18 characters."""
        return self._identity.org_id

    @property
    def user_id(self) -> str:
        """The API user's id: the admin, in whose name every session acts."""
        return self._identity.user_id

    @property
    def username(self) -> str:
        """The API user's name for signing in."""
        return self._identity.username

    @property
    def profile_id(self) -> str:
        """The API user's profile."""
        return self._identity.profile_id

    @property
    def standard_pricebook_id(self) -> str:
        """The price book that every price has to stand in first."""
        return self._identity.standard_pricebook_id

    def now_ms(self) -> int:
        """The clock in epoch milliseconds, cut to whole seconds as Salesforce keeps system times."""
        return epoch_ms(self.clock.now()) // 1000 * 1000

    def sobject(self, name: str) -> SObject:
        """An object by API name in any case, plural forms included.

        Raises:
            SalesforceError: There is no such object.
        """
        found = self.schema.find(name) or next(
            (item for item in self.schema.objects() if item.plural.replace(" ", "").lower() == name.lower()),
            None,
        )
        if found is None:
            raise errors.not_found()
        return found

    # -- for hosts -------------------------------------------------------------------------------------------

    def objects(self) -> list[str]:
        """API names of all objects, standard ones first."""
        items = self.schema.objects()
        return [i.name for i in items if not i.custom] + [i.name for i in items if i.custom]

    def describe(self, object_name: str) -> dict[str, Any]:
        """The describe of an object, as over HTTP with relative URLs."""
        from mock_crm.salesforce.describe import describe
        from mock_crm.salesforce.versions import NEWEST

        return describe(self, self.sobject(object_name), NEWEST)

    def records(
        self, object_name: str, limit: int | None = None, offset: int = 0, archived: bool = False
    ) -> list[dict[str, Any]]:
        """Records as flat dicts, oldest first; `archived` gives those in the recycle bin."""
        sobject = self.sobject(object_name)
        rows = self.store.scan(sobject.name, limit=limit, offset=offset, archived=archived)
        return [_flat(self.reader.whole(sobject, row)) for row in rows]

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        """One record as a flat dict, by its id of 15 or 18 characters."""
        sobject = self.sobject(object_name)
        row = self.store.get(sobject.name, to_18(record_id) or "")
        return _flat(self.reader.whole(sobject, row)) if row and not row.archived else None

    def reading(self, object_name: str) -> Reading:
        """How the records of an object are read from the store; formulas are worked out on the way."""
        sobject = self.sobject(object_name)
        return Reading(sobject.name, partial(self._flat_row, sobject), partial(self._value, sobject))

    def _flat_row(self, sobject: SObject, row: Row) -> dict[str, Any]:
        return _flat(self.reader.whole(sobject, row))

    def _value(self, sobject: SObject, row: Row, name: str) -> Any:
        field = sobject.field(name)
        if field is not None and field.is_stored:
            return row.document.get(field.name)
        return self.reader.whole(sobject, row).get(field.name if field else name)

    def related(self, object_name: str, record_id: str) -> list[Related]:
        """The records that reference fields name, and those whose reference fields name this one."""
        from mock_crm.salesforce.relations import children, parents

        sobject, key = self.sobject(object_name), to_18(record_id) or ""
        row = self.store.get(sobject.name, key)
        return [*parents(self, sobject, row), *children(self, sobject, key)] if row else []

    def create(self, object_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record and return it."""
        sobject = self.sobject(object_name)
        return self._saved(sobject, self.dml.insert(sobject, [fields]))

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields of a record and return it."""
        sobject = self.sobject(object_name)
        return self._saved(sobject, self.dml.update(sobject, [(record_id, fields)]))

    def delete(self, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        if not record_id.startswith(self.sobject(object_name).prefix):
            raise errors.not_found()
        result = self.dml.delete([record_id])[0]
        if result.errors:
            raise result.errors[0]

    def undelete(self, object_name: str, record_id: str) -> None:
        """Bring a record back from the recycle bin, with what was deleted along with it."""
        self.dml.undelete(self.sobject(object_name), to_18(record_id) or "")

    def query(self, search: Any) -> list[dict[str, Any]]:
        """The records that a SOQL query finds."""
        from mock_crm.salesforce import soql

        return soql.execute(self, str(search)).records

    def ask(self, search: Any, limit: int) -> tuple[list[dict[str, Any]], int]:
        """The first records that a SOQL query finds, and how many it finds."""
        from mock_crm.salesforce import soql

        result = soql.execute(self, str(search))
        return result.page(0, limit), result.total_size

    def history(self, object_name: str, record_id: str) -> list[dict[str, Any]]:
        """The versions of a record, oldest first."""
        sobject = self.sobject(object_name)
        versions = self.store.history(sobject.name, to_18(record_id) or "")
        return [
            {"at": moment_text(v.modified), "archived": v.archived, "fields": v.document} for v in versions
        ]

    def seed(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put many records in, all or none, and return their ids."""
        sobject = self.sobject(object_name)
        results = self.dml.insert(sobject, list(rows), DmlOptions(all_or_none=True))
        for position, result in enumerate(results, 1):
            for error in result.errors:
                if error.code != "ALL_OR_NONE_OPERATION_ROLLED_BACK":
                    raise errors.SalesforceError(error.code, f"row {position}: {error.message}", error.fields)
        return [str(result.id) for result in results]

    def create_each(self, object_name: str, rows: Sequence[Mapping[str, Any]]) -> list[str | CrmError]:
        """Create records, each for itself: its id, or the first reason why not."""
        results = self.dml.insert(self.sobject(object_name), rows, DmlOptions(is_text=True))
        return [result.errors[0] if result.errors else str(result.id) for result in results]

    def seed_tree(self, records: list[Any]) -> list[str]:
        """Put records in the form of `composite/tree` in, of any number and depth."""
        from mock_crm.salesforce.trees import plant_all

        return plant_all(self, records)

    def count(self, object_name: str) -> int:
        """How many records there are, without those in the recycle bin."""
        return self.store.count(self.sobject(object_name).name)

    def _saved(self, sobject: SObject, results: list[RowResult]) -> dict[str, Any]:
        if results[0].errors:
            raise results[0].errors[0]
        record = self.record(sobject.name, str(results[0].id))
        assert record is not None
        return record

    # -- for the app -----------------------------------------------------------------------------------------

    def quota_windows(self) -> list[Window]:
        """Requests over a rolling day."""
        limit = self.settings.daily_requests or self._edition.daily_requests
        return [Window("daily", self.clock, limit, 86_400)]

    def extra_windows(self) -> list[Window]:
        """Batches of the Bulk APIs over a rolling day; their owners count them."""
        return [Window("bulk-batches", self.clock, self._edition.daily_bulk_batches, 86_400)]

    def forget_caches(self) -> None:
        """Read schema, rules, sessions and identity again."""
        self._identity = bootstrap(self)
        self.caches.clear()
        self.recent.clear()
        self.schema.reload()
        self.rules.reload()
        self.sessions.reload()

    def prepare(self, request: Request) -> None:
        """Take the method from `?_HttpMethod=PATCH`, as clients without PATCH send it [A]."""
        if request.method == "POST" and "_HttpMethod" in request.query_string:
            request.method = request.query.get("_HttpMethod", "POST").upper()

    def object_of(self, request: Request) -> str | None:
        """The object of the path, the query, the bulk job or the body."""
        return refusals.object_of(self, request)

    def guard(self, request: Request, route: Route[Any]) -> Response | None:
        """Refuse requests without a valid session, and unknown versions of the API."""
        return refusals.guard(self, request)

    def finish(self, request: Request, response: Response) -> Response:
        """Add the usage header and print prettily where asked to."""
        return refusals.finish(self, request, response)

    def refused(self, request: Request, error: CrmError) -> Response:
        """The REST answer for a refusal that a handler raised."""
        return refusals.refused(request, error)

    def no_route(self, request: Request, allowed: list[str]) -> Response:
        """The answer for an unknown path or method."""
        return refusals.no_route(self, request, allowed)

    def limited(self, request: Request, window: Window) -> Response:
        """The answer when the day's requests are used up."""
        return flavours.refusal(request, errors.request_limit())

    def unreadable(self, request: Request, error: BodyError) -> Response:
        """The answer for a body that is not JSON."""
        return errors.response(bodies.unreadable(error))

    def fault(self, request: Request, rule: Rule) -> Response:
        """The answer that a fault rule asks for."""
        return refusals.fault(self, request, rule)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a lower-case `id`, as of every provider, and without the compound addresses."""
    flat = {name: value for name, value in record.items() if value.__class__ is not dict}
    return {"id": record["Id"], **flat}
