"""What a request of today's format says beside its record: what to do, how many records, when, and how.

Each option is a line of the form over a member of the request; a dot before its name tells it from a field.
Members that a line cannot spell in short, because they were typed as JSON, are shown as JSON and stay as they
are until the line is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ampsandbox.manifest.model import Mode, Provider
from ampsandbox.tui.forms.fields import FormField, number
from ampsandbox.tui.text.sanitize import as_text

if TYPE_CHECKING:
    from ampsandbox.tui.forms.draft import Draft

_Access = tuple[Callable[["Draft"], str], Callable[["Draft", str], None]]
"""How a line reads what a draft keeps for it, and puts it there."""

MODES: Final = {"create": Mode.INSERT, "update": Mode.UPDATE, "delete": Mode.DELETE}
"""The types of a request, by the words of the Write API."""

MOST_RECORDS: Final = 100
_MOST_MINUTES: Final = 1_440
_MOST_HOURS: Final = 48


class RequestOption(msgspec.Struct, frozen=True):
    """One line: `show` reads its text from a draft, `keep` puts it there, `check` says what is wrong."""

    field: FormField
    show: Callable[[Draft], str]
    keep: Callable[[Draft, str], None]
    check: Callable[[str], str] = lambda _: ""


def options_of(provider: str, draft: Draft) -> Iterator[RequestOption]:
    """The options that make sense with what the draft says already, in the order of the form."""
    is_async = draft.rest.get("mode") == "asynchronous"
    yield TYPE
    if draft.type == "delete":
        if provider == Provider.SALESFORCE:
            yield _HEADERS
        return
    if "autoBatchPolicy" not in draft.rest:
        yield _BATCH
    if draft.batch_size > 1:
        yield _ALL_OR_NONE
    yield _MODE
    if is_async and draft.batch_size == 1:
        yield _AUTO_BATCH
    if is_async and "autoBatchPolicy" not in draft.rest:
        yield _RETRY
    yield _ASSOCIATIONS if provider == Provider.HUBSPOT else _HEADERS


def tidy(draft: Draft) -> None:
    """Take away the members that do not go with the others any more."""
    if draft.type == "delete":
        draft.batch = ""
        draft.rest.pop("mode", None)
        draft.rest.pop("associations", None)
    if draft.rest.get("mode") != "asynchronous":
        draft.rest.pop("autoBatchPolicy", None)
        draft.rest.pop("retryPolicy", None)
    if "autoBatchPolicy" in draft.rest:
        draft.batch = ""
        draft.rest.pop("retryPolicy", None)
    if draft.batch_size == 1:
        draft.rest.pop("batchPolicy", None)


def _member(name: str, spell: Callable[[Any], str | None], read: Callable[[str], Any]) -> _Access:
    """How a line reads and writes a member; `spell` gives None for what it cannot say in short."""

    def show(draft: Draft) -> str:
        if name not in draft.rest:
            return ""
        if isinstance(draft.rest[name], str):
            return str(draft.rest[name])
        short = spell(draft.rest[name])
        return json.dumps(draft.rest[name], ensure_ascii=False) if short is None else short

    def keep(draft: Draft, text: str) -> None:
        if text.strip():
            draft.rest[name] = _typed(text) if text.lstrip()[:1] in ("{", "[") else read(text.strip())
        else:
            draft.rest.pop(name, None)
        tidy(draft)

    return show, keep


def _typed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _inside(name: str, inner: str) -> _Access:
    """A member that holds one number."""
    return _member(
        name,
        lambda value: as_text(value[inner]) if isinstance(value, dict) and list(value) == [inner] else None,
        lambda text: {inner: text if (found := number(text)) is None else found},
    )


def _whole(most: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        is_fine = not text or (text.isascii() and text.isdigit() and 1 <= int(text) <= most)
        return "" if is_fine or text.lstrip().startswith("{") else f"a whole number from 1 to {most:,}"

    return check


# -- associations and headers in short -----------------------------------------------------------------------


def spell_associations(value: Any) -> str | None:
    """`201:279` for an association with record 201 of HubSpot's type 279; None where that says too little."""
    try:
        parts = [
            (each["to"]["id"], kind["associationCategory"], kind["associationTypeId"])
            for each in value
            for kind in each["types"]
        ]
    except (TypeError, KeyError):
        return None
    text = ", ".join(
        f"{to}:{kind}" if category == _OURS else f"{to}:{category}:{kind}" for to, category, kind in parts
    )
    return text if read_associations(text) == value else None


