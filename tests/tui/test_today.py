"""A manifest of today's format on the screen: whether a request creates or updates is chosen in the tree."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.backend.views import OperationSource
from ampsandbox.tui.forms.target import target_of, targets
from ampsandbox.tui.widgets.group_row import GroupRow

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


async def test_an_object_is_created_and_updated_from_the_form_and_from_the_log(real: RunningBackend) -> None:
    request_log, app = real.runner.request_log, SandboxApp(real)
    create, update = [item for item in targets(real.runner.sandbox.manifest) if item.logged_as == NAME]
    assert (create.title, update.title) == ("create contacts", "update contacts")

    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, pilot, lambda: app.state.latest)
        assert app.main is not None
        for count, target in enumerate((create, update), 1):
            app.main.show_in_tree(target)
            await app.main.set_target(target)
            await until(app, pilot, lambda: app.form.model and app.form.model.schema)
            assert app.screen.query_one(GroupRow).field.name == "groupRef"
            made = (await real.operations.page(OperationSource())).rows
            key = {"id": made[0].record_id} if made else {}
            body = {"groupRef": "demo", "type": target.type, "record": {**key, "firstname": "Ray"}}
            await app.form.show_body(json.dumps(body))
            await pilot.press("f5")
            await until(app, pilot, lambda count=count: request_log.count == count)  # type: ignore[misc]

        statuses = [item.status for item in request_log.since(0)]
        assert statuses == [200, 200], [
            (i.path, i.request_body, i.response_body) for i in request_log.since(0)
        ]
        assert [row.provider for row in (await real.snapshot(0)).log] == ["hubspot", "hubspot"]
        app.requests.edit(await real.log.get(2))
        await until(app, pilot, lambda: app.form.title == "update contacts")


def test_a_request_of_the_log_belongs_to_the_leaf_of_its_type(real: RunningBackend) -> None:
    known = targets(real.runner.sandbox.manifest)
    found = target_of(known, NAME, b'{"groupRef": "demo", "type": "update"}')
    assert found is not None
    assert found.title == "update contacts"
    assert target_of(known, "webinar-walrus-hubspot/tickets", b"{}") is None
