"""The baseline: the least that an ASGI app under uvicorn, with uvloop and httptools, can do with a POST."""

from __future__ import annotations

import argparse
import json
import os
import socket
from typing import Any

import uvicorn


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, and answer with a few bytes."""
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    # Named as TCP, so that Nagle's algorithm is off, as it is for ours.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.bind(("127.0.0.1", parser.parse_args().port))
        sock.listen(2048)
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        print(json.dumps({"event": "ready", "url": url, "pid": os.getpid()}), flush=True)
        config = uvicorn.Config(
            app, loop="uvloop", http="httptools", access_log=False, log_level="error", lifespan="off"
        )
        uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
