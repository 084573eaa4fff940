"""A whole sandbox on an event loop of its own: clock, mock CRMs, engine and HTTP server in one thread.

The user interface and synchronous tests keep their own thread, and hand work over with `call` or `run`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ampsandbox.errors import AmpSandboxError
from ampsandbox.server.runner_options import RunnerOptions
from ampsandbox.server.sandbox_server import SandboxServer

if TYPE_CHECKING:
    from ampsandbox.engine.engine import Engine
    from ampsandbox.service.request_log import RequestLog
    from ampsandbox.service.sandbox_service import SandboxService
    from mock_crm.core.org import Org

__all__ = ["Runner", "RunnerOptions"]

T = TypeVar("T")

_SLOW_S: Final = 0.5
_WAITS: Final = "Requests on their way are waited for, 15 seconds at most. ctrl+c ends at once."
_DELIVERS: Final = "What waits is delivered first (--flush-on-exit). ctrl+c ends at once."


class Runner:
    """Runs a `SandboxServer` in a thread.

    Use it as a context manager, or call `start` and `stop`.

    Attributes:
        on_listening: Called on the runner's thread with the URL as soon as connections are taken, long before
            `start` returns. What is asked until then waits, and is answered when all is installed.
        on_slow_stop: Called with a sentence on what `stop` waits for, once it has waited for half a second.
    """

    def __init__(self, options: RunnerOptions) -> None:
        self.options = options
        self.on_listening: Callable[[str], object] | None = None
        self.on_slow_stop: Callable[[str], object] | None = None
        self._server: SandboxServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> Runner:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the thread, and return when the server takes requests.

        Raises:
            AmpSandboxError: The port is taken, the state directory cannot be used, the settings are wrong, …
        """
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, args=(started,), name="ampsandbox", daemon=True)
        self._thread.start()
        started.result()

    def stop(self) -> None:
        """Stop taking requests, let what is in flight end, and close everything. Safe to call twice."""
        if self._loop is not None and self._stop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_SLOW_S)
            if self.on_slow_stop is not None and self._thread.is_alive():
                self.on_slow_stop(_DELIVERS if self.options.flush_on_exit else _WAITS)
            self._thread.join()
            self._loop = self._stop = None

    @property
    def server(self) -> SandboxServer:
        """What runs; only while it does."""
        if self._server is None:
            raise AmpSandboxError("The sandbox is not running.", "Call start() first.")
        return self._server

    @property
    def service(self) -> SandboxService:
        """What can be done with the sandbox. Its verbs run on the runner's loop: see `call` and `run`."""
        return self.server.service

    @property
    def engine(self) -> Engine:
        """The engine, to look at on the runner's loop; what changes something is a verb of `service`."""
        return self.server.engine

    @property
    def request_log(self) -> RequestLog:
        """The last requests to the write endpoints; may be read from any thread."""
        return self.service.context.request_log

    @property
    def url(self) -> str:
        """Where the server listens, such as `http://127.0.0.1:4001`."""
        return self.server.url

    def org(self, installation_id: str) -> Org | None:
        """The mock org of an installation, None for a live one. Use it on the runner's loop only."""
        return self.server.connections.org(installation_id)

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work` on the runner's loop from another loop."""
        handed = self._hand_over(work)
        try:
            return await asyncio.wrap_future(handed)
        except asyncio.CancelledError:
            if self._loop is None:  # Nobody cancelled this call: the loop that it ran on has ended.
                raise self._gone() from None
            raise

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work` on the runner's loop, blocking this thread."""
        return self._hand_over(work).result()

    def _hand_over(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        if self._loop is None:
            work.close()
            raise self._gone()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _gone(self) -> AmpSandboxError:
        if self._thread is None:
            return AmpSandboxError("The sandbox is not running.", "Call start() first.")
        return AmpSandboxError(
            "The sandbox has stopped.", "What was accepted is in the journal: leave, and start it again."
        )

    def _main(self, started: Future[None]) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as loop_runner:
            try:
                loop_runner.run(self._serve(started))
            finally:
                self._loop = None

    async def _serve(self, started: Future[None]) -> None:
        self._stop = asyncio.Event()
        try:
            server = await SandboxServer.open(self.options, self.on_listening)
        except BaseException as error:  # noqa: BLE001 - whatever it is, start() waits to hear of it
            started.set_exception(error)
            return
        self._server = server
        self._loop = asyncio.get_running_loop()
        started.set_result(None)
        await self._stop.wait()
        await server.stop()
        self._server = None


def _loop_factory() -> Any:
    """uvloop where there is one (not on Windows), asyncio's own loop elsewhere."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
