"""One request written in other people's languages: curl, httpx, fetch, plain JSON. Secrets are masked."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Final

MASK: Final = "••••••"
_SECRET_WORDS: Final = ("authorization", "api-key", "apikey", "secret", "password", "token", "cookie")
_NOISE: Final = frozenset(
    {"host", "content-length", "connection", "accept", "accept-encoding", "user-agent", "content-type"}
)
Headers = Sequence[tuple[str, str]]


def masked(headers: Headers) -> list[tuple[str, str]]:
    """The headers with the values of secret ones hidden."""
    return [(name, MASK if _is_secret(name) else value) for name, value in headers]


def as_curl(method: str, url: str, body: str = "", headers: Headers = ()) -> str:
    """A shell command."""
    parts = ["curl"]
    if method != "POST" or not body:
        parts += ["-X", method]
    lines = [" ".join([*parts, shlex.quote(url)])]
    if body:
        lines.append("-H 'Content-Type: application/json'")
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in _own(headers)]
    if body:
        lines.append(f"-d {shlex.quote(body)}")
    return " \\\n  ".join(lines)


def as_httpx(method: str, url: str, body: str = "", headers: Headers = ()) -> str:
    """Python with httpx."""
    arguments = [f"    {method!r},", f"    {url!r},"]
    sent = ([("content-type", "application/json")] if body else []) + _own(headers)
    if sent:
        arguments.append(f"    headers={dict(sent)!r},")
    if body:
        arguments.append(f"    content={body!r},")
    return "\n".join(["import httpx", "", "answer = httpx.request(", *arguments, ")", "print(answer.text)"])


def as_fetch(method: str, url: str, body: str = "", headers: Headers = ()) -> str:
    """JavaScript with fetch."""
    options: dict[str, object] = {"method": method}
    sent = ([("content-type", "application/json")] if body else []) + _own(headers)
    if sent:
        options["headers"] = dict(sent)
    if body:
        options["body"] = body
    return (
        f"const answer = await fetch({json.dumps(url)}, {json.dumps(options, indent=2, ensure_ascii=False)});"
    )


def _own(headers: Headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in masked(headers) if name.lower() not in _NOISE]


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)
