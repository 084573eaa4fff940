"""The screen over a real sandbox: real engine, real mock CRMs, real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from ampsandbox.engine.crm import ProvisioningStep
from ampsandbox.errors import ConflictError, NotFoundError, UsageError
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend import activity
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.backend.views import OperationSource
from ampsandbox.tui.forms.target import FormTarget, targets
from ampsandbox.tui.http_sender import HttpClient
from ampsandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

DEAD = OperationSource(states=("failed", "in_doubt"))
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def runner(tmp_path: Path, backend: FakeBackend) -> Iterator[Runner]:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    options = RunnerOptions(manifest=path, project="mailmonkey", start=START, speed=0, watch=False)
    with Runner(options) as running:
        yield running


@pytest.fixture
def real(runner: Runner) -> RunningBackend:
    return RunningBackend(runner)


async def until(app: SandboxApp, pilot: Any, check: Callable[[], object]) -> None:
    """Wait for what another thread brings about."""
    for _ in range(100):
        await pilot.pause(0.05)
        await app.refresh_state()
        await pilot.pause()  # what that has put on the screen gets its styles
        if check():
            return
    raise AssertionError("it did not happen within five seconds:\n" + "\n".join(str(w) for w in app.workers))


async def post(real: RunningBackend, endpoint: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    wire = HttpClient()
    body = json.dumps({"groupId": "demo", "fields": fields, **more})
    answer = await wire.send("POST", f"{real.url}/projects/mailmonkey/{endpoint}", body)
    await wire.aclose()
    return dict(answer.document())


async def target_of(real: RunningBackend, endpoint: str) -> FormTarget:
    loaded = (await real.snapshot(0)).loaded
    return next(item for item in targets(loaded.manifest) if item.item.endpoint == endpoint)


async def installed(real: RunningBackend, integration: str = "mailmonkeySalesforce") -> str:
    found = (await real.snapshot(0)).installations
    return next(item.id for item in found if item.integration == integration)


async def test_the_snapshot_tells_what_runs(real: RunningBackend) -> None:
    snapshot = await real.snapshot(0)
    assert (snapshot.now, snapshot.speed) == (START, 0)
    assert [(item.integration, item.group, item.state) for item in snapshot.installations] == [
        ("mailmonkeySalesforce", "demo", "installed"),
        ("mailmonkeyHubspot", "demo", "installed"),
    ]
    assert "integrations" in snapshot.loaded.text


async def test_the_whole_story_on_screen(real: RunningBackend, lines_of: Read) -> None:
    app = SandboxApp(real)

    def shows(*words: str) -> bool:
        return any(all(word in line for word in words) for line in lines_of(app))

    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, pilot, lambda: app.main is not None and app.main.schema is not None)
        await pilot.press("f3", "f7", "ctrl+j")
        await until(app, pilot, lambda: shows("✓ 200 · record 001"))
        tree = app.screen.query_one("#tree", Rows)
        tree.select("mailmonkeySalesforce//mailmonkeySalesforce/mailMonkeyCampaigns/insert/create-campaign")
        await until(app, pilot, lambda: shows("insert mailMonkeyCampaigns") and app.main and app.main.schema)
        await pilot.press("f3", "f7", "ctrl+j")
        await until(app, pilot, lambda: shows("◷ 202 queued"))
        await until(app, pilot, lambda: shows("mailMonkeyCam", "30:00"))
        await pilot.press("ctrl+n")
        await until(app, pilot, lambda: "12:30:00" in lines_of(app)[0] and shows("✓ 2"))
        await pilot.press("f2", "3")
        await until(app, pilot, lambda: shows("mailMonkeyCampaigns__c · demo · 1 record"))
        assert len(app.screen.query_one("#record-rows", Rows).items) == 1


async def test_the_log_and_the_details_of_a_request(real: RunningBackend) -> None:
    await post(real, "create-account", {"name": "Big Co."})
    await post(real, "create-account", {"nope": 1})
    snapshot = await real.snapshot(0)
    assert [(row.endpoint, row.group, row.provider, row.status) for row in snapshot.log] == [
        ("create-account", "demo", "salesforce", 200),
        ("create-account", "demo", "salesforce", 422),
    ]
    assert (snapshot.counts.accepted, snapshot.counts.succeeded, snapshot.counts.failed) == (2, 1, 1)
    detail = await real.log.get(snapshot.log[0].seq)
    assert json.loads(detail.request_body)["fields"] == {"name": "Big Co."}
    assert detail.operation is not None
    assert detail.operation.state == "succeeded"
    assert [(item.method, item.status) for item in detail.crm] == [("GET", 200), ("POST", 201)]
    assert all(detail.span[0] < item.span[0] < item.span[1] < detail.span[1] for item in detail.crm)
    assert ("content-type", "application/json") in detail.response_headers
    refused = await real.log.get(snapshot.log[1].seq)
    assert refused.operation is not None
    assert "nope" in refused.operation.errors[0]
    outcomes = await real.log.outcomes([detail.row.operation_id, refused.row.operation_id, "unknown"])
    assert [item.state for item in outcomes.values()] == ["succeeded", "failed"]
    assert outcomes[detail.row.operation_id].record_id == detail.operation.record_id
    assert detail.row.size == len(detail.sent) + len(detail.answered)
    assert (await real.snapshot(snapshot.log[0].seq)).log == snapshot.log[1:]
    await real.log.clear()
    assert (await real.snapshot(0)).log == ()
    with pytest.raises(NotFoundError):
        await real.log.get(1)


async def test_each_write_of_a_flush_shows_its_own_crm_requests(real: RunningBackend) -> None:
    await real.faults.add(
        await installed(real), {"kind": "error", "status": 503, "method": "POST", "first": 1}
    )
    for number in range(201):
        await post(real, "create-campaign", {"campaignName": f"c{number}"})
    other = await post(real, "create-hubspot-contact", {"email": "a@b.example"})
    await real.clock.advance(by=timedelta(hours=1))
    log = (await real.snapshot(0)).log
    first, last = await real.log.get(log[0].seq), await real.log.get(log[200].seq)
    tried = [item.status for item in first.crm if item.records]
    assert tried[-1] == 200
    assert first.operation is not None
    assert first.operation.attempts == len(tried)
    assert [item.records for item in last.crm if item.status == 200 and item.method == "POST"] == [1]
    assert not {item.span for item in first.crm if item.records} & {item.span for item in last.crm}
    alone = await real.log.of(other["operationId"])
    assert [(item.method, item.records) for item in alone.crm][-1] == ("POST", 1)
    assert "hub" in alone.crm[-1].url
    where, name, key = await real.operations.record_of(log[200].operation_id)
    assert (name, last.operation and last.operation.record_id) == ("mailMonkeyCampaigns__c", key)
    (created,) = await real.records.history(where, name, key)
    assert created["operation"] == log[200].operation_id
    assert [item.row.seq for item in await real.log.several([1, 7, 9_999])] == [1, 7]


async def test_versions_of_a_record_name_their_operations(real: RunningBackend) -> None:
    where = await installed(real)
    (key,) = await real.runner.call(_seed(real, where))
    answers = [await post(real, "add-warmth-score", {"warmthScore": score}, primaryKey=key) for score in "12"]
    await real.records.update(where, "Contact", key, {"LastName": "By hand"})
    await real.clock.advance(by=timedelta(hours=3))
    history = await real.records.history(where, "Contact", key)
    assert [entry["operation"] for entry in history] == [
        answers[1]["operationId"], answers[0]["operationId"], "", "",
    ]  # fmt: skip


async def _seed(real: RunningBackend, where: str) -> list[str]:
    org = real.runner.org(where)
    assert org is not None
    return org.seed("Contact", [{"LastName": "Ada"}])


async def test_batches_are_edited_paused_and_flushed(real: RunningBackend) -> None:
    for number in range(3):
        await post(real, "create-campaign", {"campaignName": f"c{number}"})
    (batch,) = (await real.snapshot(0)).batches
    assert (batch.object, batch.mode, batch.group, batch.count, batch.limit) == (
        "mailMonkeyCampaigns", "insert", "demo", 3, 200,
    )  # fmt: skip
    assert (batch.requests_expected, batch.requests_unbatched) == (1, 3)
    assert batch.next_fires[0] == batch.flush_at == START + timedelta(minutes=30)
    assert len(batch.next_fires) == 3
    writes = (await real.operations.page(OperationSource(batch.id))).rows
    assert [write.fields["campaignName"] for write in writes] == ["c0", "c1", "c2"]
    await real.operations.edit(writes[0].id, {"campaignName": "edited"})
    await real.operations.drop(writes[1].id)
    await real.carry_out(lambda service: service.batches.pause(batch.id))
    assert (await real.snapshot(0)).batches[0].is_paused
    await real.clock.advance(by=timedelta(hours=1))
    assert (await real.snapshot(0)).batches[0].count == 2
    await real.carry_out(lambda service: service.batches.resume(batch.id))
    await real.batches.flush(batch.id)
    snapshot = await real.snapshot(0)
    assert snapshot.batches == ()
    (flushed,) = snapshot.flushed
    assert (flushed.succeeded, flushed.requests, flushed.reason) == (2, 1, "manual")
    assert [item.id for item in await real.batches.flushed(10)] == [batch.id]
    written = await real.operations.page(OperationSource(states=("succeeded",)))
    assert {item.fields["campaignName"] for item in written.rows} == {"edited", "c2"}


async def test_failed_writes_are_sent_again(real: RunningBackend) -> None:
    await post(real, "create-account", {"nope": 1})
    (failed,) = (await real.operations.page(DEAD)).rows
    await real.operations.retry(failed.id, {"name": "Better"})
    assert (await real.operations.get(failed.id)).state == "succeeded"
    assert (await real.operations.page(DEAD)).rows == ()
    assert (await real.snapshot(0)).counts.failed == 0


async def test_all_failed_writes_are_sent_again(real: RunningBackend) -> None:
    where = await installed(real)
    rule = {"kind": "record-error", "record": 1, "code": "NO", "message": "no", "first": 2}
    await real.faults.add(where, rule)
    for name in ("a", "b"):
        await post(real, "create-account", {"name": name})
    assert await real.operations.dead_letter_count() == 2
    assert await real.operations.retry_all() == 2
    assert await real.operations.dead_letter_count() == 0
    assert {item.state for item in (await real.operations.page(OperationSource())).rows} == {"succeeded"}


async def test_time_moves_and_runs(real: RunningBackend) -> None:
    await real.clock.advance(to=START + timedelta(days=1))
    assert (await real.snapshot(0)).now == START + timedelta(days=1)
    await real.clock.set_speed(60)
    assert (await real.snapshot(0)).speed == 60


async def test_schema_and_names(real: RunningBackend) -> None:
    target = await target_of(real, "add-warmth-score")
    schema = await real.records.schema(await installed(real), target.item)
    assert schema.object_name == "Contact"
    assert schema.names["warmthscore"] == "warmthScore__c"
    assert any(field.name == "warmthScore__c" and field.is_custom for field in schema.fields)


async def test_records_are_found_changed_and_deleted_with_their_history(real: RunningBackend) -> None:
    answer = await post(real, "create-account", {"name": "Big Co."})
    await post(real, "create-account", {"name": "Small Co."})
    where, key = await installed(real), answer["result"]["recordId"]
    page = await real.records.search(where, "Account")
    assert [row["Name"] for row in page.rows] == ["Small Co.", "Big Co."]
    assert [row["Name"] for row in (await real.records.search(where, "Account", search="big")).rows] == [
        "Big Co."
    ]
    assert [row["Name"] for row in (await real.records.search(where, "Account", offset=1, limit=1)).rows] == [
        "Big Co."
    ]
    await real.records.update(where, "Account", key, {"Name": "Bigger Co."})
    history = await real.records.history(where, "Account", key)
    assert [entry["change"] for entry in history] == ["changed", "created"]
    assert history[0]["Name"] == "Bigger Co."
    assert history[-1]["operation"] == answer["operationId"]
    with pytest.raises(ConflictError):
        await real.records.update(where, "Account", key, {"Nope": 1})
    await real.records.delete(where, "Account", key)
    assert (await real.records.search(where, "Account")).total == 1
    assert next(item for item in await real.records.objects(where)).name == "Account"


async def test_faults_fire_and_are_counted(real: RunningBackend) -> None:
    where = await installed(real)
    await real.faults.add(
        where, {"kind": "record-error", "record": 1, "code": "NO", "message": "no", "first": 1}
    )
    with pytest.raises(UsageError):
        await real.faults.add(where, {"kind": "nonsense"})
    await post(real, "create-account", {"name": "x"})
    (fault,) = await real.faults.list(where)
    assert "record-error" in fault.text
    await real.faults.clear(where)
    assert await real.faults.list(where) == []


async def test_quota_and_identity(real: RunningBackend) -> None:
    where = await installed(real)
    await post(real, "create-account", {"name": "x"})
    assert any(item.used and item.limit for item in await real.faults.quota(where))
    assert (await real.connections.identify(where)).provider == "salesforce"


async def test_a_group_is_planned_installed_and_uninstalled(real: RunningBackend) -> None:
    plan = await real.installations.plan("mailmonkeySalesforce", "acme")
    assert any(step.action == "create" for step in plan.steps)
    steps: list[ProvisioningStep] = []
    view = await real.installations.install("mailmonkeySalesforce", "acme", steps.append)
    assert view.group == "acme"
    assert steps
    await real.installations.uninstall("mailmonkeySalesforce", "acme")
    assert all(item.group == "demo" for item in (await real.snapshot(0)).installations)


async def test_a_state_is_saved_restored_and_reset(real: RunningBackend) -> None:
    await post(real, "create-account", {"name": "Kept"})
    saved = await real.snapshots.take()
    await real.snapshots.reset()
    assert (await real.records.search(await installed(real), "Account")).total == 0
    assert (await real.snapshot(0)).log == ()
    await real.snapshots.restore(saved)
    assert (await real.records.search(await installed(real), "Account")).total == 1


async def test_the_preview_is_a_page(real: RunningBackend) -> None:
    target = await target_of(real, "create-account")
    assert "<html" in await real.installations.preview_html(target.integration, "demo")


async def test_an_install_shows_its_steps_across_the_thread(real: RunningBackend, lines_of: Read) -> None:
    app = SandboxApp(real)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, pilot, lambda: app.main is not None and app.main.schema is not None)
        await pilot.press("2")
        await until(app, pilot, lambda: app.focused is not None and app.focused.id == "prompts")
        await pilot.press("i")
        await until(app, pilot, lambda: isinstance(app.focused, Input))
        assert isinstance(app.focused, Input)
        app.focused.value = "acme"
        await pilot.press("enter")
        await until(app, pilot, lambda: any("✓ Installed for acme" in line for line in lines_of(app)))
        assert any("+ create" in line for line in lines_of(app))


async def test_a_write_in_doubt_is_found_in_the_org_and_marked_as_written(real: RunningBackend) -> None:
    where = await installed(real)
    await post(real, "create-account", {"name": "Other Inc"})
    await real.faults.add(where, {"kind": "drop-after", "method": "POST", "first": 1})
    await post(real, "create-account", {"name": "Lost Inc"})
    (lost,) = (await real.operations.page(DEAD)).rows
    assert (await real.snapshot(0)).counts.in_doubt == 1
    found = await real.operations.lookup(lost.id)
    assert [row["Name"] for row in found.rows] == ["Lost Inc"]
    await real.operations.mark_written(lost.id, found.rows[0]["Id"])
    assert (await real.snapshot(0)).counts.in_doubt == 0
    assert (await real.operations.get(lost.id)).record_id == found.rows[0]["Id"]
    (fault,) = await real.faults.list(where)
    assert (fault.fired, fault.remaining, fault.last_at) == (1, 0, START)
    await real.faults.remove(where, fault.id)
    assert await real.faults.list(where) == []


async def test_one_waiting_write_is_sent_now_and_a_batch_is_dropped(real: RunningBackend) -> None:
    for number in range(3):
        await post(real, "create-campaign", {"campaignName": f"c{number}"})
    (batch,) = (await real.snapshot(0)).batches
    writes = (await real.operations.page(OperationSource(batch.id))).rows
    assert (await real.operations.send_now(writes[1].id)).state == "succeeded"
    assert (await real.snapshot(0)).batches[0].count == 2
    await real.carry_out(lambda service: service.batches.drop(batch.id))
    states = [item.state for item in (await real.operations.page(OperationSource())).rows]
    assert sorted(states) == ["dropped", "dropped", "succeeded"]


async def test_a_bulk_flush_is_forecast_and_counted_by_the_requests_it_really_takes(
    tmp_path: Path, backend: FakeBackend
) -> None:
    path = tmp_path / "amp.yaml"
    path.write_text(backend.loaded.text)
    settings = tmp_path / "sandbox.yaml"
    settings.write_text("engine: {bulk_threshold: 3}\n")
    options = RunnerOptions(
        manifest=path, project="mailmonkey", start=START, speed=0, watch=False, settings=settings
    )
    with Runner(options) as running:
        real = RunningBackend(running)
        for number in range(3):
            made = await post(real, "create-campaign", {"campaignName": f"c{number}"})
        (batch,) = (await real.snapshot(0)).batches
        assert (batch.requests_expected, batch.requests_unbatched) == (7, 3)
        (flushed,) = await real.batches.flush(batch.id)
        seen = (await real.log.of(made["operationId"])).crm
        jobs = [call for call in seen if "/jobs/ingest" in call.url]
        assert flushed.requests == len(jobs) >= batch.requests_expected


async def test_what_happened_over_time_is_counted_from_the_journal(
    runner: Runner, real: RunningBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "_READ_AT_ONCE", 2)  # So that there are several stretches.
    empty = await real.activity.last_day()
    assert (empty.accepted, empty.batches) == ({}, ())
    minute = int(START.timestamp()) // 60
    for n in range(5):
        await post(real, "create-campaign", {"campaignName": str(n)})
    await post(real, "create-account", {"name": "A"})
    await post(real, "create-account", {"nmae": "B"})
    await real.clock.advance(by=timedelta(minutes=31))
    await post(real, "create-campaign", {"campaignName": "late"})
    for _ in range(2):
        day = await real.activity.last_day()
        assert dict(day.accepted) == {minute: 7, minute + 31: 1}
        assert dict(day.written) == {minute: 1, minute + 30: 5}
        assert dict(day.failed) == {minute: 1}
    assert [(span.batch.state, span.opened, span.first) for span in day.batches] == [
        ("flushed", START, START + timedelta(minutes=30)),
        ("waiting", START + timedelta(minutes=31), None),
    ]
    made = next(each for each in day.requests if each.name == "mailmonkeySalesforce · demo")
    quota = next(
        each for each in runner.engine.installations.quota() if each.installation_id == made.installation_id
    )
    assert sum(made.requests.values()) == quota.requests
    assert sum(made.unbatched.values()) == quota.requests_unbatched
    await real.clock.advance(by=timedelta(days=2))
    assert (await real.activity.last_day()).accepted == {}
