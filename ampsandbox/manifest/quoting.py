"""Text from a manifest inside messages and terminals: always text, never control codes."""

from __future__ import annotations

MAX_SHOWN = 60


def visible(text: str) -> str:
    """The text with every control, bidirectional or otherwise unprintable character written as an escape."""
    return text if text.isprintable() else "".join(map(_visible_char, text))


def shown(text: str) -> str:
    """A value for a message: in quotes, on one line, cut when long."""
    cut = text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
    return f'"{visible(cut)}"'


def code(text: str) -> str:
    """A piece of YAML for a message: in backticks, on one line, cut when long."""
    return f"`{shown(text)[1:-1]}`"


def _visible_char(char: str) -> str:
    if char.isprintable():
        return char
    return {"\t": " "}.get(char) or char.encode("unicode_escape", "surrogatepass").decode("ascii")
