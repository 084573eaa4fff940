"""The few repairs that manifests copied from the public pages are known to need.

Each changes lines in place, so that positions in the repaired text hold in the original.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from ampsandbox.manifest import format_keys
from ampsandbox.manifest.findings import Fix
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.quoting import code

ErrorLine = Callable[[str], int | None]
"""Tells the 1-based line at which a text stops parsing, None when it parses."""

_MAX_ROUNDS = 60
_WORK_BUDGET = 8_000_000
"""Characters that may be parsed over all attempts."""

_MAX_SHIFT = 2
_MAX_LINE = 2_000
_LOOK_BACK = 3
_KEYS = "|".join(
    sorted(
        {
            *format_keys.MANIFEST_KEYS,
            *format_keys.all_keys(
                format_keys.INTEGRATION_2023,
                format_keys.WRITE_ACTION,
                format_keys.DESTINATION,
                format_keys.INTEGRATION_V1,
            ),
        }
    )
)
_KEY_LINE = re.compile(rf"^( *)(?:{_KEYS}):(?= |$)")
_ITEM_KEY = re.compile(r"^( *(?:- +)*)\w[\w-]*:(?= |$)")
_GLUED_DASH = re.compile(rf"^(\s*)-((?:{_KEYS}):(?: .*)?)$")
_ELLIPSIS = re.compile(r"^\s+\.\.\.\s*$")
_OPENS = re.compile(r"^\s*(?:- +)?\w+:(?: +[^|>].*)?$")
_VALUE = re.compile(rf"^(\s*(?:- +)?(?:{_KEYS}): +)([^\s\"'|>&{{\[#][^#]*?|[*@%`][^#]*?)(\s+#.*)?$")
_REPAIRABLE = re.compile(rf"^[ \t]*-(?:{_KEYS}):|^[ \t]+\.\.\.[ \t]*$", re.MULTILINE)
_TAB_REASON = "a tab cannot indent YAML"
_GLUED_REASON = "a list item needs a space after its dash"
_ELLIPSIS_REASON = "`...` stands for something that was left out"
_BAD_PLAIN = re.compile(r"^[*@%`]|: |:$")


class Repair(msgspec.Struct, frozen=True):
    """One line that was read differently from how it stands."""

    position: Position
    message: str
    suggestion: str
    fix: Fix


class _Candidate(msgspec.Struct, frozen=True):
    reason: str
    lines: dict[int, str]


def repair(text: str, error_line: ErrorLine) -> tuple[str | None, list[Repair]]:
    """Change the text, line by line, until it parses.

    Returns:
        The text that parses and what was changed, or None and nothing when no repair helps.
    """
    lines = text.split("\n")
    repairs: dict[int, tuple[str, str]] = {}
    attempts = max(_WORK_BUDGET // max(len(text), 1), 4)
    stop = error_line(text)
    for _ in range(_MAX_ROUNDS):
        if stop is None:
            _apply_slips(lines, repairs, error_line)
            return "\n".join(lines), _notes(text.split("\n"), lines, repairs)
        found, attempts = _first_that_helps(lines, stop, error_line, attempts)
        if found is None:
            return None, []
        candidate, stop = found
        for number, line in candidate.lines.items():
            lines[number] = line
            repairs[number] = (candidate.reason, line)
    return None, []


def needs_repair(text: str) -> bool:
    """Whether there is something that parses but never means what it says: `-name:`, or a lone `...`."""
    return bool(_REPAIRABLE.search(text))


def _apply_slips(lines: list[str], repairs: dict[int, tuple[str, str]], error_line: ErrorLine) -> None:
    changed: dict[int, tuple[str, str]] = {}
    for number, line in enumerate(lines):
        if glued := _GLUED_DASH.match(line):
            changed[number] = (_GLUED_REASON, f"{glued[1]}- {glued[2]}")
        elif number and _ELLIPSIS.match(line) and _OPENS.match(lines[number - 1]):
            changed[number] = (_ELLIPSIS_REASON, "")
    better = [changed[i][1] if i in changed else line for i, line in enumerate(lines)]
    if 0 < len(changed) <= _MAX_ROUNDS and error_line("\n".join(better)) is None:
        lines[:] = better
        repairs.update(changed)


def _first_that_helps(
    lines: list[str], stop: int, error_line: ErrorLine, attempts: int
) -> tuple[tuple[_Candidate, int | None] | None, int]:
    """The first candidate with which parsing gets further, and the attempts that are left."""
    for candidate in _candidates(lines, stop - 1):
        if attempts <= 0:
            break
        attempts -= 1
        after = error_line("\n".join(candidate.lines.get(i, line) for i, line in enumerate(lines)))
        if after is None or after > stop:
            return (candidate, after), attempts
    return None, attempts


def _candidates(lines: list[str], stop: int) -> Iterator[_Candidate]:
    """What may be wrong at or just before the 0-based line at which parsing stopped."""
    tabs = {i: line for i, line in enumerate(lines) if "\t" in line[: len(line) - len(line.lstrip())]}
    if stop in tabs and not {stop - 1, stop + 1} & set(tabs):
        yield from _tabbed(lines, stop)
    for width in (2, 4, 8) if tabs else ():
        changed = {i: _without_tabs(line, width) for i, line in tabs.items()}
        yield _Candidate(_TAB_REASON, changed)
    near = range(min(stop, len(lines) - 1), max(stop - _LOOK_BACK, -1), -1)
    for number in near:
        yield from _line_candidates(lines, number)
    for number in near:
        yield from _shifts(lines, number)


def _line_candidates(lines: list[str], number: int) -> Iterator[_Candidate]:
    line = lines[number]
    if len(line) > _MAX_LINE:
        return
    if "\t" in line:
        yield _Candidate("a tab cannot stand here", {number: line.replace("\t", " ")})
    if glued := _GLUED_DASH.match(line):
        yield from _unglued(lines, number, glued[1], glued[2])
    if _ELLIPSIS.match(line):
        yield _Candidate(_ELLIPSIS_REASON, {number: ""})
    if (value := _VALUE.match(line)) and _BAD_PLAIN.search(value[2]):
        quoted = '"' + value[2].replace("\\", "\\\\").replace('"', '\\"') + '"'
        yield _Candidate("this value needs quotes", {number: f"{value[1]}{quoted}{value[3] or ''}"})


def _unglued(lines: list[str], number: int, indent: str, key: str) -> Iterator[_Candidate]:
    """A space after the dash, with the key moved, the dash moved, or the whole item moved."""
    yield _Candidate(_GLUED_REASON, {number: f"{indent}- {key}"})
    if indent:
        yield _Candidate(_GLUED_REASON, {number: f"{indent[:-1]}- {key}"})
    moved = {i: _move(lines[i], 1) for i in _block(lines, number, len(indent))}
    yield _Candidate(_GLUED_REASON, {**moved, number: f"{indent}- {key}"})


def _shifts(lines: list[str], number: int) -> Iterator[_Candidate]:
    """The line, or the line with what hangs below it, moved to the column of a key before it."""
    own = _KEY_LINE.match(lines[number])
    if own is None:
        return
    column = len(own[1])
    targets = _columns_before(lines, number, column)
    for target in targets:
        distance = "one column" if abs(column - target) == 1 else f"{abs(column - target)} columns"
        reason = f"the key stands {distance} off its siblings"
        yield _Candidate(reason, {number: _move(lines[number], target - column)})
    for target in targets:
        block = _block(lines, number, column)
        moved = {i: _move(lines[i], target - column) for i in block}
        yield _Candidate("the block stands off its siblings", moved)


def _columns_before(lines: list[str], number: int, column: int) -> list[int]:
    """The columns of keys in the lines before that are near `column`, nearest first."""
    columns = set()
    for line in lines[max(0, number - 200) : number]:
        if key := _ITEM_KEY.match(line):
            columns.add(len(key[1]))
    return sorted(
        (at for at in columns if 0 < abs(at - column) <= _MAX_SHIFT), key=lambda at: (abs(at - column), at)
    )


def _block(lines: list[str], number: int, column: int) -> list[int]:
    block = [number]
    for i in range(number + 1, len(lines)):
        if lines[i].strip() and len(lines[i]) - len(lines[i].lstrip(" ")) <= column:
            break
        block.append(i)
    return block


def _move(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * by + line if by > 0 else line[min(-by, len(line) - len(line.lstrip(" "))) :]


def _tabbed(lines: list[str], number: int) -> Iterator[_Candidate]:
    """A line with a tab, its neighbours without: it fits in between them, as a list item before its keys."""
    before = _indent(lines[number - 1]) if number else 0
    after = _indent(lines[number + 1]) if number + 1 < len(lines) else before
    for width in dict.fromkeys((after - 2, before + 2, after, before)):
        if width >= 0:
            yield _Candidate(_TAB_REASON, {number: " " * width + lines[number].lstrip()})


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _without_tabs(line: str, width: int) -> str:
    body = line.lstrip()
    return line[: len(line) - len(body)].replace("\t", " " * width) + body


def _notes(before: list[str], after: list[str], repairs: dict[int, tuple[str, str]]) -> list[Repair]:
    notes = []
    for number in sorted(repairs):
        old, new = before[number], after[number]
        if old == new:
            continue
        fix = Fix(Position(number + 1, 1), Position(number + 1, len(old) + 1), new)
        column = len(old) - len(old.lstrip()) + 1
        outcome = f"was read as {code(new.rstrip())}" if new else "was left out"
        message = f"Repaired, as {repairs[number][0]}: {code(old.rstrip())} {outcome}."
        notes.append(Repair(Position(number + 1, column), message, "Write it so in the file.", fix))
    return notes
