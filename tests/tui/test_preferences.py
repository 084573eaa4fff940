"""What is remembered between runs, and what never is."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.http_sender import HttpAnswer
from ampsandbox.tui.preferences import Preferences, load, save
from ampsandbox.tui.widgets.field_row import FieldRow

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read


def test_choices_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a" / "tui.json"
    chosen = Preferences(
        theme="amp-light", log_filter="status:4xx", tree_share=0.4, forms={"x": {"name": "Ada"}}
    )
    save(chosen, path)
    assert load(path) == chosen


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 99, "theme": "x"}', '{"version": 1, "forms": {"a": 1}}']
)
def test_a_file_that_is_none_is_a_first_run(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tui.json"
    path.write_text(text)
    assert load(path) == Preferences()


def test_values_that_may_be_secret_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "tui.json"
    names = ["password", "apiKey", "API_KEY__c", "clientSecret", "accessToken", "SSN__c"]
    save(Preferences(forms={"x": dict.fromkeys(names, "s3cret") | {"name": "Ada"}}), path)
    assert "s3cret" not in path.read_text()
    assert load(path).forms == {"x": {"name": "Ada"}}


def test_a_folder_that_cannot_be_written_to_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    save(Preferences(), tmp_path / "file" / "tui.json")


@pytest.mark.anyio
async def test_form_values_and_theme_survive_a_restart(backend: FakeBackend, tmp_path: Path) -> None:
    path = tmp_path / "tui.json"
    for round_ in (1, 2):
        app = SandboxApp(backend, path)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await app.refresh_state()
            await pilot.pause(0.1)
            row = next(row for row in app.form.query(FieldRow) if row.field.name == "name")
            if round_ == 1:
                row.set_value("Kept Ltd.")
                app.theme = app.preferences.theme = "amp-light"
                await pilot.pause()
            else:
                assert row.value == "Kept Ltd."
                assert app.theme == "amp-light"
    assert json.loads(path.read_text())["version"] == 1
    assert stat.S_ISREG(path.stat().st_mode)


@pytest.mark.anyio
async def test_the_first_steps_are_shown_until_the_first_write(
    backend: FakeBackend, lines_of: Read, tmp_path: Path
) -> None:
    path = tmp_path / "preferences.json"
    for expected in (True, False):
        app = SandboxApp(backend, path)
        async with app.run_test(size=(120, 40)) as pilot:
            await app.refresh_state()
            await pilot.pause()
            assert ("First steps" in "\n".join(lines_of(app))) is expected
            app.form.show_answer(HttpAnswer(200, (), "{}", 1.0))
            await pilot.pause()
            assert "First steps" not in "\n".join(lines_of(app))
