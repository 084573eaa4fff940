"""JSON Patch (RFC 6902), the three operations that Ampersand's API takes: add, remove, replace."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ampsandbox.engine.config import ConfigInvalidError, ConfigIssue

_OPERATIONS: Final = ("add", "remove", "replace")


def apply_patch(document: Any, changes: Sequence[Mapping[str, Any]]) -> Any:
    """The document with all changes; the one that is given stays as it is.

    Raises:
        ConfigInvalidError: A change cannot be applied; none is then.
    """
    result = copy.deepcopy(document)
    for place, change in enumerate(changes):
        try:
            result = _apply(result, change)
        except _PatchError as error:
            issue = ConfigIssue(f"changes[{place}]", dict(change), error.detail, error.remedy)
            raise ConfigInvalidError([issue]) from None
    return result


class _PatchError(Exception):
    def __init__(self, detail: str, remedy: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy


def _apply(document: Any, change: Mapping[str, Any]) -> Any:
    op, path = change.get("op"), change.get("path")
    if op not in _OPERATIONS:
        raise _PatchError(f"the op is {op!r}", f"It is one of {', '.join(_OPERATIONS)}.")
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise _PatchError(f"the path is {path!r}", "It is a JSON pointer such as /selectedFields/phone.")
    if op != "remove" and "value" not in change:
        raise _PatchError(f"{op} needs a value")
    if not path:
        if op == "remove":
            raise _PatchError("the whole object cannot be removed", "Update the installation without it.")
        return copy.deepcopy(change["value"])
    *parents, last = [token.replace("~1", "/").replace("~0", "~") for token in path[1:].split("/")]
    owner = document
    for token in parents:
        owner = _child(owner, token, path)
    _change(owner, last, op, change.get("value"), path)
    return document


def _child(owner: Any, token: str, path: str) -> Any:
    if isinstance(owner, dict) and token in owner:
        return owner[token]
    if isinstance(owner, list) and token.isdecimal() and int(token) < len(owner):
        return owner[int(token)]
    raise _PatchError(f"there is nothing at {path!r}", "Add its parent first.")


def _change(owner: Any, token: str, op: str, value: Any, path: str) -> None:
    if isinstance(owner, list):
        _change_list(owner, token, op, value, path)
        return
    if not isinstance(owner, dict):
        raise _PatchError(f"there is nothing at {path!r}", "Its parent holds neither members nor items.")
    if op != "add" and token not in owner:
        raise _PatchError(f"there is nothing at {path!r} to {op}", "Use add for what is not there yet.")
    if op == "remove":
        del owner[token]
    else:
        owner[token] = copy.deepcopy(value)


def _change_list(owner: list[Any], token: str, op: str, value: Any, path: str) -> None:
    end = len(owner) if op == "add" else len(owner) - 1
    place = len(owner) if token == "-" and op == "add" else int(token) if token.isdecimal() else -1
    if not 0 <= place <= end:
        raise _PatchError(f"there is no item at {path!r}", f"The list has {len(owner)}.")
    if op == "add":
        owner.insert(place, copy.deepcopy(value))
    elif op == "remove":
        del owner[place]
    else:
        owner[place] = copy.deepcopy(value)
