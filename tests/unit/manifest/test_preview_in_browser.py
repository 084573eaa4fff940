"""The HTML preview in headless Chromium: accessible, in bounds, usable by keyboard.

The accessibility checker is axe-core. Install it anywhere (`npm install axe-core`) and name its script in
`AXE_CORE`, for example `AXE_CORE=/tmp/axe/node_modules/axe-core/axe.min.js`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.manifest.loader import usable_manifest
from ampsandbox.manifest.preview import html, preview
from tests.chromium import CHROMIUM, Tab, opened_tab

AXE = Path(os.environ.get("AXE_CORE", "no-axe-core"))
WIDTHS = {"phone": 390, "desktop": 1280}

Evaluate = Callable[[str, str, int], Any]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with opened_tab(tmp_path_factory.mktemp("chromium") / "profile") as tab:
        yield tab


@pytest.fixture
def evaluate(tab: Tab, tmp_path: Path) -> Evaluate:
    """The JSON value of the body of an async JavaScript function in a page of a width."""

    def run(page: str, script: str, width: int) -> Any:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        tab.open(file.as_uri(), width)
        return tab.evaluate(script)

    return run


def _page(path: Path) -> str:
    manifest = usable_manifest(path)
    return html.render([preview(item, manifest, group="acme") for item in manifest.integrations])


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (name its script in AXE_CORE)")
@pytest.mark.parametrize("name", ["mailmonkey.yaml", "today.yaml"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_an_accessibility_checker_finds_nothing(
    samples: Path, evaluate: Evaluate, name: str, width: int
) -> None:
    checker = f"<script>{AXE.read_text(encoding='utf-8')}</script></body>"
    page = _page(samples / name).replace("</body>", checker)
    script = "const found = await axe.run();"
    script += "return {broken: found.violations, checked: found.passes.map(p => p.id)}"
    result = evaluate(page, script, width)
    broken = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in result["broken"]]
    assert broken == []
    assert "color-contrast" in result["checked"]


@pytest.mark.parametrize("name", ["mailmonkey.yaml", "today.yaml"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_sticks_out_to_the_side(samples: Path, evaluate: Evaluate, name: str, width: int) -> None:
    page = _page(samples / name).replace("Walrus", "W" * 200)
    script = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scroll, client = evaluate(page, script, width)
    assert scroll <= client


def test_focus_is_shown_on_every_control(samples: Path, evaluate: Evaluate) -> None:
    script = (
        "return [...document.querySelectorAll('button, input')].map(control => { control.focus();"
        "const style = getComputedStyle(control);"
        "return [document.activeElement === control, style.outlineStyle, style.outlineWidth]; })"
    )
    controls = evaluate(_page(samples / "today.yaml"), script, 1280)
    assert controls == [[True, "solid", "3px"]] * 14


def test_the_tab_write_works(samples: Path, evaluate: Evaluate) -> None:
    script = """
        const section = document.querySelectorAll('section')[1];
        const ticked = () => [...section.querySelectorAll('.one input')].map(box => box.checked);
        const steps = [ticked()];
        section.querySelector('.all input').click(); steps.push(ticked());
        section.querySelector('.ghost').click(); steps.push(ticked());
        const search = section.querySelector('[type=search]');
        search.value = 'comp'; search.dispatchEvent(new Event('input'));
        steps.push([...section.querySelectorAll('.one')].map(row => row.offsetParent !== null));
        section.querySelector('[data-done]').click(); steps.push(section.querySelector('.done').textContent);
        return steps;
    """
    steps = evaluate(_page(samples / "today.yaml"), script, 1280)
    assert steps == [[False] * 3, [True] * 3, [False] * 3, [False, True, False], "Success!"]
