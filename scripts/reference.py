#!/usr/bin/env python3
"""The pages docs/commands.md and docs/control-api.md, made from the code.

    scripts/reference.py            write both
    scripts/reference.py --check    say whether they are as the code has them

Run it with the project's Python.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

COMMANDS_HEAD: Final = """\
# Commands

What `ampsandbox COMMAND --help` says, on one page. Made by `scripts/reference.py`.

A path may be a file, or a folder that holds `amp.yaml` or `amp.yml`; without one the current folder is
searched. Data goes to stdout, what is said about it to stderr, and exit codes are part of the contract.
"""

CONTROL_HEAD: Final = """\
# Control API

Everything that can be done with a running sandbox, over HTTP and JSON, for a test suite in any language.
All paths are below `/_sandbox/v1`; `GET /openapi.json` describes them with the shapes of bodies and
answers, and the endpoints of your manifest. Made by `scripts/reference.py`. [The table of verbs](verbs.md)
has the same operations on the command line, in Python and on the screen.

```console
$ ampsandbox serve amp.yaml --ephemeral --speed 0 --port 0
{"event":"ready","url":"http://127.0.0.1:…","pid":…}
```

Errors are `application/problem+json` with `title`, `detail`, and `issues` where a body is at fault. `GET
/_sandbox/health` and `GET /_sandbox/ready` answer 200 once the server takes requests. With `--api-key`
every call needs `X-Api-Key`. 400 means that a request does not fit `/openapi.json`; one that does is
refused with 404 where what it names is not there, and with 409 where what is there does not allow it.

[schemathesis](https://schemathesis.readthedocs.io/) with all its checks finds nothing to complain of:
`schemathesis run http://127.0.0.1:4742/openapi.json`, with the repository's `schemathesis.toml` beside you.
No schema can know which records a CRM takes; that file says that 422 is an answer to a valid write.

| method | path | does |
| --- | --- | --- |
"""


def cell(text: str) -> str:
    """Text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def parsers(
    parser: argparse.ArgumentParser, about: str = ""
) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Each command that can be called, with its one line."""
    subs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not subs:
        yield parser, about
    for action in subs:
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, sub in action.choices.items():
            yield from parsers(sub, helps.get(name, ""))


def option_row(action: argparse.Action) -> str:
    """One argument or option, how it is written, and what it does."""
    value = action.metavar or (
        "\\|".join(map(str, action.choices)) if action.choices else action.dest.upper().replace("_", "-")
    )
    if isinstance(value, tuple):
        value = " ".join(value)
    if action.option_strings:
        takes = "" if action.nargs == 0 else f" {value}"
        written = ", ".join(f"`{option}{takes}`" for option in action.option_strings)
    else:
        written = f"`{value}`"
    text = (action.help or "").replace("%%", "%").replace("%(default)s", str(action.default))
    return f"| {written} | {cell(text)} |"


def commands() -> str:
    """The text of docs/commands.md."""
    from ampsandbox.cli.main import build_parser

    parts = [COMMANDS_HEAD]
    for parser, about in parsers(build_parser()):
        shown = [
            action
            for action in parser._actions
            if action.help != argparse.SUPPRESS and not isinstance(action, argparse._HelpAction)
        ]
        title = parser.prog.removeprefix("ampsandbox ")
        description = parser.description or about
        rows = "\n".join(option_row(action) for action in shown)
        table = f"\n| argument | does |\n| --- | --- |\n{rows}\n" if rows else ""
        parts.append(f"## {title}\n\n{description.strip()}\n{table}")
    return "\n".join(parts)


def control_api() -> str:
    """The text of docs/control-api.md."""
    from ampsandbox.server.control.endpoints import ENDPOINTS

    rows = [f"| {each.method} | `{each.path}` | {cell(each.summary)} |" for each in ENDPOINTS]
    return CONTROL_HEAD + "\n".join(rows) + "\n"


def pages() -> dict[Path, str]:
    """Each page and its text."""
    return {
        ROOT / "docs" / "commands.md": re.sub(r"\n{3,}", "\n\n", commands()),
        ROOT / "docs" / "control-api.md": control_api(),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or compare."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text() != text]
    if options.check and stale:
        print("Run scripts/reference.py: " + ", ".join(path.name for path in stale), file=sys.stderr)
        return 1
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
