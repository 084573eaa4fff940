"""Whatever a CRM answers, the engine gets answers for its records or one of the three errors."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from ampsandbox.clock import Clock
from ampsandbox.crm.client import CrmClient
from ampsandbox.crm.http import Channel
from ampsandbox.crm.hubspot.client import HubSpotCrm
from ampsandbox.crm.hubspot.errors import HubSpotErrors
from ampsandbox.crm.salesforce.client import SalesforceCrm
from ampsandbox.crm.salesforce.errors import SalesforceErrors
from ampsandbox.crm.session import CrmSession
from ampsandbox.crm.sockets import HttpxSender
from ampsandbox.crm.tokens import FixedToken
from ampsandbox.engine.crm import AnswerLostError, CrmRefusedError, CrmUnavailableError, Method, Record
from ampsandbox.manifest.model import CustomField, Mode, ObjectKind, WriteObject
from ampsandbox.secrets import Masker, Secret

KEYS = [
    "id",
    "success",
    "errors",
    "errorCode",
    "statusCode",
    "message",
    "fields",
    "results",
    "context",
    "ids",
    "objectWriteTraceId",
    "category",
    "name",
    "records",
    "error",
    "error_description",
    "policyName",
    "propertyName",
    "code",
    "labels",
    "properties",
    "fullyQualifiedName",
    "requiredProperties",
    "picklistValues",
    "options",
    "modificationMetadata",
    "portalId",
    "accountType",
    "scopes",
    "usageLimit",
    "currentUsage",
    "DailyApiRequests",
    "Remaining",
    "Id",
    "requiredGranularScopes",
    "objectTypeId",
    "length",
    "type",
    "value",
    "active",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["0", "1"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
BODIES = VALUES.map(json.dumps).map(str.encode) | st.binary(max_size=40)
STATUSES = st.sampled_from([200, 201, 204, 207, 300, 400, 401, 403, 404, 409, 429, 500, 502])
TYPES = st.sampled_from(["application/json", "text/xml", "text/html", ""])
ITEMS = [
    WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, "a", custom_fields=(CustomField("x", "X"),)),
    WriteObject("thing", ObjectKind.CUSTOM, Mode.INSERT, "b", custom_fields=(CustomField("x", "X"),)),
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["salesforce", "hubspot"]),
    st.lists(st.tuples(STATUSES, TYPES, BODIES), min_size=1, max_size=4),
)
def test_any_answer_is_understood_or_refused(provider: str, answers: list[tuple[int, str, bytes]]) -> None:
    asyncio.run(ask_everything(provider, answers))


async def ask_everything(provider: str, answers: list[tuple[int, str, bytes]]) -> None:
    given_answers = iter(answers * 1000)

    def handler(request: httpx.Request) -> httpx.Response:
        status, kind, body = next(given_answers)
        return httpx.Response(status, headers={"content-type": kind}, content=body)

    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC), speed=0)
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
        channel = Channel(HttpxSender(http), clock, lambda exchange: None, Masker())
        tokens = FixedToken(lambda: Secret("token-value"), "https://crm.example", channel.masker)
        crm: CrmClient
        if provider == "salesforce":
            crm = SalesforceCrm(CrmSession(channel, tokens, SalesforceErrors()))
        else:
            crm = HubSpotCrm(CrmSession(channel, tokens, HubSpotErrors()))
        records = [Record("1", {"x": "1"}), Record("2", {"x": "2"})]
        await ask(crm.write("Contact", Mode.INSERT, records[:1], Method.SINGLE), 1)
        for mode in Mode:
            await ask(crm.write("Contact", mode, records, Method.COLLECTION), 2)
        await ask(crm.identify())
        await ask(crm.plan(ITEMS))
        await ask(crm.provision(ITEMS, lambda step: None))
        await ask(crm.resolve(ITEMS[0]))
        await ask(crm.resolve(ITEMS[1]))
        await ask(crm.record_url("contacts", "1"))
        await ask(crm.delete("contacts", ["1"]), 1)


async def ask(question: Any, count: int | None = None) -> None:
    try:
        answer = await question
    except (CrmRefusedError, CrmUnavailableError, AnswerLostError):
        return
    if count is not None:
        assert len(answer) == count
