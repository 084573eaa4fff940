"""`ampsandbox send`: one write to a running sandbox."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ampsandbox.cli.options import DEFAULT_GROUP
from ampsandbox.cli.remote import CONTROL, add_url_option, call, not_a_sandbox, show
from ampsandbox.errors import UsageError
from ampsandbox.server.request_bodies import endpoint_body, object_body

if TYPE_CHECKING:
    import httpx

_EPILOG = """\
examples:
  ampsandbox send create-account name="Big Co." numberOfEmployees:=10000
  ampsandbox send add-warmth-score --key 003xx0000001 warmthScore=ready-for-close
  echo '{"name": "Big Co."}' | ampsandbox send create-account --json -
  ampsandbox send my-hubspot/contacts email=ray@example.com
  ampsandbox send my-hubspot/contacts --type delete --key 4711
  ampsandbox send my-hubspot/contacts --batch people.json --with 'batchPolicy:={"allOrNone": true}'
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "send",
        help="send one write to a running sandbox",
        description="Send one write to a running sandbox and print its answer. "
        "Exit code 0: accepted; 1: refused; 5: no sandbox answers.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.mixes = True
    parser.add_argument(
        "endpoint",
        help="the endpoint of the manifest, such as create-account; "
        "for specVersion 1.0.0 the integration and the object, such as my-hubspot/contacts",
    )
    parser.add_argument(
        "fields", nargs="*", metavar="key=value", help="a string value; key:=value for any JSON value"
    )
    parser.add_argument(
        "--group", default=DEFAULT_GROUP, help=f"the group to write for (default: {DEFAULT_GROUP})"
    )
    parser.add_argument("--key", metavar="ID", help="the CRM's id of the record to update or delete")
    today = parser.add_argument_group("for specVersion 1.0.0")
    today.add_argument(
        "--type",
        choices=("create", "update", "delete"),
        help="what to do (default: create, or update with --key)",
    )
    today.add_argument(
        "--batch", metavar="FILE", help="send the records of a JSON list as one request; '-' for stdin"
    )
    today.add_argument(
        "--with",
        dest="members",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a further member of the request, such as mode=asynchronous (repeatable; NAME:=JSON)",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="read the fields, a JSON object, from a file, or '-' for stdin"
    )
    parser.add_argument("--project", help="the project id (default: the running sandbox's)")
    add_url_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    fields = _fields(args)
    state = None if args.project else call(args, "GET", f"{CONTROL}/state")
    if state is not None and not state.is_success:
        return show(args, state)
    project = _segment(_project_in(args, state) if state else args.project)
    integration, slash, name = args.endpoint.partition("/")
    if slash:
        path = f"/v1/projects/{project}/integrations/{_segment(integration)}/objects/{_segment(name)}"
        body = _object_body(args, fields)
    else:
        if args.type or args.batch or args.members:
            raise UsageError(
                "--type, --batch and --with are for manifests of today's format.",
                "Name integration/object there; an endpoint of 2023 takes fields and --key.",
            )
        path = f"/projects/{project}/{_segment(args.endpoint)}"
        body = endpoint_body(args.group, fields, args.key)
    return show(args, call(args, "POST", path, json=body))


def _object_body(args: argparse.Namespace, fields: dict[str, Any]) -> dict[str, Any]:
    members = dict(_parse_pair(pair) for pair in args.members)
    if not args.batch:
        return object_body(args.group, fields, args.key, args.type) | members
    if fields or args.key:
        raise UsageError("--batch brings its own records.", "Leave fields, --json and --key out.")
    records = _read_json(args.batch)
    if not isinstance(records, list):
        raise UsageError(f"{args.batch} must hold a JSON list of records.")
    items = [{"record": record} for record in records]
    return {"groupRef": args.group, "type": args.type or "create", "batch": items} | members


def _project_in(args: argparse.Namespace, state: httpx.Response) -> str:
    try:
        return str(state.json()["project"])
    except (ValueError, LookupError, TypeError) as error:
        raise not_a_sandbox(args, state) from error


def _segment(name: str) -> str:
    """A name as one segment of a path, whatever it holds."""
    return quote(os.fsencode(name), safe="")


def _fields(args: argparse.Namespace) -> dict[str, Any]:
    fields: dict[str, Any] = _read_object(args.json) if args.json else {}
    for pair in args.fields:
        name, value = _parse_pair(pair)
        fields[name] = value
    return fields


def _parse_pair(pair: str) -> tuple[str, Any]:
    name, separator, value = pair.partition("=")
    if not separator or name in ("", ":"):
        raise UsageError(
            f"{pair!r} is not key=value.", "For a number or another JSON value, write key:=value."
        )
    if not name.endswith(":"):
        return name, value
    return name[:-1], _parse_json(value, f"The value of {name[:-1]!r}")


def _read_json(source: str) -> Any:
    try:
        text = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read {source}: {error.strerror}.") from error
    return _parse_json(text, source)


def _read_object(source: str) -> dict[str, Any]:
    fields = _read_json(source)
    if not isinstance(fields, dict):
        raise UsageError(f"{source} must hold a JSON object: the fields by name.")
    return fields


def _parse_json(text: str | bytes, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{what} is not JSON: {error}.") from error
