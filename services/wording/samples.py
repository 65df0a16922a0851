"""Facts to try templates with: every form of every update point that a machine tells, and every variant that changes the words.

The people are of the ranges kept for drama and examples; the courts and streets are nobody's case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from services.wording.templates import Block
from services.wording.types import Facts, Frame

FRAME: Final = Frame("KF7Q2R8M", "Staffs Police", "01632 960123", "Jo", hours="8am to 8pm")
CROWN: Final = "Stafford Crown Court"
MAGISTRATES: Final = "Stafford Magistrates' Court"
APRIL: Final = "2026-04-14T08:30:00Z"  # 9.30am in London
MAY: Final = "2026-05-11T08:30:00Z"
COMMON: Final[dict[str, Any]] = {"happened_on": "2026-03-09", "suspects": 1}

HEARINGS: Final[Mapping[str, dict[str, Any]]] = {
    "listed": {"starts_at": APRIL, "court": MAGISTRATES, "listing": "fixed"},
    "window": {"window": {"from": "2026-05-04", "to": "2026-05-15"}, "court": CROWN, "listing": "warned"},
    "moved-day": {"starts_at": MAY, "was_at": APRIL, "court": CROWN, "was_court": CROWN},
    "moved-time": {"starts_at": "2026-04-14T13:00:00Z", "was_at": APRIL, "court": CROWN, "was_court": CROWN},
    "moved-place": {"starts_at": APRIL, "was_at": APRIL, "court": CROWN, "was_court": MAGISTRATES},
    "off": {"vacated": True, "was_at": APRIL, "starts_at": APRIL, "court": CROWN},
}
"""By form, for every point that tells of a hearing."""
_SENTENCE: Final[dict[str, Any]] = {
    "sentence": "24 weeks in prison, suspended for a year",
    "plain_meaning": "They stay out of prison if they do as the court says for a year",
    "sentence_kind": "suspended",
}
POINTS: Final[Mapping[str, dict[str, Any]]] = {
    "r3-cjs-info": {},
    "r5-compensation": {},
    "r6-arrest": {"where": "custody"},
    "r6-interview": {"where": "voluntary"},
    "r6-charge": {"custody": "remand", "charges": ["assault by beating"]},
    "r6-no-investigation": {"reason_text": "We asked everybody near by and nobody saw it", "approved_by": "Insp Hill"},
    "r8-not-needed": {"starts_at": APRIL},
    "r9-outcome": {"outcome": "convicted", "last_defendant": True},
    "r9-sentence": _SENTENCE,
    "w-attend": {"starts_at": APRIL, "court": CROWN},
    "w-stood-down": {"starts_at": APRIL},
    "w-outcome": {"outcome": "convicted", "last_defendant": True},
    "w-expenses": {},
    "f-reminder": {"starts_at": APRIL, "court": "Cannock Magistrates' Court"},
    "f-cadence": {"note_text": "We are going through what the shops near by sent us", "next_contact_on": "2026-04-14"},
    "f-handover": {"contact_name": "Jo Hill", "contact_phone": "01632 960124", "contact_unit": "Witness Care Unit"},
}
FORMS: Final[Mapping[tuple[str, str], dict[str, Any]]] = {("w-outcome", "sentence"): _SENTENCE}
"""Forms of points that are no hearings."""
_VARIANTS: Final[Mapping[str, tuple[Facts, ...]]] = {
    "attend": ({}, {"need_attend": True}, {"need_attend": False}),
    "settled": ({}, {"listing": "warned"}, {"listing": None}),
    "place_too": ({}, {"was_court": MAGISTRATES}),
    "call_planned": ({}, {"call_planned": True}),
    "entrance": ({}, {"entrance": "entrance in Hall Road"}),
    "contact_unit": ({}, {"contact_unit": None}),
    "hearing": ({}, {"purpose": "trial"}),
    "theirs": ({}, {"told_as": "business_contact"}),
}
"""By field: facts that change what is said beside the value itself."""


def samples(point: str, block: Block) -> Iterator[dict[str, Any]]:
    """Facts for a block of this point: each variant that changes its words. Raises KeyError where nobody wrote a sample."""
    base = FORMS.get((point, block.form)) or (POINTS[point] if not block.form else HEARINGS[block.form])
    fields = (*block.needs, *block.may)
    for variant in product(*(_VARIANTS[field] for field in fields if field in _VARIANTS)):
        facts: dict[str, Any] = {**COMMON, **base}
        for change in variant:
            facts.update(change)
        yield {key: value for key, value in facts.items() if value is not None}


_SAID: Final[Mapping[str, dict[str, Any]]] = {
    "cy": {
        "court": "Llys Ynadon Llŷn",
        "was_court": "Llys Ynadon Llŷn",
        "reason_text": "Holwyd pawb gerllaw ac ni welodd neb ddim",
        "sentence": "24 wythnos o garchar, wedi'i ohirio am flwyddyn",
        "plain_meaning": "Nid yw'r person yn mynd i'r carchar os yw'n gwneud fel y mae'r llys yn ei ddweud am flwyddyn",
    }
}


def said_in(language: str, facts: Facts) -> dict[str, Any]:
    """What somebody would have typed in another language, in place of the English; a place with a circumflex, which is UCS-2."""
    said = _SAID.get(language)
    if said is None:
        return {}
    found = {key: value for key, value in said.items() if key in facts}
    if facts.get("was_court") not in {None, facts.get("court")}:
        found["was_court"] = "Llys Ynadon Caernarfon"
    return found | {"text_language": language}