def read_associations(text: str) -> Any:
    """The associations that `spell_associations` spelled; the text itself where it is none."""
    found = []
    for part in text.split(","):
        to, _, kind = part.strip().partition(":")
        category, has_category, type_id = kind.partition(":")
        if not has_category:
            category, type_id = _OURS, category
        if not to or not type_id.strip().isdigit():
            return text
        types = [{"associationCategory": category.strip(), "associationTypeId": int(type_id)}]
        found.append({"to": {"id": to.strip()}, "types": types})
    return found


_OURS: Final = "HUBSPOT_DEFINED"


def _check_associations(text: str) -> str:
    is_fine = not text or text.lstrip().startswith("[") or isinstance(read_associations(text), list)
    return "" if is_fine else "record id:association type id, such as 201:279, with commas between several"


def spell_headers(value: Any) -> str | None:
    """`Name: value | Name: value`; None where the member is of another shape."""
    try:
        text = " | ".join(f"{each['key']}: {each['value']}" for each in value)
    except (TypeError, KeyError):
        return None
    return text if read_headers(text) == value else None


def read_headers(text: str) -> Any:
    """The headers that `spell_headers` spelled; the text itself where it is none."""
    pairs = [part.partition(":") for part in text.split("|")]
    if not all(colon and key.strip() for key, colon, _ in pairs):
        return text
    return [{"key": key.strip(), "value": value.strip()} for key, _, value in pairs]


def _check_headers(text: str) -> str:
    is_fine = not text or text.lstrip().startswith("[") or isinstance(read_headers(text), list)
    return "" if is_fine else "Name: value, with | between several"


# -- the lines -----------------------------------------------------------------------------------------------


def _keep_type(draft: Draft, text: str) -> None:
    draft.type = text
    tidy(draft)


def _keep_batch(draft: Draft, text: str) -> None:
    draft.batch = text
    tidy(draft)


def _all_or_none(text: str) -> Any:
    return {"allOrNone": {"true": True, "false": False}.get(text.lower(), text)}


def _shown_policy(value: Any) -> str | None:
    is_plain = isinstance(value, dict) and list(value) == ["allOrNone"]
    return as_text(value["allOrNone"]).lower() if is_plain else None


TYPE: Final = RequestOption(
    FormField("· type", "create, update or delete", options=tuple(MODES), is_restricted=True),
    lambda draft: draft.type,
    _keep_type,
    lambda text: "" if text in MODES else "create, update or delete",
)
_BATCH: Final = RequestOption(
    FormField(
        "· batch",
        "1 to 100 records",
        "int",
        prompt="records in one request, 1 to 100; {{n}} and other templates differ",
    ),
    lambda draft: draft.batch,
    _keep_batch,
    _whole(MOST_RECORDS),
)
_ALL_OR_NONE: Final = RequestOption(
    FormField("· allOrNone", "all records or none", "boolean", options=("true", "false")),
    *_member("batchPolicy", _shown_policy, _all_or_none),
)
_MODE: Final = RequestOption(
    FormField("· mode", "synchronous", options=("synchronous", "asynchronous")),
    *_member("mode", lambda _: None, str),
)
_AUTO_BATCH: Final = RequestOption(
    FormField(
        "· maxDelayMinutes",
        "auto-batch: minutes",
        "int",
        prompt="auto-batch: for how many minutes it may wait for others",
    ),
    *_inside("autoBatchPolicy", "maxDelayMinutes"),
    _whole(_MOST_MINUTES),
)
_RETRY: Final = RequestOption(
    FormField("· deadlineHours", "1 hour", "int", prompt="for how many hours it is retried; 1 unless given"),
    *_inside("retryPolicy", "deadlineHours"),
    _whole(_MOST_HOURS),
)
_ASSOCIATIONS: Final = RequestOption(
    FormField("· associations", "record id:type id", prompt="record id:association type id, such as 201:279"),
    *_member("associations", spell_associations, read_associations),
    _check_associations,
)
_HEADERS: Final = RequestOption(
    FormField("· headers", "Name: value", prompt="headers for Salesforce: Name: value | Name: value"),
    *_member("headers", spell_headers, read_headers),
    _check_headers,
)
