"""The format `json` of `ampsandbox preview`: installer screens as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ampsandbox.manifest.preview.document import Block, PreviewDocument


def render(documents: Sequence[PreviewDocument]) -> str:
    """A JSON list with one object a screen; each block names its `type`."""
    return json.dumps([document_data(document) for document in documents], indent=2, ensure_ascii=True)


def document_data(document: PreviewDocument) -> dict[str, Any]:
    return {**asdict(document), "blocks": [_block(block) for block in document.blocks]}


def _block(block: Block) -> dict[str, Any]:
    return {"type": type(block).__name__.lower(), **asdict(block)}
