"""The SOAP Metadata API: reading and upserting custom objects, fields and permission sets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ampsandbox.crm.salesforce import xml
from ampsandbox.crm.session import ApiRequest, CrmSession
from ampsandbox.engine.crm import CrmUnavailableError
from ampsandbox.events import ErrorDetail
from ampsandbox.secrets import Secret

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Components that one call of the Metadata API may carry.
CALL_LIMIT: Final = 10

_NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"


class Component(msgspec.Struct, frozen=True):
    """One piece of metadata: its type, such as `CustomField`, and its content, `fullName` first."""

    type: str
    content: Mapping[str, Any]

    @property
    def full_name(self) -> str:
        """The name by which the Metadata API knows it, such as `Contact.warmthScore__c`."""
        return str(self.content["fullName"])


class MetadataApi:
    """The Metadata API of one org; `version` is such as `60.0`."""

    def __init__(self, session: CrmSession, version: str) -> None:
        self._session = session
        self._path = f"/services/Soap/m/{version}"

    async def read(self, kind: str, full_names: Sequence[str]) -> dict[str, Any]:
        """The components of that type that exist, as nested mappings of lists, by their full names.

        Raises:
            CrmRefusedError: The user may not read metadata.
        """
        found: dict[str, Any] = {}
        for names in _chunks(full_names):
            answer = await self._call("readMetadata", {"type": kind, "fullNames": names})
            for record in answer.iterfind(".//records"):
                value = xml.to_value(record)
                if isinstance(value, Mapping) and value.get("fullName"):
                    found[str(value["fullName"][0])] = value
        return found

    async def upsert(self, components: Sequence[Component]) -> list[tuple[Component, ErrorDetail | None]]:
        """Create or change the components, ten a call, and give each one's error, or None.

        Repeating it does nothing more, so a lost answer is an outage here.

        Raises:
            CrmRefusedError: The user may not change metadata.
        """
        results: list[tuple[Component, ErrorDetail | None]] = []
        for chunk in _chunks(components):
            metadata = [{"@type": item.type, **item.content} for item in chunk]
            answer = await self._call("upsertMetadata", {"metadata": metadata})
            rows = answer.findall(".//result")
            if len(rows) != len(chunk):
                reason = f"Salesforce answered for {len(rows)} of {len(chunk)} components."
                raise CrmUnavailableError(ErrorDetail(reason, "UNREADABLE_ANSWER"))
            results += zip(chunk, map(_error, rows), strict=True)
        return results

    async def _call(self, operation: str, content: Mapping[str, Any]) -> Element:
        call = ApiRequest(
            "POST",
            self._path,
            lambda session_id: _envelope(session_id, operation, content),
            content_type="text/xml; charset=UTF-8",
            headers=(("SOAPAction", '""'),),
            is_repeatable=True,
        )
        reply = await self._session.fetch(call)
        try:
            return xml.parse(reply.body)
        except xml.XmlError as error:
            reason = f"Salesforce's answer to {operation} cannot be read: {error}"
            raise CrmUnavailableError(ErrorDetail(reason, "UNREADABLE_ANSWER")) from error


def _envelope(session_id: Secret, operation: str, content: Mapping[str, Any]) -> bytes:
    body = "".join(xml.render(name, value) for name, value in content.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<env:Header><SessionHeader xmlns="{_NAMESPACE}">'
        f"<sessionId>{xml.text(session_id.reveal())}</sessionId></SessionHeader></env:Header>"
        f'<env:Body><{operation} xmlns="{_NAMESPACE}">{body}</{operation}></env:Body></env:Envelope>'
    ).encode()


def _error(row: Element) -> ErrorDetail | None:
    if row.findtext("success") == "true":
        return None
    code = row.findtext("errors/statusCode") or "UNKNOWN"
    return ErrorDetail(row.findtext("errors/message") or code, code)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The items in calls of ten, of one type each where they have types: Salesforce refuses a mixed call."""
    for _, group in itertools.groupby(items, key=lambda item: getattr(item, "type", None)):
        members = list(group)
        for start in range(0, len(members), CALL_LIMIT):
            yield members[start : start + CALL_LIMIT]
