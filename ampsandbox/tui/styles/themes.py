"""Our themes, and the few colours that every theme gets from its own foreground and background."""

from __future__ import annotations

from typing import Final

from textual.color import Color
from textual.theme import Theme

DARK: Final = Theme(
    name="amp-dark", primary="#7aa2f7", secondary="#9aa5ce", accent="#7aa2f7", foreground="#d3d7e0",
    background="#11141b", surface="#181c25", panel="#202531", success="#8fc98b", warning="#e0af68",
    error="#f2778a", dark=True,
)  # fmt: skip

LIGHT: Final = Theme(
    name="amp-light", primary="#2257c5", secondary="#57606a", accent="#2257c5", foreground="#1f2328",
    background="#fcfcfd", surface="#f1f3f6", panel="#e6e9ee", success="#1a7f37", warning="#8a5a00",
    error="#c0223b", dark=False,
)  # fmt: skip

SAFE: Final = Theme(
    name="amp-colour-blind", primary="#56b4e9", secondary="#cc79a7", accent="#56b4e9", foreground="#f0f0f0",
    background="#0c0c0e", surface="#18181b", panel="#232327", success="#56b4e9", warning="#f0e442",
    error="#e69f00", dark=True,
)  # fmt: skip
"""Okabe and Ito's colours: good is blue, bad is orange, and neither is told by colour alone."""

THEMES: Final = (DARK, LIGHT, SAFE)


_SCROLLBAR_GROUND: Final = ("background", "background-hover", "background-active", "corner-color")


def derived(variables: dict[str, str]) -> dict[str, str]:
    """Colours for secondary words and cursors, opaque, since a list cannot blend them itself."""
    try:
        front, back = Color.parse(variables["foreground"]), Color.parse(variables["background"])
        primary = Color.parse(variables["primary"])
    except ValueError:
        return {}
    if front.ansi is not None or back.ansi is not None:
        return {"muted": "ansi_bright_black", "cursor": "ansi_blue", "cursor-blurred": "ansi_black"}
    faint, muted = front.blend(back, 0.75).hex, front.blend(back, 0.35).hex
    return {
        "muted": muted,
        "faint": faint,
        "scrollbar": faint,
        "scrollbar-hover": muted,
        "scrollbar-active": primary.hex,
        **{f"scrollbar-{part}": back.hex for part in _SCROLLBAR_GROUND},
        "cursor": back.blend(primary, 0.35).hex,
        "cursor-blurred": back.blend(front, 0.10).hex,
    }
