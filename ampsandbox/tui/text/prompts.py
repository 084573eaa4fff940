"""The installer's prompts for a terminal: the same document that the HTML page shows."""

from __future__ import annotations

from textual.content import Content

from ampsandbox.manifest.preview import (
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
from ampsandbox.tui.text.sanitize import plain

_LINE = "─" * 40


def render(document: PreviewDocument) -> Content:
    """The document as lines."""
    parts: list[Content] = []
    if document.tabs:
        parts += [_tabs(document), Content("")]
    for block in document.blocks:
        parts += _block(block)
    parts += [plain(f"· {note}", "$muted", 1_000) for note in document.notes]
    return Content("\n").join(parts) + Content("\n")


def _tabs(document: PreviewDocument) -> Content:
    names = [
        plain(f"[{tab}]", "bold $text-primary")
        if tab == document.selected_tab
        else plain(f" {tab} ", "$muted")
        for tab in document.tabs
    ]
    return Content(" ").join(names)


def _block(block: Block) -> list[Content]:
    match block:
        case Heading(spans):
            return [_sentence(spans, "bold"), Content("")]
        case Divider():
            return [Content.styled(_LINE, "$faint")]
        case Sentence(spans):
            return [_sentence(spans)]
        case Prompt(text):
            return [plain(f"  {text}", "italic $muted", 2_000)]
        case Chips(chips):
            return [_chip(chip.label, chip.prompt) for chip in chips] + [Content("")]
        case SearchField(placeholder):
            return [plain(f"  ⌕ {placeholder}", "$muted")]
        case Choice():
            sign = "☑" if block.is_checked else "☐"
            return [plain(f"  {sign} {block.label}", "bold" if block.selects_all else "")]
        case FieldMapping():
            line = plain(
                f"  {block.label}{' *' if block.is_required else ''}  ( {block.choice} ▾ )", "", 1_000
            )
            return [line, plain(f"    {block.prompt}", "italic $muted", 2_000)] if block.prompt else [line]
        case Button():
            style = "bold $text-primary" if block.is_primary else ""
            return [Content(""), plain(f"  [ {block.label} ]", style), Content("")]


def _sentence(spans: tuple[TextSpan, ...], style: str = "") -> Content:
    return Content("").join(
        [plain(span.text, "bold $text-primary" if span.is_strong else style, 2_000) for span in spans]
    )


def _chip(label: str, prompt: str | None) -> Content:
    why = plain(f"  {prompt}", "italic $muted", 2_000) if prompt else Content("")
    return Content.assemble("  ", ("◆ ", "$text-primary"), plain(label, "bold"), why)
