"""One submission as a page: what was reported and judged, and the decision."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from evaluation.actions import judge_due
from evaluation.models import Month, PastResult, Result, TriggeredRule
from measurements.actions import accept, import_figures, return_
from measurements.models import Figure, Submission
from measurements.rules import Status
from organisations.rules import Role
from scorecards.actions import build_due
from scorecards.models import Scorecard
from slas.actions import import_contract
from tests.cast import Cast
from tests.factories import organisations as make
from tests.markup import tight
from tests.measurements.reporting import APRIL, csv
from tests.slas.contract_texts import document, level, text

ON_TIME = datetime(2024, 5, 10, 9, tzinfo=UTC)  # April was due on 15 May
TOO_LATE = datetime(2024, 5, 20, 9, tzinfo=UTC)
JUDGED = ("value", "outcome", "band_name", "streak", "points", "score")
PART = {"HX-Request": "true", "HX-Target": "section#submission"}
MODAL = {"HX-Request": "true", "HX-Target": "dialog#modal"}


@pytest.fixture(autouse=True)
def today(clock: Callable) -> None:
    clock(ON_TIME)


def html(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def text_of(answer: Any) -> str:
    """What stands on the page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()).replace(" ,", ",").replace(" .", ".")


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def status_of(cast: Cast, scope_of: Callable, submission: Submission) -> str:
    with scope_of(cast.aldermoor):
        return Submission.objects.get(pk=submission.pk).status


# What it shows -----------------------------------------------------------------------------------------------------


def test_figures_stand_by_kra_with_what_is_missing(cast: Cast, client_for: Callable, draft: Submission) -> None:
    page = html(client_for(cast.vera).get(f"submissions/{draft.pk}/"))
    for said in (
        "April 2024 figures",
        "Not submitted yet.",
        "Wed 15 May 2024",
        "1 of 2 service levels reported",
        "Reliable service",
        "98.0%",
        "98 of 100",
        "“All well”",
        "No figure",
        "Not due this month",
        "Submit figures",
    ):
        assert said in page, said
    assert "Accept figures" not in page


def test_a_draft_after_the_due_day_is_late(
    cast: Cast, client_for: Callable, clock: Callable, draft: Submission
) -> None:
    clock(TOO_LATE)
    page = html(client_for(cast.vera).get(f"submissions/{draft.pk}/"))
    assert "You can still submit, it is marked late." in page


def test_a_correction_after_the_due_day_is_not_late(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, agreed: Contract, submitted: Submission
) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    clock(TOO_LATE)
    with scope_of(cast.vera):
        source = csv("SL-01,2024-04-01,97,100")
        (second,) = import_figures(by=cast.vera, contract=agreed, source=source, reason="One counted twice")
    page = html(client_for(cast.vera).get(f"submissions/{second.pk}/"))
    assert "revision 2" in page
    assert "Late" not in page
    assert "Due " not in page
    assert "Why it is corrected:" in page
    assert "Aldermoor Energy sees the figures once you submit them." in page


def test_results_come_once_the_figures_are_accepted(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    marco, path = client_for(cast.marco), f"submissions/{submitted.pk}/"
    assert "Figures are judged once they are accepted." in html(marco.get(path))
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    page = html(marco.get(path))
    assert "These figures are being judged" in page
    assert page.count("Being judged") == 1
    assert f'hx-get="/o/aldermoor/{path}" hx-trigger="every 3s"' in page
    with scope_of(cast.aldermoor):
        judge_due(now=ON_TIME)
    page = html(marco.get(path))
    assert "every 3s" not in page
    assert "Results come from the contract's terms" in page
    assert "Met" in page
    assert "Target" in page
    assert "Accepted by Marco Bellini" in page


def test_late_figures_that_were_accepted_are_not_called_missing(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission, clock: Callable
) -> None:
    """The slot was judged without them; until it is judged again, the page says so, and in the end stops asking."""
    clock(TOO_LATE)
    marco, path = client_for(cast.marco), f"submissions/{submitted.pk}/"
    with scope_of(cast.aldermoor):
        judge_due(now=TOO_LATE)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    page = html(marco.get(path))
    assert (page.count("Being judged"), page.count("every 3s")) == (1, 1)
    clock(TOO_LATE + timedelta(minutes=11))
    page = html(marco.get(path))
    assert (page.count("Being judged"), page.count("every 3s")) == (1, 0)


def foreseen(answer: Any) -> dict[str, Any]:
    """What the page says of the service level and of the month, before acceptance."""
    sheet = answer.context["sheet"]
    [row] = [row for row in sheet.rows if row.figures]
    return {"level": [row.would[name] for name in JUDGED], "prospect": sheet.prospect}


def test_it_says_beforehand_what_acceptance_then_stores(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    with scope_of(cast.aldermoor):
        priced = import_contract(by=None, source=text(document(credits={"point": {"amount": "1250.00"}})))
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=priced, source=csv("SL-01,2024-04-01,91,100"), submit=True)
    marco, path = client_for(cast.marco), f"submissions/{made.pk}/"
    answer = marco.get(path)
    page, seen = text_of(answer), foreseen(answer)
    assert "91.0% Breach Minor" in page
    assert "If accepted as it is. Score 50.0 Coverage 100.0% Met 0 Breaches 1 Penalty points 1 Credit £1,250.00" in page
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=made)
    with scope_of(cast.aldermoor):
        judge_due(now=ON_TIME)
        build_due(now=ON_TIME)
        assert [list(Result.objects.filter(submission_id=made.pk).values_list(*JUDGED))] == [[tuple(seen["level"])]]
        month, card = Month.objects.get(month=APRIL), Scorecard.objects.get(month=APRIL)
        stored = (month.points, month.credit, card.score, card.coverage)
    said = seen["prospect"]
    assert stored == (said.points, said.credit, said.score, said.coverage)
    after = marco.get(path)
    assert after.context["sheet"].prospect is None
    assert "If accepted as it is" not in html(after)
    assert "91.0%, why Breach Minor" in text_of(after)


