#!/usr/bin/env python3
"""The picture in docs/architecture.md, made from the imports of the code.

    scripts/architecture.py            write docs/images/architecture.svg
    scripts/architecture.py --check    say whether it is as the code has it

A box is a package. An arrow leads from a package to one that it imports, unless another way of arrows does.
"""

from __future__ import annotations

import argparse
import sys
from html import escape

import figures

PICTURE = figures.ROOT / "docs" / "images" / "architecture.svg"

# From top to bottom, and from left to right; what each is, in a few words.
ROWS = (
    {"cli": "one module a command"},
    {"tui": "the screen", "pytest_plugin": "fixtures, report"},
    {"capacity": "days of traffic, simulated", "testing": "the sandbox for Python tests"},
    {"server": "HTTP: write endpoints, APIs"},
    {"service": "every verb, checked and recorded"},
    {"crm": "clients of Salesforce, HubSpot"},
    {"engine": "journal, batches, delivery"},
    {"settings": "sandbox.yaml, credentials"},
    {"manifest": "amp.yaml, rules, prompts"},
    {"mock_crm": "mock CRMs, over HTTP"},
)
WIDTH, BOX_HEIGHT, ROW_HEIGHT, GAP = 900, 46, 84, 30


def owner(module: str) -> str:
    """The box that a module belongs to; empty for what has none."""
    top, _, rest = module.partition(".")
    name = top if top == "mock_crm" else rest.partition(".")[0]
    return name if any(name in row for row in ROWS) else ""


def arrows() -> set[tuple[str, str]]:
    """Who imports whom, without the arrows that others make superfluous."""
    modules = figures.read([figures.ROOT / package for package in figures.PACKAGES])
    known = {module.name for module in modules}
    direct = {
        (owner(module.name), owner(name)) for module in modules for name, _ in figures.imported(module, known)
    }
    direct = {(one, other) for one, other in direct if one and other and one != other}

    def reaches(start: str, goal: str, without: tuple[str, str]) -> bool:
        seen, ways = {start}, [start]
        while ways:
            here = ways.pop()
            for one, other in direct:
                if one == here and (one, other) != without and other not in seen:
                    seen.add(other)
                    ways.append(other)
        return goal in seen

    return {edge for edge in direct if not reaches(*edge, without=edge)}


def svg() -> str:
    """The picture."""
    boxes: dict[str, tuple[float, float, float]] = {}
    parts = []
    for number, row in enumerate(ROWS):
        width = (min(WIDTH, 290 * len(row) + 30) - GAP * (len(row) + 1)) / len(row)
        left = (WIDTH - width * len(row) - GAP * (len(row) - 1)) / 2
        for place, (name, about) in enumerate(row.items()):
            x, y = left + place * (width + GAP), 12 + number * ROW_HEIGHT
            boxes[name] = (x, y, width)
            parts.append(
                f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{BOX_HEIGHT}" rx="6"/>'
                f'<text x="{x + width / 2:.0f}" y="{y + 19}" class="name">{name}</text>'
                f'<text x="{x + width / 2:.0f}" y="{y + 37}">{escape(about)}</text>'
            )
    for one, other in sorted(arrows()):
        (x1, y1, w1), (x2, y2, w2) = boxes[one], boxes[other]
        start, end = x1 + w1 / 2, x2 + w2 / 2
        if y2 - y1 > ROW_HEIGHT:  # Past the boxes between, on the side where the upper one stands.
            left = start < WIDTH / 2
            bend = 20 + (y2 - y1) / 8
            side = min(x1, x2) - bend if left else max(x1 + w1, x2 + w2) + bend
            begin, tip = (x1, x2 - 6) if left else (x1 + w1, x2 + w2 + 6)
            path = f"M{begin:.0f} {y1 + 23} C{side:.0f} {y1 + 23} {side:.0f} {y2 + 23} {tip:.0f} {y2 + 23}"
        else:
            path = f"M{start:.0f} {y1 + BOX_HEIGHT} L{end:.0f} {y2 - 6}"
        parts.append(f'<path d="{path}" marker-end="url(#tip)"><title>{one} imports {other}</title></path>')
    height = 12 + len(ROWS) * ROW_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        "<title>The packages and what they import</title>"
        "<style>rect{fill:#f4f6fb;stroke:#5566aa}text{font:13px sans-serif;text-anchor:middle;fill:#222}"
        ".name{font-weight:bold}path{fill:none;stroke:#5566aa;stroke-width:1.3}</style>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" orient="auto" '
        'markerWidth="7" markerHeight="7">'
        '<path d="M0 0L8 4L0 8z" style="fill:#5566aa;stroke:none"/></marker></defs>'
        f'<rect width="{WIDTH}" height="{height}" style="fill:#fff;stroke:none"/>'
        + "\n".join(parts)
        + "</svg>\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the picture, or compare."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    picture = svg()
    is_current = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == picture
    if options.check:
        print("" if is_current else "Run scripts/architecture.py.", file=sys.stderr)
        return 0 if is_current else 1
    PICTURE.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
