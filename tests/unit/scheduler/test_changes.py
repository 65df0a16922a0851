"""The table by which plan and ledger are reconciled, row by row, and the messages that ought to stand afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product
from typing import Any

import pytest

from services.ledger.states import UPDATE_MOVES, UPDATE_STATES
from services.scheduler.changes import Change, Existing, Left, decide
from services.scheduler.forming import Standing, form
from services.scheduler.plan.types import Planned
from services.scheduler.written import digest_of
from tests.unit.scheduler.plans import AT, DUE, held, message, planned, update_id

MOVED = {"on": "2026-03-10"}


def standing(now: Planned, state: str | None = None, left: Left = "nothing", **given: Any) -> Existing:
    """An update on the ledger as it was written for `now`, in `state`."""
    whole = Existing(
        id=now.id,
        state=state or now.state,  # type: ignore[arg-type]  # a word of the table
        evidence="delivered" if state == "told" else None,
        facts_hash=now.facts_hash,
        due_at=now.due_at,
        plan_digest=digest_of(now),
        contested=False,
        anything_left=left != "nothing",
        hold_safety=False,
        left=left,
    )
    return replace(whole, **given)


def reconciled(existing: Existing | None, now: Planned | None) -> Change:
    return decide(existing, now, b"" if now is None else digest_of(now))


@pytest.mark.parametrize("now", [planned(), held(), planned(state="withdrawn"), planned(state="declined")])
def test_nothing_in_the_ledger_is_inserted(now: Planned) -> None:
    """Row 1: what the ledger does not hold is inserted in the plan's state, with its hold where there is one."""
    change = reconciled(None, now)
    assert (change.action, change.state, change.open_hold) == ("insert", now.state, now.state == "held")


class TestPlannedOrHeldAndNotTaken:
    """Row 2: planned, or held and not taken: overwritten; no longer wanted, withdrawn."""

    @pytest.mark.parametrize("was", [planned(), held()], ids=["planned", "held"])
    def test_the_same_plan_changes_nothing(self, was: Planned) -> None:
        """An update that the plan says the same of costs nothing."""
        assert reconciled(standing(was), was).action == "nothing"

    @pytest.mark.parametrize(
        ("was", "now", "opens", "closes"),
        [
            (planned(), planned(facts=MOVED), False, False),
            (planned(), planned(channel="email", contact="c2"), False, False),
            (planned(), held(), True, False),
            (held(), planned(), False, True),
            (held(), held(facts=MOVED), True, False),
            (planned(), planned(state="told", evidence="conversation"), False, False),
            (held(), planned(state="told", evidence="letter"), False, True),
            (planned(), planned(state="declined"), False, False),
            (held(), planned(state="withdrawn"), False, True),
        ],
    )
    def test_another_plan_overwrites(self, was: Planned, now: Planned, opens: bool, closes: bool) -> None:
        """Every attribute is written anew, and the hold follows the state."""
        change = reconciled(standing(was), now)
        assert (change.action, change.state, change.open_hold, change.close_hold) == ("write", now.state, opens, closes)

    @pytest.mark.parametrize("was", [planned(), held()], ids=["planned", "held"])
    def test_no_longer_in_the_plan_is_withdrawn(self, was: Planned) -> None:
        """What the plan does not hold any more is withdrawn, and its hold closes."""
        change = reconciled(standing(was), None)
        assert (change.action, change.state, change.close_hold) == ("withdraw", "withdrawn", was.state == "held")

    def test_a_safety_hold_stays_held(self) -> None:
        """A hold for a safety reason goes back to the machine only by a person's hand; its facts are kept up to date."""
        change = reconciled(standing(held(), hold_safety=True), planned(facts=MOVED))
        assert (change.action, change.state) == ("refresh", "held")

    def test_a_safety_hold_that_was_handed_back_is_planned(self) -> None:
        """Once a person has handed it back, the plan decides."""
        change = reconciled(standing(held(), hold_safety=True, handed_back=True), planned())
        assert (change.action, change.state) == ("write", "planned")

    def test_a_gate_that_held_it_is_not_overruled(self) -> None:
        """A plan that has not changed does not undo a hold that it knows nothing of."""
        assert reconciled(standing(planned(), "held"), planned()).action == "nothing"

    @pytest.mark.parametrize("now", [planned(), planned(facts=MOVED), held(facts=MOVED)])
    def test_what_failed_to_arrive_is_not_sent_again(self, now: Planned) -> None:
        """News that was tried and failed stays with people, whatever the plan would send."""
        change = reconciled(standing(planned(), "held", "failed"), now)
        assert change.state == "held"
        assert change.action in {"nothing", "refresh"}

    def test_what_failed_goes_again_when_it_is_handed_back(self) -> None:
        """A person who hands it back lets it be sent again."""
        change = reconciled(standing(planned(), "held", "failed", handed_back=True), planned())
        assert (change.action, change.state) == ("write", "planned")

    def test_proven_not_sent_is_overwritten_with_its_deadline_kept(self) -> None:
        """After a try that is proven not sent the plan decides again, but the deadline was frozen by the intent."""
        change = reconciled(standing(planned(), "planned", "failed"), planned(facts=MOVED))
        assert (change.action, change.state, change.keep_due) == ("write", "planned", True)


