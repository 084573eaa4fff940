"""Our themes can be read: words stand out from every ground that they are put on."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from ampsandbox.tui.styles.themes import THEMES, derived

ENOUGH = 4.5
"""What WCAG 2.2 asks of text for level AA."""


def luminance(color: Color) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_words_and_signs_have_contrast(theme: Theme) -> None:
    colors = theme.to_color_system().generate()
    colors |= derived(colors)
    for word in ("foreground", "muted", "text-primary", "text-success", "text-warning", "text-error"):
        for ground in ("background", "surface"):
            found = contrast(Color.parse(colors[word]), Color.parse(colors[ground]))
            assert found >= ENOUGH, f"{word} on {ground}: {found:.1f}"


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_words_under_the_cursor_have_contrast(theme: Theme) -> None:
    colors = theme.to_color_system().generate()
    colors |= derived(colors)
    for ground in ("cursor", "cursor-blurred"):
        assert contrast(Color.parse(colors["foreground"]), Color.parse(colors[ground])) >= ENOUGH
