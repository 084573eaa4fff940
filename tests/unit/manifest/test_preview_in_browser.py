"""The HTML preview in headless Chromium: accessible, in bounds, usable by keyboard.

The accessibility checker is axe-core. Install it anywhere (`npm install axe-core`) and name its script in
`AXE_CORE`, for example `AXE_CORE=/tmp/axe/node_modules/axe-core/axe.min.js`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ampsandbox.manifest.loader import usable_manifest
from ampsandbox.manifest.preview import html, preview

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(os.environ.get("AXE_CORE", "no-axe-core"))
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=20000",
    "--dump-dom",
)
WIDTHS = {"phone": 390, "desktop": 1280}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


def _evaluate(page: str, script: str, width: int, folder: Path) -> Any:
    """The JSON value of an async JavaScript expression in the page, which may use no network."""
    assert CHROMIUM is not None
    # The page's own policy forbids foreign scripts, such as this one.
    page = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    run = (
        "<script>addEventListener('load', async () => {"
        f"const value = await (async () => {{ {script} }})();"
        "const pre = document.createElement('pre'); pre.id = 'value';"
        "pre.textContent = JSON.stringify(value); document.body.append(pre); })</script></body>"
    )
    file = folder / "page.html"
    file.write_text(page.replace("</body>", run), encoding="utf-8")
    profile = folder / "profile"
    window = f"--window-size={width},1000"
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", window, file.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<pre id="value">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2_000:]
    return json.loads(unescape(found[1]))


def _page(path: Path) -> str:
    manifest = usable_manifest(path)
    return html.render([preview(item, manifest, group="acme") for item in manifest.integrations])


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (name its script in AXE_CORE)")
@pytest.mark.parametrize("name", ["mailmonkey.yaml", "today.yaml"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_an_accessibility_checker_finds_nothing(samples: Path, tmp_path: Path, name: str, width: int) -> None:
    checker = f"<script>{AXE.read_text(encoding='utf-8')}</script></body>"
    page = _page(samples / name).replace("</body>", checker)
    script = "const found = await axe.run();"
    script += "return {broken: found.violations, checked: found.passes.map(p => p.id)}"
    result = _evaluate(page, script, width, tmp_path)
    broken = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in result["broken"]]
    assert broken == []
    assert "color-contrast" in result["checked"]


@pytest.mark.parametrize("name", ["mailmonkey.yaml", "today.yaml"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_sticks_out_to_the_side(samples: Path, tmp_path: Path, name: str, width: int) -> None:
    page = _page(samples / name).replace("Walrus", "W" * 200)
    script = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scroll, client = _evaluate(page, script, width, tmp_path)
    assert scroll <= client


def test_focus_is_shown_on_every_control(samples: Path, tmp_path: Path) -> None:
    script = (
        "return [...document.querySelectorAll('button, input')].map(control => { control.focus();"
        "const style = getComputedStyle(control);"
        "return [document.activeElement === control, style.outlineStyle, style.outlineWidth]; })"
    )
    controls = _evaluate(_page(samples / "today.yaml"), script, 1280, tmp_path)
    assert len(controls) == 14
    assert all(control == [True, "solid", "3px"] for control in controls)


def test_the_tab_write_works(samples: Path, tmp_path: Path) -> None:
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
    steps = _evaluate(_page(samples / "today.yaml"), script, 1280, tmp_path)
    assert steps == [[False] * 3, [True] * 3, [False] * 3, [False, True, False], "Success!"]