class TestHeldAndTaken:
    """Row 3: held and taken: new facts and dates, the holder is told, never reassigned."""

    @pytest.mark.parametrize(
        "now", [held(facts=MOVED), held(queue="control_room"), planned(), planned(state="declined")]
    )
    def test_new_facts_reach_the_holder(self, now: Planned) -> None:
        """It stays held by whoever took it, with the new facts."""
        change = reconciled(standing(held(), taken_by="Sam"), now)
        assert (change.action, change.state, change.tell_holder) == ("refresh", "held", True)
        assert not change.close_hold

    def test_no_longer_wanted_tells_the_holder(self) -> None:
        """It is not taken out of the holder's hands, but they are told, once."""
        existing = standing(held(), taken_by="Sam")
        change = reconciled(existing, None)
        assert (change.action, change.state, change.contested, change.tell_holder) == ("mark", "held", True, True)
        assert reconciled(replace(existing, contested=True), None).action == "nothing"

    def test_told_meanwhile_closes_it(self) -> None:
        """A recorded conversation fulfils it, and the holder is told that there is nothing left to do."""
        change = reconciled(standing(held(), taken_by="Sam"), planned(state="told", evidence="conversation"))
        assert (change.action, change.state, change.close_hold, change.tell_holder) == ("told", "told", True, True)

    def test_the_same_plan_tells_nobody(self) -> None:
        """Nothing new, nothing said."""
        assert reconciled(standing(held(), taken_by="Sam"), held()).action == "nothing"


class TestReleasedWithoutIntent:
    """Row 4: released, no intent: epoch + 1, then as planned."""

    def test_the_same_plan_leaves_it_released(self) -> None:
        """What is under way and still right goes on."""
        assert reconciled(standing(planned(), "released"), planned()).action == "nothing"

    @pytest.mark.parametrize(
        "now",
        [
            planned(facts=MOVED),
            held(),
            planned(state="declined"),
            planned(state="withdrawn"),
            planned(state="told", evidence="conversation"),
        ],
    )
    def test_another_plan_is_as_if_planned(self, now: Planned) -> None:
        """Nothing has left, so the plan decides."""
        change = reconciled(standing(planned(), "released"), now)
        assert (change.action, change.state) == ("write", now.state)

    def test_no_longer_wanted_is_withdrawn(self) -> None:
        """Nothing has left, so it can be withdrawn."""
        assert reconciled(standing(planned(), "released"), None).action == "withdraw"


class TestWhatMayHaveLeft:
    """Row 5: intent, unknown, sent, unconfirmed: untouched, marked contested."""

    @pytest.mark.parametrize("state", ["released", "sent", "unconfirmed", "held"])
    @pytest.mark.parametrize("now", [planned(facts=MOVED), planned(state="withdrawn"), planned(state="declined"), None])
    def test_it_is_untouched_and_contested(self, state: str, now: Planned | None) -> None:
        """No attribute changes, however the plan differs."""
        change = reconciled(standing(planned(), state, "live"), now)
        assert (change.action, change.state, change.contested) == ("mark", state, True)

    @pytest.mark.parametrize("state", ["released", "sent", "unconfirmed", "held"])
    def test_it_is_not_contested_by_the_same_facts(self, state: str) -> None:
        """A change of channel or date does not contest what was said."""
        assert reconciled(standing(planned(), state, "live"), planned(channel="email")).action == "nothing"

    def test_agreement_ends_the_contest(self) -> None:
        """A to B to A: what left is right again."""
        change = reconciled(standing(planned(), "sent", "live", contested=True), planned())
        assert (change.action, change.contested) == ("mark", False)

    @pytest.mark.parametrize("state", ["sent", "unconfirmed", "held"])
    def test_a_conversation_settles_it(self, state: str) -> None:
        """A recorded conversation tells it, whatever the provider will say."""
        change = reconciled(standing(planned(), state, "live"), planned(state="told", evidence="conversation"))
        assert (change.action, change.state) == ("told", "told")

    def test_an_intent_is_not_overtaken_by_a_conversation(self) -> None:
        """While the message is being handed over nothing is touched."""
        change = reconciled(standing(planned(), "released", "live"), planned(state="told", evidence="conversation"))
        assert change.action == "nothing"


