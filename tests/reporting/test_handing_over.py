"""Handing a month over: declared by name, with a receipt, by the contract's clock; never while it runs, and what was left out after."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail
from pypdf import PdfReader

from breaches.actions import alert_due
from config.tasks import attach
from contracts.models import Contract
from lib.errors import RuleBroken
from measurements.actions import accept, import_figures, submit, withdraw
from measurements.models import Figure, Step, Submission
from notifications.actions import deliver
from notifications.models import Event
from reporting.pages.handing_over import describe_lateness, format_span
from tests.cast import Cast
from tests.factories.scorecards import publication
from tests.markup import tight
from tests.measurements.reporting import contract, csv

IN_MAY = datetime(2024, 5, 10, 9, tzinfo=UTC)  # April was due on 15 May
DECLARED = {"declared": "on"}


@pytest.fixture(autouse=True)
def in_may(clock: Callable) -> None:
    clock(IN_MAY)


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


@pytest.fixture
def report(cast: Cast, scope_of: Callable, agreed: Contract) -> Callable:
    def made(*rows: str, **given: Any) -> Submission:
        with scope_of(cast.vera):
            return import_figures(by=cast.vera, contract=agreed, source=csv(*rows), **given)[0]

    return made


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def of(cast: Cast, scope_of: Callable, row: Submission) -> tuple[Any, ...]:
    with scope_of(cast.aldermoor):
        found = Submission.objects.get(pk=row.pk)
        return found.status, found.revision, found.reason, Figure.objects.filter(submission=found).count()


def test_without_the_declaration_nothing_is_submitted(
    cast: Cast, client_for: Callable, scope_of: Callable, report: Callable
) -> None:
    draft = report("SL-01,2024-04-01,98,100")
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    assert "I, Vera Novak, declare for Corvid Systems that these figures are complete" in html(vera.get(path))
    refused = vera.post(f"{path}submit/", {"note": "Typed it all"})
    assert refused.status_code == 422
    assert "Tick the declaration" in html(refused) and "Typed it all" in html(refused)
    assert of(cast, scope_of, draft)[0] == "draft"
    with scope_of(cast.aldermoor):
        assert not Step.objects.exists()


def test_it_is_stored_with_the_submission_and_stands_on_the_receipt(
    cast: Cast, client_for: Callable, scope_of: Callable, report: Callable
) -> None:
    draft = report("SL-01,2024-04-01,98,100,,All well")
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    assert vera.get(f"{path}receipt/").status_code == 404
    assert vera.post(f"{path}submit/", DECLARED).status_code == 302
    with scope_of(cast.aldermoor):
        step = Step.objects.get()
    said = "I, Vera Novak, declare for Corvid Systems that these figures are complete and come from our records."
    assert (step.declaration, len(step.checksum)) == (said, 64)
    page = html(vera.get(path))
    reference = f"SUB-2404-{draft.pk:04d}"
    for words in (reference, "5 days 14 hours before they were due", said, "They wait for a decision."):
        assert words in page, words
    assert "Not submitted yet." not in page
    answer = vera.get(f"{path}receipt/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages).split())
    for words in (reference, said, "98 of 100", "All well", step.checksum, "Fri 10 May 2024, 10:00 BST"):
        assert words in text, words
    assert client_for(cast.marco).get(f"{path}receipt/").status_code == 200
    for outsider in (cast.hana, cast.otto):
        assert client_for(outsider).get(f"{path}receipt/").status_code == 404
    vera.post(f"{path}withdraw/")
    assert vera.get(f"{path}receipt/").status_code == 404


def test_the_receipt_goes_to_the_submitter_and_the_vendor_once_for_each_time(
    cast: Cast, scope_of: Callable, report: Callable
) -> None:
    made = report("SL-01,2024-04-01,98,100", submit=True, declared=True)
    with scope_of(cast.aldermoor):
        for _ in range(2):
            alert_due(now=IN_MAY)
        event = Event.objects.get(kind="receipt")
        told = set(event.notifications.values_list("member__name", flat=True))
    assert event.title == f"Receipt SUB-2404-{made.pk:04d}: April 2024 figures submitted"
    assert "by Vera Novak, Fri 10 May 2024, 10:00 BST" in event.detail
    assert "Vera Novak" in told and "Marco Bellini" not in told
    assert event.vendor_id == made.vendor_id


def test_the_receipt_comes_with_its_pdf(
    cast: Cast, client_for: Callable, scope_of: Callable, report: Callable, settings: Any
) -> None:
    settings.MAIL_PAUSE_SECONDS = 0
    made = report("SL-01,2024-04-01,98,100", submit=True, declared=True)
    with scope_of(cast.aldermoor):
        alert_due(now=IN_MAY)
    sent = {"scope": lambda: scope_of(cast.aldermoor), "clock": lambda: IN_MAY, "attach": attach}
    deliver(**sent)
    letters = {one.to[0]: one for one in mail.outbox}
    ((name, content, kind),) = letters[cast.vera.email].attachments
    assert (name, kind) == (f"sub-2404-{made.pk:04d}.pdf", "application/pdf")
    assert content == client_for(cast.vera).get(f"submissions/{made.pk}/receipt/").content
    assert letters[cast.marco.email].attachments == []  # he hears that figures wait, and has the receipt on their page


def test_a_receipt_of_what_was_withdrawn_meanwhile_goes_without(
    cast: Cast, scope_of: Callable, report: Callable, settings: Any
) -> None:
    settings.MAIL_PAUSE_SECONDS = 0
    made = report("SL-01,2024-04-01,98,100", submit=True, declared=True)
    with scope_of(cast.aldermoor):
        alert_due(now=IN_MAY)
    with scope_of(cast.vera):
        withdraw(by=cast.vera, submission=made)
    deliver(scope=lambda: scope_of(cast.aldermoor), clock=lambda: IN_MAY, attach=attach)
    assert [one.attachments for one in mail.outbox if one.to == [cast.vera.email]] == [[]]


def test_a_running_month_is_prepared_and_not_submitted(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, report: Callable
) -> None:
    draft = report("SL-01,2024-05-01,98,100")
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    page = html(vera.get(path))
    assert "Submit it after 31 May 2024" in page and "98.0%" in page
    assert 'id="submit"' not in page
    refused = vera.post(f"{path}submit/", DECLARED)
    assert refused.status_code == 422 and "The period runs until 31 May 2024." in html(refused)
    assert of(cast, scope_of, draft)[0] == "draft"
    with scope_of(cast.aldermoor):
        Contract.objects.filter(pk=agreed.pk).update(submit_early=True)
    assert 'id="submit"' in html(vera.get(path))
    assert vera.post(f"{path}submit/", DECLARED).status_code == 302


def test_the_last_day_of_a_period_is_that_of_its_contract(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, report: Callable
) -> None:
    draft = report("SL-01,2024-05-01,98,100")
    path = f"submissions/{draft.pk}/submit/"
    clock(datetime(2024, 5, 31, 22, 59, tzinfo=UTC))  # 23:59 in London
    vera = client_for(cast.vera)
    assert vera.post(path, DECLARED).status_code == 422
    clock(datetime(2024, 5, 31, 23, 0, tzinfo=UTC))
    assert vera.post(path, DECLARED).status_code == 302


def test_what_was_left_out_is_added_until_its_due_day_without_a_correction(
    cast: Cast, client_for: Callable, scope_of: Callable, report: Callable
) -> None:
    first = report("SL-01,2024-04-01,98,100", submit=True)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=first)
    second = report_uptime(cast, scope_of, first.contract)
    assert of(cast, scope_of, second) == ("draft", 2, "", 2)
    vera, path = client_for(cast.vera), f"submissions/{second.pk}/"
    assert "Adds what was left out." in html(vera.get(path))
    assert vera.post(f"{path}submit/", DECLARED).status_code == 302
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=Submission.objects.get(pk=second.pk))


def test_past_its_due_day_it_is_a_correction_and_so_is_any_change(
    cast: Cast, scope_of: Callable, clock: Callable, report: Callable
) -> None:
    first = report("SL-01,2024-04-01,98,100", submit=True)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=first)
    changed = report_refused(lambda: report("SL-01,2024-04-01,97,100"))
    clock(datetime(2024, 5, 16, 9, tzinfo=UTC))
    late = report_refused(lambda: report_uptime(cast, scope_of, first.contract))
    assert changed == late == "reason"
    assert of(cast, scope_of, first) == ("accepted", 1, "", 1)


def test_an_addition_that_is_submitted_too_late_says_why(
    cast: Cast, scope_of: Callable, clock: Callable, report: Callable
) -> None:
    first = report("SL-01,2024-04-01,98,100", submit=True)
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=first)
    second = report_uptime(cast, scope_of, first.contract)
    clock(datetime(2024, 5, 16, 9, tzinfo=UTC))
    with scope_of(cast.vera):
        assert report_refused(lambda: submit(by=cast.vera, submission=second)) == "reason"
        submit(by=cast.vera, submission=second, note="It came in late")
    assert of(cast, scope_of, second)[2] == "It came in late"


def report_uptime(cast: Cast, scope_of: Callable, agreed: Contract) -> Submission:
    source = b"service_level,period,downtime,maintenance\nSL-03,2024-04-01,30,0"
    with scope_of(cast.vera):
        return import_figures(by=cast.vera, contract=agreed, source=source)[0]


def report_refused(act: Callable) -> str:
    with pytest.raises(RuleBroken) as refused:
        act()
    return refused.value.code


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2024, 5, 15, 22, 59, 30, tzinfo=UTC), "less than a minute before they were due"),
        (datetime(2024, 5, 15, 23, 0, tzinfo=UTC), "1 minute late"),  # midnight in London, in summer
        (datetime(2024, 5, 15, 8, 42, tzinfo=UTC), "14 hours 18 minutes before they were due"),
        (datetime(2024, 5, 17, 1, 4, 59, tzinfo=UTC), "1 day 2 hours late"),
    ],
)
def test_late_is_said_to_the_minute_by_the_contracts_clock(at: datetime, said: str) -> None:
    assert describe_lateness(at, date(2024, 5, 15), "Europe/London") == said


def test_a_span_names_its_two_largest_units() -> None:
    assert [format_span(one) for one in (0, 1, 61, 1440, 2925)] == [
        "less than a minute",
        "1 minute",
        "1 hour 1 minute",
        "1 day",
        "2 days 45 minutes",
    ]


def test_the_life_of_figures_ends_with_their_publication(
    cast: Cast, client_for: Callable, scope_of: Callable, report: Callable
) -> None:
    draft = report("SL-01,2024-04-01,98,100")
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    vera.post(f"{path}submit/", DECLARED)

    def life() -> list[tuple[str, str]]:
        return [(stage.word, stage.state) for stage in vera.get(path).context["stages"]]

    assert life()[1] == ("With Aldermoor Energy", "now")
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=Submission.objects.get(pk=draft.pk))
    before = [("Submitted", "done"), ("Accepted", "done")]
    assert life() == [*before, ("To be published", "now")]
    with scope_of(cast.aldermoor):
        publication(draft.contract.periods.get(month=draft.month), by=cast.marco)
    assert life() == [*before, ("Scorecard published", "done")]


def test_a_vendor_answers_with_a_note_before_it_submits(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, agreed: Contract
) -> None:
    clock(datetime(2024, 7, 3, 9, tzinfo=UTC))
    rows = [csv(f"SL-01,{month}-01,97,100") for month in ("2024-04", "2024-05", "2024-06")]
    for one in rows[:2]:
        with scope_of(cast.vera):
            (made,) = import_figures(by=cast.vera, contract=agreed, source=one, submit=True)
        with scope_of(cast.marco):
            accept(by=cast.marco, submission=made)
    with scope_of(cast.vera):
        (third,) = import_figures(by=cast.vera, contract=agreed, source=rows[2])
    vera, path = client_for(cast.vera), f"submissions/{third.pk}/"
    assert "to each of these figures before you submit." in tight(vera.get(path).content.decode())
    given = {"version": third.version, "declared": "on"}
    refused = vera.post(f"{path}submit/", given)
    assert refused.status_code == 422 and "Add a note to SL-01 first" in tight(refused.content.decode())
    with scope_of(cast.vera):
        assert Submission.objects.get(pk=third.pk).status == "draft"
        Figure.objects.filter(submission=third).update(note="The same three engineers, the same number of cases.")
    assert "Add a note" not in tight(vera.get(path).content.decode())
    assert vera.post(f"{path}submit/", given).status_code == 302
    with scope_of(cast.vera):
        assert Submission.objects.get(pk=third.pk).status == "submitted"
