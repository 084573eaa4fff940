"""Talking to a sandbox that runs: what `send` and `ctl` share."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.options import DEFAULT_PORT
from ampsandbox.cli.terminal import harmless, json_text, table
from ampsandbox.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    import httpx

CONTROL = "/_sandbox/v1"

_TIMEOUT_S = 600.0


def add_url_option(parser: argparse.ArgumentParser) -> None:
    """Add `--url`, whose default is the environment's AMPSANDBOX_URL or the default port on this machine."""
    default = os.environ.get("AMPSANDBOX_URL") or f"http://127.0.0.1:{DEFAULT_PORT}"
    parser.add_argument(
        "--url",
        type=_with_scheme,
        default=default,
        help=f"the running sandbox (default: AMPSANDBOX_URL or {default})",
    )
    parser.add_argument(
        "--api-key",
        metavar="KEY",
        default=os.environ.get("AMPSANDBOX_API_KEY") or None,
        help="sent as X-Api-Key (default: AMPSANDBOX_API_KEY)",
    )
    parser.add_argument(
        "--format",
        choices=("json", "jsonl", "table"),
        default="json",
        help="how to print the answer: json (default), jsonl with a line for each of a list, or a table",
    )


def _with_scheme(url: str) -> str:
    """`localhost:4001` is meant as a browser's address bar takes it."""
    return url if "://" in url else f"http://{url}"


def call(args: argparse.Namespace, method: str, path: str, **options: Any) -> httpx.Response:
    """One request to the sandbox at `--url`.

    Raises:
        UnreachableError: Nothing answers there, or another program does.
        UsageError: What is to be sent cannot be: NaN in JSON, a character that is none, …
    """
    import httpx

    headers = {b"X-Api-Key": os.fsencode(args.api_key)} if args.api_key else {}
    try:
        # It is on this machine and speaks plain HTTP: no proxy, no time spent on certificates.
        with httpx.Client(base_url=args.url, timeout=_TIMEOUT_S, trust_env=False, verify=False) as client:
            response = client.request(method, path, headers=headers, **options)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise UnreachableError(
            f"No sandbox answers at {args.url}: {error}",
            "Start one with 'ampsandbox serve', or give its --url.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"This cannot be sent: {error}.") from error
    if not _is_from_a_sandbox(response):
        raise not_a_sandbox(args, response)
    return response


def not_a_sandbox(args: argparse.Namespace, response: httpx.Response) -> UnreachableError:
    """The error for another program at `--url`."""
    return UnreachableError(
        f"What answers at {args.url} is no sandbox: {response.status_code} {response.reason_phrase}.",
        "Give the --url that 'ampsandbox serve' or the screen shows.",
    )


def _is_from_a_sandbox(response: httpx.Response) -> bool:
    """A sandbox refuses with problems, and answers with JSON, bytes or nothing."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    if response.is_success:
        return kind in ("", "application/json", "application/octet-stream")
    return kind == "application/problem+json" or (response.status_code, kind) == (422, "application/json")


def show(args: argparse.Namespace, response: httpx.Response) -> int:
    """Print an answer as `--format` says; the exit code says whether it is good."""
    if "json" in response.headers.get("content-type", ""):
        show_json(args, response.json())
    elif response.text:
        print(harmless(response.text))
    return 0 if response.is_success else 1


def show_json(args: argparse.Namespace, answer: Any) -> None:
    """Print JSON as `--format` says, indented for people."""
    if args.format == "table":
        print(table(answer))
    elif args.format == "jsonl":
        for each in answer if isinstance(answer, list) else [answer]:
            print(json_text(each))
    else:
        print(json_text(answer, indent=2 if sys.stdout.isatty() else None))
