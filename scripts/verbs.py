#!/usr/bin/env python3
"""The table of verbs and fronts in docs/verbs.md, made from the code.

    scripts/verbs.py            write docs/verbs.md
    scripts/verbs.py --check    say whether it is as the code has it

A verb is a method of ampsandbox/service. The control API names its verbs in its endpoints, `ctl` in its
options; what the Python API and the screen call is read from their source. Run it with the project's Python.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PAGE = ROOT / "docs" / "verbs.md"
FRONTS = ("control API", "ctl", "Python", "screen")

# A front that comes to a verb in another way than by calling it, or that has no use for it.
OTHER_WAYS: Final = {
    ("writes.submit", "control API"): "`POST /projects/{project}/{endpoint}`",
    ("writes.submit", "ctl"): "`ampsandbox send`",
    ("writes.submit", "Python"): "`Sandbox.send`",
    ("writes.submit", "screen"): "the write form",
    ("writes.submit_batch", "control API"): "`POST /v1/…/objects/{object}` with `batch`",
    ("writes.submit_batch", "ctl"): "`ampsandbox send --batch`",
    ("writes.submit_batch", "Python"): "`Sandbox.send_batch`",
    ("writes.submit_batch", "screen"): "the write form's JSON",
    ("notifications.list", "screen"): "Messages",
    ("notifications.redeliver", "screen"): "- (`ctl notifications --redeliver`)",
    ("notifications.ended", "screen"): "Operations",
    ("operations.list", "screen"): "Operations",
    ("operations.get", "screen"): "Operations",
    ("operations.dead_letters", "screen"): "Dead letters",
    ("batches.list", "screen"): "Batches, Flushed",
    ("batches.get", "screen"): "Batches",
    ("batches.operations", "screen"): "Operations",
    ("installations.list", "screen"): "the tree, Connections",
    ("installations.get", "screen"): "Connections",
    ("clock.get", "screen"): "the header",
    ("clock.settle", "screen"): "- (it shows what is on its way)",
    ("overview.state", "screen"): "the header, the tree",
    ("overview.quota", "screen"): "Quota",
    ("overview.connections", "screen"): "Connections",
    ("manifests.findings", "screen"): "Findings",
    ("manifests.load", "screen"): "saving the file",
    ("snapshots.diff", "screen"): "- (`ctl diff`)",
    ("records.list", "screen"): "Records",
    ("records.describe", "screen"): "Schema",
    ("records.seed", "screen"): "- (it creates each row for itself, and shows those that were refused)",
    ("faults.list", "screen"): "Faults",
    ("faults.fired", "screen"): "Faults",
    ("log.requests", "screen"): "the request log",
    ("log.exchanges", "screen"): "Exchange",
    ("log.events", "screen"): "Messages",
    ("installations.list", "Python"): "`Sandbox.installations`",
    ("installations.get", "Python"): "`Sandbox.installations`",
    ("clock.get", "Python"): "`Sandbox.now`",
    ("log.requests", "Python"): "`Sandbox.requests`",
    ("log.exchanges", "Python"): "`Sandbox.exchanges`",
    ("log.events", "Python"): "`Sandbox.events`",
    ("log.clear", "Python"): "`Sandbox.reset`",
    **{
        (f"live.{verb}", "Python"): "- (a test's CRMs are mocks)"
        for verb in ("preview", "go_live", "go_mock", "reconnect", "created", "remove_created")
    },
    ("live.created", "screen"): "- (`ctl records --created`)",
    ("live.remove_created", "screen"): "- (`ctl records --created --delete`)",
}

# Bases whose methods a user calls on a Sandbox.
_CLASSES: Final = {"Inspection": "Sandbox", "Assertions": "Sandbox"}

Table = dict[str, dict[str, list[str]]]


def table() -> Table:
    """By verb and front, how the front names the verb; empty where it has none."""
    from ampsandbox.service.sandbox_service import verbs

    ways: dict[tuple[str, str], list[str]] = defaultdict(list)
    known = verbs()
    for front, found in (("control API", _control()), ("ctl", _ctl())):
        for verb, name in found:
            ways[verb, front].append(name)
    for front, folder in (("Python", "testing"), ("screen", "tui")):
        for verb, name in _called(ROOT / "ampsandbox" / folder, set(known)):
            if name not in ways[verb, front]:
                ways[verb, front].append(name)
    for key, way in OTHER_WAYS.items():
        ways[key] = ways[key] or [way]
    return {verb: {front: ways[verb, front] for front in FRONTS} for verb in sorted(known)}


def missing() -> list[str]:
    """The verbs that a front lacks."""
    return [f"{verb}: {front}" for verb, row in table().items() for front, ways in row.items() if not ways]


def page() -> str:
    """The text of docs/verbs.md."""
    lines = [
        "# Verbs",
        "",
        "What can be done with a running sandbox, and how each front calls it. Every verb is a method in",
        "`ampsandbox/service`, with the same refusals and the same line in a recording wherever it is called",
        "from. `scripts/verbs.py` makes this page from the code.",
        "",
        "| verb | control API, below `/_sandbox/v1` | `ampsandbox ctl` | `ampsandbox.testing` | screen |",
        "| --- | --- | --- | --- | --- |",
    ]
    for verb, row in table().items():
        cells = [" or ".join(ways) for ways in row.values()]
        lines.append(f"| `{verb}` | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _control() -> Iterator[tuple[str, str]]:
    from ampsandbox.server.control.endpoints import ENDPOINTS
    from ampsandbox.service.sandbox_service import verbs

    names = {verb.__qualname__: name for name, verb in verbs().items()}
    for endpoint in ENDPOINTS:
        for verb in endpoint.stands_for or (endpoint.verb,):
            yield names[verb.__qualname__], f"`{endpoint.method} {endpoint.path}`"


def _ctl() -> Iterator[tuple[str, str]]:
    from ampsandbox.cli.main import build_parser

    ctl = _subparsers(_subparsers(build_parser(["ctl"]))["ctl"])
    for name, parser in ctl.items():
        if (verb := parser.get_default("verb")) is not None:
            yield verb, f"`{name}`"
        for option in parser._actions:
            if hasattr(option, "verb"):
                yield option.verb, f"`{name} {option.option_strings[0]}`"


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise LookupError(parser.prog)


def _called(folder: Path, known: set[str]) -> Iterator[tuple[str, str]]:
    """The verbs that methods in a folder call, by `….service.group.verb` or by `self._group.verb`."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for owner in ast.walk(tree):
            if not isinstance(owner, ast.ClassDef):
                continue
            for method in owner.body:
                if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                name = method.name.lstrip("_").removeprefix("action_")
                for node in ast.walk(method):
                    verb = _verb(node)
                    if verb in known:
                        cls = f"{_CLASSES.get(owner.name, owner.name)}."
                        yield verb, f"`{cls if folder.name == 'testing' else ''}{name}`"


def _verb(node: ast.AST) -> str:
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name)):
        return ""
    group = node.value
    if isinstance(group, ast.Attribute) and isinstance(group.value, ast.Attribute | ast.Name):
        base = group.value.attr if isinstance(group.value, ast.Attribute) else group.value.id
        if base.lstrip("_") == "service":
            return f"{group.attr}.{node.attr}"
        if base == "self" and group.attr.startswith("_"):
            return f"{group.attr[1:]}.{node.attr}"
    return ""


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")
    text = page()
    if parser.parse_args().check:
        is_current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print(
            "docs/verbs.md is up to date."
            if is_current
            else "Run scripts/verbs.py: docs/verbs.md is not current."
        )
        return 0 if is_current else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
