"""What the actions of `ampsandbox ctl` have in common."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.remote import CONTROL, add_url_option, call
from ampsandbox.errors import UsageError

if TYPE_CHECKING:
    import httpx

Action = Callable[[argparse.Namespace], int]


def add_action(
    actions: Any, name: str, text: str, run: Action, verb: str | None = None
) -> argparse.ArgumentParser:
    """Add one action, with the options that all of them have; `verb` is what it does without further ones."""
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    add_url_option(parser)
    parser.set_defaults(run=run, verb=verb)
    return parser


def of_verb(option: argparse.Action, verb: str) -> None:
    """Say which verb of the service an option stands for, for the table in `docs/verbs.md`."""
    option.verb = verb  # type: ignore[attr-defined]


def post(args: argparse.Namespace, path: str, body: Any = None) -> httpx.Response:
    """POST a body, or an empty object, to the control API."""
    return call(args, "POST", CONTROL + path, json={} if body is None else body)


def read_json(source: str) -> Any:
    """The JSON in a file, or on stdin for `-`.

    Raises:
        UsageError: It cannot be read, or is no JSON.
    """
    try:
        return parse_json(
            sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8"), source
        )
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror}.") from error


def parse_json(text: str, what: str) -> Any:
    """JSON that the user wrote; `what` names the place.

    Raises:
        UsageError: It is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{what} is not JSON: {error}.") from error
