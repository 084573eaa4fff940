"""Reading request bodies, and HubSpot's words for those that cannot be read.

The texts are those of the JSON library behind HubSpot's API: they name the line and column of the offending
value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from mock_crm.core.http import Request
from mock_crm.hubspot import errors
from mock_crm.hubspot.errors import HubSpotError
from mock_crm.hubspot.json_positions import kind_at, members, skip_whitespace, value_end
from mock_crm.hubspot.request_models import ChangeBatch, ChangeInput, CreateBatch, RecordInput, SpecInput

T = TypeVar("T")


def read(request: Request, kind: type[T]) -> T:
    """The body of a request as a value of `kind`.

    Raises:
        HubSpotError: It is not JSON by its content type, not JSON at all, or not of this shape.
    """
    media = request.content_type()
    if media and media != "application/json" and not media.endswith("+json"):
        raise errors.unsupported_media_type()
    text = request.body.strip()
    if not text:
        raise errors.no_body()
    if text == b"null":
        raise errors.null_body()
    try:
        return msgspec.json.decode(request.body, type=kind, strict=False, dec_hook=custom)
    except msgspec.ValidationError as error:
        raise _mismatch(request.body.decode("utf-8", "replace"), str(error), kind) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(request.body, str(error)) from error


def custom(kind: type[Any], value: Any) -> Any:
    """A value of a type that reads JSON itself."""
    return kind.from_json(value)


def need_at_most(inputs: list[T], most: int = errors.BATCH_LIMIT) -> list[T]:
    """The inputs of a batch, when there are not too many.

    Raises:
        HubSpotError: There are more than `most`.
    """
    if len(inputs) > most:
        raise errors.too_many_inputs(most)
    return inputs


_JAVA = {
    "object": "java.util.LinkedHashMap<java.lang.Object,java.lang.Object>",
    "array": "java.util.ArrayList<java.lang.Object>",
    "str": "java.lang.String",
    "int": "java.lang.Integer",
    "bool": "java.lang.Boolean",
    "float": "java.lang.Double",
}
_TOKENS = {
    "object": "Object value (token `JsonToken.START_OBJECT`)",
    "array": "Array value (token `JsonToken.START_ARRAY`)",
    "str": "String value (token `JsonToken.VALUE_STRING`)",
    "int": "Integer value (token `JsonToken.VALUE_NUMBER_INT`)",
    "float": "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)",
    "bool": "Boolean value (token `JsonToken.VALUE_TRUE`)",
    "null": "Null value (token `JsonToken.VALUE_NULL`)",
}
_PROPERTIES = "java.util.LinkedHashMap<java.lang.String,java.lang.String>"
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`(?: - at `([^`]+)`)?")
_MISSING = re.compile(r"Object missing required field `([^`]+)`(?: - at `([^`]+)`)?")


def _malformed(body: bytes, detail: str) -> HubSpotError:
    at = re.search(r"\(byte (\d+)\)", detail)
    line, column = _line_and_column(body.decode("utf-8", "replace"), int(at[1]) if at else len(body))
    reason = "Unexpected end-of-input" if at is None else "Unexpected character"
    return errors.invalid_json(line, column, reason)


def _mismatch(body: str, detail: str, kind: Any) -> HubSpotError:
    missing = _MISSING.match(detail)
    if missing:
        path = missing[2] or "$"
        inner, names = _missing_names(body, path, kind)
        line, column = _end_of_object(body, path)
        if built := getattr(inner, "BUILT_AS", ""):
            return errors.cannot_build(line, column, built, names)
        is_categorized = getattr(inner, "IS_CATEGORIZED", False)
        return errors.fields_not_set(line, column, names or [missing[1]], is_categorized=is_categorized)
    expected = _EXPECTED.match(detail)
    if expected is None:
        return _invalid_value(body, detail, kind)
    wanted, got, path = expected[1], expected[2], expected[3] or "$"
    if got == "null" and path != "$" and not path.endswith("]"):
        owner = path.rpartition(".")[0]
        names = _missing_names(body, owner, kind)[1]
        return errors.fields_not_set(*_end_of_object(body, owner), names or [path.rpartition(".")[2]])
    line, column = _line_and_column(body, _offset(body, path, got))
    java = _JAVA.get("str" if "str" in wanted else wanted.partition(" |")[0], "java.lang.Object")
    if path == "$" and wanted == "array" and kind == list[SpecInput]:
        java = "java.util.HashSet<com.hubspot.inbounddb.associations.base.AssociationSpec>"
    elif path == "$" and wanted == "array":
        collection = "HashSet" if get_origin(kind) is set else "ArrayList"
        java = f"java.util.{collection}<java.lang.String>"
    elif wanted.startswith("array") and path == "$.filterGroups":  # HubSpot/hubspot-api-python#71
        java = "java.util.HashSet<com.hubspot.inbounddb.publicobject.core.v3.search.FilterGroup>"
    elif wanted == "object":
        java = _java_name(path, kind) or java
    found = _TOKENS.get(got, got)
    return errors.invalid_json(line, column, f"Cannot deserialize value of type `{java}` from {found}")


def _invalid_value(body: str, detail: str, kind: Any) -> HubSpotError:
    """The refusal of a value of the right JSON type, as of an unknown name in an enumeration."""
    reason, _, path = detail.partition(" - at ")
    java = getattr(_type_at(path, kind), "JAVA", "")
    if java and reason.startswith("Filter value"):
        return errors.mismatched_quotation_marks(*_end_of_object(body, path), reason)
    if java:
        return errors.cannot_construct(*_end_of_object(body, path), java, reason)
    place = path.strip("`")
    line, column = _line_and_column(body, _offset(body, place))
    enumerated = re.fullmatch(r"Invalid enum value '(.*)'", reason, re.DOTALL)
    if enumerated is None:
        return errors.invalid_json(line, column, reason)
    if not enumerated[1].strip():
        return errors.blank_name(place.removeprefix("$."))
    return errors.unknown_name(line, column, _names_at(place, kind))


def _names_at(path: str, kind: Any) -> Sequence[str]:
    """The names that the enumeration at `path` has."""
    owner, _, member = path.rpartition(".")
    found = _type_at(owner, kind)
    if found is None:
        return ()
    named = next(f.type for f in msgspec.structs.fields(found) if f.encode_name == member)
    for part in (named, *get_args(named)):
        if names := getattr(part, "NAMES", ()) or (get_args(part) if get_origin(part) is Literal else ()):
            return names
    return ()


def _java_name(path: str, kind: Any) -> str:
    """What HubSpot's programs call the kind of object that belongs at `path`, as far as it is on record."""
    at = _type_at(path, kind)
    element = "com.hubspot.inbounddb.publicobject.core.v2.SimplePublicObjectBatchInput"
    if at in (RecordInput, ChangeInput):
        return f"{element}$Json"
    if at in (CreateBatch, ChangeBatch):
        return f"com.hubspot.apiutils.core.models.batch.BatchInput$Json<{element}>"
    return _PROPERTIES if path.endswith(".properties") else ""


