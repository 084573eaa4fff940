"""HTTP clients for tests that reach the sandbox without a socket.

They work on any event loop or none, and beside plugins that intercept real HTTP transports.
"""

from __future__ import annotations

import asyncio

import anyio.to_thread
import httpx

from ampsandbox.crm.transport import InProcessTransport
from ampsandbox.server.runner import Runner


class RunnerTransport(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """Hands requests over to the loop on which the sandbox runs."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._inner = InProcessTransport(runner.server.app, runner.server.clock)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a synchronous client."""
        return self._runner.run(self._answer(request, request.read()))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an asynchronous client."""
        body = await request.aread()
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # Another event loop than asyncio's: wait in a thread.
            return await anyio.to_thread.run_sync(lambda: self._runner.run(self._answer(request, body)))
        return await self._runner.call(self._answer(request, body))

    async def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        # A body belongs to the loop on which it was read; this one is whole, and may cross.
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        response = await self._inner.handle_async_request(copy)
        content = b"".join([part async for part in response.aiter_raw()])  # a packed one stays packed
        return httpx.Response(response.status_code, headers=response.headers, content=content)
