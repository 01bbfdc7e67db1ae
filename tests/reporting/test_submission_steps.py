"""The steps of a submission: withdrawn, submitted again, and what its history keeps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.models import Contract
from measurements.actions import import_figures
from measurements.models import Figure, Submission
from measurements.rules import Status
from tests.cast import Cast
from tests.factories import measurements
from tests.markup import tight
from tests.measurements.reporting import csv

ON_TIME = datetime(2024, 5, 10, 9, tzinfo=UTC)  # April was due on 15 May
PART = {"HX-Request": "true", "HX-Target": "section#submission"}


@pytest.fixture(autouse=True)
def today(clock: Callable) -> None:
    clock(ON_TIME)


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def test_a_client_s_own_correction_can_be_withdrawn_and_changed(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    """Where nobody else of the client may decide, the month would be locked for good."""
    with scope_of(cast.marco):
        (own,) = import_figures(by=cast.marco, contract=agreed, source=csv("SL-01,2024-04-01,98,100"), submit=True)
    marco, path = client_for(cast.marco), f"submissions/{own.pk}/"
    assert "another account manager decides, or you withdraw them" in html(marco.get(path))
    assert ">Open<span" in html(marco.get("submissions/?period=2024-05")), "there is nothing for him to decide"
    before = stored(cast, scope_of)
    assert f"{path}withdraw/" not in html(client_for(cast.vera).get(path))
    assert client_for(cast.vera).post(f"{path}withdraw/").status_code == 403
    assert client_for(cast.petra).post(f"{path}withdraw/").status_code == 403
    assert stored(cast, scope_of) == before
    assert marco.post(f"{path}withdraw/").status_code == 302
    page = html(marco.get(path))
    assert "Not submitted yet." in page
    assert "Submit figures" in page
    assert "Figures withdrawn by Marco Bellini" in page
    with scope_of(cast.aldermoor):
        assert Submission.objects.get(pk=own.pk).status == Status.DRAFT
    assert marco.post(f"{path}withdraw/").status_code == 409


def test_a_vendor_withdraws_its_own_and_submits_again(
    cast: Cast, client_for: Callable, scope_of: Callable, submitted: Submission
) -> None:
    ravi, path = client_for(cast.ravi), f"submissions/{submitted.pk}/"
    assert client_for(cast.marco).post(f"{path}withdraw/").status_code == 403
    assert ravi.post(f"{path}withdraw/", headers=PART).status_code == 200
    assert ravi.post(f"{path}submit/", {"declared": "on"}).status_code == 302
    with scope_of(cast.aldermoor):
        assert Submission.objects.get(pk=submitted.pk).submitted_by_name == "Ravi Menon"


def test_the_history_keeps_every_hand_over_return_and_decision(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, submitted: Submission
) -> None:
    marco, path = client_for(cast.marco), f"submissions/{submitted.pk}/"
    for hours, who, act, given in (
        (1, cast.marco, "return", {"reason": "York is missing"}),
        (2, cast.vera, "submit", {"declared": "on"}),
        (3, cast.marco, "accept", {}),
    ):
        clock(ON_TIME + timedelta(hours=hours))
        assert client_for(who).post(f"{path}{act}/", given).status_code == 302
    told = [
        "Figures accepted by Marco Bellini",
        "Figures submitted by Vera Novak",
        "Figures returned by Marco Bellini: York is missing",
        "Figures submitted by Vera Novak",
    ]
    assert [entry["what"] for entry in marco.get(path).context["history"]] == told
    assert [entry["what"] for entry in client_for(cast.vera).get(path).context["history"]] == told
    card = marco.get(f"contracts/{submitted.contract_id}/scorecard/?period=2024-04")
    assert [entry["what"] for entry in card.context["history"]] == told


def test_evidence_that_was_handed_over_stays_when_the_figures_are_withdrawn(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    vera, path = client_for(cast.vera), f"submissions/{draft.pk}/"
    with scope_of(cast.aldermoor):
        file = measurements.evidence(draft)
    for act in ("submit", "withdraw"):
        assert vera.post(f"{path}{act}/", {"declared": "on"}).status_code == 302
    assert "Remove" not in html(vera.get(path))
    assert vera.post(f"evidence/{file.pk}/remove/").status_code == 422
