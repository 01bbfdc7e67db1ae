"""Submitted, accepted, returned, corrected: who may, when, and what two people at once come to."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from breaches.actions.audience import Audience
from contracts.models import Contract, Reevaluation
from lib.errors import Conflict, NotAllowed, Refused, RuleBroken
from measurements.actions import accept, import_figures, return_, review, start_correction, submit
from measurements.actions.figures import clear_figures
from measurements.actions.submissions import create_submissions
from measurements.figures_file import FigureRow
from measurements.models import Figure, Submission
from measurements.rules import Status
from organisations.rules import Role
from tests.cast import Cast
from tests.factories import organisations as make
from tests.measurements.reporting import APRIL, JUNE, MAY, MORNING, contract, csv, sheet

Scopes = Callable[..., Any]


@pytest.fixture
def submitted(cast: Cast, scope_of: Scopes) -> Submission:
    """April's figures, submitted by Vera."""
    with scope_of(cast.aldermoor):
        agreed = contract()
        Reevaluation.objects.update(from_on=None)
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    return made


def state() -> list[Any]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def test_accepted_figures_are_entered_to_be_judged(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted, now=MORNING)
        stored = Submission.objects.get()
        assert (stored.status, stored.decided_by, stored.decided_by_name, stored.decided_at) == (
            Status.ACCEPTED,
            cast.marco,
            "Marco Bellini",
            MORNING,
        )
        assert Reevaluation.objects.get().from_on == APRIL


def test_figures_are_decided_on_one_by_one_while_they_wait_and_with_reasons(
    submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.marco):
        slot = Figure.objects.values_list("service_level", "period").get()
        before = state()
        for accepted, returned, code in (
            ([], {}, "slots"),
            ([(slot[0], 0)], {}, "slots"),
            ([], {slot: " "}, "reason"),
        ):
            with pytest.raises(RuleBroken) as refused:
                review(by=cast.marco, submission=submitted, accepted=accepted, returned=returned)
            assert refused.value.code == code
        assert state() == before
        accept(by=cast.marco, submission=submitted)
        with pytest.raises(Conflict, match="Somebody was faster"):
            review(by=cast.marco, submission=Submission.objects.get(), accepted=[slot], returned={})


