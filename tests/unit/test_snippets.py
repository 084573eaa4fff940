"""Copied requests are run by bash, Python and Node, and what arrives is what was copied."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote

import pytest

from ampsandbox.snippets import MASK, as_curl, as_fetch, as_httpx, masked, replayed

Received = tuple[str, str, dict[str, str], bytes]

HOSTILE = {
    "quotes": b"""{"a": "it's \\"quoted\\" `x` $HOME $(id) \\\\ !! %s"}""",
    "lines": b'{\n\t"a": "\xf0\x9f\x90\x92 \xe2\x80\xa8 \xd7\xa9"\r\n}',
    "a file name": b"@/etc/passwd",
    "no text": b"\x00\xff\xfe\x1b[31m",
    "control characters": b"a\x03b\x1b]0;x\x07c",
    "a megabyte": b'{"a": "' + b"x" * 1_000_000 + b'"}',
    "nothing": b"",
}
HEADERS = (("host", "wrong"), ("content-length", "7"), ("content-type", "text/x; a=\"b'c\""), ("x-empty", ""),
           ("x-api-key", "s3cret"))  # fmt: skip


@pytest.fixture
def received() -> Iterator[tuple[str, list[Received]]]:
    found: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_all(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            found.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST = do_PUT = do_DELETE = handle_all  # noqa: N815 - the names of the standard library

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", found
    server.shutdown()
    thread.join()
    server.server_close()


LANGUAGES = {
    "curl": (as_curl, ["bash", "-s"], "{}\n"),
    "httpx": (as_httpx, [sys.executable, "-"], "{}\n"),
    "fetch": (as_fetch, ["node", "--input-type=module", "-"], "{{{}}}\n"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_that_are_run_send_the_same_requests(
    received: tuple[str, list[Received]], language: str
) -> None:
    make, command, block = LANGUAGES[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    url, found = received
    target = url + "/projects/a%2Fb/it's?x=[1]&y=%20"
    copies = [make("POST", target, body, HEADERS) for body in HOSTILE.values()]
    copies += [make(method, url + "/x") for method in ("GET", "DELETE")]
    script = "".join(block.format(copy) for copy in copies)
    assert "s3cret" not in script
    environment = os.environ | {"X_API_KEY": "s3cret", "no_proxy": "*"}
    done = subprocess.run(
        command, input=script.encode(), capture_output=True, env=environment, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    assert [(method, body) for method, _, _, body in found] == [
        *(("POST", body) for body in HOSTILE.values()), ("GET", b""), ("DELETE", b""),
    ]  # fmt: skip
    for _, path, headers, _ in found[: len(HOSTILE)]:
        assert unquote(path) == "/projects/a/b/it's?x=[1]&y= "
        assert "a%2Fb" in path
        assert headers["content-type"] == 'text/x; a="b\'c"'
        assert (headers["x-api-key"], headers["x-empty"]) == ("s3cret", "")
        assert headers["host"] != "wrong"


def test_a_body_of_which_nothing_else_is_said_is_json() -> None:
    for make in (as_curl, as_httpx, as_fetch):
        assert "application/json" in make("POST", "http://h/x", "{}").lower()


def test_a_replay_leaves_out_what_belongs_to_the_connection() -> None:
    assert replayed([("Host", "h"), ("Connection", "close"), ("X-Api-Key", "k"), ("Accept", "*/*")]) == [
        ("X-Api-Key", "k"), ("Accept", "*/*"),
    ]  # fmt: skip


def test_secret_headers_are_masked_for_the_eye() -> None:
    assert masked([("Authorization", "Bearer x"), ("X-Trace", "t")]) == [
        ("Authorization", MASK),
        ("X-Trace", "t"),
    ]
