"""Every page of the product, found by its address and not by a list: no fault in how it is made, for those who may see it."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver

from agreements.actions import start_revision
from breaches.actions import acknowledge
from breaches.models import Breach, CorrectivePlan
from breaches.rules import Status
from contracts.models import Contract
from credits.actions import propose_waiver
from evaluation.models import Result
from measurements.models import Submission
from measurements.rules import OPEN
from organisations.models import Membership, Vendor
from organisations.scope import open_scope
from slas.models import ServiceLevel
from tests.factories.agreements import bulk_revision, revision_file
from tests.factories.breaches import (
    approved_claim,
    column_template,
    consequence,
    note,
    note_file,
    plan,
    proposal,
    reconciliation,
    thread_file,
)
from tests.factories.breaches import entry as thread_entry
from tests.factories.contracts import extension
from tests.factories.dashboards import saved_view
from tests.factories.disputes import dispute, hearing_file, relief_request
from tests.factories.disputes import entry as hearing_entry
from tests.factories.evaluation import past_result
from tests.factories.exports import table_export
from tests.factories.measurements import evidence, import_batch
from tests.factories.organisations import api_key, invitation
from tests.factories.scorecards import handover, pack_template, publication, review_pack
from tests.factories.slas import own_metric
from tests.isolation.addresses import Address, addresses, own_values
from tests.journeys.conftest import Stage

STAFF = ("Marco", "Petra", "Ada")
VENDOR = "Vera"
# Pages that look different with something in the address.
MORE = {
    "portfolio": ("?status=breach", "?q=nobody-is-called-this"),
    "breaches": ("?status=all", "?status=restated"),
    "credits": ("?show=all", "?state=approved"),
    "ledger": ("?show=all",),
    "hearings": ("?status=late", "?status=decided"),
    "inbox": ("?unread=1",),
    "submissions": ("?state=late",),
    "scorecard": ("?range=24",),
}
SIGNED_OUT = ("account_login", "account_reset_password", "account_signup", "account_inactive")
SIGNED_IN = ("account_logout", "account_change_password", "account_email")


PAGE, CLOSED = "a page", "closed"
POSTS = re.compile(rb"""<form[^>]*(?:method="post"|hx-post=)""")
# A page or a file to whoever followed its link, or for a row that the demo has none of; each is opened where it is tested for itself.
ELSEWHERE = {
    "calendar/<str:secret>.ics",
    "invitation/",
    "letters/bounces/",
    "letters/stop/",
    "o/<slug:organisation>/logo.png",
    "o/<slug:organisation>/people/<int:membership>/contracts/",
    "o/<slug:organisation>/revisions/<int:revision_id>/agreement.pdf",
    "o/<slug:organisation>/credits/claims/<int:credit_claim_id>/letter.pdf",
}


def pages() -> list[Address]:
    return [one for one in addresses() if "/api/" not in one.route and not one.route.startswith("healthz")]


def kind_of(answer: HttpResponse) -> str:
    """What somebody gets who opens an address."""
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        return PAGE if answer.content.startswith(b"<!doctype html>") else "a part of a page"
    return {200: "a file", 204: "nothing new", 302: "leads elsewhere"}.get(answer.status_code, CLOSED)


class Opened(NamedTuple):
    """What a member gets at an address whose path names rows of the member's. `posts`: the page has forms that post."""

    path: str
    kind: str
    posts: bool


