"""A manifest of today's format on the screen: what a request does to an object is chosen on the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.backend.views import OperationSource
from ampsandbox.tui.forms.options import TYPE
from ampsandbox.tui.forms.target import target_of, targets
from ampsandbox.tui.widgets.group_row import GroupRow
from ampsandbox.tui.widgets.key_row import KeyRow
from ampsandbox.tui.widgets.option_row import OptionRow
from ampsandbox.tui.widgets.request_form import RequestForm

pytestmark = pytest.mark.anyio

SAMPLE = Path(__file__).parent.parent.parent / "sample_configs" / "today.yaml"
NAME = "webinar-walrus-hubspot/contacts"


@pytest.fixture
def real() -> Iterator[RunningBackend]:
    with Runner(RunnerOptions(manifest=SAMPLE, watch=False, use_environment=False)) as running:
        yield RunningBackend(running)


async def until(app: SandboxApp, pilot: Any, check: Callable[[], object]) -> None:
    """Wait for what another thread brings about."""
    for _ in range(100):
        await pilot.pause(0.05)
        await app.refresh_state()
        if check():
            return
    raise AssertionError("it did not happen within five seconds")


async def test_an_object_is_created_in_batches_and_deleted_from_the_form_and_the_log(
    real: RunningBackend,
) -> None:
    request_log, app = real.runner.request_log, SandboxApp(real)
    target = target_of(targets(real.runner.engine.manifest), NAME)
    assert target is not None

    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, pilot, lambda: app.state.latest)
        assert app.main is not None
        app.main.show_in_tree(target)
        await app.main.set_target(target)
        await until(app, pilot, lambda: app.form.model and app.form.model.schema)
        form = app.screen.query_one(RequestForm)
        assert form.query_one(GroupRow).field.name == "groupRef"

        form.focus_field("firstname")
        await pilot.press(*"Ray")
        form.focus_field("· batch")
        await pilot.press(*"12")
        await until(app, pilot, lambda: any(row.field.name == "· allOrNone" for row in form.query(OptionRow)))
        await pilot.press("f5")
        await until(app, pilot, lambda: request_log.count == 1)
        assert len((await real.operations.page(OperationSource())).rows) == 12

        form.focus_field("· type")
        for row in form.query(OptionRow):
            if row.option is TYPE:
                row.set_value("delete")
        await until(app, pilot, lambda: app.form.title == "delete contacts" and form.query(KeyRow))
        await pilot.press("f7")
        await until(app, pilot, lambda: app.form.request.draft.primary_key)
        assert "Filled id" in app.said[-1].text
        await pilot.press("f5")
        await until(app, pilot, lambda: request_log.count == 2)
        statuses = [item.status for item in request_log.since(0)]
        assert statuses == [200, 200], [item.response_body for item in request_log.since(0)]
        assert [row.provider for row in (await real.snapshot(0)).log] == ["hubspot", "hubspot"]

        app.requests.edit(await real.log.get(1))
        await until(app, pilot, lambda: app.form.title == "create contacts")
        assert app.form.request.draft.batch == "12"


def test_a_request_of_the_log_belongs_to_its_object(real: RunningBackend) -> None:
    known = targets(real.runner.engine.manifest)
    found = target_of(known, NAME)
    assert found is not None
    assert found.item.name == "contacts"
    assert target_of(known, "webinar-walrus-hubspot/tickets") is None
