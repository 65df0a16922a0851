"""A force's own rules: what its file may say, which way news goes, and by when a queue must answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.ledger.force_rules import ForceRules, Queue, acknowledge_by, careful_default, read_rules

HEAD = 'force = "staffs"\nname = "Staffs Police"\nlive_from = 2026-01-01T00:00:00Z\n'
WHOLE = (
    HEAD
    + """
[senders]
plain = "+447700900001"
cover = "+447700900002"
email = "updates@staffs.example"
telephone = "01632 960123"
[hours]
send = [{days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from = "08:00", to = "20:00"}]
[cadence]
days = 28
[reminders]
days = [1, 3, 7]
[caps]
contact_per_day = 3
parts_per_day = 20000
[breaker]
newly_due = 50
times_baseline = 5
[replies]
enabled = false
[queues.victim_care]
staffed = [{days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "18:00"}]
acknowledge_minutes = 60
next = "control_room"
[queues.control_room]
staffed = "always"
acknowledge_minutes = 15
[[switch]]
update_points = ["r6-bail*", "r6-rui"]
offence_classes = ["other"]
people = "standard"
way = "automated"
"""
)


def switched(*switches: str) -> ForceRules:
    return read_rules(HEAD + "".join(f"[[switch]]\n{switch}\n" for switch in switches))


def test_a_whole_file_is_read() -> None:
    """The documented example says what it says."""
    rules = read_rules(WHOLE)
    assert (rules.force, rules.name, rules.loaded) == ("staffs", "Staffs Police", True)
    assert rules.live_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert rules.senders.telephone == "01632 960123"
    assert rules.reminder_days == (7, 3, 1)
    assert rules.queues["victim_care"].next == "control_room"
    assert rules.queues["control_room"].staffed is None
    assert rules.switches[-1].update_points == ("r6-bail*", "r6-rui")


def test_what_a_file_leaves_out_is_the_careful_default() -> None:
    """A file that says only who it is runs on the shipped careful rules, and counts as loaded."""
    rules, careful = read_rules(HEAD), careful_default("staffs")
    assert rules == replace(careful, name="Staffs Police", live_from=datetime(2026, 1, 1, tzinfo=UTC), loaded=True)


def test_a_force_that_was_never_loaded() -> None:
    """The careful default has no `live_from`, keeps the night quiet, and says that it was never loaded."""
    rules = careful_default("leics")
    assert (rules.force, rules.live_from, rules.loaded) == ("leics", None, False)
    assert {(window.start.hour, window.end.hour) for window in rules.send_hours} == {(8, 20)}
    assert not rules.replies_enabled


@pytest.mark.parametrize(
    ("classes", "way"),
    [
        (None, "person"),
        ((), "person"),
        (("domestic_abuse",), "person"),
        (("sexual",), "person"),
        (("child",), "person"),
        (("homicide",), "person"),
        (("family",), "prompt"),
        (("stalking",), "prompt"),
        (("hate",), "automated"),
        (("other",), "automated"),
        (("other", "family"), "prompt"),
        (("other", "family", "sexual"), "person"),
    ],
)
def test_the_careful_way(classes: tuple[str, ...] | None, way: str) -> None:
    """PR11: not assessed counts as domestic abuse; of several classes the strictest way is taken."""
    assert careful_default("staffs").way("r6-arrest", classes, enhanced=False) == way


ALL_PROMPT = 'update_points = ["*"]\npeople = "any"\nway = "prompt"'
HATE_BY_PERSON = 'update_points = ["r6-*"]\noffence_classes = ["hate"]\npeople = "any"\nway = "person"'
OTHER_BY_MACHINE = 'update_points = ["r6-bail*"]\noffence_classes = ["other"]\npeople = "standard"\nway = "automated"'
ABUSE_BY_MACHINE = (
    'update_points = ["r8-hearing-date"]\noffence_classes = ["domestic_abuse"]\npeople = "any"\nway = "automated"'
)
ENHANCED_BY_PERSON = 'update_points = ["r6-arrest"]\noffence_classes = ["other"]\npeople = "enhanced"\nway = "person"'


@pytest.mark.parametrize(
    ("switches", "point", "classes", "enhanced", "way"),
    [
        pytest.param((ALL_PROMPT,), "r6-arrest", ("sexual",), False, "prompt", id="without-classes-it-is-all"),
        pytest.param((HATE_BY_PERSON,), "r6-arrest", ("hate",), False, "person", id="tightened"),
        pytest.param((HATE_BY_PERSON,), "r8-warrant", ("hate",), False, "automated", id="another-point"),
        pytest.param((HATE_BY_PERSON,), "r6-arrest", ("other", "hate"), False, "person", id="one-class-tightens-all"),
        pytest.param((ALL_PROMPT, OTHER_BY_MACHINE), "r6-bail", ("other",), False, "automated", id="the-last-wins"),
        pytest.param((OTHER_BY_MACHINE, ALL_PROMPT), "r6-bail", ("other",), False, "prompt", id="in-order-of-the-file"),
        pytest.param((ALL_PROMPT, OTHER_BY_MACHINE), "r6-bail", ("other",), True, "prompt", id="standard-people-only"),
        pytest.param(
            (OTHER_BY_MACHINE,), "r6-bail-varied", ("other", "child"), False, "person", id="never-loosens-a-child"
        ),
        pytest.param((ENHANCED_BY_PERSON,), "r6-arrest", ("other",), True, "person", id="enhanced-people-only"),
        pytest.param((ENHANCED_BY_PERSON,), "r6-arrest", ("other",), False, "automated", id="not-standard-people"),
        pytest.param((ABUSE_BY_MACHINE,), "r8-hearing-date", None, True, "automated", id="not-assessed-is-abuse"),
    ],
)
def test_switches(
    switches: tuple[str, ...], point: str, classes: tuple[str, ...] | None, enhanced: bool, way: str
) -> None:
    """A force's switch decides for its points, classes and people; the last that fits wins; one class loosens no other."""
    assert switched(*switches).way(point, classes, enhanced=enhanced) == way


