"""Clients of both CRMs whose requests pytest-httpx answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from ampsandbox.clock import Clock
from ampsandbox.crm.http import Channel
from ampsandbox.crm.hubspot.client import HubSpotCrm
from ampsandbox.crm.hubspot.errors import HubSpotErrors
from ampsandbox.crm.salesforce.client import SalesforceCrm
from ampsandbox.crm.salesforce.errors import SalesforceErrors
from ampsandbox.crm.session import CrmSession
from ampsandbox.crm.sockets import HttpxSender, http_client
from ampsandbox.crm.tokens import FixedToken
from ampsandbox.engine.crm import Exchange
from ampsandbox.manifest.model import CustomField, Mode, ObjectKind, WriteObject
from ampsandbox.secrets import Masker, Secret

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(START, speed=0)


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
async def channel(clock: Clock, exchanges: list[Exchange]) -> AsyncIterator[Channel]:
    opened = Channel(
        HttpxSender(http_client(url="https://crm.example")),
        clock,
        lambda each: exchanges.append(each.shown()),
        Masker(),
    )
    yield opened
    await opened.aclose()


@pytest.fixture
def salesforce(channel: Channel) -> SalesforceCrm:
    tokens = FixedToken(lambda: Secret("00D!secret-token"), "https://acme.my.salesforce.com", channel.masker)
    return SalesforceCrm(CrmSession(channel, tokens, SalesforceErrors()))


@pytest.fixture
def hubspot(channel: Channel) -> HubSpotCrm:
    tokens = FixedToken(lambda: Secret("pat-eu1-secret-token"), "https://api.hubapi.com", channel.masker)
    return HubSpotCrm(CrmSession(channel, tokens, HubSpotErrors()))


@pytest.fixture
def contact() -> WriteObject:
    fields = (CustomField("warmthScore", "Warmth Score", "How warm it is."),)
    return WriteObject("contact", ObjectKind.STANDARD, Mode.INSERT, "contact", custom_fields=fields)


@pytest.fixture
def campaigns() -> WriteObject:
    return WriteObject(
        "mailMonkeyCampaigns",
        ObjectKind.CUSTOM,
        Mode.INSERT,
        "campaign",
        display_name="MailMonkey <Campaigns> & co",
        prompt="We sync campaigns.",
        custom_fields=(CustomField("campaign-name", "Campaign Name"),),
    )


@pytest.fixture
def frozen_sleep(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Let sleeping on the clock take no time; the result says how long was slept."""
    slept = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    monkeypatch.setattr(clock, "sleep", sleep)
    return lambda: slept
