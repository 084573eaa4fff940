"""The actions of `ampsandbox ctl` on mock CRMs: records, queries, schema, faults."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from ampsandbox.cli.created import run_created
from ampsandbox.cli.ctl_action import add_action, of_verb, parse_json, read_json
from ampsandbox.cli.remote import CONTROL, call, show
from ampsandbox.errors import UsageError


def add_crm_actions(actions: Any) -> None:
    """Add records, queries and faults to the command line."""
    parser = add_action(
        actions,
        "records",
        "records of a mock CRM, or what was created in real ones",
        _records,
        "records.list",
    )
    parser.add_argument("group", nargs="?")
    parser.add_argument("object", nargs="?")
    parser.add_argument("--integration", help="which one, where the group has several")
    parser.add_argument("--limit", type=int, default=100, help="at most so many (default: 100)")
    parser.add_argument("--archived", action="store_true", help="those in the recycle bin")
    option = parser.add_argument("--search", metavar="TEXT", help="only those that hold this text")
    of_verb(option, "records.search")
    parser.add_argument("--sort", metavar="FIELD", help="in the order of this field")
    parser.add_argument("--descending", action="store_true", help="with --sort: the largest value first")
    text = "put the records of this JSON list in, all or none, '-' for stdin"
    of_verb(parser.add_argument("--seed", metavar="FILE", help=text), "records.seed")
    text = "put them in each for itself, and say what became of each"
    of_verb(parser.add_argument("--create", metavar="FILE", help=text), "records.create")
    text = "list what was created in real orgs, with its URL there"
    of_verb(parser.add_argument("--created", action="store_true", help=text), "live.created")
    text = "with --created: remove it, once you have typed the org's name"
    of_verb(parser.add_argument("--delete", action="store_true", help=text), "live.remove_created")
    _of_group(add_action(actions, "objects", "the objects of a mock CRM", _objects, "records.objects"))
    text = "empty one mock CRM; operations stay"
    _of_group(add_action(actions, "reset-org", text, _reset_org, "records.reset"))
    text = "records found in the CRM's own language"
    parser = _of_group(add_action(actions, "query", text, _query, "records.query"))
    parser.add_argument("query", help="SOQL, or the JSON body of a HubSpot search with its objectType")
    text = "one record of a mock CRM"
    parser = _of_group(add_action(actions, "record", text, _record, "records.get"))
    parser.add_argument("object")
    parser.add_argument("id")
    choice = parser.add_mutually_exclusive_group()
    for verb, text in (
        ("history", "all its versions, oldest first"),
        ("related", "what it points to, and what points to it"),
        ("delete", "delete it"),
        ("undelete", "bring it back from the recycle bin"),
    ):
        of_verb(choice.add_argument(f"--{verb}", action="store_true", help=text), f"records.{verb}")
    of_verb(choice.add_argument("--update", metavar="JSON", help="change these fields"), "records.update")
    text = "the schema of an object of a mock CRM"
    parser = _of_group(add_action(actions, "schema", text, _schema, "records.describe"))
    parser.add_argument("object")
    parser = _of_group(add_action(actions, "faults", "make CRM requests fail", _faults, "faults.list"))
    text = 'a rule such as {"kind": "outage", "first": 3}'
    of_verb(parser.add_argument("--add", metavar="JSON", help=text), "faults.add")
    of_verb(parser.add_argument("--remove", metavar="ID", help="without this rule"), "faults.remove")
    of_verb(parser.add_argument("--clear", action="store_true", help="no more faults"), "faults.clear")
    of_verb(
        parser.add_argument("--fired", action="store_true", help="list those that struck"), "faults.fired"
    )


def _of_group(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("group")
    parser.add_argument("--integration", help="which one, where the group has several")
    return parser


def _path(*names: str) -> str:
    return "/".join([CONTROL, *(quote(name, safe="") for name in names)])


def _integration(args: argparse.Namespace) -> dict[str, Any]:
    return {"integration": args.integration} if args.integration else {}


def _records(args: argparse.Namespace) -> int:
    if args.created:
        return run_created(args)
    if args.delete or args.group is None or args.object is None:
        raise UsageError("Name a group and an object.", "Or give --created, and --delete only with it.")
    path = _path("records", args.group, args.object)
    params = _integration(args)
    if args.seed:
        return show(args, call(args, "POST", path, params=params, json=read_json(args.seed)))
    if args.create:
        return show(args, call(args, "POST", f"{path}/each", params=params, json=read_json(args.create)))
    params |= {"limit": args.limit, "archived": args.archived}
    if args.search is None and args.sort is None:
        return show(args, call(args, "GET", path, params=params))
    params |= {"text": args.search or "", "sort": args.sort or "", "descending": args.descending}
    return show(args, call(args, "GET", _path("search", args.group, args.object), params=params))


def _objects(args: argparse.Namespace) -> int:
    return show(args, call(args, "GET", _path("objects", args.group), params=_integration(args)))


def _reset_org(args: argparse.Namespace) -> int:
    return show(args, call(args, "POST", _path("orgs", args.group, "reset"), params=_integration(args)))


def _faults(args: argparse.Namespace) -> int:
    path = _path("faults", args.group)
    params = _integration(args)
    if args.add:
        return show(args, call(args, "POST", path, params=params, json=parse_json(args.add, "--add")))
    if args.remove:
        return show(args, call(args, "DELETE", f"{path}/{quote(args.remove, safe='')}", params=params))
    if args.fired:
        return show(args, call(args, "GET", f"{path}/fired", params=params))
    return show(args, call(args, "DELETE" if args.clear else "GET", path, params=params))


def _query(args: argparse.Namespace) -> int:
    is_search = args.query.lstrip().startswith("{")
    search = parse_json(args.query, "The query") if is_search else args.query
    path = _path("query", args.group)
    return show(args, call(args, "POST", path, params=_integration(args), json={"query": search}))


def _record(args: argparse.Namespace) -> int:
    path, params = _path("records", args.group, args.object, args.id), _integration(args)
    if args.update:
        return show(args, call(args, "PATCH", path, params=params, json=parse_json(args.update, "--update")))
    if args.delete:
        return show(args, call(args, "DELETE", path, params=params))
    if args.undelete:
        return show(args, call(args, "POST", f"{path}/undelete", params=params))
    for verb in ("history", "related"):
        if getattr(args, verb):
            return show(args, call(args, "GET", f"{path}/{verb}", params=params))
    return show(args, call(args, "GET", path, params=params))


def _schema(args: argparse.Namespace) -> int:
    return show(args, call(args, "GET", _path("schema", args.group, args.object), params=_integration(args)))
