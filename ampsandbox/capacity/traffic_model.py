"""A traffic file as pydantic models: what is written, for whom, and what else happens to the CRMs.

Import it only to read a file: pydantic takes long to load. `ampsandbox.capacity.traffic` reads the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ampsandbox.capacity.findings import near_miss
from ampsandbox.manifest.model import Provider
from ampsandbox.manifest.schema import DIALECT
from mock_crm.hubspot.editions import EDITIONS as HUBSPOT
from mock_crm.salesforce.editions import EDITIONS as SALESFORCE

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_GROUPS: Final = 1_000_000
MAX_DAYS: Final = 366

_DEFAULT_DAYS: Final = 7
_MONDAY: Final = "2026-01-05"
_MOST_WRITES: Final = 100_000_000
_RANGE: Final = re.compile(r"(\d{1,2})(?:\s*-\s*(\d{1,2}))?")
_SPAN: Final = re.compile(r"(\d{1,6})\s*(second|minute|hour|day)s?", re.ASCII)
_DAY: Final = re.compile(r"day\s+(\d{1,3})\s+(\d{1,2}):(\d{2})", re.ASCII)


def refusal(message: str, hint: str = "", at: str | int | None = None) -> PydanticCustomError:
    """A finding about a value; `at` is the key inside it that is at fault."""
    # Braces in a message would be taken for placeholders of its context.
    return PydanticCustomError("bad-value", "{message}", {"message": message, "hint": hint, "at": at})


def _number(value: Any, at: str | int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e9:
        raise refusal(
            f"A weight must be a number from 0 to 1,000,000,000; it is {value!r:.60}.", "Write 0.5 or 2.", at
        )
    return float(value)


def _hours(value: Any) -> Any:
    """Weights of the 24 hours: a list of them, or `{9-17: 3, 17-22: 1}`; an hour not named has none."""
    example = "Write them like {9-17: 3, 17-22: 1}: from 9:00 to 17:00, and from 17:00 to 22:00."
    if isinstance(value, list):
        if len(value) != 24:
            raise refusal(f"A list of hours has 24 weights, from 0:00 on; it has {len(value)}.", example)
        weights = [_number(weight, index) for index, weight in enumerate(value)]
    elif isinstance(value, Mapping):
        weights = [0.0] * 24
        for key, weight in value.items():
            for hour in _hours_of(str(key), example):
                weights[hour] = _number(weight, key)
    else:
        raise refusal("“hours” must be a mapping of hours to weights, or a list of 24.", example)
    if not any(weights):
        raise refusal("No hour has a weight.", "Leave “hours” out for the same rate all day.")
    return tuple(weights)


def _hours_of(key: str, example: str) -> Iterator[int]:
    match = _RANGE.fullmatch(key.strip())
    if match is None:
        raise refusal(f"“{key:.60}” is no hour and no range of hours.", example, key)
    first, last = int(match[1]), int(match[2] or int(match[1]) + 1)
    if first > 23 or last > 24 or first == last:
        raise refusal(f"“{key:.60}” is no range of hours: a day goes from 0 to 24.", example, key)
    yield from (hour % 24 for hour in range(first, last if last > first else last + 24))


def _weekdays(value: Any) -> Any:
    """Factors of the seven days: a list from Monday on, or `{sat-sun: 0.1}`; a day not named has 1."""
    example = "Write them like {fri: 0.8, sat-sun: 0.1}."
    if isinstance(value, list):
        if len(value) != 7:
            raise refusal(f"A list of weekdays has 7 factors, from Monday on; it has {len(value)}.", example)
        return tuple(_number(factor, index) for index, factor in enumerate(value))
    if not isinstance(value, Mapping):
        raise refusal("“weekdays” must be a mapping of weekdays to factors, or a list of 7.", example)
    factors = [1.0] * 7
    for key, factor in value.items():
        ends = [part.strip().lower()[:3] for part in str(key).split("-")]
        if not 1 <= len(ends) <= 2 or not all(end in WEEKDAYS for end in ends):
            raise refusal(f"“{key!s:.60}” is no weekday: {', '.join(WEEKDAYS)}.", example, key)
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        for day in range(first, (last if last >= first else last + 7) + 1):
            factors[day % 7] = _number(factor, key)
    return tuple(factors)


def _span(value: Any) -> Any:
    match = _SPAN.fullmatch(" ".join(value.split()).lower()) if isinstance(value, str) else None
    if match is None or (span := timedelta(**{f"{match[2]}s": int(match[1])})) > timedelta(days=MAX_DAYS):
        raise refusal(f"{value!r:.60} is no length of time.", "Write one such as 10 minutes or 2 hours.")
    return span


def _when(value: Any) -> Any:
    """A moment of the traffic's time zone, or `day 3 09:00`; `Moment.of` makes it one of the calendar."""
    if isinstance(value, str):
        text = " ".join(value.split()).lower()
        if match := _DAY.fullmatch(text):
            day, hour, minute = (int(part) for part in match.groups())
            if day >= 1 and hour < 24 and minute < 60:
                return day, time(hour, minute)
        else:
            try:
                return datetime.fromisoformat(value.strip())
            except ValueError:
                pass
    raise refusal(
        f"{value!r:.60} is no moment.", "Write “day 3 09:00”, counted from the start, or 2026-01-07T09:00."
    )


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal(f"There is no time zone {name!r:.60}.", "Write one such as Europe/Rome.") from None