def test_a_vendor_sees_the_outcome_before_submitting_and_nothing_is_written(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    def everything() -> list[Any]:
        with scope_of(cast.aldermoor):
            return [
                list(model.objects.order_by("pk").values_list())
                for model in (Submission, Figure, Result, PastResult, Month, TriggeredRule, Scorecard)
            ]

    before = everything()
    page = text_of(client_for(cast.vera).get(f"submissions/{draft.pk}/"))
    assert "98.0% Met Target" in page
    assert "provisional: 1 of 2 service levels are reported. Score 100.0" in page
    assert "Results are what they would be today. Figures are judged once they are accepted." in page
    assert everything() == before


def test_a_returned_submission_is_foreseen_too(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    with scope_of(cast.marco):
        return_(by=cast.marco, submission=submitted, reason="York is missing")
    page = text_of(client_for(cast.vera).get(f"submissions/{submitted.pk}/"))
    assert "If accepted as it is" in page and "Met 1" in page


def test_without_figures_nothing_is_foreseen(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.aldermoor):
        empty = Submission.objects.create(vendor_id=agreed.vendor_id, contract=agreed, month=APRIL, revision=1)
    page = html(client_for(cast.vera).get(f"submissions/{empty.pk}/"))
    assert "If accepted as it is" not in page
    assert "Figures are judged once they are accepted." in page


def test_a_correction_says_what_was_there_and_why(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, submitted: Submission
) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    with scope_of(cast.vera):
        (second,) = import_figures(
            by=cast.vera, contract=agreed, source=csv("SL-01,2024-04-01,97,100"), reason="One counted twice"
        )
    page = html(client_for(cast.vera).get(f"submissions/{second.pk}/"))
    for said in ("revision 2", "was 98 of 100", "97 of 100", "One counted twice", "Revisions:"):
        assert said in page, said


def test_other_vendors_and_clients_find_nothing(cast: Cast, client_for: Callable, submitted: Submission) -> None:
    for who in (cast.hana, cast.otto):
        assert client_for(who).get(f"submissions/{submitted.pk}/").status_code == 404
        assert client_for(who).post(f"submissions/{submitted.pk}/submit/", {"declared": "on"}).status_code == 404


def test_it_asks_as_much_for_three_figures_as_for_one(cast: Cast, client_for: Callable, scope_of: Callable) -> None:
    def statements(reference: str, count: int) -> int:
        codes = [f"SL-0{number + 1}" for number in range(count)]
        given = document(service_levels=[level(code) for code in codes])
        given["contract"]["reference"] = reference
        with scope_of(cast.aldermoor):
            of = import_contract(by=None, source=text(given))
            rows = csv(*(f"{code},2024-04-01,98,100" for code in codes))
            (made,) = import_figures(by=None, contract=of, source=rows, submit=True)
        marco, path = client_for(cast.marco), f"submissions/{made.pk}/"
        marco.get(path)  # what a session asks only once, as to prepare a statement, is not counted
        with CaptureQueriesContext(connection) as asked:
            assert marco.get(path).status_code == 200
        return len(asked)

    assert statements("MSA-3", 3) == statements("MSA-1", 1)


# Submitting --------------------------------------------------------------------------------------------------------


def test_a_vendor_submits(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    draft: Submission,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    vera = client_for(cast.vera)
    with django_capture_on_commit_callbacks() as rung:
        answer = vera.post(f"submissions/{draft.pk}/submit/", {"declared": "on"})
    assert answer.status_code == 302
    assert len(rung) == 1
    assert status_of(cast, scope_of, draft) == Status.SUBMITTED
    page = html(vera.get(answer["Location"]))
    assert "Figures of April 2024 submitted" in page
    assert "5 days 14 hours before they were due" in page


def test_a_correction_without_a_reason_is_not_taken(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    with scope_of(cast.aldermoor):
        accept(by=None, submission=submitted)
        second = Submission.objects.create(
            vendor_id=submitted.vendor_id, contract=submitted.contract, month=submitted.month, revision=2
        )
    vera, before = client_for(cast.vera), stored(cast, scope_of)
    answer = vera.post(f"submissions/{second.pk}/submit/", {"declared": "on", "note": ""})
    assert answer.status_code == 422
    assert "Nothing was changed." in html(answer)
    assert stored(cast, scope_of) == before


# The decision ------------------------------------------------------------------------------------------------------


def test_an_account_manager_accepts_and_the_bell_rings(
    cast: Cast,
    client_for: Callable,
    scope_of: Callable,
    submitted: Submission,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    with django_capture_on_commit_callbacks() as rung:
        answer = client_for(cast.marco).post(f"submissions/{submitted.pk}/accept/", headers=PART)
    assert answer.status_code == 200
    assert tight(answer.content.decode()).startswith('<section id="submission"')
    assert "Figures of April 2024 accepted" in answer["HX-Trigger"]
    assert len(rung) == 1
    assert status_of(cast, scope_of, submitted) == Status.ACCEPTED


def test_nobody_decides_on_their_own_figures(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.marco):
        (own,) = import_figures(by=cast.marco, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    marco, before = client_for(cast.marco), stored(cast, scope_of)
    page = html(marco.get(f"submissions/{own.pk}/"))
    assert "another account manager decides" in page
    assert "Accept figures" not in page
    answer = marco.post(f"submissions/{own.pk}/accept/")
    assert answer.status_code == 403
    assert "Nobody decides on the figures that they reported." in html(answer)
    assert marco.post(f"submissions/{own.pk}/return/", {"reason": "Mine"}).status_code == 403
    assert stored(cast, scope_of) == before


def test_whoever_is_second_sees_what_was_decided(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    person = make.user("Nina Kowal")
    with scope_of(cast.aldermoor):
        nina = make.member(person, Role.ACCOUNT_MANAGER)
        return_(by=nina, submission=submitted, reason="York is missing")
    before = stored(cast, scope_of)
    for headers in ({}, PART):
        answer = client_for(cast.marco).post(f"submissions/{submitted.pk}/accept/", headers=headers)
        page = html(answer)
        assert answer.status_code == 409
        assert "Somebody was faster: these figures are returned by now." in page
        assert "Returned by Nina Kowal" in page
        assert "York is missing" in page
    assert stored(cast, scope_of) == before


def test_a_return_says_what_has_to_be_put_right(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    marco, path = client_for(cast.marco), f"submissions/{submitted.pk}/return/"
    form = marco.get(path, headers=MODAL)
    assert form.content.decode().lstrip().startswith('<h2 id="modal-title">')
    assert "<!doctype" in marco.get(path).content.decode()
    before = stored(cast, scope_of)
    empty = marco.post(path, {"reason": " "}, headers=MODAL)
    assert empty.status_code == 422
    assert "Say what has to be put right" in html(empty)
    assert stored(cast, scope_of) == before
    taken = marco.post(path, {"reason": "York is missing"}, headers=MODAL)
    assert taken.status_code == 204
    assert "submission-changed" in taken["HX-Trigger"]
    assert "York is missing" in html(client_for(cast.vera).get(f"submissions/{submitted.pk}/"))
    late = marco.post(path, {"reason": "Once more"}, headers=MODAL)
    assert late.status_code == 409
    assert "Once more" in html(late), "what was typed is kept"


def test_a_return_without_script_leads_back(cast: Cast, client_for: Callable, submitted: Submission) -> None:
    answer = client_for(cast.marco).post(f"submissions/{submitted.pk}/return/", {"reason": "York is missing"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/submissions/{submitted.pk}/")


def test_who_may_not_decide(cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission) -> None:
    before = stored(cast, scope_of)
    for who in (cast.petra, cast.ada, cast.olu, cast.vera):
        for act in ("accept", "return"):
            answer = client_for(who).post(f"submissions/{submitted.pk}/{act}/", {"reason": "No"})
            assert answer.status_code == 403
    assert client_for(cast.marco).get(f"submissions/{submitted.pk}/accept/").status_code == 302
    assert stored(cast, scope_of) == before


def test_what_may_be_asked_stands_beside_the_figure(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, agreed: Contract
) -> None:
    clock(datetime(2024, 7, 3, 9, tzinfo=UTC))
    months = ("2024-04", "2024-05", "2024-06")
    for month in months[:2]:
        with scope_of(cast.vera):
            rows = csv(f"SL-01,{month}-01,97,100")
            (made,) = import_figures(by=cast.vera, contract=agreed, source=rows, submit=True)
        with scope_of(cast.marco):
            accept(by=cast.marco, submission=made)
    with scope_of(cast.vera):
        rows = csv("SL-01,2024-06-01,97,100,,Counted again")
        (third,) = import_figures(by=cast.vera, contract=agreed, source=rows, submit=True)
    page = html(client_for(cast.marco).get(f"submissions/{third.pk}/"))
    assert "1 question on these figures." in page
    assert "97 of 100 was reported 3 times in a row" in page
    assert "on these figures" not in html(client_for(cast.marco).get(f"submissions/{made.pk}/"))
