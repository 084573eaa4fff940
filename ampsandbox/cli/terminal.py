"""Text of others on a terminal."""

from __future__ import annotations


def harmless(text: str) -> str:
    """Names that come from files and CRMs: what a terminal would act on is shown as its code."""
    return "".join(char if char == "\n" or char.isprintable() else f"\\u{{{ord(char):x}}}" for char in text)
