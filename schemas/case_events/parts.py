"""The small shapes that the families share: ids, instants, dates, courts, officers, hours of a week."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from schemas.case_events.words import Weekday

LONGEST_ID: Final = 128
"""Characters. Ids stand together in keys of the ledger, which have a largest size."""
PLAIN: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""No control characters and no ends of lines: an id is one line of text, also in a log."""
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
"""Years outside are slips or stand-ins for "never", and no date can be counted from them."""

_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEARS: Final = f"of the years {FIRST_YEAR} to {LAST_YEAR}"
INSTANT_REMEDY: Final = f"give date, time and offset from UTC, such as 2026-03-09T10:15:00+00:00 (RFC 3339), {_YEARS}"
DATE_REMEDY: Final = f"give a date, such as 2026-03-09, {_YEARS}"


def parse_instant(value: Any) -> datetime:
    """An RFC 3339 instant, or an aware datetime, in UTC; raises PydanticCustomError (a ValueError) whose text is the remedy."""
    instant = _instant(value)
    if instant is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise PydanticCustomError("remedy", INSTANT_REMEDY)
    return instant


def _instant(value: Any) -> datetime | None:
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):  # the 30th of February; the year 0001 with an offset
        pass
    return None


def parse_date(value: Any) -> date:
    """An RFC 3339 full-date, or a date; raises PydanticCustomError (a ValueError) whose text is the remedy."""
    day = _day(value)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PydanticCustomError("remedy", DATE_REMEDY)
    return day


def _day(value: Any) -> date | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:  # the 30th of February
            return None
    return value if type(value) is date else None


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _text_of_number(value: Any) -> Any:
    return str(value) if type(value) is int else value


Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID, pattern=PLAIN)]
Flag = Annotated[bool, Strict()]
Instant = Annotated[datetime, BeforeValidator(parse_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
"""Aware, UTC."""
Day = Annotated[date, BeforeValidator(parse_date), WithJsonSchema({"type": "string", "format": "date"})]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day in Europe/London, `HH:MM`. Midnight at the end of a day is 00:00."""
Ids = Annotated[tuple[Id, ...], BeforeValidator(_listed, json_schema_input_type=Id | tuple[Id, ...])]
"""One id or a list of them; always read as a tuple."""
ContactValue = Annotated[str, BeforeValidator(_text_of_number, json_schema_input_type=str | int)]
"""A number or address as it was given, usable or not: what is wrong with it spoils this contact point, never the event."""


class Part(BaseModel):
    """A value inside `data`. Fields that are not listed are ignored here and kept in the ledger."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class EventData(Part):
    """What every event may carry. `model_fields_set` tells a field that is absent from one that is null."""

    people: tuple[Id, ...] | None = None
    """Narrows who is concerned; absent means everybody in the case to whom a rule applies."""


class OfficerDetails(Part):
    name: str | None = None
    phone: str | None = None


class CourtDetails(Part):
    name: str | None = None
    address: str | None = None


class UnitDetails(Part):
    name: str | None = None
    phone: str | None = None
    unit: str | None = None


Officer = Annotated[OfficerDetails, BeforeValidator(_named, json_schema_input_type=str | OfficerDetails)]
"""{name, phone}; a bare text is the name."""
Court = Annotated[CourtDetails, BeforeValidator(_named, json_schema_input_type=str | CourtDetails)]
"""{name, address}; a bare text is the name."""
Unit = Annotated[UnitDetails, BeforeValidator(_named, json_schema_input_type=str | UnitDetails)]
"""{name, phone, unit}; a bare text is the name."""


class FirstHearing(Part):
    """The first hearing as it is known at charge."""

    starts_at: Instant | None = None
    court: Court | None = None


class DayWindow(Part):
    """The days in which a hearing may be called, both included."""

    from_: Day = Field(alias="from")
    to: Day

    @model_validator(mode="after")
    def _in_order(self) -> DayWindow:
        if self.to < self.from_:
            raise PydanticCustomError("remedy", "give a window whose last day is not before its first")
        return self


class Hours(Part):
    """From one time of day to another on each of `days`, in Europe/London; it may cross midnight."""

    days: tuple[Weekday, ...]
    from_: Clock = Field(alias="from")
    to: Clock
