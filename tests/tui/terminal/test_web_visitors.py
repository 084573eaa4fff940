"""Visitors of `run --web`: each has a screen of its own, which ends with the tab."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("textual_serve", reason="textual-serve is not installed")

import aiohttp

from mock_crm.core.listener import bind

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[3] / "sample_configs" / "mailmonkey.yaml"


async def visit(process: subprocess.Popen[str], address: str) -> None:
    """Two visitors come; the first closes the tab without a word, and the second goes on."""

    def screens() -> int:
        listed = subprocess.run(
            ["ps", "-o", "stat=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
        )
        return sum(not line.startswith("Z") for line in listed.stdout.splitlines())

    origin = re.sub(r"/\?.*", "", address)
    socket = f"{origin.replace('http', 'ws')}/ws?width=100&height=30"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await session.get(address)
        first, second = [await session.ws_connect(socket, origin=origin) for _ in range(2)]
        for visitor in (first, second):
            await visitor.receive(timeout=60)  # the first frame
        assert await asyncio.to_thread(screens) == 2
        transport = first.get_extra_info("socket")
        assert transport is not None
        transport.shutdown(2)
        for _ in range(1_200):
            if await asyncio.to_thread(screens) == 1:
                break
            await asyncio.sleep(0.05)
        assert await asyncio.to_thread(screens) == 1
        await second.send_json(["stdin", "?"])
        assert (await second.receive(timeout=60)).data
        await second.close()


def test_a_tab_that_is_closed_ends_its_screen_and_no_other() -> None:
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ampsandbox", "run", str(SAMPLE), "--web", str(port), "--ephemeral"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http\S+", process.stderr.readline())
        assert found is not None
        try:
            asyncio.run(visit(process, found[0]))
        finally:
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
    assert (process.returncode, "defect" in said) == (0, False), said
