"""The baseline: the least that an ASGI app under uvicorn can do with a POST."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from typing import Any

from mock_crm.listener import Listener, bind


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, and answer with a few bytes."""
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    listener = Listener(app, bind("127.0.0.1", port))
    await listener.start()
    url = f"http://127.0.0.1:{listener.port}"
    print(json.dumps({"event": "ready", "url": url, "pid": os.getpid()}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(parser.parse_args().port))
