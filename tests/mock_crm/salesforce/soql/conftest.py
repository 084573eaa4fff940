"""An org with a few related records, and a way to query it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mock_crm.core.clock import ManualClock
from mock_crm.core.settings import OrgSettings
from mock_crm.salesforce.org import SalesforceOrg
from mock_crm.salesforce.soql import execute

Find = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 5, 20, 12, tzinfo=UTC))


@pytest.fixture
def org(clock: ManualClock) -> Iterator[SalesforceOrg]:
    org = SalesforceOrg("soql", 7, clock, None, OrgSettings(permissions="open"))
    acme, bolt, _ = org.seed(
        "Account",
        [
            {"Name": "Acme", "Industry": "Energy", "AnnualRevenue": 101, "NumberOfEmployees": 10,
             "BillingCity": "Bonn", "BillingCountry": "Germany"},
            {"Name": "bolt", "Industry": "Banking", "AnnualRevenue": 300},
            {"Name": "C'est 50%_off"},
        ],
    )  # fmt: skip
    ada, _, _, _ = org.seed(
        "Contact",
        [
            {"LastName": "Lovelace", "FirstName": "Ada", "Email": "Ada@Example.com", "AccountId": acme,
             "Birthdate": "1990-12-10"},
            {"LastName": "Turing", "FirstName": "Alan", "Email": "alan@example.com", "AccountId": acme},
            {"LastName": "Hopper", "FirstName": "Grace", "AccountId": bolt},
            {"LastName": "Solo"},
        ],
    )  # fmt: skip
    org.seed(
        "Opportunity",
        [
            {"Name": "Small", "StageName": "Prospecting", "CloseDate": "2026-05-20", "Amount": 10,
             "AccountId": acme},
            {"Name": "Big", "StageName": "Closed Won", "CloseDate": "2026-06-01", "Amount": 90,
             "AccountId": acme},
            {"Name": "Old", "StageName": "Closed Lost", "CloseDate": "2025-12-31", "AccountId": bolt},
        ],
    )  # fmt: skip
    org.seed(
        "Task",
        [
            {"Subject": "Call", "WhoId": ada, "WhatId": acme},
            {"Subject": "Mail", "WhatId": org.records("Opportunity")[0]["id"]},
            {"Subject": "Nap"},
        ],
    )
    yield org
    org.close()


@pytest.fixture
def find(org: SalesforceOrg) -> Find:
    """Run a query and give its records without their attributes."""

    def run(text: str, *, include_deleted: bool = False) -> list[dict[str, Any]]:
        return [
            _plain(record) for record in execute(org.context, text, include_deleted=include_deleted).records
        ]

    return run


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if name != "attributes"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture
def names(find: Find) -> Callable[[str], list[str]]:
    """The names of the accounts that satisfy a condition."""
    return lambda condition: [
        record["Name"] for record in find(f"SELECT Name FROM Account WHERE {condition} ORDER BY Name")
    ]


@pytest.fixture
def client(org: SalesforceOrg) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {org.token}"}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(org.app), base_url="http://mock/services/data/v60.0", headers=headers
    )