def test_nothing_fits_is_a_person() -> None:
    """Where no switch speaks, no machine does."""
    rules = replace(careful_default("staffs"), switches=())
    assert rules.way("r6-arrest", ("other",), enhanced=False) == "person"


QUEUE = "[queues.desk]\nacknowledge_minutes = 5\nstaffed = "
OFFICE = '[{days = ["mon"], from = "08:00", to = "18:00"}]'


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        pytest.param("force = ", "not TOML", id="not-toml"),
        pytest.param(HEAD.replace('force = "staffs"\n', ""), "^force: ", id="no-force"),
        pytest.param(HEAD.replace("live_from", "live_form"), "^live_from: ", id="no-live-from"),
        pytest.param(HEAD.replace("00:00Z", "00:00"), "^live_from: .*offset", id="live-from-without-offset"),
        pytest.param(HEAD.replace("staffs", "staffs police"), "^force: ", id="a-force-no-event-can-name"),
        pytest.param(HEAD + "colour = 1", "^colour: no such key", id="unknown-key"),
        pytest.param(HEAD + '[senders]\nplain = "+447700900001"', r"^senders\.telephone: give it", id="no-telephone"),
        pytest.param(HEAD + '[cadence]\ndays = "28"', r"^cadence\.days: ", id="a-number-in-quotes"),
        pytest.param(
            HEAD + "[caps]\ncontact_per_day = 0\nparts_per_day = 1", r"^caps\.contact_per_day: ", id="no-contact"
        ),
        pytest.param(HEAD + "[caps]\ncontact_per_day = 3", r"^caps\.parts_per_day: give it", id="half-a-section"),
        pytest.param(
            HEAD + '[hours]\nsend = [{days = ["mon"], from = "8", to = "20:00"}]',
            r"^hours\.send\[0\]\.from: ",
            id="hour",
        ),
        pytest.param(
            HEAD + '[hours]\nsend = [{days = [], from = "08:00", to = "20:00"}]', r"^hours\.send: no day", id="no-day"
        ),
        pytest.param(HEAD + "[[switch]]\n" + ALL_PROMPT.replace("any", "some"), r"^switch\[0\]\.people: ", id="people"),
        pytest.param(
            HEAD + "[[switch]]\n" + HATE_BY_PERSON.replace("hate", "hat"), r"^switch\[0\]\.offence_classes", id="class"
        ),
        pytest.param(HEAD + QUEUE + '"sometimes"', r"^queues\.desk\.staffed: ", id="a-word-that-is-no-rota"),
        pytest.param(HEAD + QUEUE + OFFICE, r"^queues\.desk\.staffed: .*from mon 00:00 to mon 08:00", id="PR19-a-gap"),
        pytest.param(HEAD + QUEUE + "[]", r"^queues\.desk\.staffed: nobody is there at any time", id="PR19-nobody"),
        pytest.param(
            HEAD + QUEUE + OFFICE + '\nnext = "desk"', r"^queues\.desk\.next: desk comes round", id="PR19-a-ring"
        ),
        pytest.param(
            HEAD + QUEUE + OFFICE + '\nnext = "moon"', r"^queues\.desk\.next: there is no queue", id="PR19-nowhere"
        ),
    ],
)
def test_a_bad_file_is_refused(toml: str, says: str) -> None:
    """A file that cannot be right is refused with a sentence that names the key."""
    with pytest.raises(ValueError, match=says):
        read_rules(toml)


def test_two_shifts_are_day_and_night() -> None:
    """PR19: a rota whose shifts leave no gap ends a chain as well as the word `always` does."""
    week = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    shifts = f'[{{days = {week}, from = "07:00", to = "19:00"}}, {{days = {week}, from = "19:00", to = "07:00"}}]'
    assert "desk" in read_rules(HEAD + QUEUE + shifts).queues


@pytest.mark.parametrize(
    ("at", "by"),
    [
        pytest.param("2026-03-09T10:00", "2026-03-09T11:00", id="in-hours"),
        pytest.param("2026-03-13T17:30", "2026-03-16T08:30", id="over-a-weekend"),
        pytest.param("2026-03-14T12:00", "2026-03-16T09:00", id="from-a-weekend"),
    ],
)
def test_a_queue_answers_in_its_own_hours(at: str, by: str) -> None:
    """The minutes in which a hold must be taken run only while the queue is staffed."""
    queue = careful_default("staffs").queues["victim_care"]
    assert acknowledge_by(queue, datetime.fromisoformat(at).replace(tzinfo=UTC)) == datetime.fromisoformat(by).replace(
        tzinfo=UTC
    )


def test_a_desk_that_is_always_there_answers_at_once() -> None:
    """At a queue staffed day and night every minute counts."""
    queue = careful_default("staffs").queues["control_room"]
    at = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
    assert acknowledge_by(queue, at) == datetime(2026, 3, 14, 3, 15, tzinfo=UTC)


def test_a_queue_that_nobody_staffs_cannot_answer() -> None:
    """No file can make one; one made by hand is refused rather than given a date."""
    with pytest.raises(ValueError, match="never staffed"):
        acknowledge_by(Queue("desk", (), 5, None), datetime(2026, 3, 14, tzinfo=UTC))
