"""Figures files become submissions, one for each month; nothing accepted is overwritten."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from contracts import contract_file
from contracts.models import Contract, Reevaluation
from contracts.rules import FileRefused
from lib.errors import NotAllowed, RuleBroken
from measurements import figures_file
from measurements.actions import accept, import_figures, return_, start_correction, stored_expectations
from measurements.figures_file import expectations
from measurements.models import Figure, Submission
from measurements.rules import Status
from organisations.models import Membership
from reporting.preview import template
from slas.actions import export_contract, import_contract
from tests.cast import Cast
from tests.measurements.reporting import APRIL, JUNE, MAY, MORNING, contract, csv, sheet, uptime
from tests.slas.contract_texts import document, level, terms, text

Scopes = Callable[..., Any]


@pytest.fixture
def agreed(cast: Cast, scope_of: Scopes) -> Contract:
    with scope_of(cast.aldermoor):
        made = contract()
        Reevaluation.objects.update(from_on=None)
    return made


def rows() -> list[list[tuple[Any, ...]]]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def report(of: Contract, *lines: str, by: Membership | None = None, **how: Any) -> list[Submission]:
    return import_figures(by=by, contract=of, source=csv(*lines), filename="april.csv", **how)


def history(of: Contract, *lines: str, **how: Any) -> list[Submission]:
    return report(of, *lines, accept=True, **how)


def test_the_rows_go_into_the_month_in_which_their_period_ends(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        made = report(
            agreed, "SL-01,2024-06-01,97,100", "SL-02,2024-04-01,290,300", "SL-01,2024-04,98,100", by=cast.vera
        )
        assert [(one.month, one.revision, one.status, one.source) for one in made] == [
            (APRIL, 1, Status.DRAFT, "april.csv"),
            (JUNE, 1, Status.DRAFT, "april.csv"),
        ]
        assert sheet(made[0]) == {("SL-01", "2024-04-01", ""): 98}
        assert sheet(made[1]) == {("SL-01", "2024-06-01", ""): 97, ("SL-02", "2024-04-01", ""): 290}
        assert made[0].vendor == cast.corvid and made[0].submitted_at is None


def test_figures_can_be_submitted_in_one_go(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        (made,) = report(agreed, "SL-01,2024-04-01,98,100", by=cast.vera, submit=True, now=MORNING)
        stored = Submission.objects.get()
        assert (stored.status, stored.submitted_by, stored.submitted_by_name, stored.submitted_at) == (
            Status.SUBMITTED,
            cast.vera,
            "Vera Novak",
            MORNING,
        )
        assert stored.pk == made.pk


def test_history_is_accepted_at_once_and_judged_from_its_first_period(
    agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        history(agreed, "SL-01,2024-05-01,98,100", "SL-02,2024-04-01,290,300", now=MORNING)
        assert set(Submission.objects.values_list("status", "decided_by", "submitted_at", "decided_at")) == {
            (Status.ACCEPTED, None, MORNING, MORNING)
        }
        assert Reevaluation.objects.get().from_on == date(2024, 4, 1)


def test_the_same_history_again_writes_nothing(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    lines = ["SL-01,2024-04-01,98,100", "SL-01,2024-05-01,49.5,50,Leeds,a note", "SL-01,2024-05-01,0,0,Cardiff"]
    with scope_of(cast.aldermoor):
        first = history(agreed, *lines)
        Reevaluation.objects.update(from_on=None)
        before, trail = rows(), Entry.objects.count()
        assert history(agreed, *reversed(lines)) == first
        assert rows() == before and Entry.objects.count() == trail
        assert Reevaluation.objects.get().from_on is None


def test_a_draft_takes_the_slots_of_the_file_and_keeps_the_others(
    agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.vera):
        (draft,) = report(
            agreed,
            "SL-01,2024-06-01,50,60,Leeds",
            "SL-01,2024-06-01,40,50,Cardiff",
            "SL-02,2024-04-01,290,300",
            by=cast.vera,
        )
        kept = Figure.objects.get(service_level__code="SL-02").pk
        trail = Figure.objects.get(part="Leeds").pk
    with scope_of(cast.ravi):
        (again,) = report(agreed, "SL-01,2024-06-01,51,60,Leeds", "SL-01,2024-06-01,9,10,York", by=cast.ravi)
        assert again.pk == draft.pk and again.status == Status.DRAFT
        assert sheet(draft) == {
            ("SL-01", "2024-06-01", "Leeds"): 51,
            ("SL-01", "2024-06-01", "York"): 9,
            ("SL-02", "2024-04-01", ""): 290,
        }
        assert (
            Figure.objects.get(service_level__code="SL-02").pk == kept and Figure.objects.get(part="Leeds").pk == trail
        )


def test_a_returned_submission_is_put_right_and_submitted_again(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        (made,) = report(agreed, "SL-01,2024-04-01,98,100", by=cast.vera, submit=True)
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=made, reason="Two incidents are missing.")
    with scope_of(cast.ravi):
        report(agreed, "SL-01,2024-04-01,98,102", by=cast.ravi, submit=True, reason="Two more")
        stored = Submission.objects.get()
        assert (stored.status, stored.revision, stored.submitted_by, stored.decided_by, stored.reason) == (
            Status.SUBMITTED,
            1,
            cast.ravi,
            None,
            "Two more",
        )
        assert Figure.objects.get().denominator == 102


def test_what_waits_for_its_decision_is_not_changed(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        report(agreed, "SL-01,2024-05-01,98,100", by=cast.vera, submit=True)
        before = rows()
        with pytest.raises(RuleBroken, match="May 2024 are submitted"):
            report(agreed, "SL-01,2024-04-01,98,100", "SL-01,2024-05-01,99,100", by=cast.vera)
        assert rows() == before


def test_a_correction_is_a_new_revision_that_holds_the_whole_month(
    agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        (first,) = history(agreed, "SL-01,2024-06-01,98,100", "SL-02,2024-04-01,290,300")
    with scope_of(cast.vera):
        before = rows()
        with pytest.raises(RuleBroken, match="Say why"):
            report(agreed, "SL-01,2024-06-01,90,100", by=cast.vera, reason=" ")
        assert rows() == before
        (second,) = report(agreed, "SL-01,2024-06-01,90,100", by=cast.vera, reason="Counted twice", submit=True)
        assert (second.revision, second.status, second.reason) == (2, Status.SUBMITTED, "Counted twice")
        assert sheet(second) == {("SL-01", "2024-06-01", ""): 90, ("SL-02", "2024-04-01", ""): 290}
        assert sheet(first)["SL-01", "2024-06-01", ""] == 98
    with scope_of(cast.marco):
        assert Reevaluation.objects.update(from_on=None) == 1
        accept(by=cast.marco, submission=second)
        assert list(Submission.objects.values_list("revision", "status")) == [(1, "superseded"), (2, "accepted")]
        # The quarter from April is as it was; what changed begins in June.
        assert Reevaluation.objects.get().from_on == JUNE


def test_corrected_history_supersedes(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        history(agreed, "SL-01,2024-04-01,98,100", "SL-01,2024-05-01,98,100")
        Reevaluation.objects.update(from_on=None)
        april, may = history(agreed, "SL-01,2024-04-01,98,100", "SL-01,2024-05-01,97,100", reason="Counted twice")
        assert (april.revision, may.revision) == (1, 2)
        assert Submission.objects.filter(status=Status.ACCEPTED).count() == 2
        assert Submission.objects.get(status=Status.SUPERSEDED).month == MAY
        assert Reevaluation.objects.get().from_on == MAY


def test_history_over_a_draft_decides_it(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        history(agreed, "SL-01,2024-06-01,98,100")
        draft = start_correction(by=None, contract=agreed, month=JUNE, reason="Counted twice")
        history(agreed, "SL-02,2024-04-01,290,300")
        assert list(Submission.objects.values_list("pk", "revision", "status"))[1] == (draft.pk, 2, "accepted")
        assert len(sheet(draft)) == 2 and Reevaluation.objects.get().from_on == APRIL


def test_a_bad_file_changes_nothing_and_says_where(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        report(agreed, "SL-01,2024-04-01,98,100", by=cast.vera)
        before = rows()
        with pytest.raises(FileRefused) as refused:
            report(agreed, "SL-01,2024-04-01,97,100", "SL-09,2024-04-01,1,1", "SL-01,2024-04-02,1,1", by=cast.vera)
        assert [(one.line, one.column) for one in refused.value.problems] == [(3, "service_level"), (4, "period")]
        assert "line 3, service_level" in refused.value.sentence and "and 1 more" in refused.value.sentence
        with pytest.raises(RuleBroken, match="no figures"):
            report(agreed, by=cast.vera)
        assert rows() == before


def test_a_file_is_compared_with_the_minutes_of_the_stored_periods(
    agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.vera):
        # 21 working days of 8 hours in April 2024, Easter Monday taken off.
        import_figures(by=cast.vera, contract=agreed, source=uptime("SL-03,2024-04-01,10080,0"))
        with pytest.raises(FileRefused, match="10080"):
            import_figures(by=cast.vera, contract=agreed, source=uptime("SL-03,2024-04-01,10081,0"))


def test_what_is_stored_asks_for_the_same_figures_as_the_file(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        file = contract_file.read(contract_file.write(export_contract(by=None, contract=agreed)))
        stored, asked = stored_expectations(agreed, None), expectations(file)
        assert (stored.starts_on, stored.ends_on) == (asked.starts_on, asked.ends_on)
        for code, wanted in asked.levels.items():
            assert (stored.levels[code].every, stored.levels[code].measure) == (wanted.every, wanted.measure)
            for day, slot in wanted.slots.items():
                found = stored.levels[code].slots[day]
                assert (found.starts_on, found.ends_on, found.minutes) == (slot.starts_on, slot.ends_on, slot.minutes)


def test_rows_that_were_read_already_are_taken_as_they_are(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        read = figures_file.read(csv("SL-01,2024-04-01,98,100"), "x.csv", stored_expectations(agreed, None))
        (made,) = import_figures(by=cast.vera, contract=agreed, rows=read)
        assert sheet(made) == {("SL-01", "2024-04-01", ""): 98} and made.source == ""


@pytest.mark.parametrize("who", ["petra", "ada", "olu"])
def test_who_may_not_report(who: str, agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member), pytest.raises(NotAllowed):
        report(agreed, "SL-01,2024-04-01,98,100", by=member)


def test_no_member_accepts_what_they_report(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        with pytest.raises(NotAllowed):
            history(agreed, "SL-01,2024-04-01,98,100", by=cast.marco)
        assert not Submission.objects.exists()


@pytest.mark.parametrize("how", [{}, {"submit": True}, {"accept": True}], ids=["draft", "submitted", "accepted"])
def test_as_many_statements_for_many_rows_and_months_as_for_one(
    how: dict[str, bool], agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    counts = []
    with scope_of(cast.aldermoor):
        for months in (range(1, 2), range(4, 7), range(7, 13)):
            lines = [f"SL-01,2025-{month:02}-01,98,100,{part}" for month in months for part in "ABC"]
            with CaptureQueriesContext(connection) as queries:
                report(agreed, *lines, **how)
            counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_submitting_a_draft_that_a_file_completes(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        (draft,) = report(agreed, "SL-01,2024-04-01,98,100", by=cast.vera)
        report(agreed, "SL-01,2024-04-01,98,100", by=cast.vera, submit=True)
        stored = Submission.objects.get()
        assert (stored.pk, stored.status) == (draft.pk, Status.SUBMITTED)


def test_a_stored_contract_refuses_what_comes_before_its_first_terms(cast: Cast, scope_of: Scopes) -> None:
    """Said by the stored terms as by the file: what nobody judges is not taken, and the template does not ask for it."""
    later = level("SL-01", terms=[terms("2024-06-01")])
    with scope_of(cast.aldermoor):
        made = import_contract(by=None, source=text(document(service_levels=[later])))
        with pytest.raises(FileRefused) as refused:
            report(made, "SL-01,2024-05-01,98,100", "SL-01,2024-06-01,98,100")
        [problem] = refused.value.problems
        assert "line 2, period: 2024-05-01 is before the first terms of SL-01, which hold from 2024-06-01" in str(
            problem
        )
        assert template(made, MAY, cast.vera).count("SL-01") == 0
        assert template(made, JUNE, cast.vera).count("SL-01,2024-06-01") == 1
        assert report(made, "SL-01,2024-06-01,98,100")


def test_an_incident_of_a_month_is_written_in_one_way(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    """One that is written twice would count twice where only its largest consequence counts."""
    with scope_of(cast.vera):
        lines = "service_level,period,numerator,denominator,incident", "SL-01,2024-04,98,100,INC-1"
        made = import_figures(by=cast.vera, contract=agreed, source="\n".join(lines).encode(), filename="a.csv")
        before = rows()
        again = (lines[0], "SL-02,2024-04-01,290,300,inc-1")  # the quarter ends in June
        later = (*again, "SL-01,2024-06,98,100,INC-1")
        with pytest.raises(FileRefused):
            import_figures(by=cast.vera, contract=agreed, source="\n".join(later).encode(), filename="a.csv")
        import_figures(by=cast.vera, contract=agreed, source="\n".join(again).encode(), filename="a.csv")
        with pytest.raises(RuleBroken) as refused:
            import_figures(
                by=cast.vera, contract=agreed, source="\n".join((lines[0], later[-1])).encode(), filename="a.csv"
            )
        assert refused.value.sentence.startswith("`INC-1` and `inc-1` stand in June 2024")
        assert made[0].figures.get().incident == "INC-1"
        assert len(rows()[1]) == len(before[1]) + 1
