"""The words that may never be said, in any body, subject, preview or sender. Checked on every template and on every text.

The list is the project's own (what a frightened person, or whoever holds her phone, must not read); on neutral texts it is
wider: nothing there may show that the police or a court write at all.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (
        "offence or injury",
        r"rap(?:e|es|ed|ing|ist|ists)|assault\w*|sex\w*|abus\w*|violen\w*|batter(?:y|ed|ing|er)|stalk\w*|harass\w*|murder\w*"
        r"|manslaughter|homicid\w*|kill\w*|death\w*|dead|fatal\w*|robb\w*|burgl\w*|theft\w*|thief|thieves|stole|stolen|stealing"
        r"|fraud\w*|arson\w*|vandal\w*|drug|drugs|knife|knives|knifepoint|gun|guns|gunpoint|firearm\w*|weapon\w*|threat\w*"
        r"|blackmail\w*|kidnap\w*|abduct\w*|traffick\w*|slavery|groom(?:ed|ing)|indecen\w*|strangl\w*|coerci\w*|controlling"
        r"|hate|racis\w*|racial\w*|homophob\w*|transphob\w*|domestic|mutilat\w*|fgm|gbh|abh|attack\w*|exploit\w*|molest\w*|incest\w*"
        r"|voyeur\w*|upskirt\w*|affray|riot\w*|terroris\w*|injur\w*|wound\w*|stab|stabs|stabbed|stabbing|bleed\w*|bled|hurt|hurts"
        r"|bruis\w*|fractur\w*|punch\w*|kick(?:ed|ing|s)|beaten|shot|shooting|neglect\w*|cruelty|imprisonment-false",
    ),
    (
        "evidence",
        r"evidence|evidential|forensic\w*|dna|cctv|footage|fingerprint\w*|exhibit|exhibits|alibi|identification",
    ),
    ("special measure", r"intermediary|intermediaries|screens?|live-?link|video-?link"),
    ("threat", r"warrants?|penalt(?:y|ies)|prosecuted|subpoena|summonsed|compelled|urgent(?:ly)?|immediately"),
    ("false comfort", r"safe|safely|safer|reassur\w*"),
    ("opinion on guilt", r"offenders?|perpetrators?|attackers?|abusers?|culprits?|liars?|lying|innocent|blame\w*|alleged|allegedly"),
    ("survey", r"surveys?|feedback|questionnaires?|satisfaction"),
    (
        "internal code",
        r"rui|nfa|oic|vrr|vps|wcu|flo|vlo|vcs|cps|ood|oocd|isva|idva|marac|dash|pnc|mg11|abe|solo|pace|hmcts|uls|iopc|rms|niche",
    ),
    ("blank field", r"none|null|undefined|nan|tbc|tba|xxx+"),
    ("address", r"postcode|postcodes"),
)
_NEUTRAL: Final = (
    r"police|crimes?|criminals?|victims?|witness\w*|courts?|courtroom|hearings?|trials?|case|cases|officers?|arrest\w*|charge\w*"
    r"|custody|bail\w*|suspects?|defendants?|accused|convict\w*|sentenc\w*|prisons?|jail\w*|investigat\w*|prosecut\w*"
    r"|magistrate\w*|crown|judges?|jury|juries|justice|solicitors?|barristers?|reported|report|reports|offences?|interview\w*"
    r"|pc|dc|ds|di|dci|sgt|sergeant|constable|detective|inspector|superintendent|constabulary|statement\w*|outcome|released|release"
    r"|999|101"
)
_SMS: Final = r"bail\w*|acquit\w*|discontinu\w*|dismissed|conditions?|released?"

_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("offence or injury", "criminal damage"),
    ("offence or injury", "dangerous driving"),
    ("offence or injury", "careless driving"),
    ("offence or injury", "drink driving"),
    ("offence or injury", "forced marriage"),
    ("special measure", "special measure"),
    ("special measure", "live link"),
    ("special measure", "video link"),
    ("another victim or witness", "other victim"),
    ("another victim or witness", "another victim"),
    ("another victim or witness", "other witness"),
    ("another victim or witness", "another witness"),
    ("threat", "you must"),
    ("threat", "you are required"),
    ("threat", "you have to come"),
    ("threat", "failure to"),
    ("threat", "if you fail"),
    ("threat", "by law"),
    ("threat", "in trouble"),
    ("false comfort", "in custody"),
    ("false comfort", "locked up"),
    ("false comfort", "behind bars"),
    ("false comfort", "don't worry"),
    ("false comfort", "dont worry"),
    ("false comfort", "do not worry"),
    ("false comfort", "not to worry"),
    ("false comfort", "no need to worry"),
    ("false comfort", "nothing to worry"),
    ("false comfort", "nothing to fear"),
    ("opinion on guilt", "got away"),
    ("opinion on guilt", "your fault"),
    ("opinion on guilt", "did it"),
    ("request for details", "reply with"),
    ("request for details", "text back"),
    ("request for details", "reply to this"),
    ("request for details", "send us your"),
    ("request for details", "confirm your"),
    ("request for details", "date of birth"),
    ("request for details", "your password"),
    ("request for details", "bank details"),
    ("request for details", "click"),
    ("request for details", "attach"),
    ("survey", "how did we do"),
    ("survey", "rate our"),
    ("form of address", "dear victim"),
    ("form of address", "dear witness"),
    ("form of address", "dear complainant"),
    ("form of address", "dear sir"),
    ("form of address", "dear madam"),
    ("form of address", "dear customer"),
)
_SMS_PHRASES: Final = (
    ("no outcome by text", "no further action"),
    ("no outcome by text", "not guilty"),
    ("no outcome by text", "not charge"),
)

_WORD_PATTERNS: Final = tuple((label, re.compile(pattern)) for label, pattern in _WORDS)
_NEUTRAL_WORD: Final = re.compile(_NEUTRAL)
_SMS_WORD: Final = re.compile(_SMS)
_TOKENS: Final = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")
_PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("link", re.compile(r"://|\bwww\b|@|\b[a-z0-9-]+\.[a-z]{2,}\b|\b[a-z0-9-]+ ?\[?\(?dot\)?\]? ?(?:com|uk|org|net|gov)\b")),
    ("address", re.compile(r"\b[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}\b")),
    ("internal code", re.compile(r"\b(?:r[0-9]{1,2}|w|f|pace)-[a-z][a-z-]+\b")),
    ("blank field", re.compile(r"[{}<>]|\(\)|\[\]|\(\s|\s[,.;:?!]|[,;:] ?[,.;:]|\.\.(?!\.)(?<!\.\.\.)")),
)
_SILENT: Final = re.compile(r"do not reply|don't reply|no-?reply|cannot be answered|can't be answered|cannot reply")
_TELEPHONE: Final = re.compile(r"[0-9][0-9 ]{6,}[0-9]")


def forbidden(text: str, *, channel: str | None = None, style: str | None = None) -> list[str]:
    """What in `text` may never be said: a label each, with the word where it is one of ours (`false comfort: safe`).

    `channel` "sms" adds what may not go by text; `style` "neutral" adds every word that shows who writes and why.
    """
    folded = _fold(text)
    found: list[str] = []
    sms, neutral = channel == "sms", style == "neutral"
    for word in dict.fromkeys(_TOKENS.findall(folded)):
        label, in_neutral, in_sms = _verdict(word)
        if label:
            found.append(f"{label}: {word}")
        if neutral and in_neutral:
            found.append(f"not neutral: {word}")
        if sms and in_sms:
            found.append(f"no outcome by text: {word}")
    found += [f"{label}: {phrase}" for label, phrase in _PHRASES if phrase in folded]
    if sms:
        found += [f"{label}: {phrase}" for label, phrase in _SMS_PHRASES if phrase in folded]
    found += [label for label, pattern in _PATTERNS if pattern.search(folded)]
    if _SILENT.search(folded) and not _TELEPHONE.search(folded):
        found.append("no way to reach a person")
    return found


@lru_cache(maxsize=8192)
def _verdict(word: str) -> tuple[str, bool, bool]:
    """What one word is: its label on the general list, and whether neutral texts and texts by telephone may not hold it."""
    label = ""
    for name, pattern in _WORD_PATTERNS:
        if pattern.fullmatch(word):
            label = name
            break
    else:
        if "-" in word or "'" in word:  # drink-driver's, rape-related: each piece is a word too
            label = next((found for piece in re.split("[-']", word) if (found := _verdict(piece)[0])), "")
    return label, _NEUTRAL_WORD.fullmatch(word) is not None, _SMS_WORD.fullmatch(word) is not None


def _fold(text: str) -> str:
    """Lower case, accents and invisible characters gone, quotes straight: what a reader sees, however it is written."""
    if text.isascii():
        return text.lower()
    kept = [
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(character) not in {"Mn", "Cf"}
    ]
    return "".join(kept).replace("\u2019", "'").replace("\u2018", "'")
