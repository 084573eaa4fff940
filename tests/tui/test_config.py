"""An installation's config on the screen: what was chosen, what changes make of it, and that they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ampsandbox.engine.config import config_issues, everything_ticked
from ampsandbox.manifest.loader import parse_manifest
from ampsandbox.manifest.model import Integration
from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.forms import installation_config as config
from ampsandbox.tui.forms.installation_config import ConfigLine
from ampsandbox.tui.forms.target import target_of, targets
from tests.tui.conftest import Read

SAMPLE = Path(__file__).parent.parent.parent / "sample_configs" / "today.yaml"


@pytest.fixture
def integration() -> Integration:
    manifest = parse_manifest(SAMPLE.read_text(encoding="utf-8"), "amp.yaml").manifest
    assert manifest is not None
    found = manifest.find_integration("webinar-walrus-salesforce")
    assert found is not None
    return found


def line(
    content: Any, integration: Integration, kind: str, *, action: str = "", name: str = ""
) -> ConfigLine:
    return next(
        each
        for each in config.lines_of(content, integration)
        if each.kind == kind and action in ("", each.action) and name in ("", each.name)
    )


def test_ticks_come_and_go_and_come_back_as_they_were(integration: Integration) -> None:
    ticked = everything_ticked(integration)
    for kind, action, name in (
        ("object", "write", "Lead"), ("object", "read", ""), ("deletes", "write", ""),
        ("field", "read", "Email"), ("proxy", "", ""),
    ):  # fmt: skip
        before = line(ticked, integration, kind, action=action, name=name)
        without = config.toggled(ticked, integration, before)
        after = line(without, integration, kind, action=action, name=name)
        assert (before.is_ticked, after.is_ticked) == (True, False)
        assert config_issues(without, integration) == []
        assert config.toggled(without, integration, after) == ticked
    assert config.summary(ticked, integration) == "everything ticked"


def test_what_is_not_ticked_is_said_of_the_object(integration: Integration) -> None:
    ticked = everything_ticked(integration)
    lead = config.toggled(ticked, integration, line(ticked, integration, "object", name="Lead"))
    assert config.refusals(lead, integration, "Lead") == "not ticked at installation: writes are refused"
    assert config.refusals(lead, integration, "Contact") == ""
    no_deletes = config.toggled(ticked, integration, line(ticked, integration, "deletes"))
    assert config.refusals(no_deletes, integration, "Contact") == "no deletes"
    assert config.summary(lead, integration) == "2 of 3 objects ticked"


def test_mappings_values_and_settings_are_kept_and_taken_away(integration: Integration) -> None:
    ticked = everything_ticked(integration)
    role = line(ticked, integration, "mapping", name="role")
    assert role.value == "Title"
    moved = config.mapped(ticked, role, "Department")
    assert line(moved, integration, "mapping", name="role").value == "Department"
    valued = config.with_values(moved, role, "role", "boss = Chief, worker = Staff")
    assert line(valued, integration, "values", name="role").value == "boss = Chief, worker = Staff"
    setting = line(valued, integration, "new-setting")
    full = config.with_setting(valued, setting, "LastName", "Unknown", "always", "ifEmpty")
    shown = line(full, integration, "setting", name="LastName")
    assert shown.value == "default Unknown · on create always · on update ifEmpty"
    assert config.setting_of(full, shown) == ("Unknown", "always", "ifEmpty")
    assert config_issues(full, integration) == []
    bare = config.with_setting(full, shown, "LastName", "", "", "")
    bare = config.with_values(config.mapped(bare, role, "Title"), role, "role", "")
    assert bare == ticked


@pytest.mark.anyio
async def test_an_object_that_is_unticked_on_the_page_is_refused_and_the_form_says_so(lines_of: Read) -> None:
    with Runner(RunnerOptions(manifest=SAMPLE, watch=False, use_environment=False)) as running:
        real = RunningBackend(running)
        app = SandboxApp(real)
        async with app.run_test(size=(100, 30)) as pilot:

            async def until(words: str) -> None:
                for _ in range(100):
                    await pilot.pause(0.05)
                    await app.refresh_state()
                    if any(words in shown for shown in lines_of(app)):
                        return
                raise AssertionError("\n".join(lines_of(app)))

            await until("Webinar Walrus")
            target = target_of(targets(running.engine.manifest), "webinar-walrus-salesforce/Contact")
            assert target is not None
            assert app.main is not None
            await app.main.set_target(target)
            await pilot.press("2")
            await until("Installed for")
            await pilot.press("c")
            await until("everything ticked")
            await pilot.press("down", "space")
            await until("2 of 3 objects ticked")
            await pilot.press("escape", "1")
            await until("not ticked at installation: writes are refused")
            installation = next(
                item
                for item in running.engine.installations.all()
                if item.integration == target.integration.name
            )
            assert running.engine.installations.config(installation.id).number == 1
