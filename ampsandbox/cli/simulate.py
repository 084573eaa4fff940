"""`ampsandbox simulate`: what a manifest's schedules will cost customers, and how late records get."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from ampsandbox.cli.manifests import add_manifest
from ampsandbox.errors import ManifestError, UsageError

if TYPE_CHECKING:
    from ampsandbox.capacity.assembly import Plan
    from ampsandbox.capacity.results import SimulationResults
    from ampsandbox.manifest.model import Manifest

_FORMATS = ("text", "json", "html")
_INTERRUPTED = 130
_EPILOG = """\
exit codes: 0 the schedules hold; 1 a group runs out of calls, or writes are lost or refused; 2 bad input;
130 stopped with ctrl+c: what was simulated until then is printed all the same, and says that it is partial

examples:
  ampsandbox simulate                                          every object with plain assumptions
  ampsandbox simulate --print-traffic > traffic.yaml           these assumptions, to be edited
  ampsandbox simulate --traffic traffic.yaml --compare "every 1 hours,every 15 minutes,0 * * * *"
  ampsandbox simulate --traffic traffic.yaml --output report.html

docs/capacity.md explains the traffic file and the answer.
"""


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "simulate",
        help="say what the schedules cost customers' CRM quotas, and how late records get",
        description="Simulate days of traffic for many groups by the engine's rules, against the limits of "
        "their CRMs: as the manifest is, without batches, and under other schedules.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_manifest(parser)
    parser.add_argument(
        "--traffic",
        type=Path,
        metavar="FILE",
        help="what is written, by whom, and to which CRMs (default: plain assumptions)",
    )
    parser.add_argument(
        "--print-traffic", action="store_true", help="print the plain assumptions as a traffic file, and stop"
    )
    parser.add_argument("--groups", type=_count, metavar="N", help="so many groups (default: as in the file)")
    parser.add_argument("--days", type=_count, metavar="N", help="so many days (default: as in the file)")
    parser.add_argument(
        "--seed", metavar="SEED", help="makes random choices repeatable (default: as in the file)"
    )
    parser.add_argument(
        "--compare",
        action="append",
        default=[],
        metavar="SCHEDULES",
        help="schedules to try in place of the manifest's, separated by commas; repeatable",
    )
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="sandbox.yaml, whose engine section holds here too"
    )
    parser.add_argument(
        "--format", choices=_FORMATS, help="how to write the answer (default: text, or as --output ends)"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the answer there")
    parser.add_argument("--workers", type=_count, metavar="N", help="so many processes (default: one a core)")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="use this Dask cluster, such as tcp://10.0.0.5:8786"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from ampsandbox.capacity.findings import TrafficInvalidError
    from ampsandbox.manifest.loader import find_manifest, usable_manifest

    path = find_manifest(args.manifest)
    manifest = usable_manifest(path)
    if not manifest.endpoints() and not manifest.named_only():
        raise ManifestError(
            f"{path} writes to no CRM of the sandbox.", "It has mocks of Salesforce and HubSpot."
        )
    if args.print_traffic:
        from ampsandbox.capacity.starter import starter_traffic

        print(starter_traffic(manifest), end="")
        return 0
    try:
        plan = _plan(args, manifest)
    except TrafficInvalidError as error:
        from ampsandbox.manifest.formats.text import render, summary

        print(f"{render(error.result)}\n{summary(error.result)}", file=sys.stderr)
        return error.exit_code
    return _answer(args, plan, path)


def _answer(args: argparse.Namespace, plan: Plan, manifest: Path) -> int:
    from ampsandbox.capacity.evaluation import summarise
    from ampsandbox.capacity.reports import format_of, renderer

    if args.output is not None:
        _check_writable(args.output)
    results = _simulate(args, plan)
    if not results.done_groups:
        print("ampsandbox: stopped before the first group was simulated.", file=sys.stderr)
        return _INTERRUPTED
    summary = summarise(plan, results, str(manifest), assumed_traffic=args.traffic is None)
    format_ = args.format or format_of(args.output)
    _write(renderer(format_)(summary), format_, args.output)
    if summary.is_partial:
        print(f"ampsandbox: stopped after {results.done_groups:,} groups.", file=sys.stderr)
        return _INTERRUPTED
    return 0 if summary.holds else 1


def _plan(args: argparse.Namespace, manifest: Manifest) -> Plan:
    from ampsandbox.capacity.assembly import RunOptions, make_plan, schedules_in
    from ampsandbox.capacity.traffic import load_traffic
    from ampsandbox.capacity.traffic_model import MAX_DAYS, MAX_GROUPS
    from ampsandbox.manifest.formats.text import render

    for name, most in (("groups", MAX_GROUPS), ("days", MAX_DAYS)):
        if (getattr(args, name) or 0) > most:
            raise UsageError(f"--{name} is at most {most:,}.")
    if args.traffic is None:
        print(
            "ampsandbox: no --traffic, so plain assumptions are simulated; --print-traffic shows them.",
            file=sys.stderr,
        )
    traffic = load_traffic(args.traffic, manifest)
    if traffic.checked.findings:
        print(render(traffic.checked), file=sys.stderr)
    schedules = tuple(schedule for given in args.compare for schedule in schedules_in(given))
    from ampsandbox.settings.loading import load_settings

    engine = load_settings(args.settings, {}).engine
    return make_plan(traffic, RunOptions(args.groups, args.days, args.seed, schedules, engine))


def _simulate(args: argparse.Namespace, plan: Plan) -> SimulationResults:
    from ampsandbox.capacity.simulation import Progress, simulate
    from ampsandbox.cli.progress_bar import ProgressBar

    bar = ProgressBar()

    def show(progress: Progress) -> None:
        share = progress.done_groups / progress.total_groups
        bar.show(share, f"{progress.done_groups:,} groups, {progress.writes:,} writes")

    show(Progress(0, plan.scenario.groups, 0))
    with _stopped_by_ctrl_c() as is_stopped:
        try:
            return simulate(
                plan.scenario, workers=args.workers, dask=args.dask, on_progress=show, should_stop=is_stopped
            )
        finally:
            bar.clear()


@contextlib.contextmanager
def _stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Whether ctrl+c was pressed; a second time ends the program at once."""
    presses = 0

    def press(signum: int, frame: FrameType | None) -> None:
        nonlocal presses
        presses += 1
        if presses > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: presses > 0
    finally:
        signal.signal(signal.SIGINT, before)


def _check_writable(output: Path) -> None:
    """Before hours of work rather than after them.

    Raises:
        UsageError: Nothing can be written there.
    """
    try:
        output.open("ab").close()
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}.") from None


def _write(text: str, format_: str, output: Path | None) -> None:
    from ampsandbox.capacity.reports.text import in_ascii

    if output is not None:
        try:
            output.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{output} cannot be written: {error.strerror or error}.") from None
        return
    if (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        text = in_ascii(text) if format_ == "text" else text.encode("ascii", "xmlcharrefreplace").decode()
    print(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:12]) <= 10**9:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is no whole number from 1 up")
    return int(text)