def _start(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or not 2000 <= moment.year <= 2100:
        raise refusal(f"{value!r:.60} is no day from 2000 to 2100.", "Write one such as 2026-01-05.")
    return moment


_WEIGHTS_SCHEMA: Final = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
        {"type": "array", "items": {"type": "number", "minimum": 0}},
    ]
}
Hours = Annotated[tuple[float, ...], BeforeValidator(_hours), WithJsonSchema(_WEIGHTS_SCHEMA)]
Weekdays = Annotated[tuple[float, ...], BeforeValidator(_weekdays), WithJsonSchema(_WEIGHTS_SCHEMA)]
Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema({"type": "string"})]
When = Annotated[Any, BeforeValidator(_when), WithJsonSchema({"type": "string"})]
Share = Annotated[float, Field(gt=0, le=1)]

EVEN_HOURS: Final = (1.0,) * 24
EVERY_DAY: Final = (1.0,) * 7


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class _Target(_Part):
    """Where writes go: an endpoint of the manifest, or an object with a mode."""

    endpoint: str | None = Field(None, description="An endpoint of the manifest.")
    integration: str | None = Field(None, description="The integration, where several have the object.")
    object: str | None = Field(None, description="An object that the manifest writes to.")
    mode: Literal["insert", "update", "delete"] | None = Field(
        None, description="The type of write, where the endpoint does not say."
    )

    @model_validator(mode="after")
    def _names_one_thing(self) -> _Target:
        if (self.endpoint is None) == (self.object is None):
            raise refusal("An entry names either an endpoint or an object.", "Write “endpoint: …”.")
        if self.endpoint is not None and (self.mode or self.integration):
            raise refusal(
                "An endpoint has its integration and mode in the manifest.",
                "Remove “mode” and “integration”.",
            )
        return self


class _Rhythm(_Part):
    """How a day's amount lies over the hours and the days of the week."""

    hours: Hours = Field(
        EVEN_HOURS, description="Weights of hours, such as {9-17: 3, 17-22: 1}. An hour not named has none."
    )
    weekdays: Weekdays = Field(
        EVERY_DAY, description="Factors of weekdays, such as {sat-sun: 0.1}. A day not named has 1."
    )


class TrafficEntry(_Target, _Rhythm):
    """Writes that come all day, one request each."""

    writes_per_day: float = Field(
        ge=0, le=_MOST_WRITES, description="Writes on a day of factor 1, for a group of average size."
    )
    same_record: float = Field(
        0.0, ge=0, le=1, description="Share of updates that hit the record which was updated just before."
    )
    max_delay_minutes: float | None = Field(
        None,
        gt=0,
        le=1440,
        description="autoBatchPolicy.maxDelayMinutes of the requests, in today's format.",
    )


class BurstEntry(_Target):
    """Many writes at once, such as a customer's import."""

    at: When = Field(description="When it begins: “day 3 09:00”, or a moment such as 2026-01-07T09:00.")
    writes: int = Field(ge=1, le=_MOST_WRITES, description="Writes of a group of average size.")
    over: Span = Field(timedelta(minutes=1), description="How long it lasts, such as 10 minutes.")
    share: Share = Field(1.0, description="The share of groups that it happens to.")


class SizesEntry(_Part):
    """How large groups are, relative to their average."""

    distribution: Literal["constant", "log-normal"] | None = Field(None, description="constant or log-normal")
    sigma: float | None = Field(
        None, ge=0, le=4, description="Of log-normal: 0.5 is mild, 1 is usual, 2 is extreme. 1 by default."
    )
    csv: str | None = Field(None, description="A CSV file with a count for each group.")
    column: str | None = Field(None, description="The column with the counts; by default the last one.")
    recording: str | None = Field(None, description="A session that serve --record or run --record recorded.")

    @model_validator(mode="after")
    def _has_one_source(self) -> SizesEntry:
        given = [name for name in ("distribution", "csv", "recording") if getattr(self, name) is not None]
        if len(given) != 1:
            raise refusal(
                "Sizes come from either a distribution, a csv or a recording.",
                "Write “distribution: constant”.",
            )
        if self.sigma is not None and self.distribution != "log-normal":
            raise refusal("Only log-normal has a sigma.", "Remove “sigma”.", "sigma")
        if self.column is not None and self.csv is None:
            raise refusal("Only a csv has a column.", "Remove “column”.", "column")
        return self


