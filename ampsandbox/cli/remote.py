"""Talking to a sandbox that runs: what `send` and `ctl` share."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.options import DEFAULT_PORT
from ampsandbox.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    import httpx

CONTROL = "/_sandbox/v1"

_TIMEOUT_S = 600.0


def add_url_option(parser: argparse.ArgumentParser) -> None:
    """Add `--url`, whose default is the environment's AMPSANDBOX_URL or the default port on this machine."""
    default = os.environ.get("AMPSANDBOX_URL") or f"http://127.0.0.1:{DEFAULT_PORT}"
    parser.add_argument(
        "--url", default=default, help=f"the running sandbox (default: AMPSANDBOX_URL or {default})"
    )


def call(args: argparse.Namespace, method: str, path: str, **options: Any) -> httpx.Response:
    """One request to the sandbox at `--url`.

    Raises:
        UnreachableError: Nothing answers there.
        UsageError: What is to be sent cannot be: NaN in JSON, a character that is none, …
    """
    import httpx

    try:
        # It is on this machine and speaks plain HTTP: no proxy, no time spent on certificates.
        with httpx.Client(base_url=args.url, timeout=_TIMEOUT_S, trust_env=False, verify=False) as client:
            return client.request(method, path, **options)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise UnreachableError(
            f"No sandbox answers at {args.url}: {error}",
            "Start one with 'ampsandbox serve', or give its --url.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"This cannot be sent: {error}.") from error


def show(response: httpx.Response) -> int:
    """Print the answer's JSON, indented for people; the exit code says whether it is good."""
    text = response.text
    if "json" in response.headers.get("content-type", "") and sys.stdout.isatty():
        text = json.dumps(response.json(), indent=2, ensure_ascii=False)
    if text:
        print(text)
    return 0 if response.is_success else 1
