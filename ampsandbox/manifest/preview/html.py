"""Installer screens as one self-contained HTML page: no network, no scripts but the page's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from itertools import count

from ampsandbox.manifest.html_page import page
from ampsandbox.manifest.preview.document import (
    Block,
    Button,
    Chips,
    Choice,
    Divider,
    FieldMapping,
    Heading,
    Layout,
    PreviewDocument,
    Prompt,
    SearchField,
    Sentence,
    TextSpan,
)
from ampsandbox.manifest.preview.notes import provider_label

_MARKS = {
    "salesforce": '<path d="M9 28a7 7 0 0 1 0-14 9 9 0 0 1 17-1 7.5 7.5 0 0 1 0 15z" fill="#0b5cab"/>',
    "hubspot": '<g fill="none" stroke="#a33d1a" stroke-width="4"><circle cx="23" cy="22" r="8"/>'
    '<path d="M23 14V5M17 17 7 8"/></g><circle cx="6" cy="7" r="4" fill="#a33d1a"/>',
}


def render(documents: Sequence[PreviewDocument]) -> str:
    """A page with one section a screen."""
    title = ", ".join(dict.fromkeys(document.display_name for document in documents)) or "Nothing to install"
    ids = count(1)
    screens = "\n".join(_screen(document, ids) for document in documents)
    body = f'<main>\n<h1 class="hidden">Installer preview</h1>\n{screens}\n</main>'
    return page(f"{title}: installer preview", body, _asset("page.css"), _asset("page.js"))


def _screen(document: PreviewDocument, ids: Iterable[int]) -> str:
    number = next(iter(ids))
    body = _card(document, number) if document.layout is Layout.CARD else _tabs(document, number)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in document.notes)
    tab = f", {document.selected_tab}" if document.selected_tab else ""
    label = escape(f"{document.display_name}{tab}, for {document.group}", quote=True)
    return f'<section aria-label="{label}">{body}{notes}</section>'


def _card(document: PreviewDocument, number: int) -> str:
    heading, *rest = document.blocks
    blocks = "\n".join(_block(block, number) for block in rest)
    return f'<div class="card"><header>{_mark(document)}{_block(heading, number)}</header>\n{blocks}</div>'


def _tabs(document: PreviewDocument, number: int) -> str:
    """The sidebar with the tabs, and the selected tab beside it, its buttons in the top right corner."""
    tabs = "".join(
        f"<li{' aria-current=page' if tab == document.selected_tab else ''}>{escape(tab)}</li>"
        for tab in document.tabs
    )
    buttons = [block for block in document.blocks if isinstance(block, Button)]
    rest = [block for block in document.blocks if not isinstance(block, Button)]
    return (
        f'<div class="screen"><div class="sidebar">'
        f'<p class="kind">{escape(provider_label(document.provider))} integration</p>'
        f'<p class="app">{escape(document.app_name)}</p><ul>{tabs}</ul></div>'
        f'<div class="panel"><div class="buttons">{"".join(_block(block, number) for block in buttons)}</div>'
        f"{''.join(_block(block, number) for block in rest)}</div></div>"
    )


def _block(block: Block, number: int) -> str:
    match block:
        case Heading(spans):
            return f"<h2>{_inline(spans)}</h2>"
        case Sentence(spans):
            return f"<p>{_inline(spans)}</p>"
        case Divider():
            return "<hr>"
        case Prompt(text):
            return f'<p class="prompt">{escape(text)}</p>'
        case Chips(chips):
            items = "".join(_chip(chip.label, chip.prompt) for chip in chips)
            return f'<ul class="chips">{items}</ul>'
        case SearchField(placeholder):
            text = escape(placeholder, quote=True)
            return f'<input type="search" placeholder="{text}" aria-label="{text}">'
        case Choice(label, _, selects_all):
            kind = "all" if selects_all else "one"
            return f'<label class="choice {kind}"><input type="checkbox"><span>{escape(label)}</span></label>'
        case FieldMapping(label, prompt):
            why = f'<span class="prompt">{escape(prompt)}</span>' if prompt else ""
            sign = ' <span class="prompt">* required</span>' if block.is_required else ""
            choice = f"<option>{escape(block.choice)}</option>"
            name = f"<span>{escape(label)}{sign}</span>{why}"
            return f'<label class="mapping">{name}<select>{choice}</select></label>'
        case Button(label, is_primary):
            return _button(label, number, is_primary=is_primary)


def _button(label: str, number: int, *, is_primary: bool) -> str:
    if not is_primary:
        return f'<button type="button" class="ghost">{escape(label)}</button>'
    return (
        f'<button type="button" data-done="done-{number}">{escape(label)}</button>'
        f'<p class="done" id="done-{number}" role="status"></p>'
    )


def _chip(label: str, prompt: str | None) -> str:
    text = f'<span class="prompt">{escape(prompt)}</span>' if prompt else ""
    return f'<li><span class="chip">{escape(label)}</span>{text}</li>'


def _inline(spans: tuple[TextSpan, ...]) -> str:
    return "".join(
        f"<strong>{escape(span.text)}</strong>" if span.is_strong else escape(span.text) for span in spans
    )


def _mark(document: PreviewDocument) -> str:
    """A drawing that stands for the CRM, as its logo would."""
    shape = _MARKS.get(document.provider, '<rect x="4" y="4" width="28" height="28" rx="6" fill="#3b4a63"/>')
    return f'<svg width="44" height="44" viewBox="0 0 36 36" aria-hidden="true">{shape}</svg>'


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
