"""Files: attachments, and documents with their versions and links."""

from __future__ import annotations

import base64
import hashlib

from mock_crm.salesforce import errors
from mock_crm.salesforce.standard_objects.behaviour import Behaviour, Document, NaturalKey, rows_below
from mock_crm.salesforce.state import OrgState
from mock_crm.salesforce.values import format_moment


def _attachment(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    new["BodyLength"] = len(base64.b64decode(new.get("Body") or ""))


def _version(new: Document, old: Document | None, state: OrgState, record_id: str) -> None:
    """A first version brings its document, and a link to where it is published; a later one replaces it."""
    name = str(new.get("PathOnClient"))
    extension = name.rpartition(".")[2] if "." in name else ""
    content = base64.b64decode(new.get("VersionData") or "")
    new["Title"] = new.get("Title") or name.rpartition("/")[2].removesuffix(f".{extension}")
    new["FileExtension"], new["FileType"] = extension or None, extension.upper() or "UNKNOWN"
    new["ContentSize"] = len(content)
    new["Checksum"] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if old is not None:
        return
    new["IsLatest"], new["VersionNumber"] = True, "1"
    new["ContentModifiedById"] = state.identity.user_id
    new["ContentModifiedDate"] = new.get("ContentModifiedDate") or format_moment(state.clock.now())
    shared = {key: new[key] for key in ("Title", "FileExtension", "FileType", "ContentSize")}
    shared |= {"LatestPublishedVersionId": record_id, "ContentModifiedDate": new["ContentModifiedDate"]}
    if new.get("ContentDocumentId"):
        _supersede(new, shared, state)
        return
    new["ContentDocumentId"] = state.ids.next("069")
    state.store.insert("ContentDocument", new["ContentDocumentId"], shared, state.now_ms())
    for place in (state.identity.user_id, new.get("FirstPublishLocationId")):
        if place:
            link = {"LinkedEntityId": place, "ContentDocumentId": new["ContentDocumentId"], "ShareType": "V",
                    "Visibility": "AllUsers"}  # fmt: skip
            state.store.insert("ContentDocumentLink", state.ids.next("06A"), link, state.now_ms())


def _supersede(new: Document, shared: Document, state: OrgState) -> None:
    """The versions before are not the latest any more, and the document is what the new one is."""
    if document := state.store.get("ContentDocument", new["ContentDocumentId"]):
        state.store.update("ContentDocument", document.id, {**document.document, **shared}, state.now_ms())
    before = rows_below(state, "ContentVersion", "ContentDocumentId", new["ContentDocumentId"])
    for row in before:
        if row.document.get("IsLatest"):
            state.store.update("ContentVersion", row.id, {**row.document, "IsLatest": False}, state.now_ms())
    new["VersionNumber"] = str(len(before) + 1)


BEHAVIOURS = {
    "Attachment": Behaviour(_attachment),
    "ContentDocumentLink": Behaviour(
        keys=(
            NaturalKey(
                ("ContentDocumentId", "LinkedEntityId"),
                lambda other, new: errors.already_linked(new["ContentDocumentId"], new["LinkedEntityId"]),
            ),
        )
    ),
    "ContentVersion": Behaviour(_version),
}
