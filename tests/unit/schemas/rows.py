"""The rows of the tables of duties, transcribed apart from the books: what each edition must hold, or the docs must name.

A rule's facts stand as (confidence, status, standard, enhanced, clock, owner): limits in working
days, with `h` in hours, None for none.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Facts: TypeAlias = tuple[str, str, int | str | None, int | str | None, str, str]


def _ids(listed: str) -> list[str]:
    return listed.split()


TABLE_A: Final = _ids("""
r1-language r3-ack r3-cjs-info r3-rj-info r4-needs r4-reassess r4-referral r4-wcu-needs r5-compensation
r6-no-investigation r6-contact-plan r6-long-gap r6-cannot-update r6-arrest r6-interview r6-released-no-charge r6-bail r6-rui
r6-bail-varied r6-bail-cancelled pace-bail-views pace-bail-notify r6-charge r6-first-hearing r6-police-nfa r6-cps-no-charge
r6-cps-change r6-cps-meeting r6-ood-views r6-ood-outcome r6-closed-no-charge r6-reopened r7-vps-offer
r8-hearing-date r8-bail-outcome r8-warrant r8-rearrest-outcome r8-court-to-wcu r8-attend r8-not-needed r8-special-measures
r8-court-visit r9-outcome r9-sentence r9-sentence-questions r9-bereaved-meeting r9-uls r9-appeal-notice r9-appeal-hearing
r9-appeal-bail r9-appeal-outcome r9-ccrc r10-expenses r10-property r11-vcs-referral r11-vlo-contact r11-key-stages r11-escape
r12-complaint-ack r12-escalate
""")
"""Every row of the timing table of the 2020 Code."""

TABLE_C: Final = _ids("""
r3-cjs-info r4-referral r6-no-investigation r6-arrest r6-interview r6-released-no-charge r6-bail r6-bail-varied r6-bail-cancelled
r6-charge r8-warrant r8-rearrest-outcome r8-hearing-date r8-bail-outcome r9-outcome r9-sentence r6-cps-no-charge r6-cps-change
r11-vcs-referral r12-complaint-ack r6-contact-plan
""")
"""What was read of the 2015 Code."""

CARRIED_OVER: Final = _ids("r6-first-hearing r6-cps-meeting r6-reopened r9-uls r9-appeal-hearing r9-appeal-outcome")
"""Rows of the 2020 table whose duty was read for an older edition or in the law itself: the 2015 book has them too."""

TABLE_4_1: Final = _ids("""
w-first-contact w-attend w-hearing-date w-hearing-changed w-special-measures w-outcome w-stood-down w-at-court w-expenses
w-single-contact
""")
"""What a Witness Care Unit tells witnesses."""

FORCE: Final = _ids("f-reminder f-cadence f-handover f-custody-changed f-order-changed f-bail-lapse f-order-lapse")

VC_2020: Final[dict[str, Facts]] = {
    "r1-language": ("R", "active", None, None, "time", "police"),
    "r3-ack": ("R", "active", None, None, "time", "police"),
    "r3-cjs-info": ("R", "active", None, None, "time", "police"),
    "r3-rj-info": ("R", "active", None, None, "time", "police"),
    "r4-needs": ("R", "active", None, None, "time", "police"),
    "r4-referral": ("R", "active", 2, 2, "time", "police"),
    "r5-compensation": ("R", "active", None, None, "time", "police"),
    "r6-no-investigation": ("R", "active", 5, 1, "time", "police"),
    "r6-contact-plan": ("R", "active", None, None, "time", "police"),
    "r6-arrest": ("R", "active", 5, 1, "time", "police"),
    "r6-interview": ("R", "active", 5, 1, "time", "police"),
    "r6-released-no-charge": ("R", "active", 5, 1, "time", "police"),
    "r6-bail": ("R", "active", 5, 1, "time", "police"),
    "r6-rui": ("R", "active", 5, 1, "time", "police"),
    "r6-bail-varied": ("R", "active", 5, 1, "time", "police"),
    "r6-bail-cancelled": ("R", "active", 5, 1, "time", "police"),
    "r6-charge": ("R", "active", 5, 1, "time", "police"),
    "r6-first-hearing": ("R15", "unverified", 1, 1, "knownat", "police"),
    "r6-police-nfa": ("R", "active", 5, 1, "time", "police"),
    "r6-cps-no-charge": ("M", "unverified", 5, 1, "time", "cps"),
    "r6-cps-change": ("M", "unverified", 5, 1, "time", "cps"),
    "r6-cps-meeting": ("R15", "unverified", None, None, "time", "cps"),
    "r6-ood-views": ("R", "active", None, None, "time", "police"),
    "r6-ood-outcome": ("R", "active", 5, 1, "time", "police"),
    "r6-closed-no-charge": ("M", "unverified", 5, 1, "time", "police"),
    "r6-reopened": ("R15", "unverified", None, None, "time", "police"),
    "r7-vps-offer": ("R", "active", None, None, "time", "police"),
    "r8-hearing-date": ("R", "active", 1, 1, "received_at", "wcu"),
    "r8-bail-outcome": ("R", "active", 5, 1, "received_at", "wcu"),
    "r8-warrant": ("R", "active", 5, 1, "received_at", "wcu"),
    "r8-rearrest-outcome": ("R", "active", 5, 1, "received_at", "wcu"),
    "r8-court-to-wcu": ("R", "active", 5, 5, "occurred_on", "hmcts"),
    "r8-attend": ("R", "active", 1, 1, "received_at", "wcu"),
    "r4-wcu-needs": ("R", "active", None, None, "received_at", "wcu"),
    "r8-court-visit": ("R", "active", None, None, "received_at", "wcu"),
    "r8-special-measures": ("R", "active", None, None, "time", "wcu"),
    "r9-outcome": ("R", "active", 1, 1, "received_at", "wcu"),
    "r9-sentence": ("R", "active", 1, 1, "received_at", "wcu"),
    "r9-bereaved-meeting": ("R", "active", None, None, "received_at", "cps"),
    "r9-uls": ("P", "active", 1, 1, "received_at", "wcu"),
    "r9-appeal-notice": ("M", "unverified", 1, 1, "received_at", "wcu"),
    "r9-appeal-hearing": ("M", "unverified", 1, 1, "received_at", "wcu"),
    "r9-appeal-bail": ("M", "unverified", 1, 1, "received_at", "wcu"),
    "r9-appeal-outcome": ("M", "unverified", 1, 1, "received_at", "wcu"),
    "r10-property": ("M", "unverified", None, None, "time", "police"),
    "r11-vcs-referral": ("R", "active", 10, 10, "occurred_on", "wcu"),
    "r11-vlo-contact": ("R", "active", 20, 20, "time", "vlo"),
    "r11-escape": ("M", "unverified", None, None, "time", "police"),
    "r12-complaint-ack": ("R15", "unverified", 10, 10, "received_on", "police"),
}

VC_2015: Final[dict[str, Facts]] = {
    "r3-cjs-info": ("R15", "active", 5, 5, "time", "police"),
    "r4-referral": ("R15", "active", 2, 2, "time", "police"),
    "r6-no-investigation": ("R15", "active", 5, 1, "time", "police"),
    "r6-contact-plan": ("R15", "active", None, None, "time", "police"),
    "r6-arrest": ("R15", "active", 5, 1, "time", "police"),
    "r6-interview": ("R15", "active", 5, 1, "time", "police"),
    "r6-released-no-charge": ("R15", "active", 5, 1, "time", "police"),
    "r6-bail": ("R15", "active", 5, 1, "time", "police"),
    "r6-bail-varied": ("R15", "active", 5, 1, "time", "police"),
    "r6-bail-cancelled": ("R15", "active", 5, 1, "time", "police"),
    "r6-charge": ("R15", "active", 5, 1, "time", "police"),
    "r6-first-hearing": ("R15", "active", 1, 1, "knownat", "police"),
    "r6-cps-no-charge": ("P", "active", 5, 1, "time", "cps"),
    "r6-cps-change": ("P", "active", 5, 1, "time", "cps"),
    "r6-cps-meeting": ("R15", "active", None, None, "time", "cps"),
    "r6-reopened": ("R15", "active", None, None, "time", "police"),
    "r8-hearing-date": ("R15", "active", 1, 1, "received_at", "wcu"),
    "r8-bail-outcome": ("R15", "active", 1, 1, "received_at", "wcu"),
    "r8-warrant": ("R15", "active", 5, 1, "received_at", "wcu"),
    "r8-rearrest-outcome": ("R15", "active", 5, 1, "received_at", "wcu"),
    "r9-outcome": ("R15", "active", 1, 1, "received_at", "wcu"),
    "r9-sentence": ("R15", "active", 1, 1, "received_at", "wcu"),
    "r9-uls": ("P", "active", 1, 1, "received_at", "wcu"),
    "r9-appeal-hearing": ("R15", "active", 1, 1, "received_at", "wcu"),
    "r9-appeal-outcome": ("R15", "active", 1, 1, "received_at", "wcu"),
    "r11-vcs-referral": ("R15", "active", 20, 20, "occurred_on", "wcu"),
    "r12-complaint-ack": ("R15", "active", 10, 10, "received_on", "police"),
}

WC_2013: Final[dict[str, Facts]] = {
    "w-first-contact": ("R", "active", None, None, "received_at", "wcu"),
    "w-attend": ("R", "active", 1, 1, "received_at", "wcu"),
    "w-hearing-date": ("M", "active", 1, 1, "received_at", "wcu"),
    "w-hearing-changed": ("M", "active", 1, 1, "received_at", "wcu"),
    "w-special-measures": ("M", "active", 1, 1, "time", "wcu"),
    "r8-not-needed": ("D", "active", 1, 1, "received_at", "wcu"),
    "w-stood-down": ("D", "active", 1, 1, "received_at", "wcu"),
    "w-outcome": ("R", "active", 1, 1, "received_at", "wcu"),
    "w-expenses": ("R", "active", None, None, "received_at", "wcu"),
}

STATUTE: Final[dict[str, Facts]] = {
    "pace-bail-views": ("P", "active", None, None, "time", "police"),
    "pace-bail-notify": ("P", "active", None, None, "time", "police"),
}

FORCE_POLICY: Final[dict[str, Facts]] = {
    "f-reminder": ("L", "active", None, None, "time", "wcu"),
    "f-cadence": ("L", "active", None, None, "time", "police"),
    "f-bail-lapse": ("L", "active", None, None, "time", "police"),
    "f-order-lapse": ("L", "active", None, None, "time", "police"),
    "f-handover": ("L", "active", 5, 1, "time", "police"),
    "f-custody-changed": ("L", "active", "24h", "24h", "time", "police"),
    "f-order-changed": ("L", "active", "24h", "24h", "time", "police"),
}

BOOKS: Final = {
    "vc-2020": VC_2020,
    "vc-2015": VC_2015,
    "wc-2013": WC_2013,
    "statute": STATUTE,
    "force": FORCE_POLICY,
}
