#!/usr/bin/env python3
"""How easy the code is to find one's way in: figures about names, sizes, imports and tests.

    scripts/figures.py                      the table, over ampsandbox and mock_crm
    scripts/figures.py ampsandbox/engine    the table for one folder
    scripts/figures.py --list helpers       what is counted in one row, with the place of each
    scripts/figures.py --json               the same for a program

A figure is a question, not a verdict: a helper of three lines that is called once may have a good name. What
counts is that no row grows without anyone having looked at it. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ampsandbox", "mock_crm")

Function = ast.FunctionDef | ast.AsyncFunctionDef

LONG_FUNCTION = 40
SHORT_HELPER = 5
MANY_METHODS = 25
MANY_IMPORTS = 15
SHORT_DOCSTRING = 5
FIXTURE_PARAMETER_FREE = {"self", "cls"}


@dataclass(frozen=True)
class Module:
    """One file, parsed."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...] = field(repr=False)
    parents: dict[ast.AST, ast.AST] = field(repr=False)

    def place(self, node: ast.AST) -> str:
        """`path:line`, as editors and terminals link it."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"

    def inside_function(self, node: ast.AST) -> bool:
        """Whether the node runs when a function is called, and not at import."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, Function):
                return True
        return False


@dataclass(frozen=True)
class Row:
    """One figure: its value as text, and what it counts."""

    key: str
    label: str
    value: str
    items: tuple[str, ...] = ()


def read(folders: list[Path]) -> list[Module]:
    """Every Python file below the folders, in the order of their paths."""
    paths = sorted(
        {path for folder in folders for path in ([folder] if folder.is_file() else folder.rglob("*.py"))}
    )
    modules = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        nodes = tuple(ast.walk(tree))
        parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules.append(Module(name, path, text, tree, nodes, parents))
    return modules


def functions(module: Module) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in module.nodes if isinstance(node, Function))


def lines_of(node: Function) -> int:
    """Lines from `def` to the end, decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def imported(module: Module, known: set[str]) -> Iterator[tuple[str, ast.AST]]:
    """The modules of the project that one imports, at any depth and for types too."""
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    for node in module.nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            source = (f"{base}.{node.module}" if node.module else base) if node.level else node.module or ""
            # `from package import module` leads to the module; `from module import name` to its owner.
            names = [f"{source}.{a.name}" if f"{source}.{a.name}" in known else source for a in node.names]
        else:
            continue
        yield from ((name, node) for name in names if name in known and name != module.name)


def circles(modules: list[Module]) -> list[list[str]]:
    """Groups of modules of which each reaches each other one by imports, largest first (Tarjan)."""
    known = {module.name for module in modules}
    graph = {module.name: sorted({name for name, _ in imported(module, known)}) for module in modules}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph[name]:
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            at = stack.index(name)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(max(sys.getrecursionlimit(), 5 * len(graph) + 1000))
    for name in graph:
        if name not in index:
            visit(name)
    return sorted(found, key=len, reverse=True)


def used_names(module: Module) -> Counter[str]:
    """How often each name is read, as a name or as an attribute."""
    names = (
        node.id if isinstance(node, ast.Name) else node.attr
        for node in module.nodes
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )
    return Counter(names)


def quantile(values: list[int], share: float) -> int:
    """The value below which the share of all lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def size_rows(modules: list[Module]) -> Iterator[Row]:
    """File lines, long functions and classes, comment lines."""
    sizes = [module.text.count("\n") for module in modules]
    biggest = sorted(zip(sizes, modules, strict=True), key=lambda pair: -pair[0])[:20]
    yield Row(
        "lines",
        "file lines, median / p90 / max",
        f"{statistics.median(sizes):.0f} / {quantile(sizes, 0.9)} / {max(sizes)}",
        tuple(f"{module.place(module.tree)} {size}" for size, module in biggest),
    )
    every = [(module, node) for module in modules for node in functions(module)]
    long = [(module, node) for module, node in every if lines_of(node) > LONG_FUNCTION]
    yield Row(
        "functions",
        f"functions of more than {LONG_FUNCTION} lines",
        f"{len(long)} of {len(every):,}",
        tuple(f"{module.place(node)} {node.name} {lines_of(node)}" for module, node in long),
    )
    classes = [(m, node) for m in modules for node in m.nodes if isinstance(node, ast.ClassDef)]
    wide = [
        (module, node, count)
        for module, node in classes
        if (count := sum(isinstance(member, Function) for member in node.body)) > MANY_METHODS
    ]
    yield Row(
        "classes",
        f"classes with more than {MANY_METHODS} methods",
        f"{len(wide)} of {len(classes)}",
        tuple(f"{module.place(node)} {node.name} {count}" for module, node, count in wide),
    )
    places: dict[str, list[str]] = defaultdict(list)
    for module, node in classes:
        if not node.name.startswith("_") and isinstance(module.parents[node], ast.Module):
            places[node.name].append(module.place(node))
    shared = {name: where for name, where in sorted(places.items()) if len(where) > 1}
    yield Row(
        "names",
        "public class names that stand in several modules",
        str(len(shared)),
        tuple(f"{name}: {' '.join(where)}" for name, where in shared.items()),
    )
    comments = sum(line.lstrip().startswith("#") for module in modules for line in module.text.splitlines())
    yield Row("comments", "comment lines", f"{100 * comments / sum(sizes):.1f} %")


