"""Test writes over real HTTP: what the form sends is what any program would send."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

_TIMEOUT_S: Final = 60.0
_NO_ANSWER: Final = 0
JSON: Final = (("content-type", "application/json"),)
"""The header of every write."""


class HttpAnswer(msgspec.Struct, frozen=True):
    """What came back. `status` is 0 when nothing did; `body` then says why."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    elapsed_ms: float

    @property
    def is_success(self) -> bool:
        """Whether the write was accepted."""
        return 200 <= self.status < 300

    def document(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class HttpClient:
    """One HTTP client for all test writes. httpx is imported at the first one, off the interface's loop."""

    def __init__(self) -> None:
        self._client: Any = None

    async def send(
        self, method: str, url: str, body: str | bytes, headers: Sequence[tuple[str, str]] = JSON
    ) -> HttpAnswer:
        """Send one request and wait for its answer, whatever it is."""
        httpx = await asyncio.to_thread(importlib.import_module, "httpx")
        if self._client is None:
            self._client = httpx.AsyncClient(verify=False, trust_env=False, timeout=_TIMEOUT_S)
        start = time.perf_counter()
        content = body if isinstance(body, bytes) else body.encode(errors="replace")
        sent = [(name, value.encode("latin-1", "replace")) for name, value in headers]
        try:
            answer = await self._client.request(method, url, content=content, headers=sent)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            return HttpAnswer(_NO_ANSWER, (), f"No answer: {reason}", _since(start))
        return HttpAnswer(answer.status_code, tuple(answer.headers.items()), answer.text, _since(start))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
