"""Facts for every form of every template, and a frame to put around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from services.wording import Frame
from services.wording.templates import Block, Library, library

FRAME: Final = Frame("KF7Q2R8M", "Staffs Police", "01632 960123", "Jo", hours="8am to 8pm")
CROWN: Final = "Stafford Crown Court"
APRIL: Final = "2026-04-14T08:30:00Z"  # 9.30am in London
MAY: Final = "2026-05-11T08:30:00Z"
COMMON: Final[dict[str, Any]] = {"happened_on": "2026-03-09", "suspects": 1}

HEARINGS: Final[dict[str, dict[str, Any]]] = {
    "listed": {"starts_at": APRIL, "court": "Stafford Magistrates' Court", "listing": "fixed"},
    "window": {"window": {"from": "2026-05-04", "to": "2026-05-15"}, "court": CROWN, "listing": "warned"},
    "moved-day": {"starts_at": MAY, "was_at": APRIL, "court": CROWN, "was_court": CROWN},
    "moved-time": {"starts_at": "2026-04-14T13:00:00Z", "was_at": APRIL, "court": CROWN, "was_court": CROWN},
    "moved-place": {"starts_at": APRIL, "was_at": APRIL, "court": CROWN, "was_court": "Stafford Magistrates' Court"},
    "off": {"vacated": True, "was_at": APRIL, "starts_at": APRIL, "court": CROWN},
}
OTHERS: Final[dict[str, dict[str, Any]]] = {
    "r6-arrest": {"where": "custody"},
    "r6-interview": {"where": "voluntary"},
    "r6-charge": {"custody": "remand", "charges": ["assault by beating"]},
    "r6-no-investigation": {"reason_text": "We asked everybody near by and nobody saw it", "approved_by": "Insp Hill"},
    "r9-outcome": {"outcome": "convicted", "last_defendant": True},
    "r9-sentence": {
        "sentence": "24 weeks in prison, suspended for a year",
        "plain_meaning": "They stay out of prison if they do as the court says for a year",
        "sentence_kind": "suspended",
    },
    "r8-not-needed": {"starts_at": APRIL},
}


def english() -> Library:
    """The templates in English."""
    found = library("en")
    assert found is not None
    return found


def variants() -> Iterator[tuple[str, Block, dict[str, Any]]]:
    """Every block with every update point that it serves and every variant of facts that changes its words."""
    for (point, _, _), forms in english().blocks.items():
        for form, block in forms.items():
            base = COMMON | (HEARINGS[form] if form else OTHERS[point])
            if "attend" in block.needs:
                for need in (True, False, None):
                    facts = base if need is None else base | {"need_attend": need}
                    yield point, block, facts
                    if "settled" in block.needs:
                        yield point, block, facts | {"listing": "warned"}
                        yield point, block, {key: value for key, value in facts.items() if key != "listing"}
                    if "place_too" in block.needs:
                        yield point, block, facts | {"was_court": "Stafford Magistrates' Court"}
            elif "call_planned" in block.needs:
                yield point, block, base
                yield point, block, base | {"call_planned": True}
            else:
                yield point, block, base
