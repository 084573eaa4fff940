"""The legacy API of activities, as old tools use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]
New = Callable[..., Awaitable[str]]

pytestmark = pytest.mark.anyio

PATH = "/engagements/v1/engagements"


async def test_a_note_is_created_read_changed_and_archived(call: Call, new: New, org: HubSpotOrg) -> None:
    contact = await new("contacts", email="a@example.com")
    body = {
        "engagement": {"type": "NOTE", "timestamp": 1700000000000},
        "associations": {"contactIds": [int(contact)]},
        "metadata": {"body": "<p>Hello</p>"},
    }
    made = await call("POST", PATH, body)
    assert made.status_code == 200
    note = made.json()["engagement"]
    assert (note["type"], note["timestamp"], note["portalId"]) == ("NOTE", 1700000000000, org.portal_id)
    assert made.json()["associations"]["contactIds"] == [int(contact)]
    assert org.records("notes")[0]["hs_body_preview"] == "Hello"
    changed = await call("PATCH", f"{PATH}/{note['id']}", {"metadata": {"body": "Bye"}})
    assert changed.json()["metadata"] == {"body": "Bye"}
    assert (await call("GET", f"{PATH}/{note['id']}")).json()["metadata"] == {"body": "Bye"}
    assert (await call("DELETE", f"{PATH}/{note['id']}")).status_code == 204
    assert (await call("GET", f"{PATH}/{note['id']}")).status_code == 404


async def test_a_clients_own_name_of_an_activity_is_kept(call: Call, org: HubSpotOrg) -> None:
    """HubSpot's legacy documentation of `uid`; recorded for notes, tasks and emails of 2016 to 2022."""
    body = {"engagement": {"type": "NOTE", "uid": "this is the uid"}, "metadata": {"body": "b"}}
    made = (await call("POST", PATH, body)).json()["engagement"]
    assert made["uid"] == "this is the uid"
    assert (await call("GET", f"{PATH}/{made['id']}")).json()["engagement"]["uid"] == "this is the uid"
    assert org.records("notes")[0]["hs_unique_id"] == "this is the uid"
    other = (await call("POST", PATH, {"engagement": {"type": "NOTE"}, "metadata": {"body": "b"}})).json()
    assert "uid" not in other["engagement"]


async def test_the_files_of_an_activity_are_kept(call: Call, org: HubSpotOrg) -> None:
    """HubSpot's documentation of the engagements API: file ids, which need not be those of the mock's."""
    body = {"engagement": {"type": "NOTE"}, "attachments": [{"id": 123}, {"id": 124}], "metadata": {}}
    made = (await call("POST", PATH, body)).json()
    assert made["attachments"] == [{"id": 123}, {"id": 124}]
    assert org.records("notes")[0]["hs_attachment_ids"] == "123;124"


@pytest.mark.parametrize("kind", ["TASK", "CALL", "EMAIL", "MEETING"])
async def test_other_activities_are_created_too(call: Call, kind: str) -> None:
    answer = await call("POST", PATH, {"engagement": {"type": kind}, "metadata": {"subject": "x"}})
    assert answer.json()["engagement"]["type"] == kind


async def test_an_unknown_activity_or_record_is_refused(call: Call, org: HubSpotOrg) -> None:
    assert (await call("POST", PATH, {"engagement": {"type": "DANCE"}})).status_code == 400
    body = {"engagement": {"type": "NOTE"}, "associations": {"contactIds": [42]}}
    assert (await call("POST", PATH, body)).status_code == 400
    assert org.count("notes") == 0


async def test_a_meeting_has_its_lists_and_no_preview_of_nothing(call: Call) -> None:
    """Source: n8n-io/n8n#18606 (August 2025); captaincontrat/hubspot-api-ruby for meetings with a body."""
    made = (await call("POST", PATH, {"engagement": {"type": "MEETING"}, "metadata": {}})).json()
    assert made["metadata"] == {
        "source": "CRM_UI", "preMeetingProspectReminders": [], "attendeeOwnerIds": [], "guestEmails": [],
    }  # fmt: skip
    assert (made["scheduledTasks"], made["attachments"]) == ([], [])
    assert not {name for name in made["engagement"] if name.startswith("bodyPreview")}
    said = {"engagement": {"type": "MEETING"}, "metadata": {"body": "b", "meetingOutcome": "SCHEDULED"}}
    full = (await call("POST", PATH, said)).json()
    assert (full["engagement"]["bodyPreview"], full["metadata"]["meetingOutcome"]) == ("b", "SCHEDULED")


async def test_an_activity_without_metadata_is_refused(call: Call) -> None:
    """HubSpot/hubspot-php, issue 362."""
    answer = await call("POST", PATH, {"engagement": {"type": "NOTE"}})
    assert (answer.status_code, answer.json()["message"]) == (400, "metadata cannot be null")
    assert "category" not in answer.json()
