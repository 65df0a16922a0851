"""PR18: words that nobody approved are never sent, and those that were approved are those very words, paired with the English."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from services.wording import CannotSay, Item, TemplateError, can_say, write
from services.wording.approval import DRAFT, KEYS
from services.wording.check import check_all, check_folder
from services.wording.letter import letter
from services.wording.pairs import PAIRED, check_pairs
from services.wording.templates import FOLDER, Library, library, read
from tests.unit.wording.approving import approve, change, copied, path_of, use
from tests.unit.wording.samples import APRIL, COMMON, CROWN, FRAME, blocks, english, facts_for

ARREST = Item("r6-arrest", COMMON)


def _welsh() -> Library:
    found = library("cy")
    assert found is not None
    return found


def test_pr18_every_language_that_ships_passes() -> None:
    """Nothing ships on which a service would not start, drafts included."""
    assert [shelf.language for shelf in check_all()] == ["en", "cy"]


def test_pr18_nothing_in_welsh_is_approved_as_it_ships() -> None:
    """A machine drafted it, and it says so in every head; English is what it is paired with."""
    shelf = _welsh()
    assert not any(frame.approved for frame in shelf.frames.values())
    assert not any(block.approved for forms in shelf.blocks.values() for block in forms.values())
    assert all(frame.approved for frame in english().frames.values())
    assert all(block.approved for _, block in blocks())
    assert DRAFT == "machine-drafted, not approved"
    assert f'status = "{DRAFT}"' in path_of(FOLDER, "arrest.sms.plain").read_text(encoding="utf-8")


@pytest.mark.parametrize("style", ["plain", "neutral"])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_pr18_a_draft_is_unsendable(channel: str, style: str) -> None:
    """The plan is told that there are no words, the dispatcher which rule shuts, for news and prompts."""
    point, facts = ("r6-arrest", COMMON) if style == "plain" else ("r8-not-needed", {**COMMON, "starts_at": APRIL})
    assert can_say(point, "news", channel, style, "en", facts)
    for kind in ("news", "prompt"):
        assert not can_say(point, kind, channel, style, "cy", facts)
        with pytest.raises(CannotSay) as caught:
            write(kind, channel, style, "cy", [Item(point, facts)], FRAME)
        assert caught.value.code == "not_approved"


def test_pr18_a_draft_is_no_letter(tmp_path: Path) -> None:
    """Nor is it printed; with both its frame and its news approved it is."""

    def written() -> str:
        on = date(2026, 4, 14)
        return letter("plain", "cy", [ARREST], FRAME, name="Siân Prosser", address=["1 High Street"], on=on).text

    with pytest.raises(CannotSay) as caught:
        written()
    assert caught.value.code == "not_approved"
    with pytest.MonkeyPatch.context() as patch:
        use(patch, approve(copied(tmp_path)))
        text = written()
    assert text.startswith(
        "Staffs Police\nDydd Mawrth 14 Ebrill 2026\n\nEin cyfeirnod: KF7Q2R8M\n\nAnnwyl Siân Prosser,"
    )


def test_pr18_gap_every_english_template_of_rights_6_8_and_9_has_its_pair() -> None:
    """Welsh no less favourably than English: the same names, fields, rules and version numbers."""
    names = {block.name for _, block in blocks() if any(point.startswith(PAIRED) for point in block.update_points)}
    welsh = {block.name: block for forms in _welsh().blocks.values() for block in forms.values()}
    assert welsh.keys() >= names
    assert _welsh().frames.keys() == english().frames.keys()
    check_pairs(english(), _welsh())
    for _, block in blocks():
        if block.name in names:
            pair = welsh[block.name]
            assert pair.pair_of == block.version
            assert pair.version.partition("-")[0] == block.version.partition("-")[0]
            assert (pair.needs, pair.may, pair.guards, pair.carries) == (
                block.needs, block.may, block.guards, block.carries,
            )  # fmt: skip


def test_pr18_approved_words_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two names and a day make a draft a template, and its version, which is kept with what was sent, stays what it was."""
    draft = _welsh().blocks["r6-arrest", "sms", "plain"][""].version
    use(monkeypatch, approve(copied(tmp_path)))
    words = write("news", "sms", "plain", "cy", [ARREST], FRAME)
    assert words.body.startswith("Staffs Police, cyf KF7Q2R8M: arestiwyd rhywun ar 9 Maw")
    assert words.template == "cy/sms.plain.news+arrest.sms.plain"
    assert draft in words.version