def opened_by(member: Membership, among: Iterable[Address]) -> dict[Address, Opened]:
    client, found = Client(), {}
    client.force_login(member.user)
    for address in among:
        path = address.path(own_values(address, member))
        answer = client.get(path)
        kind, content = kind_of(answer), answer.getvalue()  # to its end: a long file is closed then
        found[address] = Opened(path, kind, kind == PAGE and bool(POSTS.search(content)))
    return found


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    """With one row of everything that the demo has none of; one breach is seen."""
    vera, petra, marco = (stage.member(name) for name in ("Vera", "Petra", "Marco"))
    with stage.scope_of(marco):
        import_batch(Contract.objects.get(reference="MSA-2024-017"), by=marco)
        invitation(invited_by=marco, invited_by_name=marco.name)
        api_key(marco)
        api_key(vera)
        breach = Breach.objects.filter(vendor=vera.vendor_id).order_by("pk").first()
        Breach.objects.filter(pk=breach.pk).update(status=Status.OPEN)
        acknowledge(by=marco, breach=Breach.objects.get(pk=breach.pk))
        plan(Breach.objects.filter(vendor=vera.vendor_id).order_by("pk").last(), by=marco)
    with open_scope(
        organisation_id=vera.organisation_id
    ):  # by the system: what is accepted, nobody of the vendor's adds to
        own = Submission.objects.filter(vendor=vera.vendor_id)
        draft = own.filter(status__in=OPEN).first() or own.first()
        evidence(draft, added_by=vera)
        table_export(vera)
    with stage.scope_of(vera):
        import_batch(draft.contract, by=vera)
        own = Vendor.objects.get()
        invitation("reporter@corvid.example.test", own, invited_by=vera, invited_by_name=vera.name)
        proposal(CorrectivePlan.objects.get(), by=vera)
        result = Result.objects.select_related("service_level", "period").filter(outcome="default").latest("pk")
        slot = (result.service_level, result.period, vera)
        asked = dispute(*slot)
        hearing_entry(asked, vera)
        hearing_entry(relief_request(*slot), vera)
        extension(result.period, vera)
    with stage.scope_of(marco):
        publication(result.period, marco)
        handover(review_pack(result.period, marco).editions.get(), result.period, marco)
        pack_template(marco)
        table_export(marco)
        note_file(note(breach, marco))
        thread_file(thread_entry(breach, marco))
        hearing_file(hearing_entry(asked, marco))
        consequence(result.period)
    with open_scope(organisation_id=vera.organisation_id):  # what two people did
        approved_claim(result.period, by=marco, decided_by=petra)
    with stage.scope_of(petra):
        contract = Contract.objects.get(reference="MSA-2024-017")
        month = [month for month, balance in contract.ledger.balances() if balance > 1][-1]
        propose_waiver(by=petra, contract=contract, month=month, amount=Decimal(1), reason="Agreed in review")
        column_template()
        reconciliation(by=petra)
        first = Result.objects.select_related("terms", "period").order_by("pk")[0]
        same = ("outcome", "band", "band_name", "band_outcome", "value", "score", "points", "streak", "factor", "trace")
        past_result(first.terms, first.period, **{name: getattr(first, name) for name in same})
        revised = start_revision(
            by=petra, contract=ServiceLevel.objects.order_by("pk")[0].contract, title="Higher targets", beside=True
        )
        revision_file(revised, petra)
        bulk_revision(contract, petra)
        own_metric(petra)
        saved_view(petra, shared=True)
    return stage


def without_faults(stage: Stage, name: str, opened: dict[Address, Opened], person: Callable, subtests: pytest.Subtests):
    """Open in a browser what is a page to somebody."""
    someone = person()
    someone.be(stage.member(name))
    for address, (path, kind, _) in opened.items():
        for more in ("", *MORE.get(address.pattern.name, ())) if kind == PAGE else ():
            with subtests.test(path + more):
                someone.page.goto(path + more, wait_until="load")
                faults = someone.faults()
                assert not faults, "\n".join(faults)


def test_pages_of_staff(furnished: Stage, person: Callable, subtests: pytest.Subtests) -> None:
    """Each is looked at by the first of them who may. And none is left out: somebody can open each address, or it is no page: it
    leads elsewhere, or gives a file or a part."""
    kinds: dict[Address, set[str]] = {address: set() for address in pages()}
    for name in (*STAFF, VENDOR):
        unseen = opened_by(furnished.member(name), [address for address, got in kinds.items() if PAGE not in got])
        for address, (_, kind, _) in unseen.items():
            kinds[address].add(kind)
        if name != VENDOR:
            without_faults(furnished, name, unseen, person, subtests)
    closed = [address.route for address, got in kinds.items() if got == {CLOSED} and address.route not in ELSEWHERE]
    assert closed == []
    assert sum(PAGE in got for got in kinds.values()) >= 20


def test_pages_of_a_vendor(furnished: Stage, person: Callable, subtests: pytest.Subtests) -> None:
    without_faults(furnished, VENDOR, opened_by(furnished.member(VENDOR), pages()), person, subtests)


def test_pages_of_accounts(stage: Stage, person: Callable, subtests: pytest.Subtests) -> None:
    paths = {name: "/" + get_resolver().reverse(name) for name in SIGNED_OUT + SIGNED_IN}
    someone = person()
    for name, path in paths.items():
        if name == SIGNED_IN[0]:
            someone.be(stage.member("Marco"))
        with subtests.test(path):
            someone.page.goto(path)
            faults = someone.faults()
            assert not faults, "\n".join(faults)
