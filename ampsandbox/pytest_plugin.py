"""The pytest plugin: fixtures that give a test a sandbox of its own.

Pytest imports this module in every run of an environment that has ampsandbox installed, so nothing but pytest
and the standard library is imported before a test asks for a sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ampsandbox.testing import Sandbox
    from ampsandbox.testing.pool import SandboxPool

_MARKER = "ampsandbox"
_MARKER_HELP = (
    "ampsandbox(manifest=None, groups=None, seed=None, clock=None, faults=None, strict=None): "
    "how the test's amp_sandbox is made; manifest is taken from the test file's folder."
)
_MARKER_OPTIONS = frozenset({"manifest", "groups", "seed", "clock", "faults", "strict"})

SandboxFactory = Callable[..., "Sandbox"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's settings and the command line's."""
    parser.addini(
        "ampsandbox_manifest", "the amp.yaml that amp_sandbox loads, from the root folder", default=""
    )
    parser.addini("ampsandbox_strict", "fail tests that leave writes behind", type="bool", default=True)
    parser.addini("ampsandbox_seed", "what ids and random choices are drawn from", default="0")
    group = parser.getgroup("ampsandbox", "ampsandbox")
    group.addoption(
        "--ampsandbox-manifest", metavar="PATH", help="load this amp.yaml instead of the configured one"
    )
    group.addoption("--ampsandbox-seed", metavar="SEED", help="draw ids and random choices from this seed")
    group.addoption(
        "--ampsandbox-log",
        choices=("failed", "all", "none"),
        default="failed",
        help="add the sandbox's log to the report of failed tests (default), of all, or of none",
    )
    group.addoption(
        "--ampsandbox-report",
        metavar="FORMAT[:PATH]",
        help="after the run, say what of the manifest the tests exercised: text, or json:PATH",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, so that --strict-markers knows it."""
    config.addinivalue_line("markers", _MARKER_HELP)


@pytest.fixture(scope="session")
def _amp_sandbox_pool(request: pytest.FixtureRequest) -> Iterator[SandboxPool]:
    """The sandboxes of this worker: each combination of settings is started once, and reset for each test."""
    from ampsandbox.testing.pool import SandboxPool

    with SandboxPool() as pool:
        yield pool
        _keep_coverage(request.config, pool)


@pytest.fixture
def amp_sandbox_manifest(request: pytest.FixtureRequest) -> Path | None:
    """The manifest of `amp_sandbox`; override it in a conftest.py. None searches the root folder."""
    named = request.config.getoption("--ampsandbox-manifest") or request.config.getini("ampsandbox_manifest")
    return request.config.rootpath / named if named else None


@pytest.fixture
def amp_sandbox(
    request: pytest.FixtureRequest, _amp_sandbox_pool: SandboxPool, amp_sandbox_manifest: Path | None
) -> Iterator[Sandbox]:
    """A sandbox with nothing in it, on a frozen clock; see the marker `ampsandbox` for its settings."""
    options = _options(request, amp_sandbox_manifest)
    strict, faults = options.pop("strict"), options.pop("faults")
    sandbox = _amp_sandbox_pool.take(**options)
    for fault in faults or ():
        sandbox.faults().add(**fault)
    yield sandbox
    _amp_sandbox_pool.note(sandbox)
    _report_log(request, sandbox)
    _fail_on_leftovers(request, sandbox, strict)


@pytest.fixture
def amp_sandbox_factory(
    request: pytest.FixtureRequest, amp_sandbox_manifest: Path | None
) -> Iterator[SandboxFactory]:
    """Makes further, isolated sandboxes, with the arguments of `ampsandbox.testing.Sandbox`."""
    from ampsandbox.testing import Sandbox

    made: list[Sandbox] = []

    def make(manifest: str | Path | None = None, **options: Any) -> Sandbox:
        defaults = _options(request, amp_sandbox_manifest)
        sandbox = Sandbox(manifest or defaults["manifest"], **{"seed": defaults["seed"]} | options)
        sandbox.start()
        made.append(sandbox)
        return sandbox

    yield make
    for sandbox in made:
        sandbox.stop()


def _options(request: pytest.FixtureRequest, manifest: Path | None) -> dict[str, Any]:
    """A test's settings: its markers, closest first, then the command line, then the project's."""
    config = request.config
    options: dict[str, Any] = {
        "manifest": manifest or config.rootpath,
        "groups": ("demo",),
        "seed": config.getoption("--ampsandbox-seed") or config.getini("ampsandbox_seed"),
        "clock": "frozen",
        "faults": None,
        "strict": config.getini("ampsandbox_strict"),
    }
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        options |= _marker_options(request, marker)
    return options


def _marker_options(request: pytest.FixtureRequest, marker: pytest.Mark) -> dict[str, Any]:
    unknown = set(marker.kwargs) - _MARKER_OPTIONS
    if marker.args or unknown:
        what = ", ".join(sorted(unknown)) or "positional arguments"
        raise pytest.UsageError(f"@pytest.mark.ampsandbox does not take {what}. It is {_MARKER_HELP}")
    options = {name: value for name, value in marker.kwargs.items() if value is not None}
    if "manifest" in options:
        options["manifest"] = request.path.parent / options["manifest"]
    if "groups" in options:
        options["groups"] = tuple(options["groups"])
    return options


def _report_log(request: pytest.FixtureRequest, sandbox: Sandbox) -> None:
    wish = request.config.getoption("--ampsandbox-log")
    if wish == "all" or (wish == "failed" and _has_failed(request.node)):
        request.node.add_report_section("teardown", "ampsandbox", sandbox.log())


def _has_failed(node: Any) -> bool:
    return bool(node.stash.get(_FAILED, False))


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which tests failed, for their fixtures to add the sandbox's log."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


def _fail_on_leftovers(
    request: pytest.FixtureRequest, sandbox: Sandbox, strict: bool | Mapping[str, bool]
) -> None:
    from ampsandbox.testing.strict import Strictness, failure_text, leftovers

    lines = leftovers(sandbox, Strictness.of(strict))
    # A test that failed has said what is wrong; its leftovers are no news.
    if lines and not _has_failed(request.node):
        pytest.fail(failure_text(lines), pytrace=False)


def _keep_coverage(config: pytest.Config, pool: SandboxPool) -> None:
    """Hand this worker's share of the manifest's coverage to the process that reports it."""
    config.stash[_COVERAGE] = pool.coverage()
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output["ampsandbox_coverage"] = config.stash[_COVERAGE]


_COVERAGE = pytest.StashKey[dict[str, Any]]()