def test_of_a_correction_one_figure_is_accepted_and_the_other_returned(
    submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    """What was accepted before stands where the correction is returned."""
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
        Reevaluation.objects.update(from_on=None)
    head = "service_level,period,numerator,denominator,downtime,maintenance"
    rows = f"{head}\nSL-01,2024-04-01,99,100,,\nSL-03,2024-04-01,,,12,0\n".encode()
    with scope_of(cast.vera):
        given = {"contract": submitted.contract, "source": rows, "reason": "Counted twice", "submit": True}
        (correction,) = import_figures(by=cast.vera, **given)
        slots = dict(Figure.objects.filter(submission=correction).values_list("service_level__code", "service_level"))
        period = Figure.objects.filter(submission=correction).values_list("period", flat=True).first()
    with scope_of(cast.marco):
        returned = {(slots["SL-03"], period): "Where is the log?"}
        review(by=cast.marco, submission=correction, accepted=[(slots["SL-01"], period)], returned=returned)
        stand = {one.status: sheet(one) for one in Submission.objects.all()}
        first, second = ("SL-01", "2024-04-01", ""), ("SL-03", "2024-04-01", "")
        assert stand == {
            Status.SUPERSEDED: {first: 98},
            Status.ACCEPTED: {first: 99},
            Status.RETURNED: {first: 99, second: 12},
        }
        assert Reevaluation.objects.get().from_on == APRIL


def test_nothing_is_cleared_where_nothing_is_saved(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        slot = Figure.objects.values_list("service_level", "period").get()
        with pytest.raises(RuleBroken) as refused:
            clear_figures(by=cast.vera, contract=submitted.contract, month=JUNE, slot=slot, seen=None)
        assert refused.value.code == "no_figures" and Figure.objects.count() == 1


def test_relief_that_nobody_granted_is_not_reported(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    row = FigureRow(2, "SL-01", MAY, numerator=Decimal(90), denominator=Decimal(100), relieved=Decimal(3))
    with scope_of(cast.vera):
        with pytest.raises(RuleBroken, match="none was granted") as refused:
            import_figures(by=cast.vera, contract=submitted.contract, rows=[row])
        assert refused.value.code == "relief" and Figure.objects.count() == 1


@pytest.mark.parametrize("who", ["petra", "ada", "olu", "vera", "ravi"])
def test_only_account_managers_decide(who: str, submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member):
        with pytest.raises(NotAllowed):
            accept(by=member, submission=submitted)
        with pytest.raises(NotAllowed):
            return_(by=member, submission=submitted, reason="No.")
        assert Submission.objects.get().status == Status.SUBMITTED


@pytest.mark.parametrize("who", ["petra", "ada", "olu"])
def test_who_may_not_submit_or_correct(who: str, submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member):
        with pytest.raises(NotAllowed):
            submit(by=member, submission=submitted)
        with pytest.raises(NotAllowed):
            start_correction(by=member, contract=submitted.contract, month=APRIL, reason="Counted twice")


def test_whoever_reported_does_not_decide(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    mara = make.user("Mara Lindqvist")
    with scope_of(cast.marco):
        colleague = make.member(mara, Role.ACCOUNT_MANAGER)
        june = csv("SL-01,2024-06-01,98,100")
        (own,) = import_figures(by=cast.marco, contract=submitted.contract, source=june, submit=True)
        before = state()
        with pytest.raises(NotAllowed, match="Nobody decides"):
            accept(by=cast.marco, submission=own)
        with pytest.raises(NotAllowed, match="Nobody decides"):
            return_(by=cast.marco, submission=own, reason="No.")
        assert state() == before
    with scope_of(colleague):
        assert accept(by=colleague, submission=own).status == Status.ACCEPTED


def test_nobody_decides_on_what_a_key_of_theirs_reported(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    bo = make.user("Bo")
    with scope_of(cast.aldermoor):
        key, other = make.api_key(cast.marco, scope="report"), make.api_key(cast.petra, name="Another’s")
        Submission.objects.update(submitted_by=key.member, submitted_by_name=key.name)
        submitted.refresh_from_db()
        with pytest.raises(NotAllowed, match="reported"):
            accept(by=cast.marco, submission=submitted)
        assert Submission.objects.get().status == Status.SUBMITTED
        # Who would decide and answers for the key is not asked to; the others are.
        colleague = make.member(bo, Role.ACCOUNT_MANAGER)
        audience = Audience({submitted.contract_id}, MORNING)
        assert audience.staff(submitted.contract_id, but=key.member_id) == (colleague.pk,)
        Submission.objects.update(submitted_by=other.member, submitted_by_name=other.name)
        submitted.refresh_from_db()
        assert accept(by=cast.marco, submission=submitted).status == Status.ACCEPTED


def test_figures_are_returned_with_a_reason(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        before = state()
        with pytest.raises(RuleBroken, match="Say why"):
            return_(by=cast.marco, submission=submitted, reason="  ")
        assert state() == before
        return_(by=cast.marco, submission=submitted, reason=" Two incidents are missing. ", now=MORNING)
        stored = Submission.objects.get()
        assert (stored.status, stored.return_reason, stored.decided_by) == (
            Status.RETURNED,
            "Two incidents are missing.",
            cast.marco,
        )
        assert Reevaluation.objects.get().from_on is None
    with scope_of(cast.vera):
        submit(by=cast.vera, submission=stored, note="They are in now.")
        again = Submission.objects.get()
        assert (again.status, again.reason, again.decided_by, again.decided_at) == (
            Status.SUBMITTED,
            "They are in now.",
            None,
            None,
        )


def test_a_decision_that_was_made_stands(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        stale = Submission.objects.get()
        accept(by=cast.marco, submission=submitted)
        before = state()
        for again in (submitted, stale):
            with pytest.raises(Conflict):
                accept(by=cast.marco, submission=again)
            with pytest.raises(Conflict):
                return_(by=cast.marco, submission=again, reason="Too late.")
        assert state() == before


def test_an_empty_draft_is_not_submitted(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        given = {"vendor": cast.corvid, "contract": submitted.contract, "month": JUNE, "revision": 1}
        empty = Submission.objects.create(by_vendor=True, **given)
        with pytest.raises(RuleBroken, match="no figures"):
            submit(by=cast.vera, submission=empty)
        empty.refresh_from_db()
        assert empty.status == Status.DRAFT


# Corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_begins_as_a_copy(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
        Reevaluation.objects.update(from_on=None)
    with scope_of(cast.vera):
        draft = start_correction(by=cast.vera, contract=submitted.contract, month=APRIL, reason=" Counted twice ")
        assert (draft.revision, draft.status, draft.reason) == (2, Status.DRAFT, "Counted twice")
        assert sheet(draft) == sheet(submitted) and len(sheet(draft)) == 1
        submit(by=cast.vera, submission=draft)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=draft)
        # The copy says the same: it is the accepted one now, and there is nothing to judge again.
        assert Submission.objects.get(status=Status.ACCEPTED).revision == 2
        assert Reevaluation.objects.get().from_on is None


def test_what_a_correction_takes_away_is_judged_again(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
        Reevaluation.objects.update(from_on=None)
        draft = start_correction(by=None, contract=submitted.contract, month=APRIL, reason="Not theirs")
        submit(by=None, submission=draft)
        Figure.objects.filter(submission=draft).delete()
        accept(by=cast.marco, submission=draft)
        assert Reevaluation.objects.get().from_on == APRIL


def test_when_no_correction_can_begin(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    agreed = submitted.contract
    with scope_of(cast.vera):
        before = state()
        with pytest.raises(RuleBroken, match="Say why"):
            start_correction(by=cast.vera, contract=agreed, month=APRIL, reason="")
        with pytest.raises(RuleBroken, match="nothing to correct"):
            start_correction(by=cast.vera, contract=agreed, month=JUNE, reason="Counted twice")
        with pytest.raises(Conflict, match="under way"):
            start_correction(by=cast.vera, contract=agreed, month=APRIL, reason="Counted twice")
        assert state() == before


def test_a_correction_without_a_reason_is_not_submitted(submitted: Submission, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    with scope_of(cast.vera):
        draft = start_correction(by=cast.vera, contract=submitted.contract, month=APRIL, reason="Counted twice")
        Submission.objects.filter(pk=draft.pk).update(reason="", version=2)
        draft.refresh_from_db()
        with pytest.raises(RuleBroken, match="Say why"):
            submit(by=cast.vera, submission=draft)


# Two at once -----------------------------------------------------------------------------------------------------


def at_once(*doings: Callable[[], Any]) -> list[str]:
    """Run each in a thread with a connection of its own, all past their first statement; what came of them, in order."""
    start = threading.Barrier(len(doings))
    came: list[str] = [""] * len(doings)

    def run(number: int, doing: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            doing()
            came[number] = "done"
        except Refused as refused:
            came[number] = type(refused).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


def test_of_two_acceptances_one_is_a_conflict(
    committed: None, submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    def doing() -> None:
        with scope_of(cast.marco):
            mine = Submission.objects.get(pk=submitted.pk)
            both_read.wait(10)
            accept(by=cast.marco, submission=mine)

    both_read = threading.Barrier(2)
    assert sorted(at_once(doing, doing)) == ["Conflict", "done"]
    with scope_of(cast.marco):
        assert Submission.objects.get().status == Status.ACCEPTED and Reevaluation.objects.get().from_on == APRIL


def test_of_two_accepted_corrections_one_is_a_conflict(
    committed: None, submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    with scope_of(cast.vera):
        corrected = csv("SL-01,2024-04-01,90,100")
        import_figures(by=cast.vera, contract=submitted.contract, source=corrected, reason="Counted twice", submit=True)

    def doing() -> None:
        with scope_of(cast.marco):
            mine = Submission.objects.get(revision=2)
            both_read.wait(10)
            accept(by=cast.marco, submission=mine)

    both_read = threading.Barrier(2)
    assert sorted(at_once(doing, doing)) == ["Conflict", "done"]
    with scope_of(cast.marco):
        assert list(Submission.objects.values_list("status", flat=True)) == ["superseded", "accepted"]


def test_of_two_first_reports_one_is_a_conflict(
    committed: None, submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    agreed: Contract = submitted.contract
    both_looked = threading.Barrier(2)

    def doing() -> None:
        with scope_of(cast.vera):
            assert not Submission.objects.filter(month=JUNE).exists()
            both_looked.wait(10)
            import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-06-01,98,100"))

    came = at_once(doing, doing)
    # The second looks after the first has committed and finds its draft, or looks before and meets the constraint.
    assert sorted(came) in (["Conflict", "done"], ["done", "done"])
    with scope_of(cast.vera):
        assert Submission.objects.filter(month=JUNE).count() == 1
        assert Figure.objects.filter(submission__month=JUNE).count() == 1


def test_a_first_report_that_another_overtakes_is_a_conflict(
    submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    """The same without chance: the other's row comes into being between the look and the insertion."""
    with scope_of(cast.vera):
        agreed, done = submitted.contract, []

        def overtake(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith('INSERT INTO "measurements_submission"') and not done:
                done.append(True)
                given = {"vendor": cast.corvid, "contract": agreed, "month": JUNE, "revision": 1}
                Submission.objects.create(by_vendor=True, **given)
            return execute(sql, *rest)

        with connection.execute_wrapper(overtake), pytest.raises(Conflict, match="same moment"):
            import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-06-01,98,100"))
        assert not Submission.objects.filter(month=date(2024, 6, 1)).exists()


def test_a_submission_of_the_wrong_vendor_is_an_error_and_not_a_conflict(
    submitted: Submission, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.marco):
        strange = Submission(vendor=cast.halden, contract=submitted.contract, month=JUNE, revision=1)
        with pytest.raises(IntegrityError, match="wall"):
            create_submissions([strange])
