"""What of a force's rules needs a second person: the comparison of two sets of rules, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.editions.load import load_books
from services.ledger.force_check import read_checked
from services.ledger.force_rules import ForceRules, careful_default, read_rules
from services.ledger.loosening import loosening

HEAD = 'force = "staffs"\nname = "Staffs Police"\nlive_from = 2026-01-01T00:00:00Z\n'
BOOKS = load_books()
CAREFUL = careful_default("staffs")


def switch(points: str, classes: str, people: str, way: str) -> str:
    listed = ", ".join(f'"{each}"' for each in classes.split())
    chosen = f"offence_classes = [{listed}]\n" if classes else ""
    globs = ", ".join(f'"{each}"' for each in points.split())
    return f'[[switch]]\nupdate_points = [{globs}]\n{chosen}people = "{people}"\nway = "{way}"\n'


def rules(*switches: str, more: str = "") -> ForceRules:
    return read_checked(HEAD + more + "".join(switches), BOOKS)


BAIL_PLAIN = switch("r6-bail* r6-rui", "other", "standard", "automated")
ARREST_PROMPT = switch("r6-arrest", "sexual", "any", "prompt")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(CAREFUL, rules(), (), id="nothing-changes"),
        pytest.param(
            CAREFUL,
            rules(BAIL_PLAIN),
            ("r6-bail*, r6-rui for other, standard: from prompt to automated",),
            id="PR03-plain-news-of-bail",
        ),
        pytest.param(rules(BAIL_PLAIN), rules(BAIL_PLAIN), (), id="agreed-already"),
        pytest.param(rules(BAIL_PLAIN), rules(), (), id="tightened-again"),
        pytest.param(
            CAREFUL,
            rules(ARREST_PROMPT),
            ("r6-arrest for sexual, any: from person to prompt",),
            id="a-prompt-where-a-person-spoke",
        ),
        pytest.param(
            CAREFUL,
            rules(switch("r6-arrest", "sexual child", "enhanced", "automated")),
            ("r6-arrest for sexual and child, enhanced: from person to automated",),
            id="two-classes-in-one-sentence",
        ),
        pytest.param(
            CAREFUL,
            rules(switch("r6-arrest", "sexual", "any", "prompt"), switch("r6-arrest", "sexual", "standard", "person")),
            ("r6-arrest for sexual, enhanced: from person to prompt",),
            id="the-last-switch-counts",
        ),
        pytest.param(
            rules(switch("r6-arrest", "other", "any", "person")),
            rules(),
            ("r6-arrest for other, any: from person to automated",),
            id="taking-a-strict-switch-out-loosens",
        ),
        pytest.param(
            CAREFUL,
            rules(switch("r6-first-hearing", "other", "any", "off")),
            ("r6-first-hearing for other, any: from automated to off",),
            id="PR04-switching-off-is-loosening",
        ),
        pytest.param(
            CAREFUL,
            rules(switch("r6-bail", "domestic_abuse", "standard", "automated")),
            ("r6-bail for domestic_abuse, standard: from person to prompt",),
            id="PR03-never-plain-in-domestic-abuse",
        ),
        pytest.param(
            CAREFUL,
            rules(switch("r6-charge", "other", "standard", "automated")),
            ("r6-charge for other, standard, where it bears on safety: from prompt to automated",),
            id="PR03-a-charge-that-ends-bail",
        ),
        pytest.param(
            CAREFUL, rules(more="[replies]\nenabled = true\n"), ("replies: from off to on",), id="PR16-replies"
        ),
        pytest.param(rules(more="[replies]\nenabled = true\n"), rules(), (), id="replies-off-again"),
        pytest.param(CAREFUL, rules(more="[cadence]\ndays = 90\n"), (), id="what-is-no-switch-takes-one-name"),
    ],
)
def test_what_loosens(old: ForceRules, new: ForceRules, says: tuple[str, ...]) -> None:
    """Every looser way is named with its points, classes and people; what is as strict or stricter is not."""
    assert loosening(old, new, BOOKS) == says


def test_a_star_hides_nothing() -> None:
    """One switch over everything names every point that it loosens, each once for each kind of case."""
    said = " ".join(loosening(CAREFUL, rules(switch("*", "", "any", "automated")), BOOKS))
    points = {point for edition in BOOKS.editions for point in edition.points}
    assert {point for point in points if point not in said} == set()


def test_pr03_safety_news_by_machine() -> None:
    """PR03: only a force's own switch for named classes and standard people lets a machine tell it, never a grave class."""
    agreed = rules(BAIL_PLAIN)
    assert agreed.tells_safety("r6-bail", ("other",), enhanced=False)
    assert not agreed.tells_safety("r6-bail", ("other",), enhanced=True)
    assert not agreed.tells_safety("r6-bail", ("other", "hate"), enhanced=False)
    assert not agreed.tells_safety("r6-bail", None, enhanced=False)
    assert not agreed.tells_safety("r6-released-no-charge", ("other",), enhanced=False)
    assert not CAREFUL.tells_safety("r6-bail", ("other",), enhanced=False)
    any_class = rules(switch("r6-bail", "", "standard", "automated"))
    assert not any_class.tells_safety("r6-bail", ("other",), enhanced=False)
    everyone = rules(switch("r6-bail", "other", "any", "automated"))
    assert not everyone.tells_safety("r6-bail", ("other",), enhanced=False)


