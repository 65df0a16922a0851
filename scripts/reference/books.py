"""The rule books: every update point with its limits, how sure it is, and whether a machine has words for it."""

from __future__ import annotations

from schemas.editions.load import load_books
from schemas.editions.model import Books, Limit, UpdatePoint
from scripts.reference.text import code, done, sentences, start, table
from services.wording.templates import library

_CHANNELS = {"sms": "text", "email": "email"}
_ORDER = ("code", "statute", "charter", "force")
_DUTIES = {"tell": "", "ask": ", asked", "act": ", to do"}


def page() -> str:
    """`docs/reference/update-points.md`."""
    lines = start("Update points", "update_points")
    said = sentences("confidence", ("P", "R", "R15", "M", "L", "D"))
    lines += ["## How sure we are", "", *table(("Mark", "Means"), ((code(mark), text) for mark, text in said.items()))]
    books = load_books()
    for edition in sorted(books.editions, key=lambda edition: (_ORDER.index(edition.book), -edition.since.toordinal())):
        since = f"In force from {edition.since:%-d %B %Y}" + (
            f" until {edition.until:%-d %B %Y}" if edition.until else ""
        )
        if any(point.arrested_from is not None for point in edition.points.values()):
            since += ", for suspects arrested from then on"
        lines += [f"## {edition.title}", "", f"`{edition.id}`. {since}, by the date of the event.", ""]
        head = (
            "Update point",
            "When",
            "Right",
            "Standard",
            "Enhanced",
            "Owner",
            "Sure",
            "Words that a machine may send",
        )
        lines += table(head, (_row(books, point) for point in edition.points.values()))
    return done(lines)


def _row(books: Books, point: UpdatePoint) -> tuple[str, ...]:
    citation = "" if point.citation.right is None else str(point.citation.right)
    if point.citation.paragraph is not None:
        citation += f" ({point.citation.paragraph})"
    sure = point.confidence + (", *unverified*" if point.status == "unverified" else "")
    if point.unverified_from is not None:
        sure += f", *unverified* from {point.unverified_from:%-d %B %Y}"
    title = point.title + (" **(safety)**" if point.cls == "safety_critical" else "")
    own = books.force_limit(point.id) if point.limit_source == "none" else None
    standard, enhanced = (
        (_limit(point.standard), _limit(point.enhanced))
        if own is None
        else tuple(f"no limit; the force's own: {_limit(limit)}" for limit in own)
    )
    return (
        code(point.id),
        title,
        citation,
        standard,
        enhanced,
        point.owner + _DUTIES[point.duty],
        sure,
        _words(point),
    )


def _limit(limit: Limit) -> str:
    if limit.working_days is not None:
        return f"{limit.working_days} working day{'' if limit.working_days == 1 else 's'}"
    return "no limit" if limit.hours is None else f"{limit.hours} hours"


def _words(point: UpdatePoint) -> str:
    templates = library("en")
    blocks = templates.blocks if templates is not None else {}
    found = sorted({(channel, style) for (update, channel, style) in blocks if update == point.id})
    styles: dict[str, list[str]] = {}
    for channel, style in found:
        styles.setdefault(_CHANNELS[channel], []).append(style)
    return (
        "; ".join(f"{channel} ({', '.join(names)})" for channel, names in sorted(styles.items(), reverse=True))
        or "none"
    )
