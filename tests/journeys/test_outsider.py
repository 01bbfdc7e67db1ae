"""Somebody of another organisation, and of another vendor: nothing is there, and nothing says that there is something."""

from playwright.sync_api import expect

from contracts.models import Contract
from tests.journeys.conftest import Stage


def test_not_there(stage: Stage, person) -> None:
    with stage.scope_of(stage.member("Marco")):
        corvids = Contract.objects.get(reference="MSA-2024-017").pk
    otto = person()
    otto.sign_in("otto@brightwater.example.test")
    otto.expects(404)
    for path in ("/o/aldermoor-energy/", "/o/nowhere/", f"/o/brightwater-council/contracts/{corvids}/"):
        assert otto.page.goto(path).status == 404
        expect(otto.page.locator("body")).not_to_contain_text("Aldermoor")
    assert not otto.faults()

    hana = person()
    hana.sign_in("hana@halden.example.test")
    hana.expects(404)
    assert hana.page.goto(f"/o/aldermoor-energy/contracts/{corvids}/").status == 404
    expect(hana.page.locator("body")).not_to_contain_text("Corvid")


def test_who_has_not_signed_in_is_asked_to(person) -> None:
    page = person().page
    page.goto("/o/aldermoor-energy/portfolio/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