NOWS = [planned(), planned(facts=MOVED), held(), planned(state="withdrawn"), None]
TOLD = planned(state="told", evidence="conversation", kind=None)
DECLINED = planned(state="declined", kind=None)


@pytest.mark.parametrize("now", NOWS)
@pytest.mark.parametrize("left", ["live", "failed", "nothing"])
def test_told_is_untouched(now: Planned | None, left: Left) -> None:
    """Row 6: what was sent or a person recorded is never rewritten; other facts raise an update of their own."""
    assert reconciled(standing(planned(), "told", left), now).action == "nothing"


@pytest.mark.parametrize("now", NOWS)
def test_declined_stays(now: Planned | None) -> None:
    """Row 7: what a person or a gate declined is not revived by a plan."""
    assert reconciled(standing(planned(), "declined"), now).action == "nothing"


@pytest.mark.parametrize("now", NOWS[:4])
@pytest.mark.parametrize("was", [TOLD, DECLINED], ids=["told", "declined"])
def test_what_the_plan_itself_settled_is_settled_anew(was: Planned, now: Planned) -> None:
    """R13: the conversation or the opt-out that a plan stood on was taken back, nothing had left: it never was."""
    change = reconciled(standing(was, evidence=was.evidence), now)
    assert (change.action, change.state, change.why) == ("write", now.state, "never_settled")
    assert change.via == {"told": "held", "declined": "planned"}[was.state] or (was.state, now.state) in UPDATE_MOVES
    assert change.open_hold == (now.state == "held")


@pytest.mark.parametrize("was", [TOLD, DECLINED], ids=["told", "declined"])
def test_what_the_plan_settled_stays_once_anything_left(was: Planned) -> None:
    """A message that left cannot be taken back."""
    assert reconciled(standing(was, left="failed"), planned()).action == "nothing"
    assert reconciled(standing(was), was).action == "nothing"
    assert reconciled(standing(was), None).action == "nothing"


class TestWithdrawn:
    """Row 8: withdrawn: wanted again and nothing left: planned, same id."""

    @pytest.mark.parametrize("now", [planned(), held()])
    def test_wanted_again(self, now: Planned) -> None:
        """The same update comes back."""
        change = reconciled(standing(planned(), "withdrawn"), now)
        assert (change.action, change.state, change.open_hold) == ("write", now.state, now.state == "held")

    @pytest.mark.parametrize("now", [planned(state="told", evidence="conversation"), planned(state="declined")])
    def test_wanted_again_and_settled_at_once(self, now: Planned) -> None:
        """It passes through planned, so that the table of moves holds."""
        change = reconciled(standing(planned(), "withdrawn"), now)
        assert (change.state, change.via) == (now.state, "planned")

    def test_it_stays_when_anything_left(self) -> None:
        """What once left is not planned again."""
        assert reconciled(standing(planned(), "withdrawn", "failed"), planned()).action == "nothing"

    def test_it_stays_withdrawn(self) -> None:
        """Unwanted is unwanted."""
        assert reconciled(standing(planned(), "withdrawn"), None).action == "nothing"


def test_no_decision_makes_a_move_that_the_table_does_not_hold() -> None:
    """Over every state, whatever left, taken or not, every change of state is an allowed move (or two, through planned)."""
    nows = [
        None,
        planned(),
        planned(facts=MOVED),
        held(),
        held(safety_hold=True),
        planned(state="told", evidence="conversation"),
        planned(state="declined"),
        planned(state="withdrawn"),
    ]
    lefts: list[Left] = ["nothing", "failed", "live"]
    for state, left, now, taken, back, safety, settled in product(
        UPDATE_STATES, lefts, nows, [None, "Sam"], [False, True], [False, True], [False, True]
    ):
        existing = standing(planned(), state, left, taken_by=taken, handed_back=back, hold_safety=safety)
        by_plan = replace(existing, plan_digest=digest_of(planned(state=state, facts={})))
        change = reconciled(by_plan if settled else existing, now)
        if change.state == state:
            continue
        steps = [state, *([change.via] if change.via else []), change.state]
        assert all(step in UPDATE_MOVES for step in pairwise(steps)), (state, change)


