"""Welsh as it is written: days, times, names of languages, mutations of what may never be said, and what a text costs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time

import pytest

from services.wording import dates_welsh as welsh
from services.wording import forbidden, parts
from services.wording.gsm import is_gsm
from services.wording.never_welsh import mutated
from services.wording.reader import READER_WORDS, reader_words
from services.wording.reading_room import sheets
from services.wording.reading_welsh import letters, too_hard
from services.wording.samples import FRAME
from services.wording.templates import library
from services.wording.tongue import ENGLISH, WELSH, language_code
from services.wording.types import Item
from services.wording.words import compose

TUESDAY = date(2026, 4, 14)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("cy", "cy"), ("CY", "cy"), ("cym", "cy"), ("wel", "cy"), ("Welsh", "cy"), ("Cymraeg", "cy"), ("cy-GB", "cy"),
        ("cy_GB", "cy"), (" cy ", "cy"), ("en", "en"), ("en-GB", "en"), ("English", "en"), ("", "en"), (None, "en"),
        ("pl", "pl"), ("Polish", "polish"), ("bsl", "bsl"), ("cyx", "cyx"), ("../cy", "../cy"), ("cornish", "cornish"),
    ],
)  # fmt: skip
def test_pr18_how_record_systems_name_a_language(said: str | None, code: str) -> None:
    """Codes of two and three letters, with a country or without, and the names in use; what nobody knows stays unknown."""
    assert language_code(said) == code


@pytest.mark.parametrize(
    ("on", "short", "long"),
    [
        (date(2026, 4, 14), "Maw 14 Ebr", "ddydd Mawrth 14 Ebrill 2026"),
        (date(2026, 5, 11), "Llun 11 Mai", "ddydd Llun 11 Mai 2026"),
        (date(2026, 1, 7), "Mer 7 Ion", "ddydd Mercher 7 Ionawr 2026"),
        (date(2026, 2, 5), "Iau 5 Chwe", "ddydd Iau 5 Chwefror 2026"),
        (date(2026, 7, 3), "Gwe 3 Gor", "ddydd Gwener 3 Gorffennaf 2026"),
        (date(2026, 8, 1), "Sad 1 Awst", "ddydd Sadwrn 1 Awst 2026"),
        (date(2026, 12, 20), "Sul 20 Rhag", "ddydd Sul 20 Rhagfyr 2026"),
        (date(2026, 3, 9), "Llun 9 Maw", "ddydd Llun 9 Mawrth 2026"),
        (date(2026, 6, 2), "Maw 2 Meh", "ddydd Mawrth 2 Mehefin 2026"),
        (date(2026, 9, 30), "Mer 30 Medi", "ddydd Mercher 30 Medi 2026"),
        (date(2026, 10, 1), "Iau 1 Hyd", "ddydd Iau 1 Hydref 2026"),
        (date(2026, 11, 6), "Gwe 6 Tach", "ddydd Gwener 6 Tachwedd 2026"),
    ],
)
def test_days(on: date, short: str, long: str) -> None:
    """Every day and every month, as short as in a text and in full; alone at the head of a letter without its mutation."""
    assert (welsh.short_day(on), welsh.long_day(on)) == (short, long)
    assert welsh.headed_day(on) == f"D{long[2:]}"
    assert welsh.short_day(on, date(2025, 12, 1)) == f"{short} 2026"
    assert welsh.short_day(on, on) == short
    assert welsh.short_date(on) == short.partition(" ")[2]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(9, 30), "9.30yb"), (time(9, 5), "9.05yb"), (time(12), "hanner dydd"), (time(0), "hanner nos"),
        (time(14), "2yp"), (time(12, 15), "12.15yp"), (time(17, 59), "5.59yp"), (time(20), "8yh"), (time(0, 10), "12.10yb"),
    ],
)  # fmt: skip
def test_times(at: time, said: str) -> None:
    """`yb` before noon, `yp` after it, `yh` from six in the evening."""
    assert welsh.clock_time(at) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [("8am to 8pm", "8yb i 8yh"), ("9.30am to 5pm", "9.30yb i 5yp"), ("8am to 12pm", "8yb i hanner dydd"),
     ("office hours", None), ("8am to 8pm, not Sundays", None), ("", None)],
)  # fmt: skip
def test_hours(hours: str, said: str | None) -> None:
    """The force gives its hours in English; what is said in a way that nobody foresaw is left out, never translated."""
    assert welsh.said_hours(hours) == said


def test_windows() -> None:
    """`ac` before a vowel; one day alone is said as a day."""
    monday, friday, thursday = date(2026, 5, 4), date(2026, 5, 15), date(2026, 5, 14)
    assert welsh.short_window(monday, friday) == "rhwng Llun 4 Mai a Gwe 15 Mai"
    assert welsh.short_window(monday, thursday) == "rhwng Llun 4 Mai ac Iau 14 Mai"
    assert welsh.short_window(monday, monday) == "ddydd Llun 4 Mai"
    assert welsh.long_window(monday, thursday) == "rhwng dydd Llun 4 Mai 2026 a dydd Iau 14 Mai 2026"
    assert welsh.long_window(monday, monday) == "ddydd Llun 4 Mai 2026"


@pytest.mark.parametrize("role", ["victim", "parent_guardian", "spokesperson", "business_contact", "witness"])
@pytest.mark.parametrize("no_voice", [False, True])
def test_readers(role: str, no_voice: bool) -> None:
    """Whoever reads it: the same names as in English, a parent of the child, Relay UK for who cannot use a voice."""
    said = reader_words({"told_as": role}, "cy", no_voice=no_voice)
    assert said.keys() == READER_WORDS
    assert ("plentyn" in str(said["comer"])) is (role == "parent_guardian")
    assert ("Relay UK" in str(said["ring_us"])) is no_voice
    assert said["report"] == ("eich adroddiad" if role in {"victim", "business_contact"} else "yr adroddiad")


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("trais", "trais drais nhrais thrais"), ("cosb", "cosb gosb nghosb chosb"), ("prawf", "prawf brawf mhrawf phrawf"),
        ("brys", "brys frys mrys"), ("diogel*", "diogel* ddiogel* niogel*"), ("gwarant*", "gwarant* warant* ngwarant*"),
        ("llys", "llys lys"), ("rhingyll*", "rhingyll* ringyll*"), ("marw", "marw farw"), ("achos", "achos hachos"),
        ("ymosod*", "ymosod* hymosod*"), ("heddlu", "heddlu"), ("chwil", "chwil"), ("sgrin", "sgrin"),
    ],
)  # fmt: skip
def test_mutations(word: str, forms: str) -> None:
    """Every form that a word can take after another: soft, nasal, aspirate, an h before a vowel, or none."""
    assert mutated(word) == forms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mae hyn am drais.", "offence or injury: drais"),
        ("Yr ymosodiad arnoch", "offence or injury: ymosodiad"),
        ("eich hanafiadau", "offence or injury: hanafiadau"),
        ("fy nghyllell", "offence or injury: nghyllell"),
        ("Rydych yn ddiogel.", "false comfort: ddiogel"),
        ("Mae yn y ddalfa.", "false comfort: yn y ddalfa"),
        ("Peidiwch â phoeni.", "false comfort: peidiwch a phoeni"),
        ("Rhaid i chi ddod.", "threat: rhaid i chi"),
        ("Dewch ar unwaith.", "threat: ar unwaith"),
        ("Mae gwarant.", "threat: gwarant"),
        ("y troseddwr", "opinion on guilt: troseddwr"),
        ("Roedd y tyst arall yno.", "another victim or witness: tyst arall"),
        ("Bydd mesurau arbennig.", "special measure: mesurau arbennig"),
        ("Mae tystiolaeth.", "evidence: tystiolaeth"),
        ("Annwyl Ddioddefwr,", "form of address: annwyl ddioddefwr"),
        ("Rhowch eich dyddiad geni.", "request for details: dyddiad geni"),
        ("Beth yw eich cod post?", "address: cod post"),
        ("Ewch i 12 Heol y Bont.", "address"),
        ("Llenwch yr holiadur.", "survey: holiadur"),
        ("Peidiwch ag ateb.", "no way to reach a person"),
    ],
)
def test_pr18_never_in_welsh(text: str, found: str) -> None:
    """What may never be said may not be said in Welsh, whatever form the word takes, in a text of any language."""
    assert found in forbidden(text)


@pytest.mark.parametrize(
    "word",
    ["heddlu", "yr Heddlu", "trosedd", "drosedd", "llys", "i'r lys", "tyst", "y dyst", "dioddefwr", "ddioddefwyr", "treial",
     "gwrandawiad", "wrandawiad", "yr achos", "eich hachos", "swyddog", "arestiwyd", "cyhuddwyd", "ei gyhuddo", "y ddalfa",
     "mechnïaeth", "fechnïaeth", "diffynnydd", "dedfryd", "y ddedfryd", "carchar", "garchar", "erlyn", "ynadon", "barnwr",
     "datganiad", "canlyniad", "ymchwiliad", "eich adroddiad", "Llys y Goron"],
)  # fmt: skip
def test_pr18_neutral_in_welsh(word: str) -> None:
    """Nothing in neutral words may show who writes and why; in plain words most of it may stand."""
    assert any(
        label.startswith("not neutral") for label in forbidden(f"Cyf KF7Q2R8M: {word} 01632 960123", style="neutral")
    )


@pytest.mark.parametrize("word", ["mechnïaeth", "dieuog", "rhyddfarn", "amodau", "Dim camau pellach", "heb gyhuddiad"])
def test_pr18_no_outcome_by_text_in_welsh(word: str) -> None:
    """No further action, an acquittal, conditions of bail: not by text."""
    assert any(label.startswith("no outcome by text") for label in forbidden(word, channel="sms"))


@pytest.mark.parametrize(
    "text",
    ["Mae rhywun yn dod ym mis Mai.", "rhyw ddydd", "Mai 11, nid Maw 14", "gwn hynny", "Siân, Llŷn, Gwyn, Bryn", "ar fy ffordd"],
)  # fmt: skip
def test_everyday_words_are_left_alone(text: str) -> None:
    """A form that is also an everyday word is not on the list."""
    assert forbidden(text, channel="sms", style="neutral") == []


@pytest.mark.parametrize(
    ("text", "count"),
    [("ŵ" * 70, 1), ("ŵ" * 71, 2), ("ŷ" + "a" * 133, 2), ("ŷ" + "a" * 134, 3), ("â" + "a" * 200, 3), ("â" + "a" * 201, 4),
     ("a" * 160, 1), ("a" * 161, 2)],
)  # fmt: skip
def test_s02_a_circumflex_is_ucs_2(text: str, count: int) -> None:
    """70 characters alone and 67 a part: one â, ê, î, ô, û, ŵ or ŷ changes the whole text."""
    assert parts(text) == count


@pytest.mark.parametrize("letter", "âêîôûŵŷÂÊÎÔÛŴŶ")
def test_s02_no_circumflex_is_in_gsm_7(letter: str) -> None:
    """None of the seven, small or large."""
    assert not is_gsm(letter)


def test_s02_no_welsh_text_has_a_circumflex_of_its_own() -> None:
    """Only a name can make a text UCS-2: the words are chosen so that they cost what English costs."""
    shelf = library("cy")
    assert shelf is not None
    for (_, channel, _), forms in shelf.blocks.items():
        for block in forms.values():
            for piece in (block.body, block.shorter, block.closing):
                assert channel != "sms" or piece is None or is_gsm(piece.source), block.name
    for (_, channel, _), frame in shelf.frames.items():
        assert channel != "sms" or is_gsm(frame.body.source)


def test_s02_a_prompt_with_a_name_like_sian_fits() -> None:
    """The whole prompt in at most three parts, by voice and by Relay UK."""
    shelf = library("cy")
    assert shelf is not None
    for no_voice in (False, True):
        frame = replace(FRAME, contact_name="Siân", no_voice=no_voice)
        words = compose(shelf, "prompt", "sms", "neutral", "cy", [Item("r6-bail", {})], frame, drafts=True)
        assert "Siân ar" in words.body
        assert not is_gsm(words.body)
        assert words.parts == -(-len(words.body) // 67) <= 3


def test_every_sample_reads_whole() -> None:
    """Every draft beside its English: the reference and a number in both, no English left in the Welsh, nothing blank."""
    left_over = re.compile(r"\b(?:the|you|your|not|ring|call|please|ref|on|at|is|we|and|or|of|to)\b", re.IGNORECASE)
    for sheet in sheets("cy"):
        for sample in sheet.samples:
            assert sample.english is not None
            assert "KF7Q2R8M" in sample.text
            assert "01632 960123" in sample.text
            assert not left_over.search(sample.text), sheet.name
            assert not forbidden(sample.text), sheet.name


def test_samples_differ_where_the_english_differs() -> None:
    """What changes the news in English (asked to come or not, the day, the place) changes it in Welsh."""
    for sheet in sheets("cy"):
        assert len({sample.english for sample in sheet.samples}) <= len({sample.text for sample in sheet.samples}), (
            sheet.name
        )


@pytest.mark.parametrize(
    ("text", "hard"),
    [
        ("Byddwn yn eich ffonio. Gallwch ddweud na.", None),
        ("a " * 23 + "a.", "words, and 22 is the most"),
        ("Gwrthgyfansoddiadol llongyfarchiadau anghyfrifoldebau.", "letters on the whole"),
        ("", None),
    ],
)
def test_the_measure_is_of_its_own(text: str, hard: str | None) -> None:
    """Long sentences and long words, since the reading grade was never fitted to Welsh."""
    found = too_hard(text)
    assert found is None if hard is None else hard in (found or "")


@pytest.mark.parametrize(("word", "count"), [("llong", 3), ("ddydd", 3), ("Tŷ", 2), ("chwech", 4), ("rhyw", 3)])
def test_pairs_of_letters_count_as_one(word: str, count: int) -> None:
    """As children in Wales learn the alphabet."""
    assert letters(word) == count


def test_both_tongues_say_the_same_things() -> None:
    """No purpose of a hearing is named in one language alone."""
    assert ENGLISH.hearings.keys() == WELSH.hearings.keys()
