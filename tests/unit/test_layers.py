"""Who may import whom: read from the imports, and seen in a fresh interpreter."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Container, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# Each layer may import itself and what stands before it.
LAYERS = (
    ("errors", "clock", "events", "secrets", "snippets"),
    ("manifest",),
    ("settings",),
    ("engine",),
    ("crm",),
    ("service",),
    ("capacity",),
    ("server",),
    ("testing",),
    ("tui", "cli", "pytest_plugin", "__main__"),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

HEADLESS = (
    "ampsandbox.manifest.loader",
    "ampsandbox.engine.engine",
    "ampsandbox.crm.connect",
    "ampsandbox.server.runner",
    "ampsandbox.testing",
    "ampsandbox.cli.main",
    "mock_crm.orgs",
)


@cache
def _statements(package: str) -> dict[str, list[ast.Import | ast.ImportFrom]]:
    """By module of a package, its imports at any depth of its code: read once, as parsing is what costs."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        found[module] = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return found


def _modules(package: str) -> Iterator[tuple[str, str]]:
    """Each module of a package with each module that it imports."""
    for module, statements in _statements(package).items():
        for node in statements:
            if isinstance(node, ast.Import):
                yield from ((module, alias.name) for alias in node.names)
            elif node.module and not node.level:
                yield module, node.module


def _imports(package: str) -> dict[str, set[str]]:
    """By module of a package, the modules of the same package that it imports, for types or late as well."""
    by_name = {name.removesuffix(".__init__"): nodes for name, nodes in _statements(package).items()}
    return {
        name: {target for node in nodes for target in _targets(node, by_name) if target in by_name} - {name}
        for name, nodes in by_name.items()
    }


def _targets(node: ast.Import | ast.ImportFrom, known: Container[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif node.module and not node.level:
        for alias in node.names:
            # `from package import module` is about the module.
            module = f"{node.module}.{alias.name}"
            yield module if module in known else node.module


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle, if there are any."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def _layer(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_a_layer_imports_only_itself_and_lower_ones() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, imported in _modules("ampsandbox")
        if imported.startswith("ampsandbox.")
        and _layer(module)
        and RANK[_layer(imported)] > RANK[_layer(module)]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["ampsandbox", "mock_crm"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    assert _circle(_imports(package)) == []


def test_a_circle_is_found() -> None:
    assert set(_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()})) == {"a", "b", "c"}


def test_the_mock_crms_know_nothing_of_the_sandbox() -> None:
    assert [
        module for module, imported in _modules("mock_crm") if imported.split(".")[0] == "ampsandbox"
    ] == []


@pytest.mark.parametrize(
    ("library", "homes"),
    [("textual", {"tui"}), ("starlette", {"server"}), ("httptools", set()), ("pytest", {"pytest_plugin"})],
)
def test_a_library_stays_in_its_home(library: str, homes: set[str]) -> None:
    users = {
        _layer(module) for module, imported in _modules("ampsandbox") if imported.split(".")[0] == library
    }
    assert users <= homes


@pytest.mark.parametrize("module", HEADLESS)
def test_a_headless_module_does_not_load_textual(module: str) -> None:
    code = f"import sys, {module}; print([name for name in sys.modules if name.split('.')[0] == 'textual'])"
    assert _python(code) == "[]"


def test_the_plugin_loads_only_pytest_and_the_standard_library() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import ampsandbox.pytest_plugin; "
        "print(sorted(n for n in set(sys.modules) - before if not n.startswith('ampsandbox')))"
    )
    loaded = ast.literal_eval(_python(code))
    assert [name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names] == []


def test_checking_a_manifest_loads_no_server_and_no_crm() -> None:
    code = (
        "import sys, ampsandbox.cli.main as m; m.main(['check', 'sample_configs/mailmonkey.yaml']); "
        "heavy = ('httpx', 'starlette', 'httptools', 'pydantic', 'textual', 'sqlite3'); "
        "print([n for n in heavy if n in sys.modules])"
    )
    assert _python(code).splitlines()[-1] == "[]"


def _python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def test_a_server_starts_without_what_its_first_write_does_not_need() -> None:
    """Each of these takes from 10 to 200 ms to import; see the profile of imports in benchmarks/README.md."""
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "import ampsandbox.cli.serve\n"
        "from ampsandbox.server.runner import Runner, RunnerOptions\n"
        "heavy = ('anyio', 'cryptography', 'httpx', 'jwt', 'pydantic', 'pygments', 'rich', 'starlette',"
        " 'textual', 'trustme', 'uvicorn', 'importlib.resources', 'tempfile', 'xml.etree',"
        " 'ampsandbox.capacity',"
        " 'ampsandbox.server.control', 'ampsandbox.server.ampersand_api', 'ampsandbox.crm.hubspot',"
        " 'ampsandbox.service.recording', 'ampsandbox.tui', 'mock_crm.hubspot')\n"
        "with Runner(RunnerOptions(manifest=Path('sample_configs/salesforce-only.yaml'))):\n"
        "    print([name for name in heavy if name in sys.modules])\n"
    )
    assert _python(code) == "[]"


def test_settings_that_name_no_secrets_are_read_without_pydantic(tmp_path: Path) -> None:
    """It takes 10 MB, a sixth of what a sandbox may need."""
    (tmp_path / "sandbox.yaml").write_text(
        "engine: {parallel_requests: 2}\nmocks: {limits: off}\nids: {a: b}\n"
    )
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ampsandbox.settings import load_settings\n"
        f"load_settings(Path({str(tmp_path / 'sandbox.yaml')!r}), {{}})\n"
        "print('pydantic' in sys.modules)\n"
    )
    assert _python(code) == "False"
