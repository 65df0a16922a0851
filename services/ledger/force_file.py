"""The shape of a force's TOML file: what it may say, and the sentence for whoever wrote something else."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from schemas.case_events.words import OffenceClass
from schemas.envelope import SOURCE

_CAREFUL: Final = Path(__file__).parent / "forces" / "careful.toml"
_OWN: Final = ("force", "name", "live_from")
"""What nobody can say for a force. Without `live_from` the first morning would tell people of griefs long closed (PR22)."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ForceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""As the force stands in the `source` of its events."""
Glob = Annotated[str, StringConstraints(pattern=r"^[a-z0-9*?-]+$")]
Minutes = Annotated[int, Field(ge=1, le=24 * 60)]
Source = Annotated[str, StringConstraints(pattern=f"^{SOURCE}$")]
"""As the source stands in its events."""
EditionsBy = Literal["event_date", "report_date"]


_PATTERNS: Final = {
    "force": "give the force's id as it stands in the source of its events, such as staffs",
    "feeds": "name a source as its events do, such as /force/staffs/rms",
    "update_points": "give an id of the books or a glob, such as r6-bail*, in small letters",
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class SendersFile(_Section):
    """`[senders]`."""

    plain: Text | None = None
    cover: Text | None = None
    email: Text | None = None
    telephone: Text


class HoursFile(_Section):
    """`[hours]`: windows as in `services.ledger.contact_hours`."""

    send: Annotated[list[dict[str, Any]], Field(min_length=1)]


class CadenceFile(_Section):
    """`[cadence]`."""

    days: int = Field(ge=1, le=365)
    enhanced_days: Annotated[int, Field(ge=1, le=365)] | None = None


class RemindersFile(_Section):
    """`[reminders]`; an empty list switches them off. `control_share` of the people of a trial get none."""

    days: list[Annotated[int, Field(ge=1, le=60)]]
    control_share: float = Field(default=0.0, ge=0.0, le=0.9)


class MovesFile(_Section):
    """`[moves]`: how long a moved hearing settles before anybody is told (PR09)."""

    settle_minutes: int = Field(default=45, ge=0, le=24 * 60)


class EditionsFile(_Section):
    """`[editions]`: which date chooses the edition."""

    by: EditionsBy = "event_date"


class FeedFile(_Section):
    """`[feeds.source."SOURCE"]`: what is other than for all sources.

    With `hours` (windows as in `[hours]`) only they count as silence: a court says nothing at a weekend.
    """

    silent_hours: Annotated[int, Field(ge=1, le=24 * 60)] | None = None
    lag_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None
    hours: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = None


class FeedsFile(_Section):
    """`[feeds]`: how long a source may be silent, and how long what it knows may take to arrive (PR23)."""

    silent_hours: int = Field(default=24, ge=1, le=24 * 60)
    lag_minutes: int = Field(default=120, ge=1, le=7 * 24 * 60)
    source: dict[Source, FeedFile] = {}


class CapsFile(_Section):
    """`[caps]`."""

    contact_per_day: int = Field(ge=1, le=50)
    parts_per_day: int = Field(ge=1)


class BreakerFile(_Section):
    """`[breaker]`."""

    newly_due: int = Field(ge=1)
    times_baseline: int = Field(ge=1)


class RepliesFile(_Section):
    """`[replies]`."""

    enabled: bool


class QueueFile(_Section):
    """`[queues.NAME]`."""

    staffed: Literal["always"] | list[dict[str, Any]]
    acknowledge_minutes: Minutes
    next: Text | None = None


class SwitchFile(_Section):
    """`[[switch]]`; without `offence_classes` it is for all of them."""

    update_points: Annotated[list[Glob], Field(min_length=1)]
    offence_classes: Annotated[list[OffenceClass], Field(min_length=1)] | None = None
    people: Literal["standard", "enhanced", "any"]
    way: Literal["automated", "prompt", "person", "off"]


class ForceFile(_Section):
    """A whole file, with what it leaves out filled in."""

    force: ForceId
    name: Text
    live_from: datetime | None = None
    senders: SendersFile
    hours: HoursFile
    cadence: CadenceFile
    reminders: RemindersFile
    moves: MovesFile = MovesFile()
    editions: EditionsFile = EditionsFile()
    feeds: FeedsFile = FeedsFile()
    caps: CapsFile
    breaker: BreakerFile
    replies: RepliesFile
    queues: Annotated[dict[str, QueueFile], Field(min_length=1)]
    switch: list[SwitchFile] = []


def read_file(toml: str) -> ForceFile:
    """Read the text of a force's file; raises ValueError with a sentence that names the key and the remedy.

    A section that the file leaves out is as the shipped careful file has it; the file's switches stand behind the careful ones.
    """
    try:
        own = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is not TOML: {error}") from None
    for key in _OWN:
        if key not in own:
            raise ValueError(f"{key}: give it: every force says its own")
    careful = _careful()
    before: list[Any] = careful["switch"]
    switches = own.get("switch", [])
    whole = {**careful, **own, "switch": [*before, *switches] if isinstance(switches, list) else switches}
    file = _read(whole, len(before))
    if file.live_from is None or file.live_from.tzinfo is None:
        raise ValueError("live_from: give an instant with its offset, such as 2026-01-01T00:00:00Z")
    return file


@lru_cache(maxsize=1)
def careful_file() -> ForceFile:
    """The shipped careful file: the only one without a `live_from`."""
    return _read(_careful(), 0)


def _careful() -> dict[str, Any]:
    return tomllib.loads(_CAREFUL.read_text("utf-8"))


def _read(raw: dict[str, Any], careful_switches: int) -> ForceFile:
    try:
        return ForceFile.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        path = list(first["loc"])
        if path[0] == "switch" and len(path) > 1 and isinstance(path[1], int):
            path[1] -= careful_switches  # the writer counts the switches of their own file
        raise ValueError(f"{_key(path)}: {_remedy(path, first['type'], first['msg'])}") from None


def _key(path: list[int | str]) -> str:
    key = ""
    for part in path:
        # Pydantic's path names the members of a union; the person who wrote the file never did.
        if isinstance(part, str) and part.startswith(("literal[", "list[", "[key]")):
            continue
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key


def _remedy(path: list[int | str], kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return next((remedy for field, remedy in _PATTERNS.items() if field in path), message)
    if kind == "extra_forbidden":
        return "no such key: remove it, or correct its spelling"
    if kind == "missing":
        return "give it: it has no default"
    return message[:1].lower() + message[1:]
