"""A contract's page where parts of the contract have versions: what is in force, and what else is from when."""

from collections.abc import Callable

from slas.actions import import_contract
from tests.agreements.test_views import CREDITS, RULES, enter, html, may_2025, written
from tests.cast import Cast
from tests.slas.contract_texts import level, text

__all__ = ["enter", "may_2025"]


def test_a_contract_says_what_is_in_force_and_what_is_from_when(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    file = written(
        credits=[CREDITS, {"from": "2025-09-01", "point": {"amount": "75"}}],
        scorecard=[{"missing": "zero"}, {"from": "2025-01-01", "missing": "full"}],
        rules=[RULES[0] | {"from": "2025-01-01", "until": "2025-12-31", "expires_after": 90}],
        service_levels=[
            level(metric="ITSM-04", ends_on="2025-08-31"),
            level("SL-02", every="quarter", ends_on="2025-03-31"),
        ],
    )
    file["kras"][0]["ends_on"] = "2025-12-31"
    file["contract"] |= {
        "charges": [{"monthly": "100000"}, {"from": "2025-04-01", "monthly": "106000"}],
        "report_due": [{"days": 10}, {"from": "2025-09-01", "days": 8}],
        "calendar": [{"holidays": "GB-ENG"}, {"from": "2025-09-01", "holidays": "GB-SCT"}],
        "accept_after": 10, "submit_early": True, "dispute_within": 12, "answer_within": 5, "verify_after": 3, "claim_within": 60,
    }  # fmt: skip
    with scope_of(cast.aldermoor):
        contract = import_contract(by=None, source=text(file))
    page = html(client_for(cast.petra).get(f"contracts/{contract.pk}/"))
    for said in (
        "£100,000 a month; from 1 Apr 2025 £106,000 a month",
        "by the end of the 10th working day after the period; from 1 Sep 2025 by the end of the 8th working day after the period",
        "public holidays of GB-ENG; from 1 Sep 2025 Mon to Fri, without the public holidays of GB-SCT",
        "0.5% of the month&#x27;s charges",
        "<summary>From 1 Sep 2025</summary>",
        "£75.",
        "In force from 1 Jan 2025",
        "What was not measured counts as 100",
        "the matter is escalated, within 90 days; from 1 Jan 2025 until 31 Dec 2025",
        "ITSM-04 · until 31 Aug 2025",
        "Reliable service, until 31 Dec 2025",
        "By itself 10 working days after submission",
        "A running month may be submitted",
        "Within 12 working days after a month is published",
        "To disputes and requests for relief within 5 working days; later ones are escalated",
        "Verified after 3 periods met",
        "Within 60 days after the month’s end",
    ):
        assert said in page, said
    assert "£106,000" in html(client_for(cast.petra).get("contracts/"))
    assert (
        'service-levels/SL-02/">' not in page.partition("</table>")[0]
    )  # it has ended and stands in no alignment any more


def test_a_code_may_have_a_slash(cast: Cast, client_for: Callable, enter: Callable) -> None:
    """As the contract on paper calls it: the page of the contract leads to it, and the page is there."""
    contract, petra = enter(service_levels=[level("SL/1")]), client_for(cast.petra)
    page = petra.get(f"contracts/{contract.pk}/")
    assert page.status_code == 200 and f"contracts/{contract.pk}/service-levels/SL/1/" in page.content.decode()
    assert "Incidents on time SL/1" in html(petra.get(f"contracts/{contract.pk}/service-levels/SL/1/"))
