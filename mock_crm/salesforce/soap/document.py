"""XML in and out. What comes in is hostile: no document types, no entities, no endless nesting.

Clients disagree on prefixes, so elements and attributes are known by their local names alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

MAX_DEPTH: Final = 64
NIL: Final = object()
"""The value of an element that is rendered as `xsi:nil`."""

# XML 1.0 has no way to write these characters, not even escaped.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class XmlError(Exception):
    """Bytes that are no XML, or XML that is not read here; the message says where and why."""


def parse(content: bytes) -> Element:
    """Read a document into elements with local names; the type `ns0:CustomField` becomes `CustomField`.

    Raises:
        XmlError: not well-formed, holds a document type, or is nested more than `MAX_DEPTH` deep.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise XmlError(f"elements are nested more than {MAX_DEPTH} deep")
        builder.start(
            _local(name), {_local(key): _attribute(key, value) for key, value in attributes.items()}
        )

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        # Some clients indent their template, and a declaration is only one at the very start.
        parser.Parse(content.lstrip(), True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise XmlError(str(error)) from error
    return builder.close()


def text(element: Element | None, path: str = "", default: str = "") -> str:
    """Return the trimmed text of an element, or of the first one at `path` below it."""
    found = element.find(path) if element is not None and path else element
    return default if found is None else (found.text or "").strip() or default


def is_true(value: str) -> bool:
    """Read an XML Schema boolean."""
    return value in ("true", "1")


def render(name: str, value: Any) -> str:
    """Render one element, or one for each entry of a list.

    A mapping becomes child elements in its order, except for keys with an `@`, which become attributes.
    None renders nothing, `NIL` an element that is `xsi:nil`.
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(render(name, entry) for entry in value)
    if value is NIL:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, Mapping):
        attributes = "".join(
            f" {key[1:]}={quoteattr(_writable(str(entry)))}" for key, entry in value.items() if key[0] == "@"
        )
        inner = "".join(render(key, entry) for key, entry in value.items() if key[0] != "@")
        return f"<{name}{attributes}>{inner}</{name}>"
    return f"<{name}>{render_text(value)}</{name}>"


def render_text(value: object) -> str:
    """Render a scalar as escaped text; booleans as XML Schema writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_writable(str(value)))


def _refuse_document_type(*_: object) -> None:
    raise XmlError("a document type is not allowed")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _attribute(name: str, value: str) -> str:
    return value.rpartition(":")[2] if _local(name) == "type" else value


def _writable(value: str) -> str:
    return _UNWRITABLE.sub("\ufffd", value)