def helper_row(modules: list[Module]) -> Row:
    """Private functions whose few lines stand somewhere else than their only caller."""
    private = [
        (module, node)
        for module in modules
        for node in functions(module)
        if node.name.startswith("_") and not node.name.startswith("__")
    ]
    used = {module.name: used_names(module) for module in modules}
    once = [
        (module, node)
        for module, node in private
        if lines_of(node) <= SHORT_HELPER and used[module.name][node.name] == 1
    ]
    return Row(
        "helpers",
        f"private helpers of at most {SHORT_HELPER} lines that are called once",
        f"{len(once)} of {len(private):,}",
        tuple(f"{module.place(node)} {node.name}" for module, node in once),
    )


def import_rows(modules: list[Module]) -> Iterator[Row]:
    """Late imports, crowded modules, and circles with imports for types and late ones counted."""
    imports = [
        (module, node)
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    late = [(module, node) for module, node in imports if module.inside_function(node)]
    yield Row(
        "late",
        "imports inside functions",
        str(len(late)),
        tuple(f"{module.place(node)}" for module, node in late),
    )
    counts = Counter(module.name for module, _ in imports)
    crowded = [module for module in modules if counts[module.name] > MANY_IMPORTS]
    yield Row(
        "imports",
        f"modules with more than {MANY_IMPORTS} imports",
        f"{len(crowded)} of {len(modules)}",
        tuple(f"{module.place(module.tree)} {counts[module.name]}" for module in crowded),
    )
    groups = circles(modules)
    yield Row(
        "circles",
        "circles, imports for types and late ones counted",
        ", ".join(str(len(group)) for group in groups[:6]) + (", …" if len(groups) > 6 else "")
        if groups
        else "0",
        tuple(f"{len(group)}: {' '.join(group)}" for group in groups),
    )


def docstring_row(modules: list[Module]) -> Row:
    """Docstrings too short to say more than the name that they stand under."""
    short = []
    for module in modules:
        for node in module.nodes:
            if isinstance(node, Function | ast.ClassDef | ast.Module):
                text = ast.get_docstring(node)
                if text is not None and len(text.split()) <= SHORT_DOCSTRING:
                    short.append(f"{module.place(node)} {text}")
    return Row("docstrings", f"docstrings of {SHORT_DOCSTRING} words or fewer", str(len(short)), tuple(short))


def fixture_row(tests: list[Module]) -> Row:
    """Parameters of tests and fixtures that have no type, or `Any`."""
    untyped = []
    for module in tests:
        for node in functions(module):
            decorators = " ".join(ast.unparse(each) for each in node.decorator_list)
            parametrised = set(
                re.findall(r"\w+", " ".join(re.findall(r"parametrize\(\(?([^)\[]*)", decorators)))
            )
            if not (node.name.startswith("test_") or re.search(r"\bfixture\b", decorators)):
                continue
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                annotation = ast.unparse(argument.annotation) if argument.annotation else "nothing"
                if argument.arg not in FIXTURE_PARAMETER_FREE | parametrised and annotation in {
                    "nothing",
                    "Any",
                }:
                    untyped.append(f"{module.place(argument)} {node.name}({argument.arg})")
    return Row("fixtures", "untyped fixture parameters in tests", str(len(untyped)), tuple(untyped))


def rows(modules: list[Module], tests: list[Module]) -> list[Row]:
    """All figures, in the order in which they are shown."""
    return [
        *size_rows(modules),
        helper_row(modules),
        *import_rows(modules),
        docstring_row(modules),
        fixture_row(tests),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print the table, one row's items, or JSON."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folders", nargs="*", type=Path, help="folders or files; without any, all of the project"
    )
    parser.add_argument(
        "--list", metavar="ROW", help="what a row counts: lines, functions, classes, names, …"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    folders = [folder.resolve() for folder in options.folders] or [ROOT / name for name in PACKAGES]
    tests = [folder for folder in folders if (ROOT / "tests") in (folder, *folder.parents)]
    modules = read([folder for folder in folders if folder not in tests] or tests)
    if not modules:
        parser.error(f"there are no Python files below {', '.join(map(str, options.folders))}")
    table = rows(modules, read(tests if options.folders else [ROOT / "tests"]))
    if options.list:
        row = next((row for row in table if row.key == options.list), None)
        if row is None:
            parser.error(f"there is no row {options.list!r}; there are {', '.join(row.key for row in table)}")
        print("\n".join(row.items))
    elif options.json:
        print(json.dumps({row.key: {"label": row.label, "value": row.value} for row in table}, indent=2))
    else:
        for row in table:
            print(f"{row.key:<11} {row.label:<62} {row.value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
