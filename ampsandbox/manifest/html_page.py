"""A page of HTML in one file, which loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape


def page(title: str, body: str, style: str, script: str = "") -> str:
    """The document, with a policy that allows its own style and script and nothing else.

    Args:
        title: Plain text.
        body: The content of `body`, as HTML.
        style: CSS.
        script: JavaScript that runs at the end; none when empty.
    """
    policy = f"default-src 'none'; style-src '{_digest(style)}'"
    ending = ""
    if script:
        policy += f"; script-src '{_digest(script)}'"
        ending = f"<script>{script}</script>\n"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
{ending}</body>
</html>
"""


def _digest(text: str) -> str:
    """What a content security policy calls a hash source."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
