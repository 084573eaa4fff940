"""Multipart bodies: a Bulk 2.0 job together with its rows, a record together with its file.

By hand, since python-multipart refuses what RFC 2046 allows (text before the first boundary, spaces behind
one) and takes a body that breaks off before its end.
"""

from __future__ import annotations

import re

from mock_crm.core.http import BodyError

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="?([^";\r\n]+)"?', re.IGNORECASE)  # and not `filename`, which may stand first


def parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The contents of a multipart body by the names of its parts.

    Raises:
        BodyError: There is no boundary, or the body does not keep to it.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BodyError("multipart body without a boundary")
    delimiter = b"--" + found.group(1).strip().encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(b"\r\n" + delimiter)
    if len(pieces) < 3:
        raise BodyError("multipart body does not keep to its boundary")
    named: dict[str, bytes] = {}
    for piece in pieces[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is not None:
            named[name.group(1).decode("utf-8", "replace")] = content
    return named
