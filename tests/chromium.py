"""A headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_TIMEOUT_S: Final = 60.0
_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-3d-apis", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-port=0",
)  # fmt: skip


class Tab:
    """A page that believes that it has the focus, whatever the window has."""

    def __init__(self, devtools: ClientConnection) -> None:
        self._devtools = devtools
        self._number = 0
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Page.enable")
        self.call("Page.setBypassCSP", enabled=True)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._number += 1
        self._devtools.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:  # Events come in between.
            answer = json.loads(self._devtools.recv(_TIMEOUT_S))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return dict(answer["result"])

    def open(self, url: str, width: int, height: int = 1_000) -> None:
        """Go to a page at a size of the window, and wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call("Page.navigate", url=url)
        wait_for(lambda: self.evaluate("return [location.href, document.readyState]") == [url, "complete"])

    def evaluate(self, script: str) -> Any:
        """The JSON value that the body of an async function of JavaScript returns."""
        expression = f"(async () => {{ {script} }})()"
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")


@contextmanager
def opened_tab(profile: Path, page: str = "about:blank") -> Iterator[Tab]:
    """The one tab of a browser of its own."""
    from websockets.sync.client import connect  # not there where only the lowest versions are tried

    command = [str(CHROMIUM), *_FLAGS, "--window-size=1400,900", f"--user-data-dir={profile}", page]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            told = profile / "DevToolsActivePort"
            port = wait_for(lambda: told.exists() and told.read_text().split("\n")[0])
            targets = f"http://127.0.0.1:{port}/json/list"
            [tab] = wait_for(lambda: [item for item in httpx.get(targets).json() if item["type"] == "page"])
            with connect(tab["webSocketDebuggerUrl"], max_size=None) as devtools:
                yield Tab(devtools)
        finally:
            process.terminate()


def wait_for(check: Any) -> Any:
    """The first true answer."""
    end = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")
