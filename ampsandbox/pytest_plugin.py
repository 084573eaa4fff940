"""The pytest plugin: fixtures that give a test a sandbox of its own.

Pytest imports this module in every run of an environment that has ampsandbox installed, so nothing but pytest
and the standard library is imported before a test asks for a sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ampsandbox.testing import Sandbox
    from ampsandbox.testing.coverage import Coverage
    from ampsandbox.testing.pool import SandboxPool
    from ampsandbox.testing.report import ReportPlan

SandboxFactory = Callable[..., "Sandbox"]
"""What `amp_sandbox_factory` is: takes the arguments of `ampsandbox.testing.Sandbox`, gives a started one."""

_MARKER = "ampsandbox"
_MARKER_HELP = (
    "ampsandbox(manifest=None, groups=None, integration=None, seed=None, clock=None, custom_fields=None, "
    "faults=None, strict=None): how the test's amp_sandbox is made; manifest is taken from the test file's "
    "folder."
)
_MARKER_OPTIONS = frozenset(
    {"manifest", "groups", "integration", "seed", "clock", "custom_fields", "faults", "strict"}
)

_COVERAGE = pytest.StashKey["dict[str, dict[str, bool]]"]()
_FAILED = pytest.StashKey[bool]()
_WORKER_OUTPUT = "ampsandbox_coverage"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's settings and the command line's."""
    parser.addini(
        "ampsandbox_manifest", "the amp.yaml that amp_sandbox loads, from the root folder", default=""
    )
    parser.addini(
        "ampsandbox_groups", "the groups that amp_sandbox installs for", type="args", default=["demo"]
    )
    parser.addini("ampsandbox_seed", "what ids and random choices are drawn from", default="0")
    parser.addini(
        "ampsandbox_strict",
        "what fails a test at its end: true, false, or some of unflushed, unread_refusals, unknown_routes",
        default="true",
    )
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
        metavar="FORM",
        action="append",
        default=[],
        help="after the run, say what of the manifest the tests exercised: text, json:PATH, or junit "
        "(properties in the --junit-xml file); repeatable",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, so that --strict-markers knows it, and check the command line."""
    config.addinivalue_line("markers", _MARKER_HELP)
    if config.getoption("--ampsandbox-report"):
        _report_plan(config)


# -- fixtures ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _amp_sandbox_pool() -> Iterator[SandboxPool]:
    """The sandboxes of this worker: each combination of settings is started once, and reset for each test."""
    from ampsandbox.testing.pool import SandboxPool

    with SandboxPool() as pool:
        yield pool


@pytest.fixture(scope="session")
def amp_sandbox_manifest(request: pytest.FixtureRequest) -> str | Path | None:
    """The manifest of `amp_sandbox`; override it in a conftest.py. None searches the root folder."""
    return request.config.getini("ampsandbox_manifest") or None


@pytest.fixture
def amp_sandbox(
    request: pytest.FixtureRequest, _amp_sandbox_pool: SandboxPool, amp_sandbox_manifest: str | Path | None
) -> Iterator[Sandbox]:
    """A sandbox with nothing in it, on a frozen clock; see the marker `ampsandbox` for its settings."""
    from ampsandbox.errors import UsageError

    options = _options(request, amp_sandbox_manifest)
    strict, faults = options.pop("strict"), options.pop("faults")
    with _usage_errors():
        sandbox = _amp_sandbox_pool.take(**options)
        for fault in (faults,) if isinstance(faults, Mapping | str) else faults or ():
            if not isinstance(fault, Mapping) or "kind" not in fault:
                raise UsageError(f"{fault!r} is no fault.", 'A fault is a dict such as {"kind": "outage"}.')
            sandbox.add_fault(**fault)
    yield sandbox
    _count_coverage(request, sandbox)
    wish = request.config.getoption("--ampsandbox-log")
    if wish == "all" or (wish == "failed" and _has_failed(request)):
        request.node.add_report_section("teardown", "ampsandbox", sandbox.log())
    _fail_on_leftovers(request, sandbox, strict)


@pytest.fixture
def amp_sandbox_factory(
    request: pytest.FixtureRequest, _amp_sandbox_pool: SandboxPool, amp_sandbox_manifest: str | Path | None
) -> Iterator[SandboxFactory]:
    """Makes further, isolated sandboxes, with the arguments of `ampsandbox.testing.Sandbox`."""
    # The pool is not used, but what it imports is imported before the fixtures of a test freeze the time:
    # afterwards freezegun's own class would stand for `datetime` in it.
    from ampsandbox.testing import Sandbox

    made: list[Sandbox] = []

    def make(manifest: str | Path | None = None, **options: Any) -> Sandbox:
        defaults = _options(request, amp_sandbox_manifest)
        kept = {name: defaults[name] for name in ("groups", "integration", "seed", "clock")}
        with _usage_errors():
            sandbox = Sandbox(manifest or defaults["manifest"], **kept | options)
            sandbox.start()
        made.append(sandbox)
        return sandbox

    yield make
    for sandbox in made:
        _count_coverage(request, sandbox)
        sandbox.stop()


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Show what is wrong with a test's settings without the frames of this plugin."""
    from ampsandbox.errors import AmpSandboxError

    problem = ""
    try:
        yield
    except AmpSandboxError as error:
        problem = f"{error.message}\n{error.hint}".rstrip()
    if problem:
        pytest.fail(problem, pytrace=False)


