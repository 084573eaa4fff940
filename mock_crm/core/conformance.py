"""What the providers' conformance pages have in common: tables, and refusals made to be shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells must not hold line breaks or unescaped bars."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def literal(text: str) -> str:
    """Text as code in a cell."""
    shown = text.replace("|", "\\|").replace("\n", " ").strip()
    return f"`{shown}`"


def factories(modules: Iterable[ModuleType]) -> Iterator[Callable[..., Any]]:
    """The public functions that modules define, in their order."""
    for module in modules:
        for name, found in vars(module).items():
            if inspect.isfunction(found) and found.__module__ == module.__name__ and name[0] != "_":
                yield found


def made(factory: Callable[..., Any], sample: Callable[[inspect.Parameter], Any]) -> Any:
    """What a function gives for stand-ins of the arguments that it needs."""
    parameters = inspect.signature(factory).parameters.values()
    needed = [parameter for parameter in parameters if parameter.default is parameter.empty]
    return factory(
        *(sample(p) for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD),
        **{p.name: sample(p) for p in needed if p.kind is p.KEYWORD_ONLY},
    )


def stand_in(parameter: inspect.Parameter) -> Any:
    """A stand-in for a list, a truth, or what is only put into a text; named like its parameter."""
    kind = str(parameter.annotation)
    name = f"{{{parameter.name}}}"
    if "Sequence" in kind or "Iterable" in kind:
        return [name]
    return True if kind == "bool" else name
