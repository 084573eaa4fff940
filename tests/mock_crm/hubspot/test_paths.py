"""Every generation of paths leads to the same place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from mock_crm.hubspot.org import HubSpotOrg

Call = Callable[..., Awaitable[httpx.Response]]

pytestmark = pytest.mark.anyio

VERSIONS = ("v3", "v4", "2025-09", "2026-03", "2026-09", "2026-09-beta")


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_version_stands_before_or_behind_the_api(call: Call, version: str) -> None:
    for api in ("objects/contacts", "properties/contacts", "schemas", "owners", "pipelines/deals"):
        name, _, rest = api.partition("/")
        for path in (f"/crm/{version}/{api}", f"/crm/{name}/{version}/{rest}"):
            assert (await call("GET", path.rstrip("/"))).status_code == 200, path


async def test_a_slash_at_the_end_makes_no_difference(call: Call) -> None:
    for path in ("/crm/v3/owners/", "/crm/v3/properties/contacts/", "/crm/v3/objects/contacts/"):
        assert (await call("GET", path)).status_code == 200


async def test_object_types_are_taken_by_any_of_their_names(call: Call) -> None:
    for name in ("contacts", "contact", "CONTACT", "0-1", "Contacts"):
        assert (await call("GET", f"/crm/v3/objects/{name}")).status_code == 200


async def test_links_carry_the_path_under_which_the_account_is_mounted(org: HubSpotOrg) -> None:
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        await org.app({**scope, "root_path": "/_crm/mine/acme"}, receive, send)

    org.seed("companies", [{"name": "A"}, {"name": "B"}])
    transport = httpx.ASGITransport(app=mounted)
    headers = {"authorization": f"Bearer {org.token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock", headers=headers) as client:
        body = (await client.get("/_crm/mine/acme/crm/v3/objects/companies?limit=1")).json()
        link = body["paging"]["next"]["link"]
        assert link.startswith("http://mock/_crm/mine/acme/crm/objects/v3/companies?limit=1&after=")
        assert len((await client.get(link)).json()["results"]) == 1


async def test_every_standard_object_type_is_listed_and_described(call: Call, org: HubSpotOrg) -> None:
    for name in org.objects():
        assert (await call("GET", f"/crm/v3/objects/{name}")).json() == {"results": []}
        properties = (await call("GET", f"/crm/v3/properties/{name}")).json()["results"]
        assert {"hs_object_id", "hs_createdate"} <= {prop["name"] for prop in properties}
