"""Requests as curl: a shell reads back exactly what was sent, and a terminal sees only text."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from ampsandbox.crm.curl import exchange_as_curl, outgoing_as_curl
from ampsandbox.crm.http import HttpRequest
from ampsandbox.engine.crm import Exchange
from ampsandbox.secrets import Masker, Secret

BASH = shutil.which("bash")


def outgoing(body: str) -> HttpRequest:
    headers = (("Authorization", "Bearer tok-secret"), ("Content-Type", "application/json"), ("Host", "h"))
    return HttpRequest("POST", "https://crm.example/a?b=1", headers, body.encode())


def test_a_request_is_shown_with_its_secrets_masked() -> None:
    masker = Masker()
    masker.learn(Secret("tok-secret"))
    assert outgoing_as_curl(outgoing('{"a": "tok-secret"}'), masker) == (
        "curl -X POST 'https://crm.example/a?b=1' \\\n"
        "  -H 'Authorization: Bearer ***' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  --data-raw '{"a": "***"}'"""
    )


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize(
    "body", ["it's", "a\nb", "\x1b[31mred", "‮right to left\\n", '$(id) `id` ${HOME} "q"', "tab\tquote'\x07"]
)
def test_a_shell_reads_back_what_was_sent(body: str) -> None:
    command = outgoing_as_curl(outgoing(body), Masker())
    script = "curl() { printf '%s' \"${@: -1}\"; }\n" + command
    read = subprocess.run(
        [str(BASH), "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert read.stdout.decode() == body
    assert "\x1b" not in command
    assert "\u202e" not in command


def test_an_exchange_with_a_mock_org_can_be_sent_to_the_sandbox() -> None:
    exchange = Exchange(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        method="GET",
        url="https://salesforce.invalid/services/data?x=1",
        status=200,
        request_headers=(("host", "salesforce.invalid"), ("accept", "application/json")),
        request_body="",
        response_headers=(),
        response_body="",
        elapsed_ms=0,
    )
    shown = exchange_as_curl(exchange, "http://127.0.0.1:4001/_crm/demo/acme/")
    assert shown == (
        "curl -X GET 'http://127.0.0.1:4001/_crm/demo/acme/services/data?x=1' \\\n"
        "  -H 'accept: application/json'"
    )
