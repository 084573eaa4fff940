"""The register of records in real orgs, and their removal."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from ampsandbox.clock import Clock
from ampsandbox.crm.cleanup import remove_created
from ampsandbox.crm.connect import Connections
from ampsandbox.crm.created import CreatedRecord, CreatedRecords
from ampsandbox.engine.crm import Method, Record
from ampsandbox.engine.model import Installation, InstallationState
from ampsandbox.errors import ConflictError, NotFoundError, StateError
from ampsandbox.manifest.model import Mode
from ampsandbox.settings import read_connection

pytestmark = pytest.mark.anyio

HOST = "https://acme--dev.sandbox.my.salesforce.com"
ROOT = f"{HOST}/services/data/v60.0"
PAGE = "https://acme--dev.sandbox.lightning.force.com/lightning/r/Contact"
SECTION = {
    "provider": "salesforce",
    "auth": "access-token",
    "access_token": "${TOKEN}",
    "instance_url": HOST,
}


def organization(httpx_mock: HTTPXMock, org_id: str = "00D1") -> None:
    row = {"Id": org_id, "Name": "Acme Dev", "OrganizationType": "Developer Edition", "IsSandbox": True}
    for path, content in (("query", {"records": [row]}), ("limits", {})):
        url = re.compile(re.escape(f"{ROOT}/{path}"))
        httpx_mock.add_response(url=url, json=content, is_reusable=True, is_optional=True)


@pytest.fixture
async def connections(clock: Clock, tmp_path: Path) -> AsyncIterator[Connections]:
    live = read_connection(SECTION, Path())
    opened = Connections(clock, 0, tmp_path, [live], variables={"TOKEN": "known-token"})
    yield opened
    await opened.aclose()


async def insert(connections: Connections, clock: Clock, mode: Mode = Mode.INSERT) -> None:
    state = InstallationState.INSTALLED
    installation = Installation("i1", "write", "acme", "salesforce", "live", clock.now(), state)
    crm = connections.connect(installation, lambda exchange: None)
    await crm.write("Contact", mode, [Record(None, {"LastName": "A"})] * 2, Method.COLLECTION)


async def test_records_that_were_created_are_kept_with_their_pages(
    connections: Connections, clock: Clock, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    organization(httpx_mock)
    rows = [{"success": True, "id": "0031"}, {"success": False, "errors": [{"statusCode": "NO"}]}]
    httpx_mock.add_response(url=f"{ROOT}/composite/sobjects", json=rows)
    await insert(connections, clock)
    connections.created.close()
    kept = CreatedRecords(tmp_path)
    [record] = kept.all()
    kept.close()
    assert (record.org_id, record.org_name, record.group) == ("00D1", "Acme Dev", "acme")
    assert record.url == f"{PAGE}/0031/view"


async def test_updates_are_not_noted(connections: Connections, clock: Clock, httpx_mock: HTTPXMock) -> None:
    organization(httpx_mock)
    httpx_mock.add_response(
        url=f"{ROOT}/composite/sobjects", json=[{"success": True, "id": "0031"}] * 2, method="PATCH"
    )
    await insert(connections, clock, Mode.UPDATE)
    assert connections.created.count() == 0


async def test_created_records_are_removed_after_the_name_of_the_org(
    connections: Connections, httpx_mock: HTTPXMock
) -> None:
    organization(httpx_mock)
    connections.created.add([record("0031"), record("0032"), record("0033", org_id="00D2")])
    httpx_mock.add_response(
        url=f"{ROOT}/composite/sobjects?ids=0032,0031&allOrNone=false",
        json=[{"success": True, "id": "x"}] * 2,
    )
    with pytest.raises(ConflictError):
        await remove_created(connections.created, connections.open_live, "00D1", "Another")
    assert await remove_created(connections.created, connections.open_live, "00D1", "Acme Dev") == (2, [])
    assert [each.record_id for each in connections.created.all()] == ["0033"]
    with pytest.raises(NotFoundError):
        await remove_created(connections.created, connections.open_live, "00D1", "Acme Dev")


async def test_nothing_is_removed_from_another_org_than_the_one_it_was_created_in(
    connections: Connections, httpx_mock: HTTPXMock
) -> None:
    organization(httpx_mock, "00D9")
    connections.created.add([record("0031")])
    removed, [kept] = await remove_created(connections.created, connections.open_live, "00D1", "Acme Dev")
    assert removed == 0
    assert "another org" in kept.reason
    assert connections.created.count() == 1


async def test_what_the_crm_does_not_let_go_stays_noted(
    connections: Connections, httpx_mock: HTTPXMock
) -> None:
    organization(httpx_mock)
    connections.created.add([record("0031")])
    errors = [{"statusCode": "DELETE_FAILED", "message": "A case refers to it."}]
    httpx_mock.add_response(method="DELETE", json=[{"success": False, "errors": errors}])
    removed, [kept] = await remove_created(connections.created, connections.open_live, "00D1", "Acme Dev")
    assert (removed, kept.record.record_id) == (0, "0031")
    assert "A case refers to it." in kept.reason
    assert connections.created.count() == 1


def test_a_register_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError):
        CreatedRecords(tmp_path / "file").add([record("1")])


def record(record_id: str, **other: Any) -> CreatedRecord:
    values = {
        "org_id": "00D1",
        "object": "Contact",
        "record_id": record_id,
        "url": "",
        "provider": "salesforce",
        "integration": "write",
        "group": "acme",
        "org_name": "Acme Dev",
        "created_at": "2026-01-01T00:00:00+00:00",
    }
    return CreatedRecord(**(values | other))
