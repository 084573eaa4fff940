"""Prompts: full sentences, since customers read them."""

from __future__ import annotations

from ampsandbox.manifest.model import Manifest, Position
from ampsandbox.manifest.quoting import shown
from ampsandbox.manifest.report import Report

_ENDINGS = (".", "!", "?", "…", "。", "！", "？", "।")
_CLOSING = "\"')]”’»*_` "


def check(manifest: Manifest, report: Report) -> None:
    """Report prompts that are not full sentences."""
    for integration in manifest.integrations:
        for item in integration.objects:
            _check_prompt(item.prompt, item.positions.get("prompt"), report)
            for field in item.custom_fields:
                _check_prompt(field.prompt, field.positions.get("prompt"), report)


def _check_prompt(prompt: str | None, position: Position | None, report: Report) -> None:
    if prompt is None or position is None:
        return
    problem = _problem(prompt)
    if problem:
        message = f"The prompt {shown(prompt)} is not a full sentence: {problem}."
        fix = report.replacement(position, prompt, f"{prompt}.") if problem == "it has no full stop" else None
        report.add("prompt-sentence", position, message, "The customer reads it at installation.", fix)


def _problem(prompt: str) -> str:
    if prompt[:1].islower():
        return "it begins with a small letter"
    if prompt.isascii() and len(prompt.split()) < 3:
        return "it has fewer than three words"
    if not prompt.rstrip(_CLOSING).endswith(_ENDINGS):
        return "it has no full stop"
    return ""
