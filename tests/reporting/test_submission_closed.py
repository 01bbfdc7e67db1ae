"""Work in progress: closed to the client until it is submitted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.models import Contract
from measurements.actions import import_figures
from measurements.models import Figure, Submission
from tests.cast import Cast
from tests.factories import measurements
from tests.markup import tight
from tests.measurements.reporting import csv

ON_TIME = datetime(2024, 5, 10, 9, tzinfo=UTC)  # April was due on 15 May


@pytest.fixture(autouse=True)
def today(clock: Callable) -> None:
    clock(ON_TIME)


def html(answer: Any) -> str:
    return tight(answer.content.decode())


def stored(cast: Cast, scope_of: Callable) -> list[Any]:
    with scope_of(cast.aldermoor):
        return [list(model.objects.order_by("pk").values_list()) for model in (Submission, Figure)]


def test_a_vendor_s_draft_is_closed_to_its_client_until_it_is_handed_over(
    cast: Cast, client_for: Callable, scope_of: Callable, draft: Submission
) -> None:
    with scope_of(cast.aldermoor):
        file = measurements.evidence(draft, name="tickets.csv")
    base, marco, before = f"contracts/{draft.contract_id}", client_for(cast.marco), stored(cast, scope_of)
    secret = ("98 of 100", "98.0%", "All well", "tickets.csv", "If accepted", "1 of 2", 'value="98"')

    def pages() -> list[Any]:
        upload = SimpleUploadedFile("april.csv", csv("SL-01,2024-04-01,97,100"))
        return [
            marco.get(f"submissions/{draft.pk}/"),
            marco.get(f"{base}/figures/enter/?period=2024-04"),
            marco.post(f"{base}/figures/", {"file": upload}),
            marco.get("submissions/?period=2024-04"),
            marco.get(f"submissions/?contract={draft.contract_id}"),
            marco.get(f"api/v1/{base}/submissions/"),
        ]

    closed = pages()
    for page in closed:
        assert page.status_code == 200
        assert [one for one in secret if one in html(page)] == [], page.request["PATH_INFO"]
    for page in closed[:3]:
        said = "Corvid Systems is preparing the figures of April 2024.</span>Last saved by Vera Novak, Fri 10 May 2024"
        assert said in html(page)
        assert "Save and review" not in html(page)
    assert marco.get(f"evidence/{file.pk}/").status_code == 404
    for path, status in (("submit", 403), ("withdraw", 409), ("accept", 409)):
        answer = marco.post(f"submissions/{draft.pk}/{path}/", {"declared": "on"})
        assert answer.status_code == status, path
        assert [one for one in secret if one in html(answer)] == [], path
    assert marco.post(f"evidence/{file.pk}/remove/").status_code == 403
    rows = {"figures": [{"service_level": "SL-01", "period": "2024-04", "numerator": "1", "denominator": "2"}]}
    assert marco.post(f"api/v1/{base}/figures/", rows, content_type="application/json").status_code == 403
    assert stored(cast, scope_of) == before
    client_for(cast.vera).post(f"submissions/{draft.pk}/submit/", {"declared": "on"})
    assert "98 of 100" in html(marco.get(f"submissions/{draft.pk}/"))
    assert marco.get(f"evidence/{file.pk}/").status_code == 200


def test_returned_figures_are_closed_while_the_vendor_changes_them(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, submitted: Submission
) -> None:
    marco, path = client_for(cast.marco), f"submissions/{submitted.pk}/"
    marco.post(f"{path}return/", {"reason": "York is missing"})
    assert "98 of 100" in html(marco.get(path))
    clock(ON_TIME + timedelta(hours=1))
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=submitted.contract, source=csv("SL-01,2024-04-01,97,100"))
    page = html(marco.get(path))
    assert "is preparing the figures" in page
    assert "97 of 100" not in page
    assert "97 of 100" in html(client_for(cast.vera).get(path))


def test_the_parts_of_what_the_vendor_changes_are_in_no_form_of_the_client_s(
    cast: Cast, client_for: Callable, scope_of: Callable, clock: Callable, submitted: Submission
) -> None:
    marco, vera, base = client_for(cast.marco), client_for(cast.vera), f"contracts/{submitted.contract_id}/figures"
    marco.post(f"submissions/{submitted.pk}/return/", {"reason": "York is missing"})
    clock(ON_TIME + timedelta(minutes=5))
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=submitted.contract, source=csv("SL-01,2024-04-01,97,100,Secret site"))
    forms = (f"{base}/template/?month=2024-05&as=csv", f"{base}/enter/?period=2024-05")
    for path in forms:
        assert "Secret site" not in marco.get(path).content.decode()
        assert "Secret site" in vera.get(path).content.decode()
    assert vera.post(f"submissions/{submitted.pk}/submit/", {"declared": "on"}).status_code == 302
    for path in forms:
        assert "Secret site" in marco.get(path).content.decode()


def test_a_draft_of_the_client_s_own_people_is_open_to_them(
    cast: Cast, client_for: Callable, scope_of: Callable, agreed: Contract
) -> None:
    with scope_of(cast.marco):
        (own,) = import_figures(by=cast.marco, contract=agreed, source=csv("SL-01,2024-04-01,98,100"))
    assert "98 of 100" in html(client_for(cast.marco).get(f"submissions/{own.pk}/"))
