"""Answers in HubSpot's form, and parameters of the query in its forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.core.store import Row
from mock_crm.hubspot import errors
from mock_crm.hubspot.schema import TypeSchema
from mock_crm.hubspot.timestamps import iso_ms

if TYPE_CHECKING:
    from mock_crm.hubspot.context import Account
    from mock_crm.hubspot.records import Draft

JSON = "application/json;charset=utf-8"

_encode = msgspec.json.Encoder().encode


def answer(value: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(status, _encode(value), JSON, headers)


def no_content() -> Response:
    """The answer to a deletion."""
    return Response(204, b"", JSON)


# -- records -------------------------------------------------------------------------------------------------


def record_bodies(
    org: Account, schema: TypeSchema, rows: Iterable[Row], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Records as the API shows them, with the properties of these names, null where they have no value."""
    return [record_body(org, schema, row, {name: row.document.get(name) for name in names}) for row in rows]


def created_bodies(org: Account, schema: TypeSchema, drafts: Iterable[Draft]) -> list[dict[str, Any]]:
    """Records that were just inserted, which the API shows with all that they have."""
    url = org.record_url(schema.type.id, "")
    return [
        _body(draft.id, msgspec.Raw(draft.document), draft.at, draft.at, url, archived=False)
        for draft in drafts
    ]


def record_body(org: Account, schema: TypeSchema, row: Row, properties: Any) -> dict[str, Any]:
    """A record as the API shows it, around its properties."""
    url = org.record_url(schema.type.id, "")
    return _body(row.id, properties, row.created, row.modified, url, archived=row.archived)


def _body(
    record_id: str, properties: Any, created: int, modified: int, url: str, *, archived: bool
) -> dict[str, Any]:
    body = {
        "id": record_id,
        "properties": properties,
        "createdAt": iso_ms(created),
        "updatedAt": iso_ms(modified),
        "archived": archived,
    }
    if archived:
        body["archivedAt"] = iso_ms(modified)
    body["url"] = url + record_id
    return body


def shown_names(schema: TypeSchema, asked: Sequence[str] | None) -> list[str]:
    """The properties that a reader gets: those asked for that exist, and those that always come."""
    kind = schema.type
    if not asked:
        return [name for name in kind.defaults if name in schema.properties]
    known = {name for name in asked if name in schema.properties}
    return sorted(known | {kind.created, kind.modified, "hs_object_id"})


def history_body(org: Account, schema: TypeSchema, record_id: str, names: Sequence[str]) -> dict[str, Any]:
    """`propertiesWithHistory` of a record: the values that properties have had, newest first."""
    versions = org.store.history(schema.type.id, record_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        if name not in schema.properties:
            continue
        entries: list[dict[str, Any]] = []
        previous: str | None = None
        for version in versions:
            value = version.document.get(name)
            if value != previous:
                entries.append(
                    {
                        "value": value or "",
                        "timestamp": iso_ms(version.modified),
                        "sourceType": "INTEGRATION",
                        "sourceId": org.app_id,
                    }
                )
            previous = value
        found[name] = entries[::-1]
    return found


def batch_body(
    org: Account, results: Sequence[Any], refused: Sequence[Mapping[str, Any]] = (), *, status: int = 200
) -> Response:
    """The answer to a batch: `status` when all went well, 207 when some records were refused."""
    now = iso_ms(org.now_ms())
    body: dict[str, Any] = {
        "completedAt": now,
        "status": "COMPLETE",
        "startedAt": now,
        "results": results,
    }
    if refused:
        body |= {"errors": refused, "numErrors": len(refused)}
    return answer(body, 207 if refused else status)


def paging_body(request: Request, after: str) -> dict[str, Any]:
    """The way to the next page, as an absolute URL in the client's own terms."""
    kept = [
        (name, value)
        for name, value in parse_qsl(request.query_string, keep_blank_values=True)
        if name != "after"
    ]
    path = "/".join(quote(segment, safe="") for segment in request.segments)
    link = request.url(f"/{path}?{urlencode([*kept, ('after', after)])}")
    return {"next": {"after": after, "link": link}}


# -- the query -----------------------------------------------------------------------------------------------


def names_in(request: Request, parameter: str) -> list[str]:
    """A list in the query, repeated or divided by commas."""
    if parameter not in request.query:
        return []
    listed = ",".join(request.query_list(parameter)).split(",")
    return [name for name in (part.strip() for part in listed) if name]


def flag_in(request: Request, parameter: str) -> bool:
    """A boolean in the query; clients write it in any case."""
    return request.query.get(parameter, "").lower() == "true"


def limit_in(request: Request, default: int, most: int) -> int:
    """How many results a page may have.

    Raises:
        HubSpotError: It is not a number from 1 to `most`.
    """
    text = request.query.get("limit", "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not 1 <= int(text) <= most:
        raise errors.invalid(f"Invalid value for limit: {text}. It must be a number from 1 to {most}.")
    return int(text)


def cursor_in(request: Request) -> int:
    """Where a page starts, for cursors that are numbers; 0 for the first page.

    Raises:
        HubSpotError: It is not one of this mock's cursors.
    """
    return parse_cursor(request.query.get("after", ""))


def parse_cursor(text: str) -> int:
    """The number in a paging cursor; 0 for an empty one.

    Raises:
        HubSpotError: There is none.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise errors.cannot_deserialize("long", text)
    return int(text)