class CrmEntry(_Part):
    """A kind of CRM that a share of the groups has."""

    provider: Literal["salesforce", "hubspot"]
    edition: str | None = Field(None, description="Salesforce's edition or HubSpot's tier.")
    licences: int | None = Field(None, ge=1, le=1_000_000, description="User licences of a Salesforce org.")
    app: Literal["public", "private"] | None = Field(
        None, description="HubSpot: a public app (OAuth), as Ampersand's connections are, or a private one."
    )
    daily_requests: int | None = Field(
        None, ge=1, le=10**9, description="Requests a day that this CRM takes, where you know better."
    )
    share: float = Field(1.0, gt=0, le=1e6, description="How many groups have it, relative to the others.")

    @model_validator(mode="after")
    def _fits_the_provider(self) -> CrmEntry:
        if self.provider == "salesforce" and self.app is not None:
            raise refusal("Only HubSpot tells public from private apps.", "Remove “app”.", "app")
        if self.provider == "hubspot" and self.licences is not None:
            raise refusal("Only Salesforce's limits grow with licences.", "Remove “licences”.", "licences")
        return self

    @field_validator("edition")
    @classmethod
    def _known_edition(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is None or "provider" not in info.data:
            return name
        provider = info.data["provider"]
        known = SALESFORCE if provider == "salesforce" else HUBSPOT
        plain = name.lower().removesuffix(" edition")
        if plain not in known:
            raise refusal(
                f"The sandbox knows no edition {name!r:.60} of {Provider(provider).label}.",
                near_miss(plain, known),
            )
        return plain


class OtherUseEntry(_Rhythm):
    """Requests that other apps send to the same CRM: they use up the same quota."""

    provider: Literal["salesforce", "hubspot"]
    requests_per_day: float = Field(ge=0, le=1e9, description="Requests on a day of factor 1.")
    share: Share = Field(1.0, description="The share of groups that have such apps.")


class OutageEntry(_Part):
    """A time in which a CRM answers 503 to everything."""

    provider: Literal["salesforce", "hubspot"]
    at: When = Field(description="When it begins: “day 3 14:00”, or a moment such as 2026-01-07T14:00.")
    for_: Span = Field(alias="for", description="How long it lasts, such as 2 hours.")
    share: Share = Field(1.0, description="The share of groups that it happens to.")


class TrafficFile(_Part):
    """The whole of a traffic file."""

    groups: int | None = Field(
        None, ge=1, le=MAX_GROUPS, description="How many groups write: those of a csv or recording, or 100."
    )
    days: int = Field(_DEFAULT_DAYS, ge=1, le=MAX_DAYS, description="How many days are simulated.")
    start: Annotated[datetime, BeforeValidator(_start), WithJsonSchema({"type": "string"})] = Field(
        datetime.fromisoformat(_MONDAY), description=f"The first day, {_MONDAY} (a Monday) by default."
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="The zone of hours, weekdays and moments, such as Europe/Rome."
    )
    seed: str | int = Field("0", description="Makes random choices repeatable.")
    latency_ms: float | None = Field(
        None, ge=0, le=600_000, description="How long a CRM takes to answer a request."
    )
    bytes_a_write: int = Field(
        300, ge=1, le=1_000_000, description="How long the fields of a write are as JSON."
    )
    traffic: list[TrafficEntry] = Field([], max_length=1_000, description="Writes that come all day.")
    bursts: list[BurstEntry] = Field([], max_length=1_000, description="Many writes at once.")
    sizes: SizesEntry = Field(
        SizesEntry.model_validate({"distribution": "constant"}), description="How large groups are."
    )
    crms: list[CrmEntry] = Field([], max_length=1_000, description="The CRMs that groups have.")
    other_use: list[OtherUseEntry] = Field([], max_length=1_000, description="What other apps use.")
    outages: list[OutageEntry] = Field([], max_length=1_000, description="When CRMs do not answer.")

    @field_validator("traffic", "bursts", "crms", "other_use", "outages", mode="before")
    @classmethod
    def _empty_section(cls, content: Any) -> Any:
        """A section without content, as a comment alone leaves it, holds nothing."""
        return [] if content is None else content

    @property
    def zone(self) -> tzinfo:
        """The time zone of hours, weekdays and moments."""
        return ZoneInfo(self.time_zone)

    @property
    def begins_at(self) -> datetime:
        return self.start if self.start.tzinfo else self.start.replace(tzinfo=self.zone)

    def moment(self, when: Any) -> datetime:
        """The moment of the calendar that an `at` means."""
        if isinstance(when, datetime):
            return when if when.tzinfo else when.replace(tzinfo=self.zone)
        day, clock = when
        first: date = self.begins_at.astimezone(self.zone).date()
        return datetime.combine(first + timedelta(days=day - 1), clock, self.zone)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a traffic file (draft 2020-12); rules between keys are left to the reader."""
    schema = TrafficFile.model_json_schema()
    return {"$schema": DIALECT} | schema | {"title": "Traffic of ampsandbox simulate"}
