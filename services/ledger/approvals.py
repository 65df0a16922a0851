"""A second person's word on what changed of a flagged person: which changes wait, and approving or refusing one.

The first word is the record system's. The second is a person's, by name; it is about the very words that wait, so whatever is
said later waits anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.envelope import CaseEvent
from services.ledger import alerts, cases, fix_links, inbox, vault
from services.ledger.cases import PersonKey
from services.ledger.connection import Connection
from services.ledger.inbox import key_of
from services.ledger.journal import Journal
from services.ledger.links import related
from services.ledger.outbox import instant
from services.ledger.people import Details, Folded, fold
from services.ledger.second_word import SAFETY, Change, Verdict, Verdicts, of_contact
from services.refusals import Refused

ALERT: Final = "safety_change_waits"
"""The alert that a word would loosen what is safe for somebody."""


class ApprovalError(Refused, ValueError):
    """A word on a change that cannot be taken; the text is a sentence for whoever gave it."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was ever said of one person."""

    events: Sequence[CaseEvent]
    details: Details
    verdicts: Verdicts


async def verdicts_of(connection: Connection, people: Collection[PersonKey]) -> dict[PersonKey, dict[Any, Verdict]]:
    """What a second person said of each of these people's changes."""
    ordered = sorted(people)
    rows = await connection.fetch(
        "select force, person_id, subject, source, event_id, verdict from contact_approval"
        " join unnest($1::text[], $2::text[]) k (force, person_id) using (force, person_id)",
        [force for force, _ in ordered],
        [person for _, person in ordered],
    )
    found: dict[PersonKey, dict[Any, Verdict]] = {}
    for row in rows:
        key = row["subject"], row["source"], row["event_id"]
        found.setdefault((row["force"], row["person_id"]), {})[key] = row["verdict"]
    return found


async def histories(connection: Connection, people: Collection[PersonKey]) -> dict[PersonKey, History]:
    """Everything that was ever said of each of these people; lock them first to change anything."""
    ordered = sorted(people)
    if not ordered:
        return {}
    said = await inbox.events_of_people(connection, ordered)
    details = await vault.details_of(connection, ordered)
    verdicts = await verdicts_of(connection, ordered)
    fixes = await fix_links.corrections_about(
        connection, sorted({key_of(event) for events in said.values() for event in events})
    )
    found: dict[PersonKey, History] = {}
    for who in ordered:
        about = {key_of(fix): fix for event in said[who] for fix in fixes.get(key_of(event), ())}
        found[who] = History([*said[who], *about.values()], details[who], verdicts.get(who, {}))
    return found


def code_of(change: Change) -> str:
    """Eight letters that stand for just what waits: another word on it has another code."""
    text = "\x1f".join((change.subject, *(part for word in change.words for part in word)))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# A person's contacts matter to a second person only where somebody treats that person as flagged.
_WAIT: Final = """
select force, person_id, coalesce((state ->> 'has_safety_profile')::boolean, false) or exists (
    select from updates u where u.force = p.force and u.person_id = p.person_id
        and (u.explanation ->> 'flagged')::boolean and u.state <> 'withdrawn') as flagged
from person p
where ($1::text is null or force = $1)
    and (state ? 'unconfirmed' or state @? '$.contacts[*] ? (@.unconfirmed == true)')
order by force, person_id
"""


async def list_changes(connection: Connection, force: str | None = None) -> list[dict[str, Any]]:
    """What waits for a second person: {force, person, kind, contact, what, since, change, events}, oldest first; by ids only."""
    rows = await connection.fetch(_WAIT, force)
    waiting = {(row["force"], row["person_id"]): row["flagged"] for row in rows}
    found = [
        _row(who, change)
        for who, history in (await histories(connection, waiting)).items()
        for change in _fold(who, history).changes
        if change.subject == SAFETY or waiting[who]
    ]
    return sorted(found, key=lambda row: (row["since"], row["force"], row["person"], row["kind"], row["contact"]))


def _row(who: PersonKey, change: Change) -> dict[str, Any]:
    safety = change.subject == SAFETY
    return {
        "force": who[0],
        "person": who[1],
        "kind": SAFETY if safety else "contact",
        "contact": "" if safety else change.subject.removeprefix(of_contact("")),
        "what": list(change.what),
        "since": instant(change.since),
        "change": code_of(change),
        "events": [f"{source} {event}" for source, event in change.words],
    }


def _fold(who: PersonKey, history: History) -> Folded:
    return fold(*who, history.events, history.details, history.verdicts)


async def decide_change(
    connection: Connection,
    who: PersonKey,
    subject: str,
    verdict: Verdict,
    by: str,
    journal: Journal,
    *,
    code: str | None = None,
) -> Change:
    """Approve or refuse what waits of one person on `subject`, and have all their cases planned again.

    `code`, where it is given, must be that of what waits. Raises ApprovalError where nothing waits, or something else does.
    """
    if not by.strip():
        raise ApprovalError("give your name with --by")
    await cases.lock_people(connection, [who])
    history = (await histories(connection, [who]))[who]
    change = next((one for one in _fold(who, history).changes if one.subject == subject), None)
    if change is None:
        raise ApprovalError("nothing of this waits for a second person: see `kept people changes`")
    if code is not None and code != code_of(change):
        raise ApprovalError("something else waits by now: look again with `kept people changes`")
    await connection.execute(
        "insert into contact_approval (force, person_id, subject, source, event_id, verdict, decided_by, decided_at)"
        " select $1, $2, $3, s, e, $6, $7, $8 from unnest($4::text[], $5::text[]) w (s, e)",
        *who,
        subject,
        [source for source, _ in change.words],
        [event for _, event in change.words],
        verdict,
        by,
        journal.now,
    )
    words = {(subject, *word): verdict for word in change.words}
    folded = _fold(who, History(history.events, history.details, {**history.verdicts, **words}))
    await cases.keep_people(connection, [folded.person])
    journal.note(
        f"person.change_{verdict}",
        who[0],
        who[1],
        {"subject": subject, "what": list(change.what), "events": [list(word) for word in change.words], "by": by},
    )
    if not any(one.subject == SAFETY for one in folded.changes):
        await alerts.clear_alert(connection, ALERT, "/".join(who), journal.now)
    theirs = await cases.cases_of(connection, [who])
    await cases.plan_again(connection, theirs | await bearing_on(connection, theirs), "contact_approval")
    journal.wake("kept_replan")
    return change


async def bearing_on(connection: Connection, of: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The cases on whose plans the people of these cases bear, besides these."""
    return {
        (force, other)
        for (force, _), rel in (await related(connection, of)).items()
        for other in rel.linked | rel.shared
    } - set(of)


async def tell_of_safety(connection: Connection, folded: Iterable[Folded], journal: Journal) -> None:
    """Tell somebody of each word that would loosen what is safe for a person, until a second person has spoken."""
    for one in folded:
        about = f"{one.person.force}/{one.person.id}"
        if any(change.subject == SAFETY for change in one.changes):
            await alerts.raise_alert(
                connection,
                "safety_change_waits",
                about,
                "What is safe for this person would be loosened by one word alone: the stricter stands until a second person"
                " has confirmed it. `kept people changes` shows it.",
                "victim care",
                "`kept people approve` or `refuse` by a second person.",
                journal.now,
            )
        else:
            await alerts.clear_alert(connection, ALERT, about, journal.now)
