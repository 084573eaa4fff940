"""One request written in other people's languages: curl, httpx, fetch.

What is copied runs when it is pasted, whatever the body holds. Secrets are not in it: where a header held
one, the snippet reads an environment variable of the header's name.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Sequence
from typing import Final

MASK: Final = "••••••"
HOP_BY_HOP: Final = frozenset(
    {
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers of one connection, which the next client makes anew (RFC 9110, 7.6.1, and what clients compute)."""

_SECRET_WORDS: Final = ("authorization", "api-key", "apikey", "secret", "password", "token", "cookie")
_NOISE: Final = HOP_BY_HOP | {"accept", "accept-encoding", "user-agent"}
_JSON: Final = ("content-type", "application/json")

# Linux takes 128 KiB in one argument of a command (MAX_ARG_STRLEN).
_ARGUMENT_BYTES: Final = 100_000
_LINE: Final = 76

# What a terminal would obey when it is pasted, or what reorders text; a NUL cannot be in an argument at all.
_UNPASTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

Headers = Sequence[tuple[str, str]]


def masked(headers: Headers) -> list[tuple[str, str]]:
    """The headers with the values of secret ones hidden."""
    return [(name, MASK if is_secret(name) else value) for name, value in headers]


def as_curl(method: str, url: str, body: str | bytes = "", headers: Headers = ()) -> str:
    """A command for bash and its kin."""
    given, text = _bytes(body), _text(body)
    command = ["curl", *_curl_method(method, has_body=bool(given))]
    if re.search(r"[][{}]|/\.", url):
        command += ["--globoff", "--path-as-is"]
    lines = [" ".join([*command, shlex.quote(url)])]
    lines += [f"-H {_curl_header(name, value)}" for name, value in _sent(headers, given)]
    if given and text is not None and len(given) <= _ARGUMENT_BYTES and not _UNPASTABLE.search(text):
        return _continued([*lines, f"--data-raw {shlex.quote(text)}"])
    if not given:
        return _continued(lines)
    coded = base64.b64encode(given).decode()
    folded = "\n".join(coded[start : start + _LINE] for start in range(0, len(coded), _LINE))
    return f"base64 -d <<'END' |\n{folded}\nEND\n{_continued([*lines, '--data-binary @-'])}"


def as_httpx(method: str, url: str, body: str | bytes = "", headers: Headers = ()) -> str:
    given, text = _bytes(body), _text(body)
    sent = _sent(headers, given)
    lines = ["import httpx", "", "answer = httpx.request(", f"    {method!r},", f"    {url!r},"]
    if any(is_secret(name) for name, _ in sent):
        lines.insert(0, "import os")
    if sent:
        pairs = ", ".join(f"({name!r}, {_python_value(name, value)})" for name, value in sent)
        lines.append(f"    headers=[{pairs}],")
    if given:
        lines.append(f"    content={given if text is None else text!r},")
    return "\n".join([*lines, ")", "print(answer.status_code, answer.text)"])


def as_fetch(method: str, url: str, body: str | bytes = "", headers: Headers = ()) -> str:
    """JavaScript with fetch; as it takes no body with GET, none is sent then."""
    given, text = _bytes(body), _text(body)
    if method in ("GET", "HEAD"):
        given = b""
    lines = [f"const answer = await fetch({json.dumps(url)}, {{", f"  method: {json.dumps(method)},"]
    if sent := _sent(headers, given):
        pairs = ", ".join(f"[{json.dumps(name)}, {_script_value(name, value)}]" for name, value in sent)
        lines.append(f"  headers: [{pairs}],")
    if given and text is not None:
        lines.append(f"  body: {json.dumps(text, ensure_ascii=False)},")
    elif given:
        coded = json.dumps(base64.b64encode(given).decode())
        lines.append(f"  body: Uint8Array.from(atob({coded}), (char) => char.charCodeAt(0)),")
    return "\n".join([*lines, "});", "console.log(answer.status, await answer.text());"])


def replayed(headers: Headers) -> list[tuple[str, str]]:
    """The headers with which a request is sent again as it was, save for those whose value is masked."""
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP and value != MASK]


# -- parts ------------------------------------------------------------------------------------------


def _sent(headers: Headers, body: bytes) -> list[tuple[str, str]]:
    """The headers worth writing down; a body of which nothing else is said is JSON."""
    if not headers:
        return [_JSON] if body else []
    return [(name, value) for name, value in headers if name.lower() not in _NOISE]


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode(errors="replace")


def _text(body: str | bytes) -> str | None:
    """The body as text; None where it is none."""
    try:
        return body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError:
        return None


def _curl_method(method: str, *, has_body: bool) -> list[str]:
    if method == "HEAD" and not has_body:
        return ["--head"]
    return [] if method == ("POST" if has_body else "GET") else ["-X", shlex.quote(method)]


def _curl_header(name: str, value: str) -> str:
    if is_secret(name):
        return f'"{name}: ${_variable(name)}"'
    return shlex.quote(f"{name}: {value}" if value else f"{name};")


def _continued(lines: Sequence[str]) -> str:
    return " \\\n  ".join(lines)


def _python_value(name: str, value: str) -> str:
    return f"os.environ[{_variable(name)!r}]" if is_secret(name) else repr(value)


def _script_value(name: str, value: str) -> str:
    return f"process.env.{_variable(name)}" if is_secret(name) else json.dumps(value)


def _variable(name: str) -> str:
    """The environment variable for a secret header, such as X_API_KEY."""
    return re.sub(r"\W", "_", name.upper(), flags=re.ASCII)


def is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)
