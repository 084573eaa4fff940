"""Lists (segments), version 3: creating, reading, searching, renaming, and their members.

Shapes and refusals as recorded in April 2026 (captaincontrat/hubspot-api-ruby). What filters find is not
worked out: a dynamic list has no members.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec

from mock_crm.core.http import Request, Response
from mock_crm.core.store import Row
from mock_crm.hubspot import bodies, errors, filter_branches, guards, query, responses
from mock_crm.hubspot.context import HubSpotContext
from mock_crm.hubspot.endpoint import DATED, Endpoint
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.lists import BY_JOINING, BY_RECORD, ListPermissions, MembershipSettings, RecordList
from mock_crm.hubspot.portal import USER_ID
from mock_crm.hubspot.timestamps import iso_ms

API = "crm/lists"
_VERSIONS = ("v3", *DATED)
_ONE = "/{listId}"
_MEMBERS = f"{_ONE}/memberships"
_TYPES = ("MANUAL", "DYNAMIC", "SNAPSHOT")
_MOST_MEMBERS = 250
_MOST_FOUND = 500


class ListInput(msgspec.Struct, rename="camel"):
    name: str
    object_type_id: str
    processing_type: str
    filter_branch: dict[str, Any] | None = None
    custom_properties: dict[str, str] | None = None
    list_permissions: ListPermissions | None = None
    membership_settings: MembershipSettings | None = None


class FiltersInput(msgspec.Struct, rename="camel"):
    filter_branch: dict[str, Any]


class ListSearchInput(msgspec.Struct, rename="camel"):
    query: str | None = None
    count: int | None = None
    offset: int | None = None
    list_ids: list[str | int] | None = None
    processing_types: list[str] | None = None
    object_type_id: str | None = None


class MemberChanges(msgspec.Struct, rename="camel"):
    record_ids_to_add: list[str | int] = []
    record_ids_to_remove: list[str | int] = []


_NOT_SIMULATED: Final = (
    ("PUT", f"{_MEMBERS}/add-from/{{sourceListId}}"),
    ("GET", "/folders"),
    ("POST", "/folders"),
    ("PUT", "/folders/move-list"),
    ("DELETE", "/folders/{folderId}"),
    ("PUT", "/folders/{folderId}/move/{newParentFolderId}"),
    ("PUT", "/folders/{folderId}/rename"),
    ("POST", "/all"),
    ("POST", "/records/memberships/batch/read"),
    ("GET", f"{_ONE}/schedule-conversion"),
    ("PUT", f"{_ONE}/schedule-conversion"),
    ("DELETE", f"{_ONE}/schedule-conversion"),
    ("GET", f"{_ONE}/size-and-edits-history/between"),
)


def endpoints() -> list[Endpoint]:
    note = "filters find nothing: a dynamic list has no members"
    note_of_ids = "a list has the same id in the legacy API"

    def one(method: str, path: str, handler: Any, fidelity: Any = "simulated", note: str = "") -> Endpoint:
        return Endpoint(method, API, path, handler, _VERSIONS, fidelity, note)

    return [
        one("POST", "", create, "simplified", note),
        one("GET", "", list_lists),
        one("POST", "/search", search, "simplified", "words of the name"),
        one("GET", "/object-type-id/{objectTypeId}/name/{listName}", read_by_name),
        one("GET", "/records/{objectTypeId}/{recordId}/memberships", memberships_of_record),
        one("GET", "/idmapping", map_id, "simplified", note_of_ids),
        one("POST", "/idmapping", map_ids, "simplified", note_of_ids),
        one("GET", _ONE, read),
        one("DELETE", _ONE, archive),
        one("PUT", f"{_ONE}/restore", restore),
        one("PUT", f"{_ONE}/update-list-name", rename),
        one("PUT", f"{_ONE}/update-list-filters", change_filters, "simplified", note),
        one("GET", _MEMBERS, list_members),
        one("GET", f"{_MEMBERS}/join-order", list_members_as_joined),
        one("PUT", f"{_MEMBERS}/add", add_members),
        one("PUT", f"{_MEMBERS}/remove", remove_members),
        one("PUT", f"{_MEMBERS}/add-and-remove", change_members),
        one("DELETE", _MEMBERS, remove_all_members),
        *(one(method, path, not_simulated, "absent") for method, path in _NOT_SIMULATED),
    ]


def not_simulated(request: Request, org: HubSpotContext) -> Response:
    raise errors.not_simulated("This part of the lists API")


# -- lists ---------------------------------------------------------------------------------------------------


def create(request: Request, org: HubSpotContext) -> Response:
    """A new list; the answer is 200, not 201 (recorded)."""
    _need_scope(request, "write")
    try:
        given = bodies.read(request, ListInput)
        bodies.read(request, filter_branches.Filtered)
    except HubSpotError as error:
        # Here, and in no other recording, missing fields have a category.
        raise HubSpotError(error.status, error.message, "VALIDATION_ERROR") from error
    if given.processing_type not in _TYPES:
        raise errors.unknown_processing_type(given.processing_type)
    kind = org.schema.need(given.object_type_id).type
    if any((known.name, known.object_type_id) == (given.name, kind.id) for known in org.lists.all()):
        raise errors.list_exists(given.name)
    at = org.now_ms()
    made = RecordList(
        id=org.lists.next_id(),
        name=given.name,
        object_type_id=kind.id,
        processing_type=given.processing_type,
        created_at=at,
        updated_at=at,
        filter_branch=given.filter_branch and filter_branches.completed(given.filter_branch),
        custom_properties=given.custom_properties or {},
        list_permissions=given.list_permissions or ListPermissions(),
        membership_settings=given.membership_settings or MembershipSettings(),
    )
    org.lists.save(made, at)
    return responses.answer({"list": _filtered_body(made)})


def list_lists(request: Request, org: HubSpotContext) -> Response:
    """Lists by id; unknown ids are left out."""
    _need_scope(request, "read")
    wanted = [org.lists.find(list_id) for list_id in query.names_in(request, "listIds")]
    return responses.answer({"lists": [_sized(org, found) for found in wanted if found is not None]})


def read(request: Request, org: HubSpotContext) -> Response:
    _need_scope(request, "read")
    return responses.answer({"list": _sized(org, _need(request, org))})


def read_by_name(request: Request, org: HubSpotContext) -> Response:
    _need_scope(request, "read")
    kind = org.schema.need(request.params["objectTypeId"]).type
    name = request.params["listName"]
    for known in org.lists.all():
        if (known.name, known.object_type_id) == (name, kind.id):
            return responses.answer({"list": _sized(org, known)})
    raise errors.no_list_named(name)


def search(request: Request, org: HubSpotContext) -> Response:
    """Lists whose names have the words of a query."""
    _need_scope(request, "read")
    given = bodies.read(request, ListSearchInput)
    words = (given.query or "").lower().split()
    ids = None if given.list_ids is None else {str(list_id) for list_id in given.list_ids}
    found = [
        known
        for known in org.lists.all()
        if all(word in known.name.lower() for word in words)
        and (ids is None or known.id in ids)
        and (not given.processing_types or known.processing_type in given.processing_types)
        and (given.object_type_id is None or known.object_type_id == given.object_type_id)
    ]
    start, count = max(given.offset or 0, 0), 20 if given.count is None else given.count
    if count < 0:
        raise errors.invalid(f"Invalid count {count}: it must not be negative.")
    page = found[start : start + min(count, _MOST_FOUND)]
    end = start + len(page)
    return responses.answer(
        {
            "offset": end,
            "hasMore": end < len(found),
            "lists": [_found_body(org, known) for known in page],
            "total": len(found),
        }
    )


def map_id(request: Request, org: HubSpotContext) -> Response:
    """The id of the list that has an id in the legacy API."""
    _need_scope(request, "read")
    legacy_id = request.query.get("legacyListId", "")
    if not (legacy_id.isascii() and legacy_id.isdigit()):
        raise errors.not_an_integer(legacy_id)
    if org.lists.find(legacy_id) is None:
        raise errors.no_such_list(legacy_id)
    return responses.answer({"listId": legacy_id, "legacyListId": legacy_id})


def map_ids(request: Request, org: HubSpotContext) -> Response:
    """The ids of the lists that have ids in the legacy API, and which are those of none."""
    _need_scope(request, "read")
    wanted = sorted(str(each) for each in bodies.read(request, set[str | int]))
    known = [each for each in wanted if org.lists.find(each) is not None]
    return responses.answer(
        {
            "legacyListIdsToIdsMapping": [{"listId": each, "legacyListId": each} for each in known],
            "missingLegacyListIds": [each for each in wanted if each not in known],
        }
    )


def archive(request: Request, org: HubSpotContext) -> Response:
    """Move a list to the recycle bin."""
    _need_scope(request, "write")
    org.lists.archive(_need(request, org).id, org.now_ms())
    return responses.no_content()


def restore(request: Request, org: HubSpotContext) -> Response:
    """Bring a list back from the recycle bin."""
    _need_scope(request, "write")
    org.lists.archive(_need(request, org, archived=True).id, org.now_ms(), archived=False)
    return responses.no_content()


def rename(request: Request, org: HubSpotContext) -> Response:
    """Give a list the name in the query."""
    _need_scope(request, "write")
    known = _need(request, org)
    name = request.query.get("listName", "")
    if not name.strip():
        raise errors.list_name_missing()
    at = org.now_ms()
    changed = msgspec.structs.replace(known, name=name, updated_at=at)
    org.lists.save(changed, at)
    return responses.answer({"updatedList": _body(changed)})


def change_filters(request: Request, org: HubSpotContext) -> Response:
    """Give a list other filters."""
    _need_scope(request, "write")
    known = _need(request, org)
    given = bodies.read(request, FiltersInput)
    bodies.read(request, filter_branches.Filtered)
    at = org.now_ms()
    changed = msgspec.structs.replace(
        known,
        filter_branch=filter_branches.completed(given.filter_branch),
        version=known.version + 1,
        updated_at=at,
        filters_updated_at=at,
    )
    org.lists.save(changed, at)
    return responses.answer({"updatedList": _filtered_body(changed)})


# -- members -------------------------------------------------------------------------------------------------


def list_members(request: Request, org: HubSpotContext) -> Response:
    """A page of the members, by the ids of their records (recorded)."""
    return _members_page(request, org, BY_RECORD, lambda row: int(row.document["id"]))


def list_members_as_joined(request: Request, org: HubSpotContext) -> Response:
    """A page of the members, in the order in which they joined."""
    return _members_page(request, org, BY_JOINING, lambda row: row.seq)


def _members_page(request: Request, org: HubSpotContext, key: str, number: Callable[[Row], int]) -> Response:
    _need_scope(request, "read")
    known = _need(request, org)
    limit = query.limit_in(request, 100, _MOST_MEMBERS)
    after, before = _cursor_in(request, "after"), _cursor_in(request, "before")
    is_back = after is None and before is not None
    bound = (before if is_back else after) or 0
    rows = list(org.lists.members(known.id, key=key, bound=bound, is_descending=is_back, limit=limit + 1))
    results = [
        {"membershipTimestamp": iso_ms(row.created), "recordId": row.document["id"]} for row in rows[:limit]
    ]
    body: dict[str, Any] = {"results": results, "total": org.lists.size(known.id)}
    if len(rows) > limit:
        cursor = b64encode(number(rows[limit - 1]).to_bytes(8, "big")).decode()
        # HubSpot writes the cursor percent-encoded (recorded), and takes it as it is and encoded once more.
        body["paging"] = responses.paging_body(request, quote(cursor), is_back=is_back)
    return responses.answer(body)


def _cursor_in(request: Request, parameter: str) -> int | None:
    """The number in a cursor, or None where there is none."""
    text = unquote(request.query.get(parameter, ""))
    if not text:
        return None
    try:
        return int.from_bytes(b64decode(text, validate=True)[:8], "big", signed=True)
    except ValueError as error:
        raise errors.cannot_deserialize("long", text) from error


def add_members(request: Request, org: HubSpotContext) -> Response:
    # What is wrong with the body is said before what is wrong with the list (recorded).
    wanted = [str(each) for each in bodies.read(request, list[str | int])]
    known = _need_manual(request, org)
    with org.store.transaction():
        living, missing = _told_apart(org, known, wanted)
        added = org.lists.add(known, living, org.now_ms())
    return responses.answer(_filled(recordsIdsAdded=added, recordIdsMissing=missing))


def remove_members(request: Request, org: HubSpotContext) -> Response:
    wanted = [str(each) for each in bodies.read(request, list[str | int])]
    known = _need_manual(request, org)
    with org.store.transaction():
        removed = org.lists.remove(known, wanted, org.now_ms())
        missing = [each for each in _told_apart(org, known, wanted)[1] if each not in removed]
    return responses.answer(_filled(recordIdsRemoved=removed, recordIdsMissing=missing))


def change_members(request: Request, org: HubSpotContext) -> Response:
    """Add some members and remove others."""
    given = bodies.read(request, MemberChanges)
    known = _need_manual(request, org)
    with org.store.transaction():
        living, missing = _told_apart(org, known, [str(each) for each in given.record_ids_to_add])
        added = org.lists.add(known, living, org.now_ms())
        leaving = [str(each) for each in given.record_ids_to_remove]
        removed = org.lists.remove(known, leaving, org.now_ms())
        missing += [each for each in _told_apart(org, known, leaving)[1] if each not in removed]
    changes = _filled(recordsIdsAdded=added, recordIdsRemoved=removed, recordIdsMissing=missing)
    return responses.answer(changes)


def remove_all_members(request: Request, org: HubSpotContext) -> Response:
    known = _need_manual(request, org)
    with org.store.transaction():
        org.lists.remove(known, [row.document["id"] for row in org.lists.members(known.id)], org.now_ms())
    return responses.no_content()


def memberships_of_record(request: Request, org: HubSpotContext) -> Response:
    """The lists that a record is a member of."""
    _need_scope(request, "read")
    kind = org.schema.need(request.params["objectTypeId"]).type
    results = []
    for row in org.lists.of_record(kind.id, request.params["recordId"]):
        known = org.lists.find(row.document["list"])
        if known is not None:
            joined = iso_ms(row.created)
            times = {"firstAddedTimestamp": joined, "lastAddedTimestamp": joined}
            results.append({"listId": known.id, "listVersion": known.version, **times})
    return responses.answer({"results": results, "total": len(results)})


# -- inside --------------------------------------------------------------------------------------------------


def _need_scope(request: Request, *accesses: str) -> None:
    for access in accesses:
        guards.need_scope(request, (f"crm.lists.{access}",))


def _need(request: Request, org: HubSpotContext, *, archived: bool = False) -> RecordList:
    list_id = request.params["listId"]
    if not (list_id.lstrip("-").isdigit() and list_id.isascii()):
        raise errors.not_an_integer(list_id)
    known = org.lists.find(list_id, archived=archived)
    if known is None:
        raise errors.no_such_list(list_id)
    return known


def _need_manual(request: Request, org: HubSpotContext) -> RecordList:
    _need_scope(request, "read", "write")  # both, whatever the documentation says (n8n-io/n8n#31190)
    known = _need(request, org)
    if known.processing_type == "DYNAMIC":
        raise errors.dynamic_list(known.id)
    return known


def _told_apart(org: HubSpotContext, known: RecordList, ids: list[str]) -> tuple[list[str], list[str]]:
    """The ids of living records, and those of none."""
    rows = org.store.get_many(known.object_type_id, ids)
    living = [each for each in ids if each in rows and not rows[each].archived]
    return living, [each for each in ids if each not in living]


def _filled(**ids: list[str]) -> dict[str, list[str]]:
    """The answer to a change of members, which has only the lists that are not empty (recorded)."""
    return {name: listed for name, listed in ids.items() if listed}


def _body(known: RecordList) -> dict[str, Any]:
    body = {
        "listId": known.id,
        "listVersion": known.version,
        "createdAt": iso_ms(known.created_at),
        "updatedAt": iso_ms(known.updated_at),
        "filtersUpdatedAt": iso_ms(known.filters_updated_at or known.created_at),
        "processingStatus": "COMPLETE",
        "createdById": str(USER_ID),
        "updatedById": str(USER_ID),
        "processingType": known.processing_type,
        "objectTypeId": known.object_type_id,
        "name": known.name,
    }
    if known.filter_branch is not None:
        body["filterBranch"] = known.filter_branch
    return body | {
        "listPermissions": known.list_permissions,
        "membershipSettings": known.membership_settings,
    }


def _filtered_body(known: RecordList) -> dict[str, Any]:
    """A list with new filters: HubSpot works out what they find, and later readings say that it is done."""
    status = "PROCESSING" if known.processing_type == "DYNAMIC" else "COMPLETE"
    return _body(known) | {"processingStatus": status}


def _sized(org: HubSpotContext, known: RecordList) -> dict[str, Any]:
    return _body(known) | {"size": org.lists.size(known.id)}


def _found_body(org: HubSpotContext, known: RecordList) -> dict[str, Any]:
    """A list as a search shows it."""
    body = _body(known)
    for name in ("listPermissions", "membershipSettings"):
        del body[name]
    more = {"hs_list_reference_count": "0", "hs_list_size": str(org.lists.size(known.id))}
    if known.last_added_at is not None:
        more["hs_last_record_added_at"] = str(known.last_added_at)
    if known.last_removed_at is not None:
        more["hs_last_record_removed_at"] = str(known.last_removed_at)
    return body | {"additionalProperties": more | known.custom_properties}
