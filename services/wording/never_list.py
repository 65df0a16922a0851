"""The Never list itself: words and phrases by what is wrong with them. `word*` is a beginning; everything is lower case.

Where a word has an innocent use too, the careful side is taken: the text is then told by a person instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "offence or injury": """
        rape rapes raped raping rapist* assault* sex* abus* violen* battery battered batterer battering stalk* harass* murder*
        manslaughter homicid* kill* death* dead fatal* robb* burgl* theft* thief thieves stole stolen stealing shoplift* fraud*
        arson* vandal* drug drugs drugged drunk knife knives knifepoint gun guns gunpoint firearm* weapon* threat* blackmail*
        kidnap* abduct* traffick* slavery groomed grooming indecen* strangl* chok* coerci* controlling hate racis* racial*
        homophob* transphob* domestic mutilat* fgm gbh abh attack* exploit* molest* incest* voyeur* upskirt* affray riot riots
        rioting terroris* injur* wound* stab stabs stabbed stabbing bleed* bled hurt hurts hurting harmed bruis* fractur* punch*
        kick kicked kicking beaten shot shooting neglect* cruelty imprisoned
    """,
    "evidence": "evidence evidential forensic* dna cctv footage fingerprint* exhibit exhibits alibi*",
    "special measure": "intermediary intermediaries screen screens live-link video-link",
    "threat": "warrant warrants penalty penalties prosecuted subpoena* summonsed compelled urgent urgently immediately",
    "false comfort": "safe safely safer reassur*",
    "opinion on guilt": """
        offender* perpetrator* culprit* liar liars lying innocent innocence blame* alleged allegedly allegation* deserve*
    """,
    "request for details": "click* attach* password* passcode* verify log-in sign-in",
    "survey": "survey surveys feedback questionnaire* satisfaction",
    "internal code": "rui nfa oic vrr vps wcu vlo vcs cps oocd isva idva marac pnc hmcts iopc",
    "blank field": "null undefined nan tbc tba placeholder",
    "address": "postcode postcodes",
}

PHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "offence or injury": (
        "criminal damage", "dangerous driving", "careless driving", "drink driving", "drug driving", "forced marriage",
        "public order", "false imprisonment",
    ),
    "special measure": ("special measure", "live link", "video link"),
    "another victim or witness": ("other victim", "another victim", "other witness", "another witness"),
    "threat": (
        "you must", "you are required", "you have to", "failure to", "if you fail", "by law", "in trouble",
    ),
    "false comfort": (
        "in custody", "locked up", "behind bars", "don't worry", "dont worry", "do not worry", "not to worry", "need to worry",
        "nothing to worry", "nothing to fear", "no danger",
    ),
    "opinion on guilt": ("got away", "your fault", "did it", "told the truth", "made it up"),
    "request for details": (
        "reply with", "text back", "reply to this", "send us your", "confirm your", "date of birth", "bank details",
        "account number", "log in", "sign in",
    ),
    "survey": ("how did we do", "rate our"),
    "form of address": ("dear victim", "dear witness", "dear complainant", "dear sir", "dear madam", "dear customer"),
}  # fmt: skip

NEUTRAL: Final = """
    police policing policeman policewoman crime crimes criminal* victim* witness* court courts courtroom hearing hearings trial
    trials case cases officer* arrest* charge* custody bail* suspect* defendant* accused convict* sentenc* prison* jail* probation
    investigat* prosecut* magistrate* crown judge* jury juries justice solicitor* barrister* report* offence* interview* sergeant
    constable* constabulary detective* inspector superintendent statement* outcome release* pc dc ds di dci sgt
"""
"""What a neutral text may not hold besides: every word that shows who writes and why."""

SMS: Final = "bail* acquit* discontinu* dismissed condition* release*"
SMS_PHRASES: Final = (
    "no further action", "not guilty", "not charge", "not be charge", "without charge", "no charge", "drop the case",
    "case is closed",
)  # fmt: skip
"""What is never told by text: no further action, an acquittal, conditions of bail."""

CODES: Final = frozenset({"FLO", "OOD", "DASH", "PACE", "ABE", "SOLO", "ULS", "RMS", "DV", "DA", "CID", "IPP", "SHPO"})
"""Internal codes that are also names or words in lower case."""

SILENCE: Final = (
    "do not reply", "don't reply", "cannot reply", "can't reply", "cannot be answered", "can't be answered", "no-reply",
    "noreply",
)  # fmt: skip
"""What is only said together with a number to ring."""

STREETS: Final = frozenset(
    {"street", "road", "avenue", "lane", "drive", "crescent", "terrace", "close", "gardens", "grove", "square", "way"}
)
