"""`--no-tui`: what happens as lines of plain text, for screen readers and for those who pipe it elsewhere.

Nothing here imports Textual.
"""

from __future__ import annotations

import queue
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

from ampsandbox.events import (
    BatchOpened,
    CircuitClosed,
    CircuitOpened,
    ClockMoved,
    ClockSpeedChanged,
    Event,
    FlushFinished,
    FlushStarted,
    InstallationAdded,
    InstallationRemoved,
    JournalRecovered,
    ManifestLoaded,
    ManifestRefused,
    ProvisioningFailed,
    SandboxReset,
    SandboxRestored,
    WebhookAnswered,
    WriteAccepted,
    WriteFailed,
    WriteInDoubt,
    WritesDeferred,
    WriteSucceeded,
)

if TYPE_CHECKING:
    from ampsandbox.server.runner import Runner

_WAIT_S: Final = 0.5


def run_lines(runner: Runner, out: TextIO | None = None) -> int:
    """Print what is there and then what happens, until interrupted.

    Returns:
        The exit code: 0.
    """
    target = out or sys.stdout
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    unsubscribe = runner.engine.events.subscribe(events.put)
    for line in opening(runner):
        _print(line, target)
    try:
        while True:
            try:
                line = describe(events.get(timeout=_WAIT_S))
            except queue.Empty:
                continue
            if line:
                _print(line, target)
    except KeyboardInterrupt:
        return 0
    finally:
        unsubscribe()


def opening(runner: Runner) -> list[str]:
    """What there is at the start: where it listens, what can be written to, for whom, and what is wrong."""
    engine = runner.engine
    lines = [f"ampsandbox: project {engine.project} at {runner.url}. Press control c to leave."]
    for finding in engine.findings:
        where = f"line {finding.position.line}, column {finding.position.column}"
        said = f"{finding.message} ({finding.rule}) {finding.suggestion}"
        lines.append(f"{finding.severity.value}: {where}: {said}".strip())
    for name, (integration, item) in (engine.manifest.endpoints() if engine.manifest else {}).items():
        when = f"waits for {item.schedule}" if item.schedule else "written at once"
        mode = item.mode.value if item.mode else "write"
        lines.append(f"endpoint {name}: {mode} {item.name} of {integration.name}, {when}.")
    lines += [
        f"object {item.name} of {integration.name}: created or updated, as each request says."
        for integration, item in (engine.manifest.named_only() if engine.manifest else ())
    ]
    for installed in engine.installations.all():
        where = f"{installed.integration} for {installed.group}, {installed.connection}"
        lines.append(f"installed: {where}, {installed.state.value}. {installed.error}".strip())
    return lines


def describe(event: Event) -> str:
    """An event as a sentence; empty where it says nothing that another one does not."""
    words = _words(event)
    return f"{event.at:%H:%M:%S} {words}" if words else ""


def _words(event: Event) -> str:
    match event:
        case WriteAccepted(batch=None):
            return f"accepted: {event.mode} {event.object}, operation {event.operation}, sent at once"
        case WriteAccepted():
            where = f"operation {event.operation}, waits in batch {event.batch}"
            return f"accepted: {event.mode} {event.object}, {where}"
        case WriteSucceeded():
            return f"written: operation {event.operation}, record {event.record_id or 'unknown'}"
        case WriteFailed():
            said = "; ".join(f"{error.code}: {error.message}" for error in event.errors)
            return f"failed: operation {event.operation}: {said}"
        case WriteInDoubt():
            return f"in doubt: operation {event.operation}: the CRM's answer was lost"
        case WritesDeferred():
            return f"put off: {event.writes} writes until {event.until:%H:%M:%S}: {event.reason}"
        case BatchOpened():
            due = f"flushes at {event.flush_at:%Y-%m-%d %H:%M:%S}" if event.flush_at else "is flushed by hand"
            return f"batch opened: {event.mode} {event.object}, {due}"
        case FlushStarted():
            return f"flush started: {event.writes} writes, by {event.reason}"
        case FlushFinished():
            outcome = f"{event.succeeded} written, {event.failed} failed, {event.in_doubt} in doubt"
            return f"flush finished: {outcome}, {event.requests} CRM requests"
        case _:
            return _other_words(event)


def _other_words(event: Event) -> str:
    match event:
        case ManifestLoaded():
            names = ", ".join(event.integrations) or "no integrations"
            return f"manifest loaded: {names}, {event.warnings} warnings"
        case JournalRecovered():
            return "the journal is written again; what was refused meanwhile was not accepted"
        case ManifestRefused():
            return f"manifest refused: {event.errors} errors; the last good one stays. See ampsandbox check."
        case InstallationAdded():
            return f"installed: {event.integration} for group {event.group}"
        case InstallationRemoved():
            return f"uninstalled: installation {event.installation}"
        case ProvisioningFailed():
            return f"installation failed: {event.message}"
        case ClockMoved():
            return "clock moved"
        case ClockSpeedChanged():
            return "clock frozen" if event.speed == 0 else f"clock runs at {event.speed:g} times real time"
        case CircuitOpened():
            return f"the CRM keeps failing: {event.reason}. No request until {event.until:%H:%M:%S}"
        case CircuitClosed():
            return "the CRM answers again"
        case WebhookAnswered():
            answer = event.status if event.status is not None else "nothing"
            return f"webhook {event.url} answered {answer} (attempt {event.attempt})"
        case SandboxRestored(in_doubt=in_doubt) if in_doubt:
            return f"restored; {in_doubt:,} writes to live orgs are in doubt: they may have been sent since"
        case SandboxReset():
            return "sandbox reset"
        case _:
            return ""


def _print(line: str, out: Any) -> None:
    shown = "".join(char if char.isprintable() else "�" for char in line)
    print(shown.encode(errors="replace").decode(), file=out, flush=True)
