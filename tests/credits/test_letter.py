"""A claim as a letter: what was claimed together, under which references, and the sum; the vendor reads it once it is approved."""

import io
from datetime import date
from decimal import Decimal

from pypdf import PdfReader

from credits.actions import Chosen, approve_claim, claim_credits, decline_claim
from tests.credits.test_cash_pages import APRIL, world  # noqa: F401  # the fixture

MAY = date(2024, 5, 1)


def words_of(answer):
    assert answer["content-type"] == "application/pdf"
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())


def test_it_names_months_references_sum_and_the_time_and_goes_to_who_sees_the_claim(
    cast,
    client_for,
    scope_of,
    world,  # noqa: F811
):
    with scope_of(cast.aldermoor):
        chosen = [Chosen(world.contract, APRIL, Decimal(1000)), Chosen(world.contract, MAY, Decimal(500))]
        april, may = claim_credits(by=cast.petra, chosen=chosen)
    path = f"credits/claims/{april.pk}/letter.pdf"
    assert "Not approved yet" in words_of(client_for(cast.petra).get(path))
    assert client_for(cast.vera).get(path).status_code == 404
    with scope_of(cast.aldermoor):
        approve_claim(by=cast.marco, claim=april)
        decline_claim(by=cast.marco, claim=may, reason="Next quarter.")
    answer = client_for(cast.vera).get(path)
    said = words_of(answer)
    for one in (april.reference, "April 2024", "£1,000.00", "100 days", cast.petra.name, cast.marco.name, "8 Aug 2024"):
        assert one in said, one
    assert may.reference not in said and "Not approved yet" not in said
    assert client_for(cast.petra).get(path).content == answer.content
    assert (
        client_for(cast.petra).get(f"credits/claims/{may.pk}/letter.pdf").status_code == 200
    )  # of what was claimed with it
    assert client_for(cast.hana).get(path).status_code == 404
    assert "letter.pdf" in client_for(cast.vera).get(f"credits/claims/{april.pk}/").content.decode()
