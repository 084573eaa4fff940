"""Which part of a sandbox a request is for, as far as its host and path tell."""

from __future__ import annotations

from ampsandbox.server.asgi import Scope, header
from ampsandbox.server.hosts import api_of


def root_of(scope: Scope) -> str:
    """The first segment of the path; that of `OPTIONS *` has no slash at all."""
    path: str = scope["path"]
    return path.removeprefix("/").partition("/")[0]


def leads_to_writes(scope: Scope) -> bool:
    """Whether a request is for the write endpoints."""
    root = root_of(scope)
    is_theirs = root in ("projects", "project") or (root == "v1" and is_write(scope))
    return is_theirs and not is_read_or_proxied(scope)


def is_read_or_proxied(scope: Scope) -> bool:
    """Whether a request is for those of Ampersand's APIs that take any path."""
    return api_of(scope) in ("read", "proxy") or bool(header(scope, b"x-amp-proxy-version"))


def is_write(scope: Scope) -> bool:
    """Whether a request below `/v1` writes a record, or follows an operation: those have a faster way."""
    parts = scope["path"].rstrip("/").split("/")
    return parts[4:5] == ["operations"] or (len(parts) == 8 and parts[4::2] == ["integrations", "objects"])
