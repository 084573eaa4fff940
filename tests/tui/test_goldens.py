"""Every screen as lines of text, compared with what was looked at and found right.

To accept a change: AMPSANDBOX_UPDATE_GOLDENS=1 scripts/test tests/tui/test_goldens.py, then read the diff.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from ampsandbox.engine.crm import Exchange
from ampsandbox.errors import ConflictError
from ampsandbox.tui.app import SandboxApp
from ampsandbox.tui.backend.views import FaultView, LogDetail, LogRow, OperationView, QuotaUsage
from tests.tui.rest import at_rest, painted

if TYPE_CHECKING:
    from tests.tui.conftest import FakeBackend, Read

pytestmark = pytest.mark.anyio

GOLDENS = Path(__file__).with_name("goldens")
SIZES = {"wide": (120, 40), "narrow": (80, 24)}
SCREENS: dict[str, Sequence[str]] = {
    "write": (),
    "installer": ("2",),
    "records": ("3",),
    "schema": ("4",),
    "batches": ("f4",),
    "batch": ("f4", "enter"),
    "problems": ("f12",),
    "exchange": ("f6", "enter", "right", "right"),
    "record": ("3", "enter"),
    "query": ("3", "x"),
    "ran-query": ("3", "x", "f5"),
    "seed": ("3", "i"),
    "columns": ("3", "v"),
    "faults": ("f11",),
    "help": ("f4", "f1"),
    "jump": ("ctrl+o",),
    "clock": ("ctrl+t",),
    "confirm": ("f6", "z"),
    "pick": ("3", "o"),
    "connections": ("ctrl+p", *"orgs", "enter"),
    "palette": ("ctrl+p",),
    "send-many": ("f3", "f7", "ctrl+r"),
    "group": ("2", "i"),
    "operation-editor": ("f4", "enter", "e"),
    "record-editor": ("3", "e"),
    "field": ("4", "o"),
    "fault": ("f11", "a", "enter"),
    "flushed": ("f4", "H"),
    "messages": ("ctrl+p", *"server", "enter", "ctrl+p", *"messages", "enter"),
    "credentials": ("ctrl+p", *"orgs", "enter", "L", *"refresh", "enter"),
    "activity": ("ctrl+p", *"plot", "enter", "left", "left"),
    "hubspot-installer": ("f2", "end", "2"),
    "json": ("f3", "shift+tab", "right"),
}


def furnish(backend: FakeBackend) -> None:
    """A sandbox in the middle of a day's work."""
    names = ["create-account", "add-warmth-score", "create-campaign", "create-hubspot-contact"]
    for n in range(30):
        name = names[n % 4]
        backend.add_log(
            endpoint=name, status=[200, 202, 422, 202, 200, 503][n % 6], path=f"/projects/mailmonkey/{name}"
        )
    backend.add_batch()
    backend.add_batch(
        object="mailMonkeyCampaigns",
        mode="insert",
        count=237,
        requests_expected=2,
        requests_unbatched=237,
        flush_at=backend.now + timedelta(hours=26),
        is_paused=True,
    )
    rows = [("Big Co.", 10_000, "Banking"), ("Globex", 42, "Energy"), ("Initech", 7, None)]
    backend.store["Account"] = [
        {"Id": f"001Dn00000{n:05}IAA", "Name": name, "NumberOfEmployees": count, "Industry": industry}
        for n, (name, count, industry) in enumerate(rows)
    ]
    at = backend.now

    def write(number: int, state: str, **more: Any) -> OperationView:
        fields = {"warmthScore": ["cold", "warm", "hot"][number % 3], "leadSource": "newsletter"}
        return OperationView(
            f"op{number}", "i1", "demo", "contact", "update", state, fields, "add-warmth-score",
            primary_key=f"003Dn0000000{number}IAA", accepted_at=at + timedelta(seconds=number), **more,
        )  # fmt: skip

    backend.waiting["b1"] = [write(n, "queued", batch_id="b1") for n in range(5)]
    refused = ("INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",)
    backend.done = [
        write(7, "failed", errors=refused, raw='[{"errorCode": "INVALID_CROSS_REFERENCE_KEY"}]', attempts=1),
        write(8, "in_doubt", errors=("The connection was lost before the answer came.",), attempts=1),
    ]

    async def exchange(seq: int) -> LogDetail:
        row: LogRow = backend.logged[seq - 1]
        flush = at + timedelta(hours=2)
        calls = tuple(
            Exchange(flush + timedelta(seconds=2 * n), "POST", "https://mock/services/data/v62.0/composite",
                     (503, 503, 200)[n], (("authorization", "Bearer x"),), '{"records":[]}', (), "[]", 0.0,
                     200, (100.0 + n, 100.0 + n + (n + 1) / 100))
            for n in range(3)
        )  # fmt: skip
        operation = replace(
            write(seq, "succeeded", record_id="003Dn", attempts=3), batch_id="b1", accepted_at=row.at,
            finished_at=flush + timedelta(seconds=4),
        )  # fmt: skip
        return LogDetail(
            row, f"http://127.0.0.1:4001{row.path}", (), b'{"groupId":"demo"}', (), b"{}", calls, operation,
            (0.5, 0.512),
        )  # fmt: skip

    async def faults(installation_id: str) -> list[FaultView]:
        return [
            FaultView("f1", "rate-limit  first=3  retryAfterS=2", 2, 1),
            FaultView("f2", "latency  seconds=2", 14),
        ]

    async def quota(installation_id: str) -> list[QuotaUsage]:
        return [
            QuotaUsage("daily requests", 1_204, 100_000, "24 h"),
            QuotaUsage("all requests", 12, 0, "", 1_530),
        ]

    backend.log.get, backend.faults.list, backend.faults.quota = exchange, faults, quota  # type: ignore[method-assign]


