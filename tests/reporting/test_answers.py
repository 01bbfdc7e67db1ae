"""A vendor answers what is asked about its figures before it hands them over, whichever way they come; nothing is changed before."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.models import Contract
from measurements.actions import accept, import_figures
from measurements.models import Figure, ImportBatch, Submission
from tests.cast import Cast
from tests.markup import tight
from tests.measurements.reporting import contract, csv
from tests.reporting.test_entry import filled
from tests.reporting.test_figures import carried, look, place

THIRD = "SL-01,2024-06-01,97,100"  # the same as in April and May
ASKED = "SL-01, 2024-06: 97 of 100 was reported 3 times in a row"
REFUSED = "Add a note to SL-01 first: say why the figures are as they are."
WHY = "Three engineers and as many cases as before."


@pytest.fixture
def agreed(cast: Cast, scope_of: Callable, clock: Callable) -> Contract:
    """April and May are accepted."""
    clock(datetime(2024, 7, 3, 9, tzinfo=UTC))
    with scope_of(cast.aldermoor):
        agreed = contract()
        for month in ("2024-04", "2024-05"):
            import_figures(by=None, contract=agreed, source=csv(f"SL-01,{month}-01,97,100"), accept=True)
    return agreed


@pytest.fixture
def june(cast: Cast, scope_of: Callable) -> Callable[[], list[tuple[Any, ...]]]:
    def stored() -> list[tuple[Any, ...]]:
        with scope_of(cast.aldermoor):
            found = Figure.objects.filter(submission__month="2024-06-01").order_by("pk")
            return list(found.values_list("submission__status", "numerator", "note"))

    return stored


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def test_figures_that_are_typed_without_script(
    cast: Cast, client_for: Callable, agreed: Contract, june: Callable
) -> None:
    client, path = client_for(cast.vera), f"contracts/{agreed.pk}/figures/enter/?period=2024-06"
    typed = filled(client.get(path), sl01_numerator="97", sl01_denominator="100")
    handed_over = {"then": "submit", "declared": "on"}
    refused = client.post(path, typed | client.post(path, typed).context["save"].initial | handed_over)
    assert refused.status_code == 422 and REFUSED in html(refused) and 'value="97"' in html(refused)
    assert june() == []
    noted = filled(client.get(path), sl01_numerator="97", sl01_denominator="100", sl01_note=WHY)
    answered = client.post(path, noted | client.post(path, noted).context["save"].initial | handed_over)
    assert answered.status_code == 302
    assert june() == [("submitted", 97, WHY)]


def test_figures_of_a_file(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract, june: Callable
) -> None:
    client = client_for(cast.vera)
    looked = look(client, agreed, csv(THIRD))
    refused = client.post(place(looked), carried(looked, then="submit", declared="on"))
    assert refused.status_code == 422 and REFUSED in html(refused)
    assert june() == []
    with scope_of(cast.vera):
        assert ImportBatch.objects.count() == 1  # it can still be saved as a draft
    assert client.post(place(looked), carried(refused, then="save")).status_code == 302
    assert june() == [("draft", 97, "")]
    answered = look(client, agreed, csv(f"{THIRD},,{WHY}"))
    assert client.post(place(answered), carried(answered, then="submit", declared="on")).status_code == 302
    assert june() == [("submitted", 97, WHY)]


def test_figures_by_the_api_and_a_draft_of_theirs(
    cast: Cast, client_for: Callable, agreed: Contract, june: Callable
) -> None:
    client = client_for(cast.vera)

    def call(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"api/v1/{path}", body, content_type="application/json")

    row = {"service_level": "SL-01", "period": "2024-06", "numerator": "97", "denominator": "100"}
    figures = f"contracts/{agreed.pk}/figures/"
    refused = call(figures, {"figures": [row], "submit": True, "declared": True})
    assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == (422, "unanswered", REFUSED)
    [error] = refused.json()["errors"]
    assert error.startswith(f"line 1, note: {ASKED}") and error.endswith("Say why in the note.")
    assert june() == []
    [draft] = call(figures, {"figures": [row]}).json()
    refused = call(f"submissions/{draft['id']}/submit/", {"version": draft["version"], "declared": True})
    assert refused.status_code == 422 and refused.json()["errors"][0].startswith(f"note: {ASKED}")
    assert june() == [("draft", 97, "")]
    answered = call(figures, {"figures": [row | {"note": WHY}], "submit": True, "declared": True})
    assert answered.status_code == 201
    assert june() == [("submitted", 97, WHY)]


def test_the_client_may_do_without_and_what_was_accepted_so_needs_none_later(
    cast: Cast, scope_of: Callable, agreed: Contract, june: Callable
) -> None:
    with scope_of(cast.marco):
        import_figures(by=cast.marco, contract=agreed, source=csv(THIRD), submit=True)
    with scope_of(cast.aldermoor):
        accept(by=None, submission=Submission.objects.get(month="2024-06-01"))
    with scope_of(cast.vera):
        rows = csv("SL-02,2024-04-01,30,40")
        import_figures(by=cast.vera, contract=agreed, source=rows, reason="It was left out", submit=True)
    assert sorted(june()) == [("accepted", 97, ""), ("submitted", 30, ""), ("submitted", 97, "")]
