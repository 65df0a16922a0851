"""Every template on disk, and what the linter refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas.editions.load import load_books
from services.wording import Item, TemplateError, can_say, forbidden, parts, write
from services.wording.templates import Block, read
from tests.unit.wording.samples import FRAME, english, variants

VARIANTS = list(variants())
BY_ID = [f"{block.name}-{point}-{number}" for number, (point, block, _) in enumerate(VARIANTS)]


@pytest.mark.parametrize(("point", "block", "facts"), VARIANTS, ids=BY_ID)
def test_every_template_renders_with_every_variant_of_facts(point: str, block: Block, facts: dict[str, object]) -> None:
    """It can be said, says it, gives the reference and a number to ring, and holds nothing from the Never list."""
    assert can_say(point, "news", block.channel, block.style, "en", facts)
    words = write("news", block.channel, block.style, "en", [Item(point, facts)], FRAME)
    assert re.search(r"\b[Rr]ef KF7Q2R8M\b", words.body)
    assert "01632 960123" in words.body
    assert forbidden(words.body, channel=block.channel, style=block.style) == []
    assert ("Staffs Police" in words.body) == (block.style == "plain")
    assert block.name in words.template
    assert block.version in words.version
    if block.channel == "sms":
        assert words.subject is None
        assert "\n" not in words.body
        assert words.parts == parts(words.body) <= 2
    else:
        assert words.subject == "An update on KF7Q2R8M"
        assert words.parts == 0
        assert "\n\n\n" not in words.body
        assert words.body.endswith("Ref KF7Q2R8M")


@pytest.mark.parametrize(
    ("point", "block", "facts"),
    [
        variant
        for variant in VARIANTS
        if variant[1].channel == "sms"
        and (
            variant[1].style == "neutral"
            or variant[1].name.partition(".")[0] in {"arrest", "interview", "charge", "not-needed"}
        )
    ],
)
def test_short_texts_are_one_part(point: str, block: Block, facts: dict[str, object]) -> None:
    """Neutral texts, and the plain ones that name no court, fit one GSM-7 part, on a two-digit day of the month too."""
    for happened_on in ("2026-03-09", "2026-03-19"):
        assert (
            write("news", "sms", block.style, "en", [Item(point, facts | {"happened_on": happened_on})], FRAME).parts
            == 1
        )


@pytest.mark.parametrize("kind", ["news", "prompt"])
@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("style", ["plain", "neutral"])
def test_there_is_a_frame_for_everything(kind: str, channel: str, style: str) -> None:
    """Every kind, channel and style has its frame."""
    assert (kind, channel, style) in english().frames


def test_no_text_says_what_only_a_person_may() -> None:
    """Bail, release, no further action and every decision that frees somebody have no template at all."""
    said = {point for point, _, _ in english().blocks}
    assert said == {
        "r3-cjs-info", "r5-compensation", "r6-arrest", "r6-interview", "r6-charge", "r6-first-hearing", "r6-no-investigation",
        "r8-hearing-date", "r8-not-needed", "r9-outcome", "r9-sentence", "w-attend", "w-hearing-date", "w-hearing-changed",
        "w-stood-down", "w-outcome", "w-expenses", "f-reminder", "f-cadence", "f-handover",
    }  # fmt: skip


def test_templates_carry_what_the_books_require() -> None:
    """Each template tells everything that its rule in force wants told, in the books' own words for it."""
    for edition in (edition for edition in load_books().editions if edition.until is None):
        for (point, _, _), forms in english().blocks.items():
            if point in edition.points:
                for block in forms.values():
                    assert block.carries.issuperset(edition.points[point].content_required), block.name