@pytest.mark.parametrize("missing", ["arrest.sms.plain", "sms.plain.news"])
def test_pr18_news_needs_its_frame_and_its_block(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands around the news is read like the news."""
    use(monkeypatch, approve(copied(tmp_path), lambda name: name != missing))
    assert not can_say("r6-arrest", "news", "sms", "plain", "cy", COMMON)
    assert can_say("r6-arrest", "prompt", "sms", "plain", "cy", COMMON)


def test_pr18_what_somebody_typed_is_not_translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason in English makes no Welsh email, nor one in Welsh an English email; one that says its language does."""
    use(monkeypatch, approve(copied(tmp_path)))
    typed = facts_for("r9-sentence", english().blocks["r9-sentence", "email", "plain"][""])
    for language in ("en", "cy"):
        for said in (None, "en", "cym", "pl"):
            facts = typed if said is None else {**typed, "text_language": said}
            same = {"cym": "cy", None: "en"}.get(said, said) == language
            assert can_say("r9-sentence", "news", "email", "plain", language, facts) is same


APPROVED = 'status = "approved"\napproved_by = ["A", "B"]\napproved_on = 2026-11-02\napproved_version = "{version}"'


@pytest.mark.parametrize(
    ("status", "key", "says"),
    [
        ("", "status", "there is none"),
        ('status = "source"', "status", 'give "machine-drafted, not approved" or "approved"'),
        ('status = "fine"', "status", "it is no word for that"),
        (f'status = "{DRAFT}"\napproved_by = ["A", "B"]', "approved_by", "nobody has approved it"),
        (f'status = "{DRAFT}"\napproved_on = 2026-11-02', "approved_on", "nobody has approved it"),
        (APPROVED.replace('"A", "B"', '"A"'), "approved_by", "give both names"),
        (APPROVED.replace('"A", "B"', '"A", " a "'), "approved_by", "give both names"),
        (APPROVED.replace('["A", "B"]', '"A, B"'), "approved_by", "give both names"),
        (APPROVED.replace("approved_on = 2026-11-02\n", ""), "approved_on", "there is no day"),
        (APPROVED.replace("2026-11-02", '"today"'), "approved_on", "there is no day"),
        (APPROVED.replace("{version}", "2-00000000"), "approved_version", "and nobody approved them"),
    ],
)
def test_pr18_an_approval_that_is_none(tmp_path: Path, status: str, key: str, says: str) -> None:
    """Two names, a day and these very words, or the file is refused with what to do."""
    folder = copied(tmp_path)
    version = _welsh().blocks["r6-arrest", "sms", "plain"][""].version
    change(folder, "arrest.sms.plain", (f'status = "{DRAFT}"', status.replace("{version}", version)))
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        read(folder / "cy", "cy")
    assert (caught.value.file, caught.value.key) == ("arrest.sms.plain.txt", key)


def test_pr18_words_changed_after_approval_are_refused(tmp_path: Path) -> None:
    """An approval is of words, not of a name: the slightest change needs it again."""
    folder = copied(tmp_path)
    approve(folder)
    change(folder, "arrest.sms.plain", ("beth sydd nesaf", "beth sy nesaf"))
    with pytest.raises(TemplateError, match="nobody approved them; have them read again"):
        read(folder / "cy", "cy")


def test_approving_changes_no_version(tmp_path: Path) -> None:
    """What a head says about its words is no part of them."""
    before = {block.name: block.version for forms in _welsh().blocks.values() for block in forms.values()}
    after = approve(copied(tmp_path))
    assert {block.name: block.version for forms in after.blocks.values() for block in forms.values()} == before
    assert "version" not in KEYS


@pytest.mark.parametrize(
    ("path", "old", "new", "file", "key"),
    [
        ("en/blocks/arrest.sms.plain.txt", "what's next.\n", "what comes next.\n", "arrest.sms.plain.txt", "pair_of"),
        ("en/blocks/arrest.sms.plain.txt", "version = 2", "version = 3", "arrest.sms.plain.txt", "version"),
        ("cy/blocks/arrest.sms.plain.txt", "version = 2", "version = 1", "arrest.sms.plain.txt", "version"),
        ("cy/blocks/arrest.sms.plain.txt", 'guards = ["one_suspect"]\n', "", "arrest.sms.plain.txt", "guards"),
        ("cy/blocks/arrest.sms.plain.txt", '["fact"]', '["fact", "more"]', "arrest.sms.plain.txt", "carries"),
        ("en/frames/sms.plain.news.txt", "ref {{", "reference {{", "sms.plain.news.txt", "pair_of"),
    ],
)
def test_pr18_a_template_that_is_no_pair_any_more(
    tmp_path: Path, path: str, old: str, new: str, file: str, key: str
) -> None:
    """What changes in English changes in Welsh with it, or neither is used."""
    folder = copied(tmp_path)
    text = (folder / path).read_text(encoding="utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        check_pairs(read(folder / "en", "en"), read(folder / "cy", "cy"))
    assert (caught.value.file, caught.value.key) == (file, key)


def test_pr18_a_pair_that_is_missing_or_too_much(tmp_path: Path) -> None:
    """A right that exists in English alone is less favourable; words that exist in Welsh alone have nothing to be read beside."""
    folder = copied(tmp_path)
    path_of(folder, "outcome.sms.plain").rename(folder / "cy" / "blocks" / "other.sms.plain.txt")
    with pytest.raises(TemplateError, match=r"^outcome.sms.plain.txt: pair: it has none in cy"):
        check_pairs(read(folder / "en", "en"), read(folder / "cy", "cy"))
    (folder / "en" / "blocks" / "outcome.sms.plain.txt").unlink()
    with pytest.raises(TemplateError, match=r"^other.sms.plain.txt: pair_of: there is no such template in English"):
        check_pairs(read(folder / "en", "en"), read(folder / "cy", "cy"))


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("arrest.sms.plain", "Cewch wybod", "Rydych yn ddiogel. Cewch wybod", "false comfort: ddiogel"),
        ("not-needed.sms.neutral", "NID oes", "Gan yr heddlu: NID oes", "not neutral: heddlu"),
        (
            "arrest.email.plain", "gyda ni o hyd.",
            "gyda ni o hyd ac mae pob un o bawb yn y lle hwn yn gwybod hynny nawr gan fod y dydd wedi dod i ben.",
            "words, and 22 is the most",
        ),
        ("arrest.sms.plain", "Cewch wybod beth sydd nesaf.", "Cewch wybod beth sydd nesaf â ni. " + "Felly y mae. " * 9, "parts"),
    ],
)  # fmt: skip
def test_pr18_a_draft_is_tried_like_any_other(tmp_path: Path, name: str, old: str, new: str, says: str) -> None:
    """The Never list in Welsh, the measure of length, and the parts of a text that a circumflex makes UCS-2."""
    folder = copied(tmp_path)
    change(folder, name, (old, new))
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        check_folder(folder / "cy", "cy")
    assert caught.value.file == f"{name}.txt"


