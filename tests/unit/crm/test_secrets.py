"""Secrets are recognised by their place and by their value, and nothing else is touched."""

from __future__ import annotations

import pytest

from ampsandbox.secrets import Masker, Secret


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
    assert Masker().header(name, value) == (name, shown)


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("abcd")
    assert "abcd" not in f"{secret} {secret!r} {[secret]}"
    assert secret == Secret("abcd")
    assert secret.reveal() == "abcd"
