"""The client decides on each figure: some accepted at once, others returned with a reason that stands on their row."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.models import Contract, Reevaluation
from evaluation.actions import judge_due
from evaluation.models import Result
from measurements.actions import accept, import_figures
from measurements.models import Figure, Step, Submission
from measurements.querysets import month_state
from measurements.rules import Status
from scorecards.actions import build_due
from slas.actions import import_contract
from tests.cast import Cast
from tests.factories import measurements as factory
from tests.factories import organisations as make
from tests.markup import tight
from tests.measurements.reporting import APRIL, csv
from tests.slas.contract_texts import document, level, text

IN_MAY = datetime(2024, 5, 10, 9, tzinfo=UTC)  # April was due on 15 May
DECLARED = {"declared": "on"}


@pytest.fixture(autouse=True)
def in_may(clock: Callable) -> None:
    clock(IN_MAY)


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable) -> Contract:
    with scope_of(cast.aldermoor):
        levels = [level(code) for code in ("SL-01", "SL-02", "SL-03")]
        return import_contract(by=None, source=text(document(service_levels=levels)))


@pytest.fixture
def submitted(cast: Cast, scope_of: Callable, agreed: Contract) -> Submission:
    rows = csv("SL-01,2024-04-01,98,100", "SL-02,2024-04-01,97,100", "SL-03,2024-04-01,96,100")
    with scope_of(cast.vera):
        return import_figures(by=cast.vera, contract=agreed, source=rows, submit=True, declared=True)[0]


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def keys(cast: Cast, scope_of: Callable) -> dict[str, str]:
    with scope_of(cast.aldermoor):
        found = Figure.objects.order_by("pk").values_list("service_level__code", "service_level_id", "period_id")
        return {code: f"{service_level}-{period}" for code, service_level, period in found}


def stored(cast: Cast, scope_of: Callable) -> list[tuple[Any, ...]]:
    """(revision, status, codes and numerators) of each submission."""
    with scope_of(cast.aldermoor):
        return [
            (
                one.revision,
                one.status,
                {of.service_level.code: int(of.numerator) for of in one.figures.select_related("service_level")},
            )
            for one in Submission.objects.order_by("revision")
        ]


def test_one_is_returned_with_its_reason_and_the_others_are_accepted(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    of, path = keys(cast, scope_of), f"submissions/{submitted.pk}/"
    marco = client_for(cast.marco)
    page = html(marco.get(path))
    assert "3 figures wait for you" in page
    assert marco.post(f"{path}review/", {f"reason-{of['SL-02']}": "York is missing"}).status_code == 302
    everything = {"SL-01": 98, "SL-02": 97, "SL-03": 96}
    assert stored(cast, scope_of) == [
        (1, "accepted", {"SL-01": 98, "SL-03": 96}),
        (2, "returned", everything),
    ]
    with scope_of(cast.aldermoor):
        assert Reevaluation.objects.get().from_on == APRIL
        part = Submission.objects.get(status=Status.ACCEPTED)
        assert (part.submitted_at, part.decided_by) == (IN_MAY, cast.marco)
        state = month_state([part.contract], APRIL, IN_MAY)[part.contract_id]
        assert (state.counts["accepted"], state.counts["returned"]) == (2, 1)
    vera = client_for(cast.vera)
    assert "Returned: York is missing" in html(vera.get(path))
    sheet = vera.get(f"contracts/{submitted.contract_id}/figures/enter/?period=2024-04")
    assert sheet.content.decode().count('class="row-back"') == 1
    assert {slot.level.code: slot.locked for slot in sheet.context["monthly"].slots} == {
        "SL-01": "Accepted",
        "SL-02": "",
        "SL-03": "Accepted",
    }
    assert "York is missing" in html(sheet)


def test_what_was_returned_is_put_right_without_a_correction_also_past_its_due_day(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission, clock: Callable
) -> None:
    of, path = keys(cast, scope_of), f"submissions/{submitted.pk}/"
    client_for(cast.marco).post(f"{path}review/", {f"reason-{of['SL-02']}": "York is missing"})
    clock(datetime(2024, 5, 22, 9, tzinfo=UTC))
    with scope_of(cast.vera):
        rows = csv("SL-02,2024-04-01,95,100")
        (again,) = import_figures(by=cast.vera, contract=submitted.contract, source=rows)
    assert (again.pk, again.reason) == (submitted.pk, "")
    assert client_for(cast.vera).post(f"{path}submit/", DECLARED).status_code == 302
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=Submission.objects.get(pk=submitted.pk))
    assert [row[:2] for row in stored(cast, scope_of)] == [(1, "superseded"), (2, "accepted")]
    assert stored(cast, scope_of)[1][2] == {"SL-01": 98, "SL-02": 95, "SL-03": 96}


def test_what_raises_no_question_is_accepted_in_one_act_and_the_rest_waits(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, clock: Callable
) -> None:
    for month in ("2024-04", "2024-05"):
        clock(datetime(2024, 6, 3, 9, tzinfo=UTC))
        with scope_of(cast.vera):
            rows = csv(f"SL-01,{month}-01,97,100")
            (made,) = import_figures(by=cast.vera, contract=agreed, source=rows, submit=True)
        with scope_of(cast.marco):
            accept(by=cast.marco, submission=made)
    clock(datetime(2024, 7, 3, 9, tzinfo=UTC))
    with scope_of(cast.vera):
        # The third time in a row; that a note answers it does not make it raise none.
        rows = csv("SL-01,2024-06-01,97,100,,Counted again", "SL-02,2024-06-01,99,100")
        (june,) = import_figures(by=cast.vera, contract=agreed, source=rows, submit=True)
    marco, path = client_for(cast.marco), f"submissions/{june.pk}/"
    page = html(marco.get(path))
    assert "Accept the 1 that raise no question" in page and "was reported 3 times in a row" in page
    assert marco.post(f"{path}review/", {"then": "clear"}).status_code == 302
    assert stored(cast, scope_of)[-2:] == [
        (1, "accepted", {"SL-02": 99}),
        (2, "submitted", {"SL-01": 97, "SL-02": 99}),
    ]
    assert "accepted already" in html(marco.get(path))
    assert marco.post(f"{path}accept/").status_code == 302
    assert stored(cast, scope_of)[-1][1] == "accepted"


def test_all_returned_is_a_return_and_none_returned_an_acceptance(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    of, path = keys(cast, scope_of), f"submissions/{submitted.pk}/"
    marco = client_for(cast.marco)
    reasons = {f"reason-{key}": f"{code} is wrong" for code, key in of.items()}
    assert marco.post(f"{path}review/", reasons).status_code == 302
    assert [row[:2] for row in stored(cast, scope_of)] == [(1, "returned")]
    with scope_of(cast.aldermoor):
        step = Step.objects.get(kind="returned")
        assert len(step.figures) == 3 and "3 figures are returned" in step.reason
    client_for(cast.vera).post(f"{path}submit/", DECLARED)
    assert marco.post(f"{path}review/", {}).status_code == 302
    assert [row[:2] for row in stored(cast, scope_of)] == [(1, "accepted")]


def test_who_may_not_decides_nothing_and_a_stale_page_neither(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    path, before = f"submissions/{submitted.pk}/review/", stored(cast, scope_of)
    for who, status in ((cast.vera, 403), (cast.petra, 403), (cast.hana, 403), (cast.otto, 404)):
        assert client_for(who).post(path, {}).status_code == status
    marco = client_for(cast.marco)
    of = keys(cast, scope_of)
    stale = marco.post(path, {"version": "1", f"reason-{of['SL-01']}": "Typed it all"})
    assert stale.status_code == 409 and "Typed it all" in html(stale)
    assert stored(cast, scope_of) == before


def test_a_correction_shows_what_stands_now_beside_what_would_be(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    with scope_of(cast.aldermoor):
        judge_due(now=IN_MAY)
        build_due(now=IN_MAY)
        assert Result.objects.filter(month=APRIL).count() == 3
    with scope_of(cast.vera):
        rows = csv("SL-01,2024-04-01,80,100")
        (second,) = import_figures(
            by=cast.vera, contract=submitted.contract, source=rows, reason="Counted twice", submit=True
        )
    for who in (cast.vera, cast.marco):
        page = html(client_for(who).get(f"submissions/{second.pk}/"))
        assert "was 98 of 100" in page
        assert "now 98.0%" in page and "→" in page


def test_last_month_stands_beside_each_figure_with_what_was_reported_for_it(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission, clock: Callable
) -> None:
    with scope_of(cast.marco):
        accept(by=cast.marco, submission=submitted)
    clock(datetime(2024, 6, 3, 9, tzinfo=UTC))
    with scope_of(cast.aldermoor):
        judge_due(now=datetime(2024, 6, 3, 9, tzinfo=UTC))
    with scope_of(cast.vera):
        rows = csv("SL-01,2024-05-01,91,100,Leeds", "SL-02,2024-05-01,92,100")
        (may,) = import_figures(by=cast.vera, contract=submitted.contract, source=rows, submit=True)
    page = html(client_for(cast.marco).get(f"submissions/{may.pk}/"))
    assert "98 of 100" in page and "92 of 100" in page


def test_a_figure_whose_evidence_was_evidence_elsewhere_is_not_accepted_with_those_that_raise_no_question(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    with scope_of(cast.aldermoor):
        codes = {one.code: one for one in submitted.contract.service_levels.all()}
        for code in ("SL-01", "SL-02"):
            factory.evidence(submitted, b"the same", f"{code}.csv", service_level=codes[code])
    page = client_for(cast.marco).get(f"submissions/{submitted.pk}/")
    assert [row.level.code for row in page.context["sheet"].clear] == ["SL-01", "SL-03"]


def test_what_the_own_key_submitted_is_a_colleague_s_to_decide(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    with scope_of(cast.aldermoor):
        key = make.api_key(cast.marco)
        Submission.objects.filter(pk=submitted.pk).update(submitted_by=key.member, by_vendor=False)
    page = client_for(cast.marco).get(f"submissions/{submitted.pk}/").content.decode()
    assert "You submitted them yourself" in page and "Accept figures" not in page
    with scope_of(cast.aldermoor):
        Submission.objects.filter(pk=submitted.pk).update(submitted_by=cast.petra)
    assert "Accept figures" in client_for(cast.marco).get(f"submissions/{submitted.pk}/").content.decode()