def test_pr04_switched_off_by_name() -> None:
    """PR04: a rule nobody verified is off where the force says so; nothing else is, and the way stays a person's."""
    off = rules(switch("r6-first-hearing", "other", "any", "off"))
    assert off.is_off("r6-first-hearing", ("other",), enhanced=True)
    assert off.way("r6-first-hearing", ("other",), enhanced=True) == "person"
    assert not off.is_off("r6-first-hearing", ("other", "sexual"), enhanced=True)
    assert not off.is_off("r6-first-hearing", None, enhanced=False)
    assert not CAREFUL.is_off("r6-first-hearing", ("other",), enhanced=False)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        pytest.param(
            switch("r6-arest", "other", "any", "person"),
            r"^switch\[0\]\.update_points\[0\]: .*r6-arest; did you mean r6-arrest\?",
            id="misspelt",
        ),
        pytest.param(
            switch("r6-arrest", "other", "any", "person") + switch("r6-arrest zz*", "other", "any", "person"),
            r"^switch\[1\]\.update_points\[1\]: .*zz\*; `kept editions list`",
            id="nothing-like-it",
        ),
        pytest.param(
            switch("r6-*", "", "any", "off"), r"update_points\[0\]: name each rule .*whole id", id="PR04-off-by-glob"
        ),
        pytest.param(
            switch("r6-arrest", "", "any", "off"), 'r6-arrest is owed.*way = "person"', id="PR04-off-though-verified"
        ),
        pytest.param('[senders]\nplain = "Staffordshire Police"\ntelephone = "101"', r"^senders\.plain: ", id="name"),
        pytest.param('[senders]\nplain = "07700900001"\ntelephone = "101"', r"^senders\.plain: .*\+447", id="national"),
        pytest.param(
            '[senders]\nplain = "+447700900001"\ncover = "+447700900001"\ntelephone = "101"',
            r"^senders\.cover: it is the plain sender",
            id="PR16-one-sender-twice",
        ),
        pytest.param('[senders]\nemail = "updates"\ntelephone = "101"', r"^senders\.email: ", id="address"),
        pytest.param('[senders]\ntelephone = "ring us"', r"^senders\.telephone: ", id="telephone"),
        pytest.param(
            '[senders]\nplain = "StaffsPol"\ntelephone = "101"\n[replies]\nenabled = true',
            r"^replies\.enabled: nobody can answer a sender name",
            id="PR16-a-name-cannot-be-answered",
        ),
        pytest.param(
            "[cadence]\ndays = 14\nenhanced_days = 28", r"^cadence\.enhanced_days: ", id="slower-for-enhanced"
        ),
        pytest.param('[feeds.source."/force/leics/rms"]\nsilent_hours = 2', "^feeds.source./force/leics", id="foreign"),
        pytest.param('[feeds.source."rms"]\nsilent_hours = 2', r"^feeds\.source\.", id="no-source"),
        pytest.param("[feeds]\nsilent_hours = 0", r"^feeds\.silent_hours: ", id="no-hours"),
        pytest.param("[reminders]\ndays = [7]\ncontrol_share = 0.95", r"^reminders\.control_share: ", id="no-trial"),
        pytest.param('[editions]\nby = "arrest"', r"^editions\.by: ", id="editions"),
        pytest.param("[moves]\nsettle_minutes = -1", r"^moves\.settle_minutes: ", id="moves"),
    ],
)
def test_a_file_that_makes_no_sense_beside_the_books(toml: str, says: str) -> None:
    """What could never work is refused when somebody loads it, with the key and the remedy."""
    with pytest.raises(ValueError, match=says):
        rules(toml)


def test_a_file_that_is_read_back_is_not_judged_by_the_books() -> None:
    """A book that drops a rule must not stop the services of a force whose file names it."""
    assert read_rules(HEAD + switch("r0-gone", "other", "any", "person")).switches[-1].update_points == ("r0-gone",)


def test_the_feeds_of_a_force() -> None:
    """PR23: every source has the force's rhythm, one that is named its own."""
    found = rules(more='[feeds]\nsilent_hours = 12\n[feeds.source."/force/staffs/court"]\nsilent_hours = 72\n')
    assert found.feed("/force/staffs/rms").silent.total_seconds() == 12 * 3600
    court = found.feed("/force/staffs/court")
    assert (court.silent.total_seconds(), court.lag.total_seconds()) == (72 * 3600, 120 * 60)
    assert replace(found, feeds={}).feed("/force/staffs/court").silent.total_seconds() == 12 * 3600
