"""Lets any httpx client talk to an ASGI application in this process; see `ampsandbox.crm.in_process`."""

from __future__ import annotations

import httpx

from ampsandbox.clock import Clock
from ampsandbox.crm.http import NoAnswerError, NotInTimeError
from ampsandbox.crm.in_process import AsgiApp, asgi_scope, ask


class InProcessTransport(httpx.AsyncBaseTransport):
    """Lets any httpx client talk to `app`.

    Args:
        app: The application; an exception that it raises is logged, and answered as a server would: with 500.
        clock: What the read timeout of a request is measured on.
        root_path: The prefix under which the application is mounted, such as `/_crm/demo/acme`; request
            paths start with it.
    """

    def __init__(self, app: AsgiApp, clock: Clock, root_path: str = "") -> None:
        self._app = app
        self._clock = clock
        self._root_path = root_path

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application with the whole request and gather its whole answer.

        Raises:
            httpx.ReadTimeout: The answer was not complete within the read timeout.
            httpx.RemoteProtocolError: The application ended before its answer was complete.
        """
        body = await request.aread()
        raw_path, _, query = request.url.raw_path.partition(b"?")
        scope = asgi_scope(
            method=request.method,
            scheme=request.url.scheme,
            path=request.url.path,
            raw_path=raw_path,
            query=query,
            headers=[(name.lower(), value) for name, value in request.headers.raw],
            server=(request.url.host, request.url.port),
            root_path=self._root_path,
        )
        seconds = request.extensions.get("timeout", {}).get("read")
        try:
            status, headers, content = await ask(self._app, scope, body, self._clock, seconds)
        except NotInTimeError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except NoAnswerError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content), request=request)