def _missing_names(body: str, path: str, kind: Any) -> tuple[Any, list[str]]:
    """The type of the object at `path`, and all required members that it lacks; the decoder names one."""
    kind = _type_at(path, kind)
    at = _offset(body, path)
    if kind is None or kind_at(body, at) != "object":
        return None, []
    given = {member.key for member in members(body, at) if kind_at(body, member.start) != "null"}
    required = [f.encode_name for f in msgspec.structs.fields(kind) if f.required]
    return kind, [name for name in required if name not in given]


def _type_at(path: str, kind: Any) -> Any:
    for step in _steps(path):
        kind = _inner(kind, step)
    return kind


def _inner(kind: Any, step: str | int) -> Any:
    """The type of a member or of an element of a type, when it is made of structs."""
    if kind is None:
        return None
    if isinstance(step, str):
        if not _is_struct(kind):
            return None
        kind = next((f.type for f in msgspec.structs.fields(kind) if f.encode_name == step), None)
    if _is_struct(kind):
        return kind
    for part in getattr(kind, "__args__", ()):
        # One that may be null is itself; of a list, it is the element.
        if _is_struct(part) and (isinstance(step, int) or isinstance(kind, UnionType)):
            return part
        for inner in (part, *_parts(part)):
            if _is_struct(inner):
                return inner if isinstance(step, int) else kind
    return None


def _parts(kind: Any) -> list[Any]:
    """What a list or a union is made of, and what a union in a list is."""
    found = list(getattr(kind, "__args__", ()))
    return found + [part for inner in found for part in getattr(inner, "__args__", ())]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _steps(path: str) -> list[str | int]:
    """The member names and indexes of a path such as `$.inputs[0].properties`."""
    return [
        int(index) if index else name
        for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path)
    ]  # fmt: skip


def _offset(body: str, path: str, got: str = "") -> int:
    """Where in the text the value at `path` starts; a `[...]` step means the first of JSON type `got`."""
    at = skip_whitespace(body, 0)
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path):
        wanted = name or (int(index) if index.isdigit() else None)
        for member in members(body, at):
            if member.key == wanted or (index == "..." and kind_at(body, member.start) == got):
                at = member.start
                break
        else:
            return max(at, value_end(body, at) - 1)
    return at


def _end_of_object(body: str, path: str) -> tuple[int, int]:
    """Line and column of the brace that ends the object at `path`, where HubSpot misses its members."""
    return _line_and_column(body, value_end(body, _offset(body, path)) - 1)


def _line_and_column(body: str, at: int) -> tuple[int, int]:
    before = body[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
