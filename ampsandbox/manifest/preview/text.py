"""An installer screen as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from ampsandbox.manifest.preview.document import (
    Block,
    Button,
    Chips,
    Choice,
    Divider,
    FieldMapping,
    Heading,
    PreviewDocument,
    Prompt,
    SearchField,
    Sentence,
    TextSpan,
)
from ampsandbox.manifest.quoting import visible

_WIDTH = 72


def render(documents: Sequence[PreviewDocument]) -> str:
    """The screens below each other. Emphasis is written as *asterisks*, as in chat."""
    return "\n\n".join(_screen(document) for document in documents)


def _screen(document: PreviewDocument) -> str:
    lines = [f"== {visible(document.display_name)} =="]
    if document.tabs:
        tabs = (f"[{tab}]" if tab == document.selected_tab else tab for tab in document.tabs)
        lines += ["", visible("  ".join(tabs))]
    for block in document.blocks:
        lines += _block(block)
    for note in document.notes:
        lines += ["", *_wrapped(f"({note})")]
    return "\n".join(lines)


def _block(block: Block) -> list[str]:
    match block:
        case Heading(spans) | Sentence(spans):
            return ["", *_wrapped(_flat(spans))]
        case Divider():
            return ["", "-" * _WIDTH]
        case Prompt(text):
            return _wrapped(text, "    ")
        case Chips(chips):
            return [line for chip in chips for line in _chip(chip.label, chip.prompt)]
        case SearchField(placeholder):
            return ["", f"  ( {placeholder} )"]
        case Choice(label, is_checked):
            return [f"  [{'x' if is_checked else ' '}] {visible(label)}"]
        case FieldMapping(label, prompt):
            sign = " *" if block.is_required else ""
            lines = [f"  {visible(label)}{sign}  ( {visible(block.choice)} v )"]
            return [*lines, *(_wrapped(prompt, "    ") if prompt else [])]
        case Button(label):
            return ["", f"  < {label} >"]


def _chip(label: str, prompt: str | None) -> list[str]:
    return [f"  [{visible(label)}]", *(_wrapped(prompt, "    ") if prompt else [])]


def _flat(spans: tuple[TextSpan, ...]) -> str:
    return "".join(f"*{span.text}*" if span.is_strong else span.text for span in spans)


def _wrapped(text: str, indent: str = "") -> list[str]:
    safe = "\n".join(visible(line) for line in text.splitlines())
    return wrap(safe, _WIDTH, initial_indent=indent, subsequent_indent=indent)
