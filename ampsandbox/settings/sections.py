"""The sections of `sandbox.yaml` that name no secrets: `engine`, `mocks` and `ids`.

Most files have no others. `connections` and `webhooks` are pydantic models, which take 10 MB and 80 ms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeAlias,
    TypedDict,
    get_args,
    get_origin,
    get_type_hints,
)
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ampsandbox.settings.engine import EngineSettings

SECRET_SECTIONS: Final = ("connections", "webhooks")
SECTIONS: Final = (*SECRET_SECTIONS, "engine", "mocks", "ids")

_KEY: Final = re.compile(r"[a-z_]{1,40}")

# Longer pauses than this lead out of the calendar.
_LONGEST_S: Final = 366 * 86_400

_FromOne = Annotated[int, msgspec.Meta(ge=1)]
_Wait = Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_S)]
_Pause = Annotated[float, msgspec.Meta(gt=0, le=_LONGEST_S)]

_Ids: TypeAlias = dict[str, list[str]]

Place: TypeAlias = tuple[int | str, ...]


class Problem(NamedTuple):
    """What is wrong at a place of the file."""

    place: Place
    rule: str
    message: str
    hint: str = ""


class _Engine(TypedDict, total=False):
    """How the engine delivers and retries; see `ampsandbox.settings.engine.EngineSettings`."""

    parallel_requests: Annotated[int, msgspec.Meta(ge=1, le=50)]
    bulk_threshold: _FromOne
    retry_deadline_s: _Wait
    retry_base_s: _Pause
    retry_cap_s: _Pause
    immediate_deadline_s: _Wait
    breaker_failures: _FromOne
    breaker_pause_s: _Pause
    time_zone: str


class _Mocks(TypedDict, total=False):
    """How the mock orgs behave (`OrgSettings` of mock_crm), and the text fields they have of their own."""

    limits: bool
    permissions: Literal["real", "open"]
    edition: str
    state_and_country_picklists: bool
    logins: dict[str, str]
    clients: dict[str, str]
    tokens: tuple[str, ...]
    search_lag_s: _Wait
    batch_order: Literal["shuffled", "input"]
    daily_requests: _FromOne
    burst_requests: _FromOne
    keep_history: bool
    custom_fields: dict[str, list[str]]


_SWITCHES: Final = {"on": True, "yes": True, "off": False, "no": False}  # YAML reads them so without quotes
_KINDS: Final = {"int": "a whole number", "float": "a number", "bool": "on or off", "str": "text"}
_OTHER_NAMES: Final = {"org_type": "edition", "tier": "edition", "search_lag": "search_lag_s"}
_OTHER_WORDS: Final[dict[tuple[str, Any], Any]] = {
    # `limits: real` reads like `--limits real`; YAML itself turns `off` into False.
    ("limits", "real"): True,
    ("search_lag_s", False): 0,
    # What `real` and `open` were called.
    ("permissions", "strict"): "real",
    ("permissions", "relaxed"): "open",
}


def read_engine(content: Any, problems: list[Problem]) -> EngineSettings:
    """The engine's settings, with its own defaults for what the file leaves out."""
    values = _values(_Engine, content, "engine", problems)
    name = values.pop("time_zone", None)
    if name is not None:
        try:
            values["time_zone"] = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"There is no time zone {name!r:.60}; write one such as Europe/Rome."
            problems.append(Problem(("engine", "time_zone"), "bad-value", message))
    return EngineSettings(**values)


def read_mocks(content: Any, problems: list[Problem]) -> dict[str, Any]:
    """What the file names of the org's settings, and `custom_fields`."""
    return _values(_Mocks, content, "mocks", problems)


def read_ids(content: Any, problems: list[Problem]) -> dict[str, list[str]]:
    """By the name of the project or of an integration, what Ampersand's API may call it too."""
    if isinstance(content, Mapping):  # one id may stand without brackets
        content = {name: given if isinstance(given, list) else [given] for name, given in content.items()}
    found = len(problems)
    names: dict[str, list[str]] = _value({} if content is None else content, _Ids, ("ids",), problems) or {}
    if len(problems) > found:
        return {}
    owners: dict[str, str] = {}
    for name, given in names.items():
        for each in given:
            if not each or "/" in each:
                message = f"The id {each!r:.60} of {name!r:.60} is empty or holds a slash."
            elif owners.setdefault(each, name) != name:
                message = f"The id {each!r:.60} stands for {owners[each]!r:.60} already."
            else:
                continue
            problems.append(Problem(("ids",), "bad-value", message))
    return names


def _values(kind: type, content: Any, section: str, problems: list[Problem]) -> dict[str, Any]:
    """The values of a section; what is wrong with any of them is left out, and added to the problems."""
    if content is None:  # a section without content, as a comment alone leaves it, sets nothing
        return {}
    if not isinstance(content, Mapping):
        problems.append(Problem((section,), "bad-value", f"“{section}” must be a mapping."))
        return {}
    types = get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = {}
    for key, given in content.items():
        name = _OTHER_NAMES.get(key, key) if kind is _Mocks else key
        if name not in types:
            problems.append(unknown_key((section, key)))
        elif given is not None:
            is_word = isinstance(given, str | bool)
            value = _OTHER_WORDS.get((name, given), given) if is_word else given
            values[name] = _value(value, types[name], (section, key), problems)
    return values


def _value(given: Any, kind: Any, place: Place, problems: list[Problem]) -> Any:
    """The value as its type has it; None where it is wrong, with a problem for each part that is."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is dict and isinstance(given, Mapping):
        return {
            _value(key, str, (*place, key), problems): _value(value, inner[1], (*place, key), problems)
            for key, value in given.items()
        }
    if origin in (list, tuple) and isinstance(given, list):
        return origin(_value(each, inner[0], (*place, at), problems) for at, each in enumerate(given))
    if kind is bool and isinstance(given, str):
        given = _SWITCHES.get(given.lower(), given)
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        if origin in (dict, list, tuple):
            message = f"“{place[-1]}” must be a {'mapping' if origin is dict else 'list'}."
        else:
            expected = f"Expected {' or '.join(inner)}" if origin is Literal else _in_plain_words(error)
            message = f"{expected}; it is {given!r:.60}."
        problems.append(Problem(place, "bad-value", message))
        return None


def _in_plain_words(error: msgspec.ValidationError) -> str:
    """What was expected, as who writes YAML calls it: msgspec speaks of Python's types."""
    expected = str(error).partition(", got ")[0]
    for kind, words in _KINDS.items():
        expected = expected.replace(f"`{kind}`", words)
    return expected


def unknown_key(place: Place) -> Problem:
    key = str(place[-1])
    # A key that is none may be a secret that lost its colon.
    shown = f"“{key}”" if _KEY.fullmatch(key) else "A key here"
    hint = f"The sections are {', '.join(SECTIONS)}." if len(place) == 1 else ""
    return Problem(place, "unknown-key", f"{shown} means nothing here.", hint)
