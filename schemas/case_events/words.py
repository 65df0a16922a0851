"""The lists of words that events may use. A word outside its list rejects the event: a new word is a new meaning."""

from __future__ import annotations

from typing import Literal

Role = Literal[
    "victim",
    "witness",
    "parent_guardian",
    "bereaved_relative",
    "spokesperson",
    "business_contact",
    "suspect",
    "associate",
]
Channel = Literal["sms", "email", "phone", "letter"]
AccessNeed = Literal["no_voice", "no_text", "large_print", "easy_read", "interpreter"]
OptOut = Literal["investigation", "bail", "hearings", "reminders", "outcome", "cadence", "statement", "all"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Gateway = Literal[
    "under_18",
    "mental_disorder",
    "learning_disability",
    "physical_disability",
    "fear_or_distress",
    "bereaved",
    "domestic_abuse",
    "hate",
    "terrorism",
    "sexual",
    "modern_slavery",
    "attempted_murder",
    "kidnap",
    "false_imprisonment",
    "arson_danger_to_life",
    "gbh_with_intent",
    "fgm",
    "persistently_targeted",
    "discretion",
]
OffenceClass = Literal["domestic_abuse", "sexual", "hate", "homicide", "stalking", "child", "family", "other"]
Where = Literal["custody", "voluntary"]
ReleaseMode = Literal["no_charge", "bail", "rui"]
ChargeCustody = Literal["bail", "remand"]
CustodyTo = Literal["remanded", "released"]
CustodyBy = Literal["court", "prison"]
Disposal = Literal["caution", "conditional_caution", "community_resolution", "penalty_notice"]
Listing = Literal["fixed", "warned", "floating", "standby"]
PleaWord = Literal["guilty", "not_guilty", "none"]
CourtBail = Literal["bailed", "remanded", "conditions_changed", "released"]
Outcome = Literal["convicted", "acquitted", "discontinued", "no_evidence", "other"]
SentenceKind = Literal[
    "custody", "time_served", "suspended", "community", "fine", "discharge", "hospital_order", "other"
]
CourtType = Literal["magistrates", "crown", "appeal", "supreme"]
ContactHow = Literal["phone", "visit", "letter", "video"]
Owner = Literal["police", "wcu"]
OutsideOwner = Literal["CPS", "HMCTS", "VLO"]
