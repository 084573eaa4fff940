"""The actions of `ampsandbox ctl` on mock CRMs: records, queries, schema, faults."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from ampsandbox.cli.created import run_created
from ampsandbox.cli.ctl_action import add_action, parse_json, read_json
from ampsandbox.cli.remote import CONTROL, call, show
from ampsandbox.errors import UsageError


def add_crm_actions(actions: Any) -> None:
    """Add records, queries and faults to the command line."""
    parser = add_action(
        actions, "records", "records of a mock CRM, or what was created in real ones", _records
    )
    parser.add_argument("group", nargs="?")
    parser.add_argument("object", nargs="?")
    parser.add_argument("--integration", help="which one, where the group has several")
    parser.add_argument("--limit", type=int, default=100, help="at most so many (default: 100)")
    parser.add_argument("--seed", metavar="FILE", help="put the records of this JSON list in, '-' for stdin")
    parser.add_argument(
        "--created", action="store_true", help="list what was created in real orgs, with its URL there"
    )
    parser.add_argument(
        "--delete", action="store_true", help="with --created: remove it, once you have typed the org's name"
    )
    parser = _of_group(add_action(actions, "query", "records found in the CRM's own language", _query))
    parser.add_argument("query", help="SOQL, or the JSON body of a HubSpot search with its objectType")
    parser = _of_group(add_action(actions, "record", "one record of a mock CRM", _record))
    parser.add_argument("object")
    parser.add_argument("id")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--history", action="store_true", help="all its versions, oldest first")
    choice.add_argument("--update", metavar="JSON", help="change these fields")
    choice.add_argument("--delete", action="store_true", help="delete it")
    parser = _of_group(add_action(actions, "schema", "the schema of an object of a mock CRM", _schema))
    parser.add_argument("object")
    parser = add_action(actions, "faults", "make CRM requests fail", _faults)
    parser.add_argument("group")
    parser.add_argument("--integration", help="which one, where the group has several")
    parser.add_argument("--add", metavar="JSON", help='a rule such as {"kind": "outage", "first": 3}')
    parser.add_argument("--clear", action="store_true", help="no more faults")
    parser.add_argument("--fired", action="store_true", help="list those that struck")


def _of_group(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("group")
    parser.add_argument("--integration", help="which one, where the group has several")
    return parser


def _path(*names: str) -> str:
    return "/".join([CONTROL, *(quote(name, safe="") for name in names)])


def _integration(args: argparse.Namespace) -> dict[str, str]:
    return {"integration": args.integration} if args.integration else {}


def _records(args: argparse.Namespace) -> int:
    if args.created:
        return run_created(args)
    if args.delete or args.group is None or args.object is None:
        raise UsageError("Name a group and an object.", "Or give --created, and --delete only with it.")
    path = _path("records", args.group, args.object)
    params = _integration(args)
    if args.seed:
        return show(call(args, "POST", path, params=params, json=read_json(args.seed)))
    return show(call(args, "GET", path, params={**params, "limit": args.limit}))


def _faults(args: argparse.Namespace) -> int:
    path = _path("faults", args.group)
    params = _integration(args)
    if args.add:
        return show(call(args, "POST", path, params=params, json=parse_json(args.add, "--add")))
    if args.fired:
        return show(call(args, "GET", f"{path}/fired", params=params))
    return show(call(args, "DELETE" if args.clear else "GET", path, params=params))


def _query(args: argparse.Namespace) -> int:
    is_search = args.query.lstrip().startswith("{")
    search = parse_json(args.query, "The query") if is_search else args.query
    path = _path("query", args.group)
    return show(call(args, "POST", path, params=_integration(args), json={"query": search}))


def _record(args: argparse.Namespace) -> int:
    path, params = _path("records", args.group, args.object, args.id), _integration(args)
    if args.update:
        return show(call(args, "PATCH", path, params=params, json=parse_json(args.update, "--update")))
    if args.delete:
        return show(call(args, "DELETE", path, params=params))
    return show(call(args, "GET", f"{path}/history" if args.history else path, params=params))


def _schema(args: argparse.Namespace) -> int:
    return show(call(args, "GET", _path("schema", args.group, args.object), params=_integration(args)))