class TestMessages:
    """Which messages stand after the decisions."""

    @staticmethod
    def of(*updates: Planned, released: bool = False, tries: int = 0) -> Standing:
        said = message(*updates)
        key = (
            said.person,
            said.kind,
            said.channel,
            said.contact,
            said.language,
            said.style,
            said.send_at,
            said.updates,
        )
        return Standing(update_id("message"), key, released, tries, DUE)

    @staticmethod
    def formed(wanted: Any, stands: Any, states: Any, **given: Any) -> Any:
        due = dict.fromkeys(states, DUE)
        sets: dict[str, Any] = {"written": (), "rewritten": (), "prompted": (), "taken": ()}
        return form(wanted, stands, states, **({"due": due} | sets | given))

    def test_an_unchanged_message_stays(self) -> None:
        """The same updates, contact, channel and instant: the same message."""
        one = planned()
        result = self.formed([message(one)], [self.of(one)], {one.id: "planned"})
        assert (result.form, result.drop, result.due) == ((), (), {})

    @pytest.mark.parametrize(
        "change", [{"contact": "c2"}, {"channel": "email"}, {"send_at": AT + timedelta(hours=2)}, {"style": "neutral"}]
    )
    def test_another_way_or_instant_forms_it_afresh(self, change: dict[str, Any]) -> None:
        """The old message is dropped and a new one formed."""
        one, other = planned(), planned(**change)
        result = self.formed([message(other)], [self.of(one)], {one.id: "planned"})
        assert (len(result.form), result.drop) == (1, (update_id("message"),))

    def test_somebody_who_was_just_asked_to_ring_is_not_asked_again(self) -> None:
        """One call tells all that waits for it; news is sent all the same."""
        first, second, news = planned("u1", kind="prompt"), planned("u2", kind="prompt"), planned("u3")
        states = {first.id: "held", second.id: "held", news.id: "planned"}
        wanted = [message(first, second), message(news)]
        result = self.formed(wanted, [], states, prompted={first.id}, asked={first.person})
        assert [said.updates for said in result.form] == [(news.id,)]
        result = self.formed(wanted, [], states, prompted={first.id})
        assert [said.updates for said in result.form] == [(second.id,), (news.id,)]

    def test_an_update_that_falls_out_leaves_the_rest(self) -> None:
        """Of two combined updates one was told: a message for the other is formed afresh."""
        one, two = planned("u1"), planned("u2")
        result = self.formed([message(one, two)], [self.of(one, two)], {one.id: "planned", two.id: "told"})
        assert [said.updates for said in result.form] == [(one.id,)]
        assert result.drop == (update_id("message"),)

    def test_a_released_message_of_a_rewritten_update_is_dropped(self) -> None:
        """The dispatcher that was given it finds another epoch."""
        one = planned()
        stands = [self.of(one, released=True)]
        result = self.formed([message(one)], stands, {one.id: "planned"}, written={one.id})
        assert (len(result.form), len(result.drop)) == (1, 1)

    def test_a_released_message_that_is_still_right_goes_on(self) -> None:
        """Nothing changed, nothing is taken back."""
        one = planned()
        result = self.formed([message(one)], [self.of(one, released=True)], {one.id: "released"})
        assert (result.form, result.drop) == ((), ())

    def test_a_message_that_was_tried_with_old_facts_is_formed_afresh(self) -> None:
        """Its words were frozen at the first try."""
        one = planned()
        stands = [self.of(one, tries=1)]
        result = self.formed([message(one)], stands, {one.id: "planned"}, written={one.id}, rewritten={one.id})
        assert (len(result.form), len(result.drop)) == (1, 1)

    def test_no_news_for_what_is_held(self) -> None:
        """An update that stays with a person is in no message."""
        one = planned()
        assert self.formed([message(one)], [], {one.id: "held"}).form == ()

    def test_a_prompt_that_left_is_not_formed_again(self) -> None:
        """One prompt an update, however often it is planned."""
        one = held(kind="prompt", channel="sms", contact="c1", send_at=AT)
        assert len(self.formed([message(one)], [], {one.id: "held"}).form) == 1
        assert self.formed([message(one)], [], {one.id: "held"}, prompted={one.id}).form == ()
        assert self.formed([message(one)], [], {one.id: "held"}, taken={one.id}).form == ()

    def test_another_deadline_alone_moves_no_message(self) -> None:
        """The earliest deadline of the message follows its updates."""
        one = planned()
        result = self.formed([message(one)], [self.of(one)], {one.id: "planned"}, due={one.id: AT})
        assert result.due == {update_id("message"): AT}
