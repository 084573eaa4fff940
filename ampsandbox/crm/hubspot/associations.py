"""Associations that come with a batch update, which HubSpot takes in requests of their own.

A batch create holds the associations of its records, a batch update has no place for them. Ampersand's
connector sends them once the update has gone through, one request for each type of record at the other end,
and one that is refused is told without undoing the update (its public source, HubSpot's batch update).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ampsandbox.crm.http import segment
from ampsandbox.crm.hubspot.schema import SCHEMAS
from ampsandbox.crm.json_access import mapping, mappings
from ampsandbox.crm.session import ApiRequest, CrmSession, json_request
from ampsandbox.engine.crm import Answer, Record, Verdict
from ampsandbox.events import ErrorDetail

_UNKNOWN_TYPE: Final = "UNKNOWN_ASSOCIATION_TYPE"


class _Definition(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    from_object_type_id: str
    to_object_type_id: str


class _Schema(msgspec.Struct, frozen=True, rename="camel"):
    object_type_id: str
    associations: tuple[_Definition, ...] = ()


@dataclass(slots=True)
class Associations:
    """Sends the associations of updated records.

    Args:
        session: The conversation with the portal.
    """

    session: CrmSession
    _targets: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def link(
        self, object_type: str, records: Sequence[Record], answers: Sequence[Answer]
    ) -> list[Answer]:
        """Associate the records that were updated; the answers, with what HubSpot refused as their errors.

        Raises:
            CrmUnavailableError: The portal took nothing for now; the update and this can be sent again.
        """
        refused: dict[int, ErrorDetail] = {}
        inputs: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for index, (record, answer) in enumerate(zip(records, answers, strict=True)):
            for link in record.associations if answer.verdict is Verdict.SUCCEEDED else ():
                types = mappings(link.get("types"))
                type_id = str(types[0].get("associationTypeId")) if types else ""
                target = (await self._known_targets(object_type)).get(type_id)
                if target is None:
                    message = f"{object_type} have no association type {type_id}."
                    refused[index] = ErrorDetail(message, _UNKNOWN_TYPE)
                    continue
                ends = {"from": {"id": record.id}, "to": mapping(link.get("to")), "types": types}
                inputs[target].append((index, ends))
        for target, linked in inputs.items():
            path = f"/crm/v4/associations/{segment(object_type)}/{segment(target)}/batch/create"
            content = {"inputs": [ends for _, ends in linked]}
            reply = await self.session.send(json_request("POST", path, content, is_repeatable=True))
            if not reply.is_success or mappings(mapping(reply.json).get("errors")):
                detail = self.session.details(reply)[0]
                refused |= {index: detail for index, _ in linked}
        return [
            msgspec.structs.replace(answer, errors=(refused[index],)) if index in refused else answer
            for index, answer in enumerate(answers)
        ]

    async def _known_targets(self, object_type: str) -> Mapping[str, str]:
        """The object type at the other end, by the id of the association type."""
        if object_type not in self._targets:
            path = f"{SCHEMAS}/{segment(object_type)}"
            schema = await self.session.read(ApiRequest("GET", path), _Schema)
            self._targets[object_type] = {
                each.id: each.to_object_type_id
                for each in schema.associations
                if each.from_object_type_id == schema.object_type_id
            }
        return self._targets[object_type]
