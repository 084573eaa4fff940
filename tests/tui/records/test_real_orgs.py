"""Records, queries and seeding over real mock orgs of both CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ampsandbox.errors import ConflictError, UsageError
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.forms.query_examples import examples
from ampsandbox.tui.text.query_rows import flat

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend

pytestmark = pytest.mark.anyio


@pytest.fixture
def real(tmp_path: Path, backend: FakeBackend) -> Iterator[RunningBackend]:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    options = RunnerOptions(manifest=path, project="mailmonkey", start=start, speed=0, watch=False)
    with Runner(options) as running:
        yield RunningBackend(running)


@pytest.fixture
async def where(real: RunningBackend) -> dict[str, str]:
    """The installations by CRM."""
    return {item.provider: item.id for item in (await real.snapshot(0)).installations}


async def test_search_and_order_are_over_all_records_and_pages_are_windows(
    real: RunningBackend, where: dict[str, str]
) -> None:
    org = where["salesforce"]
    await real.records.create(org, "Account", [{"Name": f"n{n % 7}", "Phone": str(n)} for n in range(2_000)])
    page = await real.records.search(org, "Account", sort="Name", offset=1_990, limit=20)
    assert ([row["Name"] for row in page.rows], page.total) == (["n6"] * 10, 2_000)
    found = await real.records.search(org, "Account", search="1999")
    assert ([row["Phone"] for row in found.rows], found.total, found.among) == (["1999"], 1, 2_000)


async def test_the_stamp_tells_of_every_change(real: RunningBackend, where: dict[str, str]) -> None:
    org = where["salesforce"]
    before = await real.records.stamp(org)
    assert await real.records.stamp(org) == before
    await real.records.create(org, "Account", [{"Name": "A"}])
    assert await real.records.stamp(org) != before


async def test_rows_are_refused_one_by_one(real: RunningBackend, where: dict[str, str]) -> None:
    rows = [{"Name": "A"}, {"Phone": "1"}, {"Name": "C"}]
    (failure,) = await real.records.create(where["salesforce"], "Account", rows)
    assert (failure.index, failure.fields) == (1, ("Name",))
    assert (await real.records.search(where["salesforce"], "Account")).total == 2
    (failure,) = await real.records.create(
        where["hubspot"], "contacts", [{"email": "no"}, {"email": "a@b.example"}]
    )
    assert failure.index == 0


async def test_a_deleted_record_comes_back_and_an_emptied_org_keeps_its_custom_fields(
    real: RunningBackend, where: dict[str, str]
) -> None:
    org = where["salesforce"]
    await real.records.create(org, "Contact", [{"LastName": "Hopper", "warmthScore__c": "hot"}])
    key = (await real.records.search(org, "Contact")).rows[0]["Id"]
    await real.records.delete(org, "Contact", key)
    assert (await real.records.search(org, "Contact", archived=True)).total == 1
    await real.records.undelete(org, "Contact", key)
    assert (await real.records.get(org, "Contact", key) or {})["LastName"] == "Hopper"
    assert [item.label for item in await real.records.related(org, "Contact", key)] == ["OwnerId"]
    await real.records.reset(org)
    assert (await real.records.search(org, "Contact")).total == 0
    assert not await real.records.create(org, "Contact", [{"LastName": "Hopper", "warmthScore__c": "hot"}])


async def test_a_refusal_names_the_fields(real: RunningBackend, where: dict[str, str]) -> None:
    await real.records.create(where["salesforce"], "Account", [{"Name": "A"}])
    key = (await real.records.search(where["salesforce"], "Account")).rows[0]["Id"]
    with pytest.raises(ConflictError) as caught:
        await real.records.update(where["salesforce"], "Account", key, {"Name": "x" * 1_000})
    assert "Fields: Name" in caught.value.hint


async def test_every_example_runs(real: RunningBackend, where: dict[str, str]) -> None:
    await real.records.create(where["salesforce"], "Account", [{"Name": "A"}, {"Name": "A"}])
    for label, text in examples("salesforce", "Account", ["id", "Name", "Phone"]).items():
        found = await real.records.query(where["salesforce"], text)
        assert all(flat(row) is not None for row in found.rows), label
    await real.records.create(where["hubspot"], "companies", [{"name": "A", "domain": "a.example"}])
    for text in examples("hubspot", "companies", ["id", "name", "domain"]).values():
        await real.records.query(where["hubspot"], text)
    body = '{"objectType": "companies", "properties": ["name"]}'
    assert (await real.records.query(where["hubspot"], body)).rows[0].keys() == {"id", "name"}


@pytest.mark.parametrize(
    ("text", "place"), [("SELECT Id\nFROMM Account", "Row:2"), ("SELECT Nope FROM Account", "Row:1")]
)
async def test_soql_errors_name_their_place(
    real: RunningBackend, where: dict[str, str], text: str, place: str
) -> None:
    with pytest.raises(ConflictError, match=place):
        await real.records.query(where["salesforce"], text)


@pytest.mark.parametrize("text", ['{"objectType": "companies",\n x}', "[]", "[" * 100_000])
async def test_a_search_that_is_no_json_object_says_so(
    real: RunningBackend, where: dict[str, str], text: str
) -> None:
    with pytest.raises(UsageError):
        await real.records.query(where["hubspot"], text)


async def test_a_query_gives_its_first_rows_and_how_many_there_are(
    real: RunningBackend, where: dict[str, str]
) -> None:
    await real.records.create(where["salesforce"], "Account", [{"Name": str(n)} for n in range(30)])
    found = await real.records.query(where["salesforce"], "SELECT Name FROM Account", 10)
    assert (len(found.rows), found.total) == (10, 30)
