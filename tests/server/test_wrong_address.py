"""`send` and `ctl` at an address where something else answers, or nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ampsandbox.cli.main import main
from ampsandbox.testing import Sandbox


class _Stranger(BaseHTTPRequestHandler):
    """A web server of another kind; its first path segment says how it answers."""

    server: Any

    def do_GET(self) -> None:
        status, kind, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Nothing is to be told."""


@pytest.fixture
def stranger() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Stranger)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("command", [["ctl", "state"], ["send", "create-lead", "lastName=Ray"]])
@pytest.mark.parametrize(
    "answer",
    [
        (404, "text/html", b"<h1>Not Found</h1>"),
        (200, "text/html", b"<h1>Welcome</h1>"),
        (404, "application/json", b'{"error": "not found"}'),
    ],
)
def test_another_server_is_recognised(
    stranger: Any, command: list[str], answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.answer = answer
    assert main([*command, "--url", f"http://127.0.0.1:{stranger.server_port}"]) == 5
    output = capsys.readouterr()
    assert output.out == ""
    assert "is no sandbox" in output.err


def test_a_write_is_not_sent_to_a_server_without_a_project(
    stranger: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.answer = (200, "application/json", b"[]")
    assert main(["send", "create-lead", "a=b", "--url", f"http://127.0.0.1:{stranger.server_port}"]) == 5
    assert "is no sandbox" in capsys.readouterr().err


def test_an_address_needs_no_scheme(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox("sample_configs/mailmonkey.yaml") as sandbox:
        assert main(["ctl", "state", "--url", sandbox.url.removeprefix("http://")]) == 0
    assert '"project":"demo"' in capsys.readouterr().out
