"""Makes the pictures of the docs: a real sandbox on a frozen clock, driven by keys, exported as SVG."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ampsandbox.server.runner import Runner, RunnerOptions
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.running import RunningBackend
from ampsandbox.tui.widgets.rows import Rows

ROOT: Final = Path(__file__).resolve().parent.parent
SAMPLE: Final = ROOT / "sample_configs" / "mailmonkey.yaml"
START: Final = datetime(2026, 3, 2, 9, 12, 30, tzinfo=UTC)
SIZE: Final = (120, 36)
_COMPANIES: Final = ("Big Co.", "Globex", "Initech", "Northwind", "Hooli")


async def traffic(app: SandboxApp, url: str) -> None:
    """A morning's writes, as an app would send them."""
    for n in range(37):
        await _post(app, url, "create-lead", {"lastName": f"Hopper {n}", "company": _COMPANIES[n % 5]})
    for n in range(4):
        await _post(app, url, "create-campaign", {"campaignName": f"Spring launch {n + 1}"})
    for n, name in enumerate(_COMPANIES):
        await _post(app, url, "create-account", {"name": name, "numberOfEmployees": 40 * (n + 1)})
        await _post(app, url, "create-lead", {"lastName": f"Lovelace {n}", "company": name})
    await _post(app, url, "create-account", {"nmae": "Typo Ltd."})


async def _post(app: SandboxApp, url: str, endpoint: str, fields: dict[str, object]) -> None:
    await app.http.send("POST", f"{url}/{endpoint}", json.dumps({"groupId": "demo", "fields": fields}))


async def pictures(runner: Runner, folder: Path) -> list[Path]:
    """Drive the screen and export it at each stop."""
    app = SandboxApp(RunningBackend(runner))
    made: list[Path] = []

    def export(name: str) -> None:
        # The port is another one in every run; a picture should change only when the screen does.
        port = runner.url.rpartition(":")[2]
        path = folder / f"{name}.svg"
        picture = app.export_screenshot(title="ampsandbox").replace(port, "40010"[: len(port)])
        path.write_text(picture, encoding="utf-8")
        made.append(path)

    async with app.run_test(size=SIZE) as pilot:
        while app.main is None or app.main.schema is None:
            await pilot.pause(0.1)
        await traffic(app, f"{runner.url}/projects/{runner.engine.project}")
        await pilot.press("f3", "f7", "ctrl+j")
        await pilot.pause(1)
        await app.refresh_state()
        await pilot.pause(0.3)
        export("write")
        for key, name in (("2", "installer"), ("3", "records"), ("4", "schema")):
            await pilot.press("f2", key)
            await pilot.pause(0.5)
            export(name)
        log = app.main.query_one("#log-rows", Rows)
        await pilot.press("f6")
        log.action_go(-1)
        await pilot.press("enter", "right", "right")
        await pilot.pause(0.5)
        export("request")
        await pilot.press("escape")
        for minutes in (7, 11, 16):
            await app.backend.clock.advance(by=timedelta(minutes=minutes))
            await traffic(app, f"{runner.url}/projects/{app.backend.project}")
        await app.backend.clock.advance(by=timedelta(minutes=9))
        app.sandbox.action_show_activity()
        await pilot.pause(1)
        export("activity")
    return made


def main() -> int:
    """Write the pictures into docs/images, or into the folder given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    options = RunnerOptions(manifest=SAMPLE, project="mailmonkey", start=START, speed=0, watch=False)
    with Runner(options) as runner:
        for path in asyncio.run(pictures(runner, folder)):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