HEAD = """+++
update_points = ["r6-arrest"]
channel = "sms"
style = "plain"
version = 1
status = "source"
needs = ["on_day"]
carries = ["fact"]
"""
CLOSING = 'closing = "{{ telephone }}"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no head", "begin with TOML"),
        ("+++\nx = \n+++\nbody", "not TOML"),
        (HEAD + CLOSING + "colour = 1\n+++\n{{ on_day }}", "key colour"),
        (HEAD.replace("version = 1\n", "") + CLOSING + "+++\n{{ on_day }}", "version"),
        (HEAD + CLOSING + "+++\n{{ on_day }} {{ suspect }}", "field suspect is not declared"),
        (HEAD.replace('"on_day"', '"on_day", "court"') + CLOSING + "+++\n{{ on_day }}", "declared and not used"),
        (HEAD.replace('"on_day"', '"secret"') + CLOSING + "+++\n{{ secret }}", "nobody knows the field secret"),
        (HEAD + CLOSING + "+++\n{{ on_day }} he is safe", "false comfort: safe"),
        (HEAD + CLOSING + "+++\n{{ on_day }} bail was set", "no outcome by text"),
        (HEAD + "+++\n{{ on_day }}", "a way to reach a person"),
        (HEAD.replace('carries = ["fact"]\n', "") + CLOSING + "+++\n{{ on_day }}", "what it carries"),
        (HEAD + CLOSING + 'shorter = "today"\n+++\n{{ on_day }}', "the shorter form"),
        (HEAD.replace("plain", "neutral") + CLOSING + "+++\n{{ on_day }} in court", "not neutral: court"),
    ],
)
def test_the_linter_refuses(tmp_path: Path, text: str, says: str) -> None:
    """A template that guesses, hides or says what is never said does not load; the error names file and fault."""
    (tmp_path / "frames").mkdir()
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "bad.txt").write_text(text)
    with pytest.raises(TemplateError, match=re.escape(says)) as caught:
        read(tmp_path, "en")
    assert caught.value.file == "bad.txt"
    assert str(caught.value).startswith(f"bad.txt: {caught.value.key}: ")
    assert "; " in str(caught.value)


def test_two_templates_for_one_thing_are_refused(tmp_path: Path) -> None:
    """Which of the two would be sent is nobody's guess."""
    (tmp_path / "blocks").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "blocks" / name).write_text(HEAD + CLOSING + "+++\n{{ on_day }}")
    with pytest.raises(TemplateError, match="another block"):
        read(tmp_path, "en")


@pytest.mark.parametrize(
    ("kind", "channel", "style", "more", "body", "says"),
    [
        ("news", "sms", "plain", "", "{{ reference }}: {{ text }}", "a way to reach"),
        ("news", "sms", "plain", "", "{{ text }} {{ closing }}", "its reference"),
        ("prompt", "sms", "neutral", "", "{{ force_name }} {{ reference }} {{ reach }}", "does not name the force"),
        ("prompt", "email", "plain", "", "{{ reference }} {{ reach }}", "an email has a subject"),
        ("prompt", "email", "plain", 'subject = "Court"\n', "{{ reference }} {{ reach }}", "not neutral: court"),
        ("prompt", "email", "plain", 'subject = "{{ who }}"\n', "{{ reference }} {{ reach }}", "who is not declared"),
        ("prompt", "fax", "plain", "", "{{ reference }} {{ reach }}", "give one of sms, email, letter"),
    ],
)
def test_the_linter_refuses_frames(
    tmp_path: Path, kind: str, channel: str, style: str, more: str, body: str, says: str
) -> None:
    """A frame without the reference or a way to a person, and a telling subject, do not load (T16)."""
    (tmp_path / "frames").mkdir()
    head = f'kind = "{kind}"\nchannel = "{channel}"\nstyle = "{style}"\nversion = 1\nstatus = "source"\n{more}'
    fields = [name for name in ("reference", "reach", "text", "closing", "force_name") if f"{{{{ {name} }}}}" in body]
    (tmp_path / "frames" / "bad.txt").write_text(f"+++\n{head}fields = {fields}\n+++\n{body}")
    with pytest.raises(TemplateError, match=says):
        read(tmp_path, "en")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ('["reference"]', "the field reach is not declared"),
        ('["reference", "reach", "who"]', "the field who is declared and not used"),
        ('["reference", "reach", "suspect"]', "nobody knows the field suspect"),
    ],
)
def test_a_frame_declares_its_fields(tmp_path: Path, fields: str, says: str) -> None:
    """What a frame names, and nothing else, stands in its head."""
    (tmp_path / "frames").mkdir()
    head = f'kind = "prompt"\nchannel = "sms"\nstyle = "plain"\nversion = 1\nstatus = "source"\nfields = {fields}\n'
    (tmp_path / "frames" / "bad.txt").write_text(f"+++\n{head}+++\n{{{{ reference }}}} {{{{ reach }}}}")
    with pytest.raises(TemplateError, match=says):
        read(tmp_path, "en")


def test_a_version_names_one_text(tmp_path: Path) -> None:
    """Another text has another version, whatever number its author left in the head."""
    (tmp_path / "blocks").mkdir()
    path = tmp_path / "blocks" / "a.txt"
    versions = set()
    for body in ("{{ on_day }} one", "{{ on_day }} two"):
        path.write_text(HEAD + CLOSING + "+++\n" + body)
        versions.add(read(tmp_path, "en").blocks["r6-arrest", "sms", "plain"][""].version)
    assert len(versions) == 2