def test_english_has_no_pair_of_its_own(tmp_path: Path) -> None:
    """What all others are paired with is paired with nothing, and cannot be a draft."""
    folder = copied(tmp_path)
    path = folder / "en" / "blocks" / "arrest.sms.plain.txt"
    text = path.read_text(encoding="utf-8")
    for new, key in (('status = "source"\npair_of = "2-0"', "pair_of"), (f'status = "{DRAFT}"', "status")):
        path.write_text(text.replace('status = "source"', new), encoding="utf-8")
        with pytest.raises(TemplateError) as caught:
            read(folder / "en", "en")
        assert caught.value.key == key


def test_pr18_a_court_with_a_circumflex_still_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a circumflex a part holds 67 characters, and the news still goes in three; what does not fit is told by a person."""
    use(monkeypatch, approve(copied(tmp_path)))
    facts = {**COMMON, "starts_at": APRIL, "court": "Llys Ynadon Llŷn", "listing": "fixed", "need_attend": True}
    words = write("news", "sms", "plain", "cy", [Item("r8-hearing-date", facts)], FRAME)
    assert "Llŷn" in words.body
    assert -(-len(words.body) // 67) == words.parts <= 3
    plain = write("news", "sms", "plain", "cy", [Item("r8-hearing-date", {**facts, "court": CROWN})], FRAME)
    assert plain.parts == 1 + (len(plain.body) > 160)
    long = {**facts, "court": f"Canolfan Gyfiawnder {'Penrhyn ' * 7}Llŷn"}
    with pytest.raises(CannotSay) as caught:
        write("news", "sms", "plain", "cy", [Item("r8-hearing-date", long)], FRAME)
    assert caught.value.code == "too_long"
