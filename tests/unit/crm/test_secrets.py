"""Secrets are recognised by their place and by their value, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
import logging
import sys
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from ampsandbox.secrets import Masker, MaskingFormatter, Secret, is_header_value, trimmed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"access_token": "a\\"b", "x": 1}', '{"access_token": "***", "x": 1}'),
        ("grant_type=password&password=a%20b&username=me", "grant_type=password&password=***&username=me"),
        ("client_secret=abc", "client_secret=***"),
        ("<sessionId>00D!x</sessionId>", "<sessionId>***</sessionId>"),
        ("<urn:password>x</urn:password>", "<urn:password>***</urn:password>"),
        ("https://h/oauth/v1/access-tokens/abc?x=1", "https://h/oauth/v1/access-tokens/***?x=1"),
        ('{"code": "INVALID_EMAIL"}', '{"code": "INVALID_EMAIL"}'),
    ],
)
def test_secrets_are_known_by_their_place(text: str, masked: str) -> None:
    assert Masker().text(text) == masked


def test_secrets_are_known_by_their_value_in_every_spelling() -> None:
    masker = Masker()
    masker.learn(Secret("p@ss word/1"))
    assert masker.text("p@ss word/1 p%40ss%20word%2F1 p%40ss+word%2F1") == "*** *** ***"


def test_a_secret_that_holds_another_is_masked_whole() -> None:
    masker = Masker()
    masker.learn(Secret("abcd"))
    masker.learn(Secret("abcdef"))
    assert masker.text("abcdef") == "***"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc", "Bearer ***"),
        ("authorization", "abc", "***"),
        ("Set-Cookie", "a=b; c", "***"),
        ("X-SFDC-Session", "abc", "***"),
        ("Accept", "text/html", "text/html"),
    ],
)
def test_headers_keep_their_scheme_only(name: str, value: str, shown: str) -> None:
    assert Masker().headers([(name, value)]) == ((name, shown),)


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("abcd")
    assert "abcd" not in f"{secret} {secret!r} {[secret]}"
    assert secret == Secret("abcd")
    assert secret.reveal() == "abcd"


SPELLINGS: dict[str, Callable[[str], str]] = {
    "repr": lambda value: repr(value)[1:-1],
    "JSON": lambda value: json.dumps({"a": value}),
    "JSON of PHP": lambda value: json.dumps({"a": value}).replace("/", "\\/"),
    "JSON in JSON": lambda value: json.dumps({"a": value}, ensure_ascii=False),
    "a URL": lambda value: f"https://h/{quote(value, safe='')}",
    "a URL in lower case": lambda value: quote(value, safe="").lower() if value.islower() else quote(value),
    "a URL in a URL": lambda value: quote(quote(value, safe=""), safe=""),
    "a form": quote_plus,
    "HTML": html.escape,
    "basic auth": lambda value: base64.b64encode(f"app:{value}".encode()).decode(),
    "basic auth, other way round": lambda value: base64.urlsafe_b64encode(f"{value}:x".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "value",
    [
        "p@ss word/1+2=3%",
        "quo\"te\\back's & <x>",
        "umlaut-\u00fc-\u4e2d",
        "00D!AQ0AQ.abc_DEF",
        "line-one-of-it\n",
    ],
)
def test_no_spelling_of_a_secret_gets_past_the_mask(value: str, spelling: str) -> None:
    masker = Masker()
    masker.learn(Secret(value))
    shown = masker.values(f"before {SPELLINGS[spelling](value)} after")
    assert "***" in shown
    assert value.strip() not in shown
    assert masker.values(shown) == shown


def test_a_log_line_holds_no_secret_of_any_sandbox() -> None:
    maskers = [Masker(), Masker()]
    for masker, secret in zip(maskers, ("first-secret", "second-secret"), strict=True):
        masker.learn(Secret(secret))
    try:
        raise ValueError("second-secret")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 1, "got %s", ("first-secret",), sys.exc_info())
    line = MaskingFormatter().format(record)
    assert line.startswith("got ***\n")
    assert line.endswith("ValueError: ***")
    assert "first-secret" not in line


def test_a_request_that_went_astray_shows_no_secret_wherever_it_stood() -> None:
    masker = Masker(own := Masker())
    own.learn(Secret("known/key"))
    assert masker.target(b"/a?api_key=x&b=known%2Fkey") == b"/a?api_key=***&b=***"
    assert masker.stray_body(b'{"password": "x", "note": "known\\/key known/key"}').endswith(b' ***"}')
    assert b'"password": "***"' in masker.stray_body(b'{"password": "x"}')
    assert masker.headers([("x-a", "known/key")]) == (("x-a", "***"),)
    assert masker.body(b"\xff known/key") == b"\xff ***"


@pytest.mark.parametrize("around", ["\n", "\r\n", " ", "\t", "\ufeff", "\0"])
def test_what_editors_leave_around_a_credential_is_cut(around: str) -> None:
    assert trimmed(f"{around}token{around}") == "token"


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "\u00e9", "a\x7f"])
def test_what_no_header_can_carry_is_told(value: str) -> None:
    assert not is_header_value(value)
    assert is_header_value("00D!AQ0AQ.abc_DEF~")
