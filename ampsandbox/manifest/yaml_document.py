"""From text to a YAML node tree of bounded depth and size, repaired where that is known to help."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
import yaml

from ampsandbox.manifest.anchors import DUPLICATE_ANCHOR, AnchorComposer
from ampsandbox.manifest.model import Position
from ampsandbox.manifest.repair import needs_repair, repair
from ampsandbox.manifest.report import Report
from ampsandbox.manifest.yaml_tree import Loader

MAX_DEPTH = 100
MAX_EXPANSION = 200_000
"""Nodes that the document may have once its aliases are written out."""

_NEXT_DOCUMENT = re.compile(r"\n---(?:\s|$)")
_INDENT = re.compile(r"^[ \t?:-]+", re.MULTILINE)


class Document(msgspec.Struct, frozen=True):
    """A parsed document; `root` is None when it is empty."""

    root: yaml.Node | None


class TooDeepError(Exception):
    """The file nests deeper than `MAX_DEPTH`, beyond which the parser's recursion would end the process."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def compose(text: str, report: Report) -> Document | None:
    """The first document of the text; None, with a finding, when it cannot be parsed."""
    try:
        parsed = _parse(text)
    except TooDeepError as error:
        position = Position(error.line, 1)
        report.add("too-deep", position, f"Nested more than {MAX_DEPTH} deep.", "Write it flatter.")
        return None
    except yaml.composer.ComposerError as error:
        return _with_anchors(text, error, report)
    except yaml.YAMLError as error:
        return _repaired(text, error, report)
    if needs_repair(text):
        return _repaired(text, yaml.YAMLError(), report)
    return _checked(text, parsed, report)


def _with_anchors(text: str, error: yaml.composer.ComposerError, report: Report) -> Document | None:
    """The document in spite of an anchor that is given twice."""
    problem = f"{error.context or ''} {error.problem or ''}"
    if DUPLICATE_ANCHOR not in problem:
        return _repaired(text, error, report)
    try:
        root = AnchorComposer(text).compose()
    except yaml.YAMLError as other:
        return _repaired(text, other, report)
    position = Position(_line_of(error), 1)
    report.add("duplicate-anchor", position, "An anchor is given a second time; aliases mean the last one.")
    return _checked(text, _Parsed(root, None), report)


def _repaired(text: str, error: yaml.YAMLError, report: Report) -> Document | None:
    better, repairs = repair(text, _error_line)
    if better is None:
        _report_syntax(error, report)
        return None
    for note in repairs:
        report.add("yaml-repair", note.position, note.message, note.suggestion, note.fix)
    return _checked(better, _parse(better), report)


def _checked(text: str, parsed: _Parsed, report: Report) -> Document | None:
    if parsed.next_line is not None:
        position = Position(parsed.next_line, 1)
        report.add("several-documents", position, "Only the first document of the file is read.")
    return Document(parsed.root) if _is_small(text, parsed.root, report) else None


def _error_line(text: str) -> int | None:
    """The 1-based line at which parsing stops; None when the text parses."""
    try:
        _parse(text)
    except yaml.YAMLError as error:
        return _line_of(error)
    except TooDeepError as error:
        return error.line
    return None


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


class _Parsed(NamedTuple):
    """The root of the first document, and the line at which another one begins."""

    root: yaml.Node | None
    next_line: int | None


def _parse(text: str) -> _Parsed:
    """The first document. What follows it is not read, but must begin with `---`."""
    _limit_depth(text)
    loader = Loader(text)
    try:
        root = loader.get_node() if loader.check_node() else None
        try:
            next_line = loader.peek_event().start_mark.line + 1 if loader.check_node() else None
        except yaml.YAMLError as error:
            if not _NEXT_DOCUMENT.search(text):
                raise
            next_line = _line_of(error)
        return _Parsed(root, next_line)
    finally:
        loader.dispose()


def _limit_depth(text: str) -> None:
    """Stop text that would overflow the stack of the composer.

    The prefixes of the lines and the number of opening brackets bound the depth from above; only where
    that bound is high are the events counted.
    """
    longest = max(map(len, _INDENT.findall(text)), default=0)
    if 2 * longest + text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = line = 0
    for event in yaml.parse(text, Loader):
        if isinstance(event, yaml.CollectionStartEvent) and event.start_mark is not None:
            depth, line = depth + 1, event.start_mark.line + 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise TooDeepError(line)


def _is_small(text: str, root: yaml.Node | None, report: Report) -> bool:
    """Whether the document stays small and flat, and ends, once its aliases are written out."""
    if root is None or "*" not in text:
        return True
    size, depth = _measure(root, {})
    if size <= MAX_EXPANSION and depth <= MAX_DEPTH:
        return True
    report.add("alias-bomb", Position(1, 1), "Written out, the aliases of the file have no end or are huge.")
    return False


def _measure(node: yaml.Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Nodes and levels of this node with its aliases written out; huge for one that holds itself."""
    if isinstance(node, yaml.ScalarNode):
        return 1, 1
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = MAX_EXPANSION + 1, 1
    children = node.value
    if isinstance(node, yaml.MappingNode):
        children = [part for pair in node.value for part in pair]
    measures = [_measure(child, known) for child in children]
    size = 1 + sum(size for size, _ in measures)
    known[id(node)] = size, 1 + max((depth for _, depth in measures), default=0)
    return known[id(node)]


def _report_syntax(error: yaml.YAMLError, report: Report) -> None:
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    mark = getattr(error, "problem_mark", None)
    if "end of stream" in problem:
        # What was never closed matters, not where the file ends.
        mark = getattr(error, "context_mark", None) or mark
    position = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
    message = f"This is not YAML: {f'{context}, ' if context else ''}{problem}."
    before = "".join(report.text.split("\n")[position.line - 1 : position.line])[: position.column]
    has_tab = "\t" in before and before.isspace()
    hint = "Check the quotes and the indentation around here."
    report.add(
        "yaml-syntax", position, message, "Indent with spaces: a tab cannot indent YAML." if has_tab else hint
    )