# -- settings ------------------------------------------------------------------------------------------------


def _options(request: pytest.FixtureRequest, manifest: str | Path | None) -> dict[str, Any]:
    """A test's settings: its markers, closest first, then the command line, then the project's."""
    config = request.config
    options: dict[str, Any] = {
        "manifest": config.rootpath / (config.getoption("--ampsandbox-manifest") or manifest or ""),
        "groups": tuple(config.getini("ampsandbox_groups")),
        "integration": (),
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
        pytest.fail(f"@pytest.mark.ampsandbox does not take {what}. It is\n{_MARKER_HELP}", pytrace=False)
    options = {name: value for name, value in marker.kwargs.items() if value is not None}
    if "manifest" in options:
        options["manifest"] = request.path.parent / options["manifest"]
    if "groups" in options:
        groups = options["groups"]
        options["groups"] = (groups,) if isinstance(groups, str) else tuple(groups)
    return options


# -- the end of a test ---------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which tests failed, for their fixtures to add the sandbox's log."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


def _has_failed(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.stash.get(_FAILED, False))


def _fail_on_leftovers(
    request: pytest.FixtureRequest, sandbox: Sandbox, strict: bool | str | Mapping[str, bool]
) -> None:
    from ampsandbox.testing.strict import Strictness, failure_text, leftovers

    with _usage_errors():
        strictness = Strictness.of(strict)
    lines = leftovers(sandbox, strictness)
    # A test that failed has said what is wrong; its leftovers are no news.
    if lines and not _has_failed(request):
        pytest.fail(failure_text(lines), pytrace=False)


# -- coverage of the manifest --------------------------------------------------------------------------------


def _report_plan(config: pytest.Config) -> ReportPlan:
    from ampsandbox.errors import UsageError
    from ampsandbox.testing.report import ReportPlan

    try:
        return ReportPlan.of(config.getoption("--ampsandbox-report"))
    except UsageError as error:
        raise pytest.UsageError(f"{error.message} {error.hint}") from error


def _count_coverage(request: pytest.FixtureRequest, sandbox: Sandbox) -> None:
    """Count what a test did, in this process and in the test's own properties."""
    if not request.config.getoption("--ampsandbox-report"):
        return
    from ampsandbox.testing.coverage import Coverage

    coverage = Coverage(request.config.stash.get(_COVERAGE, {}))
    done = coverage.add(sandbox)
    request.config.stash[_COVERAGE] = coverage.as_json()
    if _report_plan(request.config).junit:
        request.node.user_properties += [("ampsandbox.covered", what) for what in done]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Add what a worker of pytest-xdist saw."""
    seen = getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT)
    if seen:
        coverage = _coverage(node.config)
        coverage.merge(seen)
        node.config.stash[_COVERAGE] = coverage.as_json()


def _coverage(config: pytest.Config) -> Coverage:
    from ampsandbox.testing.coverage import Coverage

    return Coverage(config.stash.get(_COVERAGE, {}))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand this worker's share over to the process that reports, or write the reports."""
    config = session.config
    if not config.getoption("--ampsandbox-report"):
        return
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_WORKER_OUTPUT] = config.stash.get(_COVERAGE, {})
        return
    plan, coverage = _report_plan(config), _coverage(config)
    if plan.path is not None:
        from ampsandbox.testing.report import write_json

        try:
            write_json(coverage, config.invocation_params.dir / plan.path)
        except OSError as error:
            raise pytest.UsageError(
                f"--ampsandbox-report cannot write {plan.path}: {error.strerror}."
            ) from error
    if plan.junit:
        _add_junit_properties(config, coverage)


def _add_junit_properties(config: pytest.Config, coverage: Coverage) -> None:
    # `record_testsuite_property` does the same, but as a fixture it cannot run where xdist writes the file.
    from _pytest.junitxml import xml_key

    from ampsandbox.testing.report import junit_properties

    xml = config.stash.get(xml_key, None)
    if xml is not None:
        for name, value in junit_properties(coverage):
            xml.add_global_property(name, value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the coverage of the manifest's objects after the tests."""
    if config.getoption("--ampsandbox-report") and _report_plan(config).text:
        terminalreporter.section("coverage of the manifest")
        coverage = _coverage(config)
        lines = coverage.lines() if coverage else ["No test used a sandbox."]
        for line in lines:
            terminalreporter.line(line)