async def drive(app: SandboxApp, pilot: Pilot[int], keys: Sequence[str]) -> None:
    """Press the keys, each once what the one before it set going has ended."""
    await at_rest(pilot)
    for key in keys:
        await pilot.press(key)
        await at_rest(pilot)


async def go_home(app: SandboxApp, pilot: Pilot[int]) -> None:
    """Back to how the app looks when it was just started."""
    while len(app.screen_stack) > 1:
        await app.pop_screen()
    app.clear_notifications()  # Each screen has its own, and they would go when the machine's clock says so.
    assert app.main is not None
    app.main.remove_class("-batches")
    await app.main.open_tab("write")
    await app.window.action_focus_panel("integrations")


def compare(name: str, lines: list[str]) -> None:
    path = GOLDENS / f"{name}.txt"
    text = "\n".join(lines) + "\n"
    if os.environ.get("AMPSANDBOX_UPDATE_GOLDENS"):
        GOLDENS.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("size", SIZES)
async def test_the_screens_look_as_they_were_approved(
    backend: FakeBackend, lines_of: Read, size: str, subtests: pytest.Subtests
) -> None:
    furnish(backend)
    app = SandboxApp(backend)
    async with app.run_test(size=SIZES[size]) as pilot:
        await drive(app, pilot, ())
        for name, keys in SCREENS.items():
            with subtests.test(screen=name):
                await drive(app, pilot, keys)
                compare(f"{name}-{size}", lines_of(app))
            await go_home(app, pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_findings_look_as_they_were_approved(
    backend: FakeBackend, lines_of: Read, size: str
) -> None:
    broken = "integrations:\n  - name: mail\n    api: salesforce\n    actions:\n      - type: write\n"
    broken += "        standardObjects:\n          - objectName: acount\n            mode: upsert\n"
    broken += "            endpoint: x\n"
    backend.load(broken)
    app = SandboxApp(backend)
    async with app.run_test(size=SIZES[size]) as pilot:
        await drive(app, pilot, ())
        await drive(app, pilot, ())
        compare(f"findings-{size}", lines_of(app))


@pytest.mark.parametrize("size", SIZES)
async def test_a_live_org_and_an_error_look_as_they_were_approved(
    backend: FakeBackend, lines_of: Read, size: str
) -> None:
    furnish(backend)
    backend.installed[0] = replace(backend.installed[0], connection="live", org="Big Corp")
    app = SandboxApp(backend)
    async with app.run_test(size=SIZES[size]) as pilot:
        await drive(app, pilot, ())
        await at_rest(pilot)
        compare(f"live-{size}", lines_of(app))
        app.tell_error(ConflictError("The CRM refused the credentials. " * 6, "Log in again."))
        await at_rest(pilot)
        compare(f"error-{size}", lines_of(app))


WHOLE_WINDOWS = ((80, 24), (100, 30), (120, 40), (160, 50), (200, 60))
"""The windows in which no word may be cut but a name that the user gave."""

NEVER_CUT = (
    "Integrations", "Write Installer Records Schema", "Form JSON curl", "time", "endpoint", "result", "ms",
    "12:00:30", "503", "30 accepted", "MOCK Demo org +1", "12:00:00", "frozen", "^q Quit",
)  # fmt: skip
IN_BATCHES = ("object", "waiting", "flush in", "contact update", "insert", "04:12", "paused", "every 2 hours")


def cut_words(lines: list[str]) -> list[str]:
    """The words that were cut and are no names: `mailMonkey…` is one that had no room."""
    names = ("mailMonkeyCampaigns", "create-hubspot-contact")
    cut = [word.strip("│╭╮─") for word in " ".join(lines).split() if "…" in word]
    parts = [(word, *word.split("…", 1)) for word in cut]
    return [
        word
        for word, start, end in parts
        if not any(name.startswith(start) and name.endswith(end) for name in names)
    ]


async def test_no_word_is_cut_in_any_window(
    backend: FakeBackend, lines_of: Read, subtests: pytest.Subtests
) -> None:
    furnish(backend)
    app = SandboxApp(backend)
    async with app.run_test(size=WHOLE_WINDOWS[0]) as pilot:
        await drive(app, pilot, ())
        for width, height in WHOLE_WINDOWS:
            with subtests.test(window=f"{width}x{height}"):
                await pilot.resize_terminal(width, height)
                await at_rest(pilot)
                shown = lines_of(app)
                compare(f"main-{width}x{height}", shown)
                if app.screen.has_class("-narrow"):
                    await drive(app, pilot, ("f4",))
                    shown += lines_of(app)
                    compare(f"main-batches-{width}x{height}", lines_of(app))
                    await go_home(app, pilot)
                words = " ".join(" ".join(shown).replace("▸", "").split())
                assert [word for word in (*NEVER_CUT, *IN_BATCHES) if word not in words] == []
                assert cut_words(shown) == []


@pytest.mark.parametrize("theme", ["amp-light", "amp-colour-blind", "textual-ansi"])
async def test_other_themes_show_the_same_words(backend: FakeBackend, lines_of: Read, theme: str) -> None:
    furnish(backend)
    app = SandboxApp(backend)
    app.theme = theme if theme in app.available_themes else "ansi-dark"
    async with app.run_test(size=SIZES["wide"]) as pilot:
        await drive(app, pilot, ())
        await at_rest(pilot)
        compare("write-wide", lines_of(app))


async def test_the_light_theme_is_light(backend: FakeBackend) -> None:
    app = SandboxApp(backend)
    app.theme = "amp-light"
    async with app.run_test(size=SIZES["narrow"]) as pilot:
        await drive(app, pilot, ())
        assert app.screen.background_colors[1].brightness > 0.9
        tree = app.screen.query_one("#tree")
        assert tree.colors[3].brightness < 0.3


async def test_without_colour_the_words_stay_and_the_cursor_is_seen(
    backend: FakeBackend, lines_of: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    furnish(backend)
    app = SandboxApp(backend)
    async with app.run_test(size=SIZES["wide"]) as pilot:
        await drive(app, pilot, ())
        await at_rest(pilot)
        compare("write-wide", lines_of(app))
        tree = app.screen.query_one("#tree")
        cursor = [segment for segment in tree.render_line(3) if segment.text.strip()]
        assert any(segment.style is not None and segment.style.reverse for segment in cursor)
        shown = [segment for strip in painted(app) for segment in strip]
        for line_filter in app._filters:
            shown = line_filter.apply(shown, app.screen.background_colors[1])
        for segment in shown:
            for color in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                if color is not None and color.triplet is not None:
                    red, green, blue = color.triplet
                    assert red == green == blue
